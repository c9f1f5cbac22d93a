"""What one channel refuses goes to another identity of the same person: where they spoke last, never twice to one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from bot.channels.base import Delivered, Refused
from bot.clock import Clock
from bot.outbox import Outbox
from bot.seed import sync
from cases.context import Context, Rules
from handlers.desk import Desk
from handlers.message import Call, Choice, Message, Planner, from_json, to_json
from storage.engine import Store
from storage.message_models import Outgoing
from storage.models import Identity, Person
from tests.bot.test_outbox import Post
from tests.cast import PlainPlanner, example

CLOSED = Refused("window closed", elsewhere=True)
BLOCKED = Refused("blocked", gone=True)
EARLY = datetime.fromisoformat("2026-09-30T02:00:00+00:00")
CHANNELS = ("first", "second", "third")  # in the order in which the aunt spoke there last


class InParts(PlainPlanner):
    """Needs a call for each line of a message."""

    def send(self, chat: str, message: Message) -> list[Call]:
        """Plan a new message."""
        return [call for line in message.text.split("\n") for call in super(InParts, self).send(chat, Message(line))]


class Hall:
    """An aunt on three channels, and the outbox between."""

    def __init__(self, store: Store, rules: Rules, aunt: int, parts: bool) -> None:
        self.store, self.rules, self.aunt, self.clock = store, rules, aunt, Clock()
        planners: list[Planner] = [InParts() if parts and name == "first" else PlainPlanner() for name in CHANNELS]
        self.posts = {name: Post(name, planner) for name, planner in zip(CHANNELS, planners, strict=True)}
        self.outbox = Outbox(store, self.posts, self.clock)

    async def tells(self, text: str, **more: Any) -> None:
        def tell(session: Any) -> None:
            planners = {name: post.planner for name, post in self.posts.items()}
            desk = Desk(Context(session, self.clock.now(), self.rules), planners)
            desk.tell(self.aunt, lambda t: Message(text), **more)
            desk.flush()

        await self.store.write(tell)
        while await self.outbox.send_due():
            pass

    async def rows(self) -> list[tuple[str, str]]:
        found = select(Outgoing.channel, Outgoing.state).order_by(Outgoing.id)
        return [(row.channel, row.state) for row in await self.store.read(lambda session: session.execute(found).all())]

    def read(self, channel: str) -> list[str]:
        return [delivery.payload["text"] for delivery in self.posts[channel].sent]


Open = Callable[..., Any]


@pytest.fixture
def hall(store: Store) -> Open:
    async def build(*, parts: bool = False) -> Hall:
        def settle(session: Any) -> tuple[Rules, int]:
            rules = sync(session, example(), EARLY)
            named = {"name": "李阿姨", "created_at": EARLY}
            aunt: int = session.execute(insert(Person).values(named).returning(Person.id)).scalar_one()
            for age, name in enumerate(CHANNELS):
                row = {"channel": name, "user": "aunt", "chat": f"aunt-{name}", "last_seen_at": EARLY - age * DAY}
                session.execute(insert(Identity).values(person_id=aunt, **row))
            return rules, aunt

        return Hall(store, *await store.write(settle), parts)

    return build


DAY = timedelta(days=1)


async def test_what_is_refused_goes_where_they_spoke_last_before(hall: Open) -> None:
    at = await hall()
    at.posts["first"].answers = [CLOSED]
    await at.tells("明天停水")
    assert await at.rows() == [("first", "elsewhere"), ("second", "sent")]
    assert at.read("second") == ["明天停水"]


async def test_no_identity_is_tried_twice(hall: Open) -> None:
    at = await hall()
    for post in at.posts.values():
        post.answers = [CLOSED] * 5
    await at.tells("明天停水")
    assert await at.rows() == [("first", "elsewhere"), ("second", "elsewhere"), ("third", "not_reached")]
    assert [len(post.sent) for post in at.posts.values()] == [1, 1, 1]


async def test_who_blocked_one_channel_reads_it_on_another_and_is_written_to_there(hall: Open) -> None:
    at = await hall()
    at.posts["first"].answers = [BLOCKED]
    await at.tells("明天停水")
    await at.tells("后天来水")
    assert await at.rows() == [("first", "elsewhere"), ("second", "sent"), ("second", "sent")]


async def test_where_nothing_reaches_any_more_nothing_is_tried(hall: Open) -> None:
    at = await hall()
    lost = update(Identity).where(Identity.channel == "second").values(unreachable="blocked")
    await at.store.write(lambda session: session.execute(lost))
    at.posts["first"].answers = [CLOSED]
    await at.tells("明天停水")
    assert await at.rows() == [("first", "elsewhere"), ("third", "sent")]


async def test_a_message_of_several_calls_goes_on_whole_and_once(hall: Open) -> None:
    at = await hall(parts=True)
    at.posts["first"].answers = [Delivered("m"), CLOSED]
    await at.tells("一\n二\n三")
    assert at.read("first") == ["一", "二"]
    assert at.read("second") == ["一\n二\n三"]
    assert [state for _channel, state in await at.rows()] == ["sent", "elsewhere", "elsewhere", "sent"]


async def test_what_cannot_be_said_elsewhere_is_booked_as_not_reached(hall: Open) -> None:
    class Mute(PlainPlanner):
        def send(self, chat: str, message: Message) -> list[Call]:
            return []

    at = await hall()
    at.outbox._booking._planners["second"] = Mute()
    at.posts["first"].answers = [CLOSED]
    await at.tells("明天停水")
    assert await at.rows() == [("first", "not_reached")]


async def test_a_plain_refusal_is_final_and_an_end_of_truth_stays(hall: Open) -> None:
    at = await hall()
    at.posts["first"].answers = [Refused("bad photo")]
    await at.tells("坏图")
    assert await at.rows() == [("first", "not_reached")]
    ends = at.clock.now() + timedelta(hours=1)
    at.posts["first"].answers = [CLOSED]
    await at.tells("一小时内有效", expires=ends)
    kept = select(Outgoing.expires_at).where(Outgoing.channel == "second")
    assert await at.store.read(lambda session: session.scalar(kept)) == ends


async def test_for_one_who_is_on_one_channel_nothing_more_is_kept(hall: Open) -> None:
    at = await hall()
    gone = update(Identity).where(Identity.channel != "first").values(unreachable="blocked")
    await at.store.write(lambda session: session.execute(gone))
    at.posts["first"].answers = [CLOSED]
    await at.tells("明天停水")
    assert await at.rows() == [("first", "not_reached")]
    assert (
        await at.store.read(lambda session: session.scalar(select(Outgoing.id).where(Outgoing.said.is_not(None))))
        is None
    )


WORDS = st.text(max_size=20)
CHOICES = st.builds(
    Choice, WORDS, st.text("ab:1", min_size=1, max_size=20), st.sampled_from(["primary", "plain", "danger"])
)
MESSAGES = st.builds(
    Message, WORDS, title=WORDS, choices=st.lists(st.lists(CHOICES, max_size=2).map(tuple), max_size=3).map(tuple),
    photos=st.lists(st.integers(1, 9)).map(tuple), files=st.lists(st.integers(1, 9)).map(tuple),
    card=st.none() | WORDS, ask=st.sampled_from([None, "location", "phone"]), ask_label=WORDS,
    link=st.none() | st.tuples(WORDS, WORDS), reply_to=st.none() | WORDS, force_reply=st.booleans(),
    silent=st.booleans(),
)  # fmt: skip


@given(MESSAGES)
def test_a_message_is_the_same_after_it_was_kept(message: Message) -> None:
    assert from_json(to_json(message)) == message
