# ruff: noqa: E501 - one sentence that people say stands on one line, or the table cannot be read
"""Which kind of matter residents' words suggest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.folding import fold
from cases.settings import Category
from cases.understand import READ_AT_MOST, Understander
from cases.wordfinder import WordFinder
from tests.cases.trees import EXAMPLE, READER, TWO_ESTATES


def kind_of(said: str) -> str | None:
    return READER.read(said).category


SAID = {
    "lift": [
        "3号楼2单元电梯又坏了，老人下不来", "电梯门关不上一直响", "电梯异响，坐着心慌", "電梯壞了", "𨋢壞咗",
        "The elevator in block 5 is out of order again", "the LIFT makes a strange noise", "lifts are slow",
    ],
    "gas": ["燃气表没电了打不着火", "燃气公司什么时候来安检", "想改燃气管道找谁", "is the gas back on?"],
    "fire": ["消防通道被车堵了", "灭火器过期了", "楼道堆满杂物，容易着火", "有人电瓶车进楼充电", "the fire exit is locked"],
    "power": ["全楼停电了", "充电桩坏了充不了电", "线路老化，申请改造", "power cut in building 9 since morning"],
    "water": ["停水了，什么时候来", "水压太低", "自来水发黄有异味", "今早起就没有水用", "there is no water in building 6"],
    "drains": ["厕所堵了，水往上冒", "井盖没了，很危险", "一下雨单元门口就淹水", "the toilet is blocked and sewage comes up"],
    "leaks": ["卫生间漏水漏到楼下", "外墙瓷砖脱落，砸到车", "顶楼漏雨", "the ceiling is leaking"],
    "lights": ["楼道灯不亮", "地下车库的灯坏了一半", "二楼声控灯一直亮", "the street light is out near building 4"],
    "rubbish": ["垃圾两天没人收，臭死了", "楼上往下扔垃圾", "有老鼠和蟑螂", "楼下餐馆油烟味太重", "rats near the bins"],
    "noise": ["楼上半夜蹦迪，吵得睡不着", "广场舞声音太大", "工地凌晨还在施工", "loud drilling at 6am"],
    "parking": ["有车堵住我车库门口，要挪车", "车位被占了", "电动车乱停乱放", "a car is parked in front of the gate"],
    "traffic": ["门口红绿灯坏了", "学校门口堵车严重", "路面有个大坑", "the bus never comes"],
    "pets": ["有人遛狗不牵绳", "邻居家的狗整晚叫", "流浪猫太多", "a big dog without leash bit my child"],
    "greening": ["大树倒了压在路上", "有人毁绿种菜", "绿化带被踩秃了", "trees need pruning"],
    "illegal_building": ["顶楼有人搭建阳光房", "邻居占用公共走廊放鞋柜", "一楼改成群租房", "门口小贩占道经营"],
    "facilities": ["健身器材断了", "单元门锁坏了关不上", "门禁刷卡没反应", "想问加装电梯什么时候动工", "the intercom does not work"],
    "crime": ["昨天电动车被偷了", "有陌生人尾随小姑娘", "半夜有人翻墙进来", "my bike was stolen last night"],
    "property": ["物业费怎么又涨了", "物业态度很差，打电话没人接", "电梯广告太多，收益去哪了", "维修基金怎么申请"],
    "housing": ["开发商不给办房产证", "房子延期交房一年了"],
    "rights": ["培训班跑路不退费", "老板拖欠工资"],
    "advice": ["居住证怎么办理", "社保卡丢了去哪补", "孩子学位怎么申请"],
    "dispute": ["和邻居因为晾衣服吵架了，请人调解", "楼上邻居骂人", "a dispute with my neighbour about the wall"],
    "care": ["独居老人没人照顾，能送餐吗", "我腿脚不便，能帮忙买药吗", "想找人陪我爸去医院"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "said"), [(kind, said) for kind, sayings in SAID.items() for said in sayings])
def test_plain_words_suggest_their_kind(kind: str, said: str) -> None:
    assert kind_of(said) == kind


def test_every_kind_of_the_example_but_the_fallback_and_illness_is_tried_here() -> None:
    """A call for help under a warning has no words of its own: it is a button."""
    assert set(SAID) | {"health", "rescue", EXAMPLE.fallback} == {category.key for category in EXAMPLE.issues}


@pytest.mark.parametrize("said", ["", "你好", "在吗", "嗯嗯", "谢谢", "hello", "👍", "3号楼2单元501", "丰美小区"])
def test_words_without_a_matter_suggest_nothing(said: str) -> None:
    assert kind_of(said) is None


def test_the_name_of_a_place_suggests_nothing() -> None:
    green = TWO_ESTATES.by_key("bamboo")
    assert green is not None
    tree_lovers = Category(key="greening", name="绿化", name_en="Greening", words=("竹",))
    assert Understander([tree_lovers], TWO_ESTATES).read("翠竹园的事").category is None


@pytest.mark.parametrize("said", ["电梯", "改成电梯", "类别：电梯", "Lift", "应该是电梯吧", "是噪音扰民"])
def test_nothing_but_a_kind_was_said(said: str) -> None:
    assert READER.read(said).category_only


@pytest.mark.parametrize("said", ["电梯坏了", "3栋电梯坏了", "", "3栋", "你好"])
def test_more_or_less_than_a_kind_was_said(said: str) -> None:
    assert not READER.read(said).category_only


def reader_of(*categories: Category) -> Understander:
    return Understander(categories, TWO_ESTATES)


LIFT = Category(key="lift", name="电梯", name_en="Lift", words=("电梯",), unless=("电梯广告",))
NEW_LIFT = Category(key="new_lift", name="加装", name_en="New lift", words=("加装电梯",))
NOISE = Category(key="noise", name="噪音", name_en="Noise", words=("吵", "噪音"), hints=("晚上",))


def test_the_longer_of_two_words_at_one_place_counts() -> None:
    reader = reader_of(LIFT, NEW_LIFT)
    assert reader.read("我们想加装电梯").category == "new_lift"
    assert reader.read("电梯坏了").category == "lift"


def test_in_some_phrases_a_word_does_not_count() -> None:
    assert reader_of(LIFT).read("电梯广告太多").category is None
    assert reader_of(LIFT).read("电梯广告挡住电梯").category == "lift"


def test_a_hint_counts_only_where_nothing_better_is_said() -> None:
    assert reader_of(LIFT, NOISE).read("晚上不好").category == "noise"
    assert reader_of(LIFT, NOISE).read("晚上电梯不动").category == "lift"


def test_what_is_said_first_and_most_often_wins() -> None:
    reader = reader_of(LIFT, NOISE)
    assert reader.read("电梯那边有噪音，很吵").category == "noise"
    assert reader.read("电梯坏了。" + "我们等了很久很久" * 10 + "很吵").category == "lift"


def test_between_equals_the_first_of_the_file_is_chosen_whatever_the_order_of_words() -> None:
    for said in ("电梯 加装", "加装 电梯"):
        assert reader_of(LIFT, NEW_LIFT).read(said).category == "lift"
        assert reader_of(NEW_LIFT, LIFT).read(said).category == "new_lift"


def test_a_word_that_two_kinds_claim_says_less_than_one_of_its_own() -> None:
    loud = Category(key="loud", name="大声", name_en="Loud", words=("噪音", "电钻"))
    assert reader_of(NOISE, loud).read("噪音和电钻").category == "loud"


def test_a_category_without_words_is_never_suggested() -> None:
    other = Category(key="other", name="其他", name_en="Something else")
    assert reader_of(other).read("其他人都说something else").category is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the cat sat", ["cat"]), ("category", []), ("bobcat", []), ("cats and cats'", ["cat", "cat"]), ("catsup", []),
        ("两只cat在叫", ["cat"]), ("street light", ["street light"]), ("streetlight", []), ("cat5", ["cat"]),
        ("停水停电停水", ["停水", "停水"]), ("", []),
    ],
)  # fmt: skip
def test_english_words_are_found_as_whole_words(text: str, found: list[str]) -> None:
    assert [hit.word for hit in WordFinder(["CAT", "street light", "停水", "水", " "]).find(text)] == found


@given(
    st.lists(st.text("停水电梯噪音ab ", min_size=1, max_size=4), max_size=6), st.text("停水电梯噪音ab ", max_size=30)
)
def test_what_is_found_stands_there_and_overlaps_nothing(words: list[str], text: str) -> None:
    end = 0
    for hit in WordFinder(words).find(text):
        assert hit.start >= end
        assert text[hit.start : hit.end] == hit.word
        assert hit.word in {fold(word).strip() for word in words}
        end = hit.end


def test_what_comes_after_four_pages_is_not_read() -> None:
    assert kind_of("。" * READ_AT_MOST + "电梯坏了") is None
