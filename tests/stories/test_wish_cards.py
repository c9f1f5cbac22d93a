"""What others read of a wish: by when, the photos, and nothing that leads to a person who does not want it."""

from typing import Any

from bot.seed import rules_of
from cases.states import State
from handlers.inbound import IncomingFile
from tests.cast import Estate
from tests.stories.test_groups import GROUP, TASKS, asks, bound, presses

AUNT_LI, UNCLE_ZHANG = "李阿姨", "张叔"
VOLUNTEER, OTHER = "zhou", "wu"
WISH = "我家奶奶想要一辆轮椅出门晒太阳"
DOOR = "我家住5栋2单元301，奶奶想要一辆轮椅，电话13800138000"
PHOTO = IncomingFile("photo", remote="wheelchair", size=1000)


async def tells(estate: Estate, text: str = WISH, *labels: str, **more: Any) -> None:
    """Tell a wish at building 5, make choices on its card and submit it."""
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, text, **more)
    for label in (*labels, "提交"):
        await estate.presses(AUNT_LI, label)


async def last(estate: Estate, chat: str, title: str) -> dict[str, Any]:
    """Return the newest message of that title in a chat."""
    return [row for row in await estate.told(chat) if row.get("title", "").startswith(title)][-1]


async def photos_sent(estate: Estate, chat: str) -> int:
    return sum(len(row.get("photos", [])) for row in await estate.told(chat))


async def test_by_when_stands_on_every_card(estate: Estate) -> None:
    await tells(estate, WISH, "什么时候", "一周内")
    assert "希望在10月7日" in (await last(estate, "feng", "#1001"))["text"]
    await estate.presses("feng", "通过")
    assert "希望在10月7日" in (await last(estate, VOLUNTEER, "待认领"))["text"]
    await estate.says(UNCLE_ZHANG, "心愿墙")
    assert "希望在10月7日" in await estate.reads(UNCLE_ZHANG)
    await tells(estate, "我的心愿是学书法")
    await estate.presses("feng", "通过")
    assert "希望在" not in (await last(estate, VOLUNTEER, "待认领：#1002"))["text"]


async def test_a_candidate_looks_at_the_photos_before_claiming(estate: Estate) -> None:
    await tells(estate, WISH, files=(PHOTO,))
    assert "能来认领的红管家可以看照片" in await estate.reads(AUNT_LI)
    await estate.presses("feng", "通过")
    card = await last(estate, VOLUNTEER, "待认领")
    assert "有照片 1 张" in card["text"]
    assert await photos_sent(estate, VOLUNTEER) == 0
    await estate.presses(VOLUNTEER, "看照片")
    assert await photos_sent(estate, VOLUNTEER) == 1
    await estate.says(OTHER, "心愿墙")
    await estate.presses(OTHER, "看照片 #1001")
    assert await photos_sent(estate, OTHER) == 1
    for stranger in (UNCLE_ZHANG, AUNT_LI):
        await estate.presses_data(stranger, "c:look:1001")
        assert await photos_sent(estate, stranger) == 0
    await estate.says(UNCLE_ZHANG, "心愿墙")
    assert "看照片 #1001" not in await estate.labels(UNCLE_ZHANG)
    await estate.presses(VOLUNTEER, "认领")
    await estate.presses_data(OTHER, "c:look:1001")
    assert await photos_sent(estate, OTHER) == 1  # it is no longer theirs to take
    assert "看照片" not in (await last(estate, OTHER, "待认领"))["buttons"]


async def test_what_the_wisher_sends_later_is_not_for_candidates(estate: Estate) -> None:
    await tells(estate)
    await estate.presses("feng", "问居民")
    await estate.says("feng", "请拍一下残疾证")
    await estate.presses(AUNT_LI, "回答")
    await estate.sends_photo(AUNT_LI, "给您看")
    await estate.presses("feng", "通过")
    await estate.presses_data("feng", "c:photos:1001")
    assert await photos_sent(estate, "feng") > 0
    assert "有照片" not in (await last(estate, VOLUNTEER, "待认领"))["text"]
    await estate.presses_data(VOLUNTEER, "c:look:1001")
    assert await photos_sent(estate, VOLUNTEER) == 0


async def test_photos_never_stand_in_a_group_who_asks_there_gets_them_in_private(estate: Estate) -> None:
    await bound(estate)
    await tells(estate, WISH, "公开方式", "公开，写名字", files=(PHOTO,))
    await estate.presses("feng", "通过")
    card = await last(estate, TASKS, "待认领")
    assert "李阿姨" in card["text"]
    await presses(estate, VOLUNTEER, "看照片", TASKS)
    assert await photos_sent(estate, TASKS) == 0
    assert await photos_sent(estate, VOLUNTEER) == 1
    assert "照片已私下发给您" in await estate.reads(TASKS)
    await presses(estate, UNCLE_ZHANG, "看照片", TASKS)
    assert await photos_sent(estate, UNCLE_ZHANG) == 0


async def test_for_the_coordinator_alone_nobody_else_sees_the_photos(estate: Estate) -> None:
    await tells(estate, WISH, "公开方式", "只给负责人看", files=(PHOTO,))
    assert "能来认领的红管家可以看照片" not in (await last(estate, AUNT_LI, "请看一下"))["text"]
    await estate.presses_data(VOLUNTEER, "c:look:1001")
    assert await photos_sent(estate, VOLUNTEER) == 0
    await estate.presses_data("feng", "c:photos:1001")
    assert await photos_sent(estate, "feng") == 1


async def private_pool(estate: Estate) -> None:
    """Let care, a private kind, be offered to be claimed."""
    kinds = tuple(
        kind.model_copy(update={"pool": True, "partners": ()}) if kind.key == "care" else kind
        for kind in estate.rules.settings.categories
    )
    settings = estate.rules.settings.model_copy(update={"categories": kinds})
    estate.rules = await estate.store.read(lambda session: rules_of(session, settings))


async def test_a_private_kind_is_offered_to_stewards_only_and_without_photos(estate: Estate) -> None:
    await bound(estate)
    await private_pool(estate)
    await estate.reads(TASKS)
    await tells(estate, "5栋2单元301的老人看病要人陪诊", files=(PHOTO,))
    assert ((await estate.case()).category, (await estate.case()).state) == ("care", State.POOL)
    card = await last(estate, VOLUNTEER, "待认领")
    assert "301" not in card["text"]
    assert "有照片" not in card["text"]
    await estate.presses_data(VOLUNTEER, "c:look:1001")
    assert await photos_sent(estate, VOLUNTEER) == 0
    assert await estate.reads(TASKS) == ""
    await estate.presses(VOLUNTEER, "认领")
    assert "301" in await estate.reads(VOLUNTEER)
    assert await estate.reads(TASKS) == ""


async def test_what_becomes_private_leaves_every_offer(estate: Estate) -> None:
    await bound(estate)
    await tells(estate, "我的心愿是有人陪我去医院看病")
    await estate.presses("feng", "通过")
    assert "看病" in (await last(estate, TASKS, "待认领"))["text"]
    await estate.presses_data("feng", "c:toissue:1001")
    assert (await estate.case()).category == "care"
    for chat in (TASKS, VOLUNTEER):
        assert (await estate.told(chat))[-1]["text"] == "这件事在私下办理。"


async def test_without_a_name_nothing_leads_to_the_person(estate: Estate) -> None:
    await bound(estate)
    await tells(estate, DOOR + "。李阿姨")
    case = await estate.case()
    assert (case.place_detail, estate.rules.tree.get(case.place_id).kind) == ("301", "unit")
    await estate.presses("feng", "通过")
    await estate.says(UNCLE_ZHANG, "心愿墙")
    for chat in (TASKS, VOLUNTEER, UNCLE_ZHANG):
        told = str(await estate.told(chat))
        assert "轮椅" in told
        for telltale in ("301", "2单元", AUNT_LI, "13800138000"):
            assert telltale not in told
    await estate.presses(VOLUNTEER, "认领")
    told = await estate.reads(VOLUNTEER)
    assert "2单元301" in told  # who has it needs it
    assert AUNT_LI in told


async def neighbours(estate: Estate) -> None:
    """Tell a wish for a neighbour who agrees, under the teller's own name."""
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, "我的心愿是有人陪楼上陈伯下棋，他住5栋301")
    await estate.presses(AUNT_LI, "公开方式")
    await estate.presses(AUNT_LI, "公开，写名字")
    await estate.presses(AUNT_LI, "给谁")
    await estate.presses(AUNT_LI, "替邻居说")
    await estate.says(AUNT_LI, "5栋301陈伯")
    await estate.presses(AUNT_LI, "本人同意")
    await estate.presses(AUNT_LI, "提交")


async def test_for_whom_it_is_stands_on_no_offer(estate: Estate) -> None:
    await bound(estate)
    await neighbours(estate)
    assert "陈伯" in (await last(estate, "feng", "#1001"))["text"]  # who vets it
    await estate.presses("feng", "通过")
    await estate.says(UNCLE_ZHANG, "心愿墙")
    for chat in (TASKS, VOLUNTEER, UNCLE_ZHANG):
        told = str(await estate.told(chat))
        assert "下棋" in told
        assert AUNT_LI in told  # she wanted her name there
        assert "陈伯" not in told
        assert "301" not in told
    await estate.presses(VOLUNTEER, "认领")
    assert "5栋301陈伯" in await estate.reads(VOLUNTEER)


async def test_a_wish_told_in_a_group_names_nobody_there(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "我的心愿是5栋2单元301的奶奶有一辆轮椅")
    await presses(estate, AUNT_LI, "给谁")
    await presses(estate, AUNT_LI, "替邻居说")
    assert "私下告诉我" in await estate.reads(GROUP)
    await presses(estate, AUNT_LI, "给家人")
    await presses(estate, AUNT_LI, "提交")
    await estate.presses("feng", "通过")
    await estate.presses(VOLUNTEER, "认领")
    told = str(await estate.told(GROUP))
    assert "给谁：别人" in told
    assert "周小燕" in told
    assert "301" not in told
    assert "2单元" not in told
    assert (await estate.case()).state == State.WORKING


async def fulfilled(estate: Estate, *, photo: bool = True) -> None:
    """Play a wish until its wisher is asked what may be shown."""
    await tells(estate)
    await estate.presses("feng", "通过")
    await estate.presses(VOLUNTEER, "认领")
    await estate.presses_data(VOLUNTEER, "c:done:1001")
    if photo:
        await estate.sends_photo(VOLUNTEER, "轮椅送到了")
    else:
        await estate.says(VOLUNTEER, "轮椅送到了")
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")


async def wall(estate: Estate) -> tuple[str, list[str]]:
    """Return what a neighbour reads on the wall, and its buttons."""
    await estate.reads(UNCLE_ZHANG)
    await estate.says(UNCLE_ZHANG, "心愿墙")
    await estate.presses(UNCLE_ZHANG, "心愿墙")
    return await estate.reads(UNCLE_ZHANG), await estate.labels(UNCLE_ZHANG)


async def test_the_photo_of_the_result_is_shown_where_the_wisher_agrees(estate: Estate) -> None:
    await fulfilled(estate)
    question = [row for row in await estate.told(AUNT_LI) if "可以，照片也放" in row.get("buttons", {})][-1]
    assert len(question["photos"]) == 1
    assert {"可以，照片也放", "可以，不放照片", "不要放上去"} < set(question["buttons"])
    for line in ("您心愿的内容", "是谁帮忙实现的", "不写您的名字", "请先问问他们"):
        assert line in question["text"]
    await estate.presses(AUNT_LI, "可以，照片也放")
    text, _labels = await wall(estate)
    assert "帮忙实现：周小燕" in text
    assert AUNT_LI not in text
    await estate.presses(UNCLE_ZHANG, "看照片 #1001")
    sent = [row["photos"] for row in await estate.told(UNCLE_ZHANG) if row.get("photos")]
    assert sent == [question["photos"]]
    assert (await estate.case()).publish is True


async def test_words_without_the_photo(estate: Estate) -> None:
    await fulfilled(estate)
    await estate.presses(AUNT_LI, "可以，不放照片")
    text, labels = await wall(estate)
    assert "轮椅" in text
    assert "看照片 #1001" not in labels
    await estate.presses_data(UNCLE_ZHANG, "c:shown:1001")
    assert await photos_sent(estate, UNCLE_ZHANG) == 0


async def test_not_shown_at_all_and_whoever_changes_their_mind_is_heard(estate: Estate) -> None:
    await fulfilled(estate)
    await estate.presses(AUNT_LI, "不要放上去")
    assert "轮椅" not in (await wall(estate))[0]
    assert (await estate.case()).publish is False
    await estate.presses_data(AUNT_LI, "c:publish:1001:photo-anonymous")
    assert "看照片 #1001" in (await wall(estate))[1]
    await estate.presses_data(AUNT_LI, "c:publish:1001:no-anonymous")
    assert "轮椅" not in (await wall(estate))[0]
    await estate.presses_data(UNCLE_ZHANG, "c:shown:1001")
    assert await photos_sent(estate, UNCLE_ZHANG) == 0


async def test_with_or_without_the_name_is_asked_as_well(estate: Estate) -> None:
    await fulfilled(estate, photo=False)
    question = [row for row in await estate.told(AUNT_LI) if "可以放上去" in row.get("buttons", {})][-1]
    assert "照片" not in question["text"]
    await estate.presses(AUNT_LI, "写上我的名字")
    assert "您的名字：李阿姨" in await estate.reads(AUNT_LI)
    assert "轮椅" not in (await wall(estate))[0]  # nothing is agreed yet
    await estate.presses(AUNT_LI, "可以放上去")
    assert AUNT_LI in (await wall(estate))[0]


async def test_nobody_but_the_wisher_lets_anything_be_shown(estate: Estate) -> None:
    await fulfilled(estate)
    for who in (VOLUNTEER, UNCLE_ZHANG, "feng"):
        for what in ("photo-name", "ask-name", "words-anonymous", "photo", "all-name"):
            await estate.presses_data(who, f"c:publish:1001:{what}")
        assert "心愿墙上吗" not in await estate.reads(who)
    assert (await estate.case()).publish is None
    assert "publish" not in await estate.history()
