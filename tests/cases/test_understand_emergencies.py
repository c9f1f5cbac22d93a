# ruff: noqa: E501 - one sentence that people say stands on one line, or the table cannot be read
"""An emergency is told from a fear, a denial, a memory and a habit. In doubt it is one."""

import pytest

from cases.settings import Category
from cases.understand import Understander
from tests.cases.trees import EXAMPLE, READER, TWO_ESTATES

EMERGENCIES = {
    "lift": [
        "电梯里困了两个人，快来", "我妈被困在电梯里了", "有人被困在电梯，在12栋", "我们被关在12号楼电梯里了，按铃没人理",
        "小孩一个人困在电梯出不来", "三栋电梯掉下去了一层，里面有人", "电梯突然往下掉，人还在里面", "電梯困人了！3號樓",
        "電梯有人被困", "𨋢壞咗，有人困住", "３号楼电梯困人", "有人被困，快", "lift is broken at building 3 unit 2, someone is trapped",
        "HELP we are stuck in the lift, building 12", "There are people inside the elevator and the doors do not open",
    ],
    "gas": [
        "楼道里好大的煤气味", "闻到燃气味，3栋1单元", "厨房天然气漏了怎么办，快来人", "地下室很重的瓦斯味", "家里燃气报警器一直响，有味道",
        "煤气管断了，嘶嘶响在漏气", "gas leak in building 7", "I smell gas in the corridor", "闻到煤气味，怕爆炸",
    ],
    "fire": [
        "5栋2单元8楼着火了！", "楼下垃圾桶冒烟了", "隔壁阳台起火，快打119", "电动车充电起火啦！！", "厨房油锅烧起来了", "没有电了，楼道着火",
        "There is a fire in building 2", "smoke coming from flat 502 building 4", "the kitchen is on fire", "着火了没有人管",
        "现在着火了，和去年一样", "去年起火过，今天又起火了",
    ],
    "power": [
        "电线掉在地上冒火花", "路边电线断了垂下来，小孩在旁边", "开关漏电，电到人了", "雨水进了电表箱在冒火花",
        "there is a live wire on the ground", "sparks from the meter box, electricity went off",
    ],
    "health": [
        "有老人在花园晕倒了", "我爸突然昏迷", "楼下有人摔倒起不来", "孕妇大出血，快", "有人要跳楼，12栋楼顶",
        "an old man collapsed near building 1", "my father is unconscious",
    ],
    "crime": [
        "楼下有人打架，拿着刀", "有小偷在撬门", "有人拿菜刀在楼下砍人", "楼上家暴，女的在喊救命", "someone is breaking in next door",
        "a man with a knife at the gate",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "said"), [(kind, said) for kind, sayings in EMERGENCIES.items() for said in sayings])
def test_it_is_an_emergency(kind: str, said: str) -> None:
    meant = READER.read(said)
    assert (meant.category, meant.emergency) == (kind, True)


NOT_NOW = {
    "denied": [
        "电梯没有困人，就是按钮坏了", "没有人被困，电梯停着", "没困人，电梯坏了", "没有着火，是有人在烧烤", "燃气没有泄漏", "no fire, just burnt toast",
        "nobody is trapped in the lift", "the lift stopped but no one is stuck inside",
    ],
    "feared": [
        "担心火灾隐患", "担心电梯坠落，请检查一下", "楼道堆满杂物，容易着火", "万一电梯困人怎么办", "如果漏电就麻烦了，电线太旧",
        "电线裸露的隐患", "怕煤气泄漏，想装报警器", "worried that the lift might trap people: someone inside could be trapped",
    ],
    "drilled": ["消防演练什么时候，着火演习吗", "宣传着火了怎么逃生"],
    "past": ["去年这里起火，消防栓还没水", "上次着火之后消防栓一直没修", "2019年电梯困人", "电梯困过人", "a fire in the garage last year"],
    "usual": ["电梯经常困人，希望换新的", "这里常年有煤气味道"],
    "over": ["昨晚电梯困人，现在已经救出来了，请检修", "垃圾桶着火，已被扑灭", "着火了，火已经灭了"],
    "something else": [
        "电梯坏了", "生活困难，没有电梯", "老人上楼有困难，想加装电梯", "燃气表没电了打不着火", "燃气公司什么时候来安检", "停电了",
        "消防通道被车堵了", "电动车被偷了", "困", "困了",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("why", "said"), [(why, said) for why, sayings in NOT_NOW.items() for said in sayings])
def test_it_is_no_emergency(why: str, said: str) -> None:
    assert not READER.read(said).emergency, why


@pytest.mark.parametrize(
    "said",
    [
        "还没救出来，电梯困人",
        "火没有扑灭，还在着火",
        "着火了，还没被扑灭",
        "担心，现在楼道冒烟",
        "可能漏气了，煤气味很重",
    ],
)
def test_in_doubt_it_is_one(said: str) -> None:
    assert READER.read(said).emergency


def test_an_emergency_outweighs_everything_else_that_is_said() -> None:
    meant = READER.read("垃圾没人收，狗叫，噪音大，停车难，而且楼道着火了")
    assert (meant.category, meant.emergency) == ("fire", True)


def test_of_two_emergencies_the_one_that_is_said_more_counts() -> None:
    assert READER.read("燃气泄漏，闻到燃气味，还冒烟").category == "gas"
    assert READER.read("着火了，浓烟很大，可能是燃气泄漏").category == "fire"


def test_a_story_of_a_thousand_characters_is_no_call_for_help() -> None:
    story = "我们小区的管理一直有问题，请领导关心。" * 15
    assert not READER.read(story + "还有一件事，电梯困人了").emergency
    assert READER.read("电梯困人了。" + story).emergency


def test_the_sign_must_stand_near_a_word_of_its_kind() -> None:
    far = "电梯按钮有点脏。" + "我想再说说小区里别的事情，" * 3 + "钥匙被关在屋里"
    assert not READER.read(far).emergency


def test_every_emergency_says_whom_to_phone_in_both_languages() -> None:
    urgent = [category for category in EXAMPLE.categories if category.emergency]
    assert {category.key for category in urgent} == {*EMERGENCIES, "rescue"}
    numbers = {c.key: [call.number for call in c.emergency.call] for c in urgent if c.emergency}
    assert numbers["lift"] == ["96333", "119"]
    assert numbers["fire"] == ["119"]
    assert numbers["health"] == ["120"]
    assert numbers["crime"] == ["110"]
    assert "119" in numbers["gas"]
    assert numbers["power"] == ["95598", "119"]
    assert numbers["rescue"] == ["119", "120"]


SICK = Category.model_validate(
    {
        "key": "sick", "name": "急病", "name_en": "Illness", "words": ["晕倒"], "unless": ["晕倒培训"], "hints": ["不舒服"],
        "emergency": {"always": True, "call": [{"who": "急救", "who_en": "Ambulance", "number": "120"}]},
    }
)  # fmt: skip
BOILER = Category.model_validate(
    {
        "key": "boiler", "name": "锅炉", "name_en": "Boiler", "words": ["锅炉"], "unless": ["锅炉冒烟正常"],
        "emergency": {"words": ["冒烟"], "call": [{"who": "消防", "who_en": "Fire brigade", "number": "119"}]},
    }
)  # fmt: skip


def test_a_kind_that_always_is_one_needs_no_sign_but_may_be_denied() -> None:
    reader = Understander([SICK], TWO_ESTATES)
    assert reader.read("有人晕倒").emergency
    assert not reader.read("没有人晕倒").emergency
    assert not reader.read("报名晕倒培训").emergency


def test_the_phrases_of_unless_hold_for_the_signs_too() -> None:
    reader = Understander([BOILER], TWO_ESTATES)
    assert reader.read("锅炉冒烟").emergency
    assert not reader.read("锅炉冒烟正常吗, 锅炉房在哪").emergency
