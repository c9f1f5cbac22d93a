"""A building group over Telegram's wire with privacy mode on: answers reach the desk, and nobody is mixed up."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.base import Pace
from bot.channels.telegram import channel
from tests.channels.telegram.story import picture
from tests.loop.telegram import Town, town
from tests.loop.test_telegram_loop import free_port
from tests.simulators.telegram import AnswerField, Group, Limits, Resident, Shown, TelegramServer

NAME = "@red_steward_bot"
MORE = "加照片或补充"


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    monkeypatch.setattr(channel, "pace", lambda _per_second: Pace())
    async with (
        TelegramServer(limits=Limits.off()) as telegram,
        town(telegram, tmp_path, database_url, "polling", free_port()) as opened,
    ):
        yield opened
        assert [str(each) for each in telegram.violations] == []


@pytest.fixture
async def li(place: Town) -> Resident:
    return await started(place, "李阿姨")


@pytest.fixture
async def zhang(place: Town) -> Resident:
    return await started(place, "张叔")


async def started(place: Town, name: str) -> Resident:
    """Return somebody whom the desk may write to."""
    person = place.telegram.user(name)
    await person.starts()
    await person.reads("您住哪栋楼")
    return person


@pytest.fixture
async def group(place: Town, li: Resident, zhang: Resident) -> Group:
    """The group of building 5, a basic one, tied to its place."""
    huang = place.staff["huang"]
    found = place.telegram.group("5号楼", [li, zhang, huang], quiet=True)
    await huang.sends(f"/bind{NAME} 5号楼", in_=found)
    await huang.reads("居民群", in_=found)
    return found


async def reports(person: Resident, words: str, group: Group) -> Shown:
    """Have somebody report in the group; return the card that they check."""
    await person.sends(f"{NAME} {words}", in_=group)
    return await person.reads("事情：" + words, in_=group)


async def asked(person: Resident, words: str, group: Group) -> Shown:
    """Read the question, for which the person's answer field opens."""
    question = await person.reads(words, in_=group)
    assert person.answer_field(in_=group) == AnswerField(question.message_id, "写在这里")
    return question


async def test_two_are_asked_at_once_and_each_answers_for_themselves(
    group: Group, li: Resident, zhang: Resident
) -> None:
    lamp, drain = await reports(li, "路灯坏了", group), await reports(zhang, "下水道堵了", group)
    await li.presses_old(lamp, MORE)
    question = await asked(li, "补充的话", group)
    assert question.answers is not None
    assert (question.answers.author, question.answers.text) == ("李阿姨", f"{NAME} 路灯坏了")
    assert zhang.answer_field(in_=group) is None
    await zhang.reads("补充的话", in_=group)
    await zhang.presses_old(drain, MORE)
    await asked(zhang, "补充的话", group)
    await zhang.answers("臭得很", in_=group)
    await li.answers("黑得很", in_=group)
    for person, said in ((li, "路灯坏了\n黑得很"), (zhang, "下水道堵了\n臭得很")):
        await person.presses_old(await person.reads(said, in_=group), "提交")
        await person.reads("已收到")


async def test_only_the_authors_presses_count(place: Town, group: Group, li: Resident, zhang: Resident) -> None:
    card = await reports(li, "路灯坏了", group)
    zhang.skips(in_=group)
    for label in ("提交", "改类别", "取消"):
        await zhang.presses_old(card, label)
        assert "这张卡片不是您的" in (await zhang.sees_toast()).text
    await zhang.reads_nothing(in_=group)
    await li.presses_old(card, "提交")
    await li.reads("已收到")
    assert (await zhang.reads("#1001", in_=group)).message_id == card.message_id
    await zhang.presses_old(card, "提交")
    assert "#1001" in (await zhang.sees_toast()).text


async def test_a_place_is_typed(group: Group, li: Resident) -> None:
    await li.presses_old(await reports(li, "路灯坏了", group), "改地点")
    await li.presses_old(await li.reads("请选楼栋", in_=group), "自己写")
    await asked(li, "几号楼几单元", group)
    await li.answers("8-2", in_=group)
    await li.presses_old(await li.reads("8号楼2单元", in_=group), "提交")
    await li.reads("8号楼2单元")


async def test_a_few_words_are_asked_for(group: Group, li: Resident) -> None:
    await li.sends(NAME, in_=group)
    await asked(li, "有什么事", group)
    await li.answers("路灯坏了", in_=group)
    await li.presses_old(await li.reads("事情：路灯坏了", in_=group), "提交")
    await li.reads("已收到")


async def test_thrown_out_and_let_in_again(place: Town, group: Group, li: Resident) -> None:
    huang = place.staff["huang"]
    group.kicks_bot()
    assert "重新拉进群" in (await huang.reads("移出了")).text
    group.takes_bot()
    await li.presses_old(await reports(li, "路灯坏了", group), "提交")
    await li.reads("丰美小区5号楼")
    assert [shown.text for shown in await huang.screen() if "移出了" in shown.text] != []


async def test_after_the_group_has_moved_one_card_is_edited(place: Town, group: Group, li: Resident) -> None:
    await li.presses_old(await reports(li, "路灯坏了", group), "提交")
    await li.reads("已收到")
    draft = await reports(li, "下水道堵了", group)
    group.migrates()
    steward = await place.steward_with_task()
    await steward.presses("接单")
    card = await li.reads("处理中", in_=group)  # its messages are numbered anew: the card comes once more
    await steward.presses_old(await steward.reads("处理中"), "办结")
    await steward.reads("请发一张")
    await steward.sends_photo(picture(1), "换了灯泡")
    assert (await li.reads("已办结", in_=group)).message_id == card.message_id
    (button,) = [each for row in draft.buttons for each in row if each.label == MORE]
    await li.presses_data(card, button.data or "", in_=group)
    question = await li.reads("补充的话", in_=group)
    assert (question.answers, li.answer_field(in_=group)) == (None, None)  # what was said is not there any more
    await li.replies(question, "臭得很", in_=group)
    await li.presses_old(await li.reads("下水道堵了\n臭得很", in_=group), "提交")
    await li.reads("#1002", in_=group)
