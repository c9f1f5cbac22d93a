"""What WeChat took and did not deliver, as it tells afterwards, goes on to the next way of reaching somebody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.channels.wechat import receipts
from handlers import unreached
from storage.models import Identity
from tests.loop.test_wechat_reach import BY_TEMPLATE, QUESTION, SUBSCRIPTION
from tests.loop.wechat import RATING, Office, office
from tests.simulators.wechat import WeChatServer


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with WeChatServer() as wechat, office(wechat, tmp_path, database_url) as opened:
        yield opened
        assert wechat.violations == []


@pytest.mark.parametrize(("status", "gone"), [("failed:user block", True), ("failed: system failed", False)])
@pytest.mark.parametrize("at_once", [False, True], ids=["told later", "told before our call was answered"])
async def test_what_wechat_took_and_did_not_deliver_is_told_elsewhere_once(
    place: Office, status: str, gone: bool, at_once: bool
) -> None:
    aunt = await place.follower()
    person = await place.person_of(aunt)
    web = {"person_id": person, "channel": "web", "user": "aunt", "chat": "aunt"}
    await place.store.write(lambda session: session.execute(insert(Identity).values(**web)))
    place.wechat.receipts, place.wechat.receipts_at_once = [status], at_once
    await place.tells(aunt, QUESTION)
    await told(place)
    row = await place.newest("sent")
    assert (row.channel, row.chat) == ("web", "aunt")
    assert [each.state for each in (await place.rows())[-2:]] == ["elsewhere", "sent"]
    identity = select(Identity.unreachable).where(Identity.user == aunt.openid)
    assert (await place.store.read(lambda session: session.scalar(identity)) is not None) is gone


async def test_what_was_not_delivered_and_has_no_other_way_is_not_reached(place: Office) -> None:
    aunt = await place.follower()
    place.wechat.receipts = ["failed: system failed", "success"]
    await place.tells(aunt, QUESTION, matters=True)
    await told(place)
    assert (await place.newest("not_reached")).error == "template: the platform failed"
    assert await place.store.read(unreached.waits)  # who handles the case hears of it, with the number if there is one
    await place.tells(aunt, QUESTION)
    await told(place)
    assert (await place.newest("sent")).channel == "wechat"


async def test_a_receipt_of_what_is_not_ours_changes_nothing(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    aunt = await place.follower()
    await place.tells(aunt, QUESTION)
    await told(place)
    monkeypatch.setattr(receipts, "LOOK_AGAIN", 0.01)
    await place.wechat._tell_receipt(aunt.chat, 12, "failed:user block")
    assert (await place.newest("sent")).channel == "wechat"
    assert place.wechat.answers[-2:] == ["success"] * 2


@pytest.mark.parametrize("numbered", [False, True], ids=["without a number", "with its number"])
@pytest.mark.parametrize("at_once", [False, True], ids=["told later", "told before our call was answered"])
async def test_a_notice_that_was_agreed_to_and_not_delivered_goes_as_a_template_once(
    place: Office, at_once: bool, numbered: bool
) -> None:
    aunt = await place.follower()
    await aunt.agrees(RATING)
    place.wechat.notice_codes, place.wechat.receipts_at_once = [1003], at_once
    place.wechat.numbers_notices = numbered
    await place.tells(aunt, QUESTION)
    await aunt.reads("#1001")
    await told(place)
    assert [how for how, _ in aunt.chat.screen if how in ("subscription", "template")] == ["template"]
    assert (await place.newest("sent")).channel == "wechat"
    assert len(place.wechat.calls_of(SUBSCRIPTION)) == len(place.wechat.calls_of(BY_TEMPLATE)) == 1


async def test_a_notice_that_was_not_delivered_is_told_elsewhere_where_there_is_no_template(place: Office) -> None:
    aunt = await place.follower()
    person = await place.person_of(aunt)
    web = {"person_id": person, "channel": "web", "user": "aunt", "chat": "aunt"}
    await place.store.write(lambda session: session.execute(insert(Identity).values(**web)))
    await aunt.agrees(RATING)
    place.wechat.notice_codes = [1003]
    place.wechat.refuses(BY_TEMPLATE, 43101)
    await place.tells(aunt, QUESTION)
    for _ in range(200):
        if [row.state for row in (await place.rows())[-2:]] == ["elsewhere", "sent"]:
            break
        await asyncio.sleep(0.05)
    row = await place.newest("sent")
    assert (row.channel, row.chat) == ("web", "aunt")


async def test_a_notice_that_was_delivered_stays_as_it_is(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    aunt = await place.follower()
    await aunt.agrees(RATING)
    await place.tells(aunt, QUESTION)
    await told(place)
    assert (await place.newest("sent")).channel == "wechat"
    place.clock.move(timedelta(hours=2))
    monkeypatch.setattr(receipts, "LOOK_AGAIN", 0.01)
    await place.wechat._tell_notice(aunt.chat, RATING, 12, 1003)  # of another notice, which no row is of
    assert (await place.newest("sent")).channel == "wechat"
    assert place.wechat.calls_of(BY_TEMPLATE) == []


async def told(place: Office) -> None:
    """Wait until WeChat has told what became of what it was given."""
    for _ in range(200):
        if place.wechat.telling:
            break
        await asyncio.sleep(0.05)
    await asyncio.gather(*place.wechat.telling)
