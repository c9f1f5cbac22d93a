"""A photo that takes long to be fetched: words do not wait for it for ever, and it is not given up for that."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from bot.clock import Clock
from bot.outbox import Outbox
from bot.outfiles import FILES_MAY_TAKE, LOOK_AGAIN_LATE
from storage.engine import Store
from storage.message_models import Attachment, Outgoing
from tests.bot.test_outbox import Post

A_BIT = timedelta(seconds=1)


async def photo_on_its_way(store: Store, now: datetime) -> int:
    values = {"token": "w" * 43, "kind": "photo", "state": "waiting", "channel": "post", "attempts": 1,
              "retry_at": now, "created_at": now}  # fmt: skip
    return await store.write(
        lambda session: session.execute(insert(Attachment).values(**values).returning(Attachment.id)).scalar_one()
    )


async def put(store: Store, now: datetime, *payloads: dict[str, Any]) -> None:
    """Plan messages to one steward."""
    rows = [
        {"channel": "post", "chat": "steward", "payload": payload, "created_at": now, "not_before": now, "lane": 0,
         "priority": 5, "state": "pending"}
        for payload in payloads
    ]  # fmt: skip
    await store.write(lambda session: session.execute(insert(Outgoing), rows))


async def ends(store: Store, photo: int, state: str) -> None:
    await store.write(lambda s: s.execute(update(Attachment).where(Attachment.id == photo).values(state=state)))


async def sent_after(store: Store, outbox: Outbox, clock: Clock, by: timedelta) -> list[int]:
    """Let time pass and everything go out that may; return the numbers of what was sent so far, in its order."""
    clock.move(by)
    for _ in range(3):  # one look puts off what waits, the next finds what was behind it
        await outbox.send_due()
    query = select(Outgoing.id).where(Outgoing.state == "sent").order_by(Outgoing.done_at, Outgoing.id)
    return list(await store.read(lambda session: session.scalars(query).all()))


async def test_a_photo_alone_lets_others_pass_after_a_minute_and_follows_when_it_is_there(store: Store) -> None:
    clock, post = Clock(), Post()
    outbox, now = Outbox(store, {"post": post}, clock), clock.now()
    photo = await photo_on_its_way(store, now)
    await put(store, now, {"attachments": [photo]}, {"text": "the next case"})
    assert await sent_after(store, outbox, clock, A_BIT) == []
    assert await sent_after(store, outbox, clock, FILES_MAY_TAKE) == [2]
    assert await sent_after(store, outbox, clock, timedelta(minutes=30)) == [2]
    await ends(store, photo, "ready")
    assert await sent_after(store, outbox, clock, LOOK_AGAIN_LATE + A_BIT) == [2, 1]


async def test_words_go_out_without_their_photo_after_a_minute(store: Store) -> None:
    clock, post = Clock(), Post()
    outbox, now = Outbox(store, {"post": post}, clock), clock.now()
    photo = await photo_on_its_way(store, now)
    await put(store, now, {"params": {"caption": "the lamp is broken"}, "attachments": [photo]},
              {"text": "the next case", "attachments": [photo]})  # fmt: skip
    assert await sent_after(store, outbox, clock, A_BIT) == []
    assert await sent_after(store, outbox, clock, FILES_MAY_TAKE) == [1, 2]
    assert [delivery.files for delivery in post.sent] == [(), ()]


async def test_a_photo_that_never_comes_is_handed_to_the_channel_which_says_so(store: Store) -> None:
    clock, post = Clock(), Post()
    outbox, now = Outbox(store, {"post": post}, clock), clock.now()
    photo = await photo_on_its_way(store, now)
    await put(store, now, {"attachments": [photo]})
    assert await sent_after(store, outbox, clock, FILES_MAY_TAKE + A_BIT) == []
    await ends(store, photo, "refused")
    assert await sent_after(store, outbox, clock, LOOK_AGAIN_LATE + A_BIT) == [1]
