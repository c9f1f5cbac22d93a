"""The response to a callback is all that many an update needs: then nothing else is woken."""

import asyncio

from sqlalchemy import select

from storage.engine import Store
from storage.message_models import Outgoing
from tests.channels.wechat.yard import Yard, yard

FOLLOWS = {"MsgType": "event", "Event": "subscribe", "EventKey": "", "Content": None, "MsgId": None}


async def test_an_answer_that_is_the_response_wakes_no_outbox(store: Store) -> None:
    async with yard(store) as place:
        assert "1 提交" in place.text_of(await place.tells())
        assert await _states(place, 1) == ["sent"]
        assert place.rung == []


async def test_what_waits_behind_the_response_goes_when_that_was_given(store: Store) -> None:
    async with yard(store) as place:
        assert "您好" in place.text_of(await place.tells(**FOLLOWS))
        assert await _states(place, 1) == ["sent", "pending"]
        assert place.rung == ["channel"]


async def test_whom_else_it_is_told_hears_at_once(store: Store) -> None:
    async with yard(store) as place:
        place.text_of(await place.tells())
        assert "已收到" in place.text_of(await place.tells(MsgId=2, Content="1"))
        await _states(place, 2)
        assert "inbox" in place.rung  # whoever looks after it, by another channel or not reached


async def test_a_repetition_finds_the_response_that_was_not_marked(store: Store) -> None:
    async with yard(store) as place:
        said = place.text_of(await place.tells())
        await _states(place, 1)
        await store.write(lambda session: setattr(session.scalars(select(Outgoing)).one(), "state", "pending"))
        assert place.text_of(await place.tells()) == said
        assert await _states(place, 1) == ["sent"]
        assert place.text_of(await place.tells()) == ""
        assert place.rung == ["channel"]  # nobody knows by now what may wait behind it


async def _states(place: Yard, sent: int) -> list[str]:
    """Return the state of every row once so many are marked: that is so just after an answer was given."""
    for _ in range(200):
        states = [row.state for row in await place.rows()]
        if states.count("sent") >= sent:
            break
        await asyncio.sleep(0.02)
    return states
