"""What the desk asks back in a group: it asks one person, by answering what they said, and no two are mixed up."""

from typing import Any

from handlers.inbound import IncomingFile
from tests.cast import Estate
from tests.stories.test_groups import AUNT_LI, GROUP, UNCLE_ZHANG, asks, bound, presses, says


def just_said(estate: Estate) -> str:
    """Return the platform's id of what was said last."""
    return f"m{estate.updates - 1}"


async def asked(estate: Estate) -> dict[str, Any]:
    """Return the question that the group was asked last."""
    return [row for row in await estate.told(GROUP) if row.get("force_reply")][-1]


async def card_of(estate: Estate, who: str) -> str:
    """Return the draft whose card answers what somebody said last."""
    said = [f"m{number}" for number in range(estate.updates + 1)]
    cards = [row for row in await estate.told(GROUP) if "提交" in row.get("buttons", {}) and row["reply_to"] in said]
    return str([card for card in cards if who in card["text"]][-1]["buttons"]["提交"].split(":")[1])


async def test_who_adds_words_is_asked_as_the_author_of_what_they_said(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "路灯坏了")
    told = just_said(estate)
    await presses(estate, AUNT_LI, "加照片或补充")
    question = await asked(estate)
    assert (question["reply_to"], question["buttons"]) == (told, {})
    assert "请直接回复我这条消息" in question["text"]
    await asks(estate, AUNT_LI, "单元门口那盏")
    await presses(estate, AUNT_LI, "提交")
    assert (await estate.case()).words == "路灯坏了\n单元门口那盏"


async def test_two_who_are_asked_at_once_do_not_mix(estate: Estate) -> None:
    await bound(estate)
    told: dict[str, str] = {}
    for who, words in ((AUNT_LI, "路灯坏了"), (UNCLE_ZHANG, "下水道堵了")):
        await asks(estate, who, words)
        told[who] = just_said(estate)
    for who, word in ((AUNT_LI, "路灯"), (UNCLE_ZHANG, "下水道")):
        draft = await card_of(estate, word)
        await estate.presses_data(who, f"r:{draft}:more", chat=GROUP, group=True)
        assert (await asked(estate))["reply_to"] == told[who]
    await asks(estate, UNCLE_ZHANG, "臭得很")
    await asks(estate, AUNT_LI, "黑得很")
    for who, word in ((AUNT_LI, "路灯"), (UNCLE_ZHANG, "下水道")):
        await estate.presses_data(who, f"r:{await card_of(estate, word)}:submit", chat=GROUP, group=True)
    assert [case.words for case in await estate.cases()] == ["路灯坏了\n黑得很", "下水道堵了\n臭得很"]


async def test_for_whom_a_wish_is_told_in_private(estate: Estate) -> None:
    """The name of a neighbour does not belong in a group."""
    await bound(estate)
    await asks(estate, AUNT_LI, "我的心愿是有人陪楼上陈伯下棋")
    await presses(estate, AUNT_LI, "给谁")
    await presses(estate, AUNT_LI, "替邻居说")
    assert "私下告诉我" in [row["toast"] for row in await estate.told(GROUP) if row.get("toast")][-1]
    assert not [row for row in await estate.told(GROUP) if row.get("force_reply")]


async def test_a_few_words_for_a_place(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "")
    assert (await asked(estate))["reply_to"] == just_said(estate)
    await estate.says(AUNT_LI, location=(23.1352, 113.2708), chat=GROUP, group=True, message="spot", mentioned=True)
    assert "什么事" in (await asked(estate))["text"]
    assert (await asked(estate))["reply_to"] == "spot"
    await asks(estate, AUNT_LI, "路灯坏了")
    await presses(estate, AUNT_LI, "提交")
    assert (await estate.case()).words == "路灯坏了"


async def test_the_place_may_be_typed(estate: Estate) -> None:
    await asks(estate, AUNT_LI, "19号楼路灯坏了")
    told = just_said(estate)
    assert "没有19号楼" in await estate.reads(GROUP)
    await presses(estate, AUNT_LI, "自己写")
    assert (await asked(estate))["reply_to"] == told
    await asks(estate, AUNT_LI, "9-2")
    await presses(estate, AUNT_LI, "改地点")
    await presses(estate, AUNT_LI, "自己写")
    await asks(estate, AUNT_LI, "8-2")
    await presses(estate, AUNT_LI, "提交")
    assert estate.rules.tree.get((await estate.case()).place_id).key == "fengmei-8-2"
    await estate.says(AUNT_LI, "19号楼路灯坏了")
    assert "自己写" not in await estate.labels(AUNT_LI)  # in private one just writes


async def test_in_private_nobody_is_told_to_answer_a_message(estate: Estate) -> None:
    await estate.says(AUNT_LI, "5栋路灯坏了", message="m1")
    await estate.presses(AUNT_LI, "加照片或补充")
    (question,) = [row for row in await estate.told(AUNT_LI) if row.get("force_reply")]
    assert (question["reply_to"], question["text"]) == (None, "请发照片，或写要补充的话。")


async def test_who_is_asked_may_leave_it(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "路灯坏了")
    await presses(estate, AUNT_LI, "加照片或补充")
    await asks(estate, AUNT_LI, "取消")
    assert "已取消" in await estate.reads(GROUP)
    await asks(estate, UNCLE_ZHANG, "垃圾桶满了")
    await says(estate, UNCLE_ZHANG, "/cancel")
    assert "已取消" in await estate.reads(GROUP)
    await says(estate, UNCLE_ZHANG, "/cancel")  # perhaps another bot's
    assert await estate.reads(GROUP) == ""
    assert await estate.cases() == []


async def test_the_whole_album_is_taken_though_only_its_first_photo_names_the_bot(estate: Estate) -> None:
    await bound(estate)
    for number in range(3):
        photo = IncomingFile("photo", remote=f"f{number}", size=1000)
        text, named = ("路灯坏了", True) if number == 0 else ("", False)
        await says(estate, AUNT_LI, text, files=(photo,), album="a", mentioned=named)
    await says(estate, UNCLE_ZHANG, "", files=(IncomingFile("photo", remote="g", size=1000),), album="b")
    assert "照片和文件：3" in (await estate.told(GROUP))[-1]["text"]


async def test_lists_of_ones_own_are_not_opened_before_everybody(estate: Estate) -> None:
    await bound(estate)
    await estate.reads(GROUP)
    for data in ("m:mine", "m:tasks", "l:late:0", "h:at:1", "a:days:3", "g:en"):
        await estate.presses_data("lin", data, chat=GROUP, group=True)
    told = [row for row in await estate.told(GROUP) if "toast" in row]
    assert [row["toast"] for row in told] == ["请点我的名字，在私聊里操作。"] * 6
