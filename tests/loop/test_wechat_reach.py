"""How somebody on WeChat is reached: what the platform allows when, and the next way where it refuses.

The simulator counts windows and quotas as the platform does, and refuses with its codes.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from handlers import unreached
from handlers.message import Choice, Message
from storage.message_models import Attachment
from storage.models import Identity
from tests.loop.wechat import RATING, TEMPLATE, Office, office
from tests.simulators.wechat import Follower, WeChatServer

CUSTOM, BY_TEMPLATE, SUBSCRIPTION = "message/custom/send", "message/template/send", "message/subscribe/bizsend"
QUESTION = Message(
    "解决了吗？", title="#1001 路灯", occasion="rating",
    choices=((Choice("解决了", "c:solved:1001"), Choice("没解决", "c:unsolved:1001")),),
)  # fmt: skip


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with WeChatServer() as wechat, office(wechat, tmp_path, database_url) as opened:
        yield opened
        assert wechat.violations == []


async def test_within_two_days_five_messages_then_a_template(place: Office) -> None:
    aunt = await place.follower()
    await aunt.says("您好")
    await aunt.reads("您好")
    await place.tells(aunt, *(Message(f"第{number}条") for number in range(1, 7)))
    await aunt.reads("第6条")
    told = [(how, text) for how, text in aunt.chat.screen if "条" in text]
    assert [how for how, _ in told] == ["text"] * 5 + ["template"]


LINES = [f"第{number}家：" + "水" * 60 for number in range(1, 31)]
LONG = Message("\n".join(LINES), title="#1001 停水")  # three messages


async def test_what_has_no_room_in_the_window_is_kept_until_it_is_asked_for(place: Office) -> None:
    aunt = await place.follower()
    await aunt.says("您好")
    await aunt.reads("您好")
    await place.tells(aunt, *(Message(f"第{number}条") for number in range(1, 5)), LONG, matters=True)
    assert "回复“继续”接着看" in await aunt.reads("第1家")
    await place.newest("dropped")
    assert not await place.store.read(unreached.waits)
    assert not any(row.state == "not_reached" for row in await place.rows())
    place.clock.move(timedelta(minutes=1))
    await aunt.says("继续")
    await aunt.reads("第30家")
    await all_lines_once(place, aunt)
    await aunt.says("继续")
    await aunt.reads("后面没有了")
    await all_lines_once(place, aunt)


async def test_where_no_more_than_a_notice_may_be_said_the_whole_is_kept(place: Office) -> None:
    aunt = await place.follower()
    await place.tells(aunt, LONG, matters=True)
    assert "回复“继续”接着看" in await aunt.reads("#1001 停水")
    assert aunt.chat.screen[-1][0] == "template"
    await place.newest("dropped")
    await aunt.says("继续")
    await aunt.reads("第30家")
    await all_lines_once(place, aunt)
    assert not await place.store.read(unreached.waits)


async def test_where_there_is_room_all_parts_are_said(place: Office) -> None:
    aunt = await place.follower()
    await aunt.says("您好")
    await place.tells(aunt, LONG)
    await aunt.reads("第30家")
    assert not any("继续" in text for _, text in aunt.chat.screen)
    await all_lines_once(place, aunt)


async def test_a_long_text_that_reaches_nobody_is_one_message_that_did_not_arrive(place: Office) -> None:
    aunt = await place.follower()
    place.wechat.refuses(BY_TEMPLATE, 47003)
    await place.tells(aunt, LONG, matters=True)
    await place.newest("dropped")
    assert [row.state for row in await place.rows()].count("not_reached") == 1
    assert await place.store.read(unreached.waits)


async def all_lines_once(place: Office, aunt: Follower) -> None:
    """Wait until nothing is under way; every line was said once, in order."""
    for _ in range(100):
        if not any(row.state == "pending" for row in await place.rows()):
            break
        await asyncio.sleep(0.05)
    words = "\n".join(text for how, text in aunt.chat.screen if how != "template")
    found = [line for line in words.split("\n") if line in LINES]
    assert found == LINES


async def test_what_is_tapped_opens_three_messages_for_a_minute(place: Office) -> None:
    aunt = await place.follower()
    await aunt.scans("p_fengmei-3")
    place.clock.move(timedelta(seconds=70))
    await place.tells(aunt, Message("一分钟以后"))
    await aunt.reads("一分钟以后")
    assert aunt.chat.screen[-1][0] == "template"


async def test_after_two_days_a_template_says_what_to_reply(place: Office) -> None:
    aunt = await place.follower()
    await place.tells(aunt, QUESTION)
    assert "解决了" in await aunt.reads("#1001 路灯")
    assert aunt.chat.screen[-1][0] == "template"


async def test_consent_is_spent_on_the_rating_and_on_nothing_else(place: Office) -> None:
    aunt = await place.follower()
    await aunt.agrees(RATING)
    await place.tells(aunt, Message("改天来"), QUESTION, QUESTION)
    await place.newest("sent")
    assert [how for how, _ in aunt.chat.screen[-3:]] == ["template", "subscription", "template"]


async def test_consent_that_was_taken_back_is_not_used(place: Office) -> None:
    aunt = await place.follower()
    await aunt.agrees(RATING)
    await aunt.repeats()
    await aunt.refuses(RATING)
    await place.tells(aunt, QUESTION)
    await aunt.reads("#1001")
    assert place.wechat.calls_of(SUBSCRIPTION) == []


async def test_choices_can_be_tapped_where_a_message_may_be_sent(place: Office) -> None:
    aunt = await place.follower()
    await aunt.says("3号楼2单元楼道灯坏了")
    await aunt.reads("提交")
    await place.tells(
        aunt, Message("要提醒您吗？", choices=((Choice("我的事项", "m:mine"), Choice("不用", "m:none")),))
    )
    await aunt.reads("要提醒您吗")
    assert aunt.chat.screen[-1][0] == "msgmenu"
    await aunt.chooses("我的事项")
    await aunt.reads("您还没有")


@pytest.mark.parametrize("code", [45015, 45047, 48001])
async def test_where_the_platform_counts_otherwise_a_template_goes(place: Office, code: int) -> None:
    aunt = await place.follower()
    await aunt.says("您好")
    place.wechat.refuses(CUSTOM, code)
    await place.tells(aunt, Message("有人来看过了"))
    await aunt.reads("有人来看过了")
    assert aunt.chat.screen[-1][0] == "template"


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_that_is_refused_is_fetched_anew_once(place: Office, code: int) -> None:
    aunt = await place.follower()
    await aunt.says("您好")
    given = place.wechat.tokens_given
    place.wechat.refuses(CUSTOM, code)
    await place.tells(aunt, Message("有人来看过了"))
    await aunt.reads("有人来看过了")
    assert aunt.chat.screen[-1][0] == "text"
    assert place.wechat.tokens_given == given + 1


async def test_a_token_that_somebody_else_made_void_is_fetched_anew(place: Office) -> None:
    aunt = await place.follower()
    await aunt.says("您好")
    await place.tells(aunt, Message("第一条"))
    await aunt.reads("第一条")
    place.wechat.forget_token()
    await place.tells(aunt, Message("第二条"))
    await aunt.reads("第二条")


async def test_the_days_calls_are_used_up_and_it_waits(place: Office) -> None:
    aunt = await place.follower()
    place.wechat.refuses(BY_TEMPLATE, 45009)
    await place.tells(aunt, Message("有人来看过了"))
    for _ in range(200):
        row = (await place.rows())[-1]
        if row.attempts:
            break
        place.app._outbox.ring()
    assert (row.state, row.error) == ("pending", "template/send: errcode 45009")


async def test_a_notice_that_is_refused_goes_as_a_template(place: Office) -> None:
    aunt = await place.follower()
    await aunt.agrees(RATING)
    aunt.chat.consents.clear()  # she has switched notices off in her settings
    await place.tells(aunt, QUESTION)
    await aunt.reads("#1001")
    assert aunt.chat.screen[-1][0] == "template"
    assert len(place.wechat.calls_of(SUBSCRIPTION)) == 1


@pytest.mark.parametrize(("code", "gone"), [(43004, True), (40003, True), (47003, False), (43101, False)])
async def test_whom_wechat_does_not_reach_is_told_elsewhere(place: Office, code: int, gone: bool) -> None:
    aunt = await place.follower()
    person = await place.person_of(aunt)
    web = {"person_id": person, "channel": "web", "user": "aunt", "chat": "aunt"}
    await place.store.write(lambda session: session.execute(insert(Identity).values(**web)))
    place.wechat.refuses(BY_TEMPLATE, code)
    await place.tells(aunt, QUESTION)
    row = await place.newest("sent")
    assert (row.channel, row.chat) == ("web", "aunt")
    identity = select(Identity.unreachable).where(Identity.user == aunt.openid)
    why = await place.store.read(lambda session: session.scalar(identity))
    assert (why is not None) is gone


async def test_whom_nothing_reaches_is_booked_as_not_reached(place: Office) -> None:
    aunt = await place.follower()
    place.wechat.refuses(BY_TEMPLATE, 47003)
    await place.tells(aunt, QUESTION)
    assert "47003" in ((await place.newest("not_reached")).error or "")


async def test_a_photo_that_no_notice_can_carry_is_no_message_that_did_not_arrive(
    place: Office,
) -> None:
    aunt = await place.follower()
    await aunt.agrees(RATING)
    photo = {
        "token": "proof",
        "kind": "photo",
        "state": "refused",
        "channel": "telegram",
        "created_at": place.clock.now(),
    }
    made = insert(Attachment).values(photo).returning(Attachment.id)
    number = await place.store.write(lambda session: session.execute(made).scalar_one())
    await place.tells(aunt, replace(QUESTION, photos=(number,)), matters=True)
    await place.newest("dropped", "not_reached")
    assert [row.state for row in (await place.rows())[-2:]] == ["sent", "dropped"]
    assert not await place.store.read(unreached.waits)


async def test_who_unfollows_is_not_written_to_until_they_are_back(place: Office) -> None:
    aunt = await place.follower()
    await aunt.unfollows()
    await place.tells(aunt, Message("您在吗"))
    assert (await place.newest("not_reached")).channel == "none"
    await aunt.follows()
    await aunt.reads("您好")
    await place.tells(aunt, Message("您回来了"))
    await aunt.reads("您回来了")


async def test_a_notice_fits_the_fields_of_its_template(place: Office) -> None:
    aunt = await place.follower()
    long = Message("楼上一直在漏水，" * 30, title="#1001 漏水与房屋，很长很长的一个标题放不下放不下放不下放不下")
    await place.tells(aunt, long)
    await aunt.reads("#1001 漏水与房屋")
    (call,) = place.wechat.calls_of(BY_TEMPLATE)
    assert call["template_id"] == TEMPLATE
    assert len(call["data"]["thing1"]["value"]) == len(call["data"]["thing2"]["value"]) == 20
