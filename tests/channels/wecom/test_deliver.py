"""What is said arrives as WeCom wants it, and each of its refusals has a next step."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.base import Delivered, FetchError, Later, Refused, StoredFile
from bot.channels.wecom import WecomChannel
from bot.clock import Clock
from handlers.inbound import FileKind
from handlers.message import Message, from_json, to_json
from storage.engine import Store
from tests.channels.wecom.conftest import ROBOT_KEY, Desk, settings, task
from tests.loop.test_telegram_loop import picture
from tests.simulators.wecom import WecomServer

WANG = "wang"


@pytest.fixture(autouse=True)
def kept(wecom: WecomServer) -> object:
    """Nothing that is sent here breaks a rule."""
    yield None
    assert wecom.violations == []


def stored(folder: Path, kind: FileKind, mime: str, content: bytes, name: str | None = None) -> dict[int, StoredFile]:
    path = folder / "kept"
    path.write_bytes(content)
    return {1: StoredFile(1, kind, path, mime, "token", "web", None, name)}


def test_what_is_handed_on_to_wecom_keeps_its_button_for_the_whole() -> None:
    assert from_json(to_json(task())) == task()


async def test_a_task_is_a_card_with_buttons(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    (found,) = await desk.say(WANG, task())
    assert isinstance(found, Delivered)
    (shown,) = member.screen
    assert list(shown.buttons.values()) == ["c:accept:1042", "c:return:1042", "c:card:1042"]
    assert shown.words == "#1042 路灯 · 待红管家接单\n3号楼2单元楼道灯坏了"


async def test_the_code_of_the_sending_changes_a_card_once_then_text_says_it(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    await desk.say(WANG, task())
    await desk.edit(WANG, task(state="处理中"))
    (shown,) = member.screen
    assert "处理中" in shown.words
    await desk.edit(WANG, task(state="已办结"))
    assert (shown.changed, len(member.screen)) == (1, 2)
    assert "已办结" in member.screen[1].text
    assert "1 接单" in member.screen[1].text
    assert "回复数字" in member.screen[1].text


async def test_a_code_is_not_used_when_it_is_too_old(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    await desk.say(WANG, task())
    desk.clock.move(timedelta(hours=72))
    await desk.edit(WANG, task(state="处理中"))
    assert member.screen[0].changed == 0
    assert "处理中" in member.screen[1].text


async def test_a_code_that_the_platform_refuses_leads_to_text(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    await desk.say(WANG, task())
    wecom.codes_work = False
    assert await desk.edit(WANG, task(state="处理中")) == Delivered()
    assert "处理中" in member.screen[1].text


async def test_a_card_with_nothing_left_to_press_is_grey(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    await desk.say(WANG, task())
    await desk.edit(WANG, Message("已由陈秀英接单", title="#1042 路灯", card="task:1042"))
    (shown,) = member.screen
    assert shown.buttons == {}
    assert "陈秀英" in shown.words


async def test_a_card_that_never_came_is_sent(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    await desk.edit(WANG, task())
    assert "接单" in member.screen[0].buttons
    await desk.edit(WANG, Message("没有了", card="other"))
    assert member.screen[1].text == "没有了"


async def test_more_choices_than_buttons_are_numbers(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    await desk.say(WANG, task(count=9))
    (shown,) = member.screen
    assert shown.kind == "text"
    assert "9 选8" in shown.text


async def test_what_a_card_cannot_hold_is_said_in_full_before_it(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    await desk.say(WANG, task("很长。" * 400))
    *texts, card = member.screen
    assert "".join(shown.text for shown in texts).count("很长。") == 400
    assert card.words.endswith("…")
    assert "详情" in card.buttons


async def test_a_card_without_words_or_with_a_long_line_has_a_title(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    for text in ("", "长" * 100, "两行\n字"):
        await desk.say(WANG, replace(task(text), title=""))
    assert [shown.card["main_title"]["title"] for shown in member.screen if shown.card] == ["…", "…", "两行"]


async def test_a_link_in_a_residents_words_is_none(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    await desk.say(WANG, Message('看 <a href="http://evil.example">这里</a >'))
    assert "<a" not in member.screen[0].text
    assert "</a" not in member.screen[0].text


async def test_pictures_films_and_other_files(desk: Desk, wecom: WecomServer, tmp_path: Path) -> None:
    member = wecom.member(WANG)
    await desk.say(WANG, Message("", photos=(1,)), stored(tmp_path, "photo", "image/jpeg", picture()))
    await desk.say(WANG, Message("", files=(1,)), stored(tmp_path, "video", "video/mp4", b"film" * 100))
    await desk.say(WANG, Message("", files=(1,)), stored(tmp_path, "voice", "audio/ogg", b"sound" * 100))
    await desk.say(WANG, Message("", files=(1,)), stored(tmp_path, "file", "text/csv", b"1,2,3,4", '七月"表.csv'))
    assert [shown.kind for shown in member.screen] == ["image", "video", "file", "file"]
    assert member.screen[0].media == picture()


async def test_a_file_that_wecom_does_not_take_is_refused_here(desk: Desk, wecom: WecomServer, tmp_path: Path) -> None:
    wecom.member(WANG)
    for content in (b"1234", b"x" * (20 * 1024 * 1024 + 1)):
        (found,) = await desk.say(WANG, Message("", files=(1,)), stored(tmp_path, "file", "application/pdf", content))
        assert isinstance(found, Refused)


@pytest.mark.parametrize("code", [60111, 81013, 60011])
async def test_who_cannot_be_written_to_is_tried_elsewhere(desk: Desk, wecom: WecomServer, code: int) -> None:
    wecom.member(WANG)
    wecom.fail("message/send", code)
    (found,) = await desk.say(WANG, Message("x"))
    assert isinstance(found, Refused)
    assert (found.gone, found.elsewhere) == (True, True)
    (unknown,) = await desk.say("nobody", Message("x"))
    assert isinstance(unknown, Refused)
    assert unknown.elsewhere


async def test_a_member_named_as_not_reached_is_not_reached(desk: Desk, wecom: WecomServer) -> None:
    wecom.member(WANG)
    wecom._faults["message/send"] += [{"errcode": 0, "invaliduser": WANG}, {"errcode": 0, "unlicenseduser": WANG}]
    for _ in range(2):
        (found,) = await desk.say(WANG, Message("x"))
        assert isinstance(found, Refused)
        assert found.elsewhere


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_fetched_anew_once(desk: Desk, wecom: WecomServer, code: int) -> None:
    member = wecom.member(WANG)
    wecom.fail("message/send", code)
    assert await desk.say(WANG, Message("da")) == [Delivered()]
    assert member.screen[0].text == "da"
    wecom.fail("message/send", code, times=2)
    (found,) = await desk.say(WANG, Message("x"))
    assert isinstance(found, Later)
    assert found.everyone
    assert found.seconds == 600


async def test_a_token_that_ended_on_the_platform_is_noticed(desk: Desk, wecom: WecomServer) -> None:
    wecom.member(WANG)
    await desk.say(WANG, Message("1"))
    wecom.end_tokens()
    assert await desk.say(WANG, Message("2")) == [Delivered()]
    assert wecom.refused == {42001: 1}


@pytest.mark.parametrize(("code", "seconds"), [(45009, 60), (45033, 5), (-1, 5), (60020, 600), (301002, 600)])
async def test_what_passes_or_is_mended_is_tried_later(
    desk: Desk, wecom: WecomServer, code: int, seconds: float
) -> None:
    wecom.member(WANG)
    wecom.fail("message/send", code)
    (found,) = await desk.say(WANG, Message("x"))
    assert isinstance(found, Later)
    assert (found.seconds, found.everyone) == (seconds, True)


async def test_a_wrong_secret_holds_everything_and_is_told(wecom: WecomServer, store: Store) -> None:
    channel = WecomChannel(settings(wecom, secret="another"), store, Clock(), {})
    (found,) = await Desk(channel, Clock()).say(WANG, Message("x"))
    await channel.stop()
    assert isinstance(found, Later)
    assert (found.seconds, found.everyone) == (600, True)


async def test_a_card_that_is_refused_as_such_is_said_as_text(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    wecom.fail("message/send", 40058)
    assert await desk.say(WANG, task()) == [Delivered()]
    assert "1 接单" in member.screen[0].text


async def test_a_task_id_that_is_taken_is_not_used_again(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    wecom.fail("message/send", 42014)
    (found,) = await desk.say(WANG, task())
    assert isinstance(found, Delivered)
    assert len(member.screen) == 1


async def test_a_card_whose_answer_was_lost_comes_once(desk: Desk, wecom: WecomServer) -> None:
    member = wecom.member(WANG)
    (call,) = desk.channel.planner.send(WANG, task())
    wecom.lose_answer("message/send")
    desk.clock.move(timedelta())
    moment = desk.clock.now()
    desk.clock.now = lambda: moment  # type: ignore[method-assign]
    assert isinstance(await desk.deliver_row(7, WANG, call), Later)
    assert isinstance(await desk.deliver_row(7, WANG, call), Delivered)
    assert len(member.screen) == 1


async def test_words_whose_answer_was_lost_come_once_and_the_same_words_again_do_come(
    desk: Desk, wecom: WecomServer
) -> None:
    member = wecom.member(WANG)
    (call,) = desk.channel.planner.send(WANG, Message("好的"))
    wecom.lose_answer("message/send")
    assert isinstance(await desk.deliver_row(7, WANG, call), Later)
    assert await desk.deliver_row(7, WANG, call) == Delivered()
    assert len(member.screen) == 1
    assert await desk.deliver_row(8, WANG, call) == Delivered()
    assert len(member.screen) == 2


async def test_a_group_robot_says_what_is_new_and_changes_nothing(desk: Desk, wecom: WecomServer) -> None:
    message = Message(
        "灯坏了", title="待认领：#1042", choices=task().choices, card="offer:1042", instead="回复：认领 1042"
    )
    assert await desk.say("robot:fengmei", message) == [Delivered()]
    assert wecom.robots[ROBOT_KEY] == ["待认领：#1042\n灯坏了\n回复：认领 1042"]
    assert desk.channel.planner.edit("robot:fengmei", message) == []
    assert desk.channel.is_group("robot:fengmei")
    assert not desk.channel.is_group(WANG)


async def test_a_robot_that_is_gone_or_too_busy(desk: Desk, wecom: WecomServer) -> None:
    wecom.fail("webhook/send", 93000)
    (gone,) = await desk.say("robot:fengmei", Message("x"))
    assert isinstance(gone, Refused)
    assert gone.gone
    wecom.fail("webhook/send", 45009)
    (busy,) = await desk.say("robot:fengmei", Message("x"))
    assert busy == Later("too many calls a minute (45009)", 60)
    (unknown,) = await desk.say("robot:elsewhere", Message("x"))
    assert isinstance(unknown, Refused)


async def test_a_file_is_fetched_at_once_and_a_lost_one_is_final(desk: Desk, wecom: WecomServer) -> None:
    media = wecom.keep_media(picture(), "image/jpeg")
    assert await desk.channel.fetch(media, 1 << 20) == picture()
    wecom.end_tokens()
    assert await desk.channel.fetch(media, 1 << 20) == picture()
    with pytest.raises(FetchError) as caught:
        await desk.channel.fetch("expired", 1 << 20)
    assert caught.value.final
    with pytest.raises(FetchError) as large:
        await desk.channel.fetch(media, 10)
    assert large.value.final
