"""Takes updates in: key, person, handler and outgoing rows in one transaction; a repeat ends at its key."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.flood import Flood, Verdict
from bot.metrics import UPDATES, count
from bot.outrows import Claimed, leased, move_chat
from cases.context import Actor, Context, RulesFor, actor_of
from handlers import numbers_heard
from handlers.desk import Desk
from handlers.inbound import Inbound
from handlers.message import Planner
from handlers.route import route, too_fast
from handlers.talk import Talk, meet
from storage import people
from storage.engine import Store
from storage.faults import hit
from storage.message_models import UPDATE_KEY, InboxEntry
from storage.prepared import insert_or_ignore
from storage.upsert import table_of

_NOTE = insert_or_ignore(table_of(InboxEntry), "channel", "key", "received_at")


class WayOut(Protocol):
    """What sends: the outbox."""

    def lease(self, now: datetime) -> datetime | None:
        """Return until when rows that are written now may be its own from the beginning."""

    def take(self, claimed: Sequence[Claimed]) -> None:
        """Send such rows, now that they are committed."""


class Taken(NamedTuple):
    """An update that was dealt with."""

    rings: bool  # something may go out that the outbox has to look for
    claimed: tuple[Claimed, ...] = ()  # what it need not look for


class Inbox:
    """The only way in. `accept` returns after the COMMIT: then, and only then, may a channel acknowledge."""

    def __init__(
        self, store: Store, rules: RulesFor, planners: Mapping[str, Planner], clock: Clock,
        ring: Callable[[Inbound], None] = lambda inbound: None, outbox: WayOut | None = None,
    ) -> None:  # fmt: skip
        """`ring` is told of updates after which something is to be looked for, `outbox` gets what is found already."""
        self._store = store
        self._rules = rules
        self._planners = planners
        self._clock = clock
        self._ring = ring
        self._outbox = outbox
        self._flood = Flood()

    async def accept(self, inbound: Inbound) -> None:
        """Deal with one update. Raises what the handler raised; then nothing of it was kept."""
        plain = inbound.reach is None and inbound.moved_to is None
        verdict = self._flood.judge(f"{inbound.channel}:{inbound.user}", inbound.at) if plain else "take"
        taken = await self._store.write(lambda session: self._take(session, inbound, verdict))
        if taken is not None and taken.claimed and self._outbox is not None:
            self._outbox.take(taken.claimed)
        hit("inbox.after_commit")
        count(UPDATES, inbound.channel, "repeat" if taken is None else verdict)
        if (taken is not None and taken.rings) or inbound.files:
            self._ring(inbound)

    def _take(self, session: Session, inbound: Inbound, verdict: Verdict) -> Taken | None:
        """Return None for a repeat."""
        hit("inbox.before_key")
        now = self._clock.now()
        key = inbound.key[:UPDATE_KEY]
        if not _NOTE.run(session, channel=inbound.channel, key=key, received_at=now):
            return None
        if inbound.note is not None:
            inbound.note(session)
        hit("inbox.after_key")
        taken = Taken(rings=inbound.moved_to is not None)
        if inbound.moved_to is not None:
            move_chat(session, inbound.channel, inbound.chat, inbound.moved_to)
        elif verdict != "drop" or inbound.press is not None:  # a button always stops waiting
            taken = self._handle(Desk(Context(session, now, self._rules(session)), self._planners), inbound, verdict)
        hit("inbox.before_commit")
        return taken

    def _handle(self, desk: Desk, inbound: Inbound, verdict: Verdict) -> Taken:
        talk = self._meet(desk, inbound)
        hit("inbox.before_handler")
        if verdict == "take":
            if not numbers_heard.heard(talk):
                route(talk)
        else:
            too_fast(talk, aloud=verdict == "tell")
        hit("inbox.after_handler")
        until = talk.lease = self._outbox.lease(desk.context.now) if self._outbox is not None else None
        talk.flush()
        if until is None or not talk.leased:
            return Taken(rings=talk.rings())
        rings = len(talk.leased) < len(talk.tray) and talk.rings()
        return Taken(rings, tuple(leased(row, until) for row in talk.leased))

    def _meet(self, desk: Desk, inbound: Inbound) -> Talk:
        session, now = desk.session, desk.context.now
        found = people.find(session, inbound.channel, inbound.user, inbound.chat)
        if found is None:
            home = inbound.user if inbound.group else inbound.chat  # a group is nobody's private chat
            found = people.create(session, inbound.channel, inbound.user, home, inbound.name[:80], now)
        elif inbound.reach == "blocked" and not inbound.group:
            people.lost(session, found, "blocked by the person")
        else:
            people.seen(session, found, now)
        actor = actor_of(desk.context, found.person_id) if found.has_roles else Actor(found.person_id)
        return meet(desk, inbound, found, actor)
