"""Takes updates in: key, person, handler and outgoing rows in one transaction; a repeat ends at its key."""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from bot.clock import Clock
from cases.context import Context, RoleAt, Rules
from handlers.desk import Desk
from handlers.inbound import Inbound
from handlers.message import Planner
from handlers.route import route
from handlers.talk import meet
from storage import people
from storage.engine import Store
from storage.models import InboxEntry
from storage.upsert import insert_or_ignore


class Inbox:
    """The only way in. `accept` returns after the COMMIT: then, and only then, may a channel acknowledge."""

    def __init__(
        self, store: Store, rules: Callable[[], Rules], planners: Mapping[str, Planner], clock: Clock
    ) -> None:  # fmt: skip
        self._store = store
        self._rules = rules
        self._planners = planners
        self._clock = clock

    async def accept(self, inbound: Inbound) -> None:
        """Deal with one update. Raises what the handler raised; then nothing of it was kept."""
        await self._store.write(lambda session: self._take(session, inbound))

    def _take(self, session: Session, inbound: Inbound) -> bool:
        now = self._clock.now()
        row = {"channel": inbound.channel, "key": inbound.key, "received_at": now}
        if not insert_or_ignore(session, InboxEntry, row):
            return False
        found = people.find(session, inbound.channel, inbound.user, inbound.chat)
        if found is None:
            found = people.create(session, inbound.channel, inbound.user, inbound.chat, inbound.name, now)
        else:
            people.seen(session, found, now)
        held = people.roles_of(session, found.person_id)
        roles = tuple(RoleAt(r.role, r.place_id, r.partner, r.title, r.promise) for r in held)
        talk = meet(Desk(Context(session, now, self._rules()), self._planners), inbound, found, roles)
        route(talk)
        talk.flush()
        return True
