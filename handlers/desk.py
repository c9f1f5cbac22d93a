"""What every conversation and the clock work with: rules, people, and a tray for what goes out.

A message to a person is given as a function of the translation, because everybody reads in their own language.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cases.context import Actor, Context, Rules, actor_of, actors_of
from cases.dispatch import write_assigned
from handlers import elsewhere, numbers, sending
from handlers.message import Address, Call, Message, Planner
from handlers.priority import NOTICE, WARNING
from handlers.texts import Translate, pick_language, translator
from storage import people

Say = Callable[[Translate], Message]

NO_CHANNEL = "none"  # the channel of a row for somebody whom no platform reaches


@dataclass(slots=True)
class Desk:
    """One transaction's view of the service desk."""

    context: Context
    planners: Mapping[str, Planner]
    tray: list[dict[str, Any]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    lease: datetime | None = None  # until when what goes out at once is leased to this process, see `sending.write`
    leased: list[sending.Leased] = field(default_factory=list)  # what was

    @property
    def session(self) -> Session:
        """The open transaction."""
        return self.context.session

    @property
    def rules(self) -> Rules:
        """What `config.yaml` says."""
        return self.context.rules

    def translator_for(self, language: str | None) -> Translate:
        """Return the translation for a person's own language, or the desk's."""
        return translator(pick_language(language, self.rules.settings.desk.language))

    def tell(
        self, person_id: int, say: Say, *, case_id: int | None = None, priority: int = NOTICE,
        expires: datetime | None = None, matters: bool = False,
    ) -> None:  # fmt: skip
        """Say something to a person where they were last seen. Whom nobody reaches is booked as not reached.

        From `expires` on it is no longer true, and is not sent. `matters`: who handles the case hears of it when it
        does not arrive (`handlers.unreached`).
        """
        reach, address = self._address(person_id)
        if address is None:
            self._book_unreached(reach.person_id, case_id, priority)
            self.tray[-1]["matters"] = matters or None
            return
        said = len(self.tray)
        self._post_to(reach, address, say, case_id=case_id, priority=priority)
        for row in self.tray[said:]:
            row["expires_at"] = expires
            row["matters"] = matters or None

    def show(self, person_id: int, say: Say, *, case_id: int | None = None, priority: int = NOTICE) -> None:
        """Change a card in place in the person's chat; it is sent anew where there is none."""
        reach, address = self._address(person_id)
        if address is not None:
            self._post_to(reach, address, say, case_id=case_id, priority=priority, in_place=True)

    def _post_to(
        self, reach: people.Reach, address: Address, say: Say, *, case_id: int | None, priority: int,
        in_place: bool = False,
    ) -> None:  # fmt: skip
        """Put a message to a person in the tray; whom more than one channel reaches, with what was said.

        Where the first refuses, the outbox can then plan it for another.
        """
        message, said = say(self.translator_for(reach.language)), len(self.tray)
        self.post(address, message, case_id=case_id, priority=priority, in_place=in_place)
        if sum(channel in self.planners for channel, _chat in reach.addresses) > 1:
            told = elsewhere.Said.of(message, address, in_place=in_place).to_json()
            for row in self.tray[said:]:
                row["said"] = told

    def post(
        self, address: Address, message: Message, *, case_id: int | None = None, priority: int = NOTICE,
        in_place: bool = False,
    ) -> None:  # fmt: skip
        """Put a message in the tray for one chat. At night a notice arrives without a sound."""
        planner = self.planners[address.channel]
        if priority >= NOTICE and self.rules.deadlines.is_quiet(self.context.now):
            message = replace(message, silent=True)
        if planner.numbered:
            message = self._numbered(address, message, priority)
        self.said.append(message.text)
        plan = planner.edit if in_place else planner.send
        self.put(address, plan(address.chat, message), case_id=case_id, priority=priority)

    def put(self, address: Address, calls: Iterable[Call], *, case_id: int | None, priority: int) -> None:
        """Put planned calls in the tray."""
        self.tray.extend(self._row(address, call, case_id, priority) for call in calls)

    def flush(self) -> None:
        """Write the tray to the outbox, in the order in which things were said, and who was given a case."""
        write_assigned(self.context)
        self.leased = sending.write(self.session, self.tray, self.lease)

    def actor_for(self, person_id: int) -> Actor:
        """Return a person with their roles, looked up once."""
        known = self.context.known
        if ("actor", person_id) not in known:
            known["actor", person_id] = actor_of(self.context, person_id)
        found: Actor = known["actor", person_id]
        return found

    def reach(self, person_id: int) -> people.Reach:
        """Return how a person is reached, looked up once."""
        known = self.context.known
        if ("reach", person_id) not in known:
            known["reach", person_id] = people.reach(self.session, [person_id])[person_id]
        found: people.Reach = known["reach", person_id]
        return found

    def now(self, person_id: int) -> int:
        """Return who somebody is now: history keeps the number of who acted, also after two people were joined."""
        merged = self.reach(person_id).merged_into
        return person_id if merged is None else merged

    def all_of(self, person_id: int) -> list[int]:
        """Return under which numbers a person has acted, looked up once."""
        known = self.context.known
        if ("all of", person_id) not in known:
            known["all of", person_id] = people.all_of(self.session, person_id)
        found: list[int] = known["all of", person_id]
        return found

    def expect(self, person_ids: Iterable[int]) -> None:
        """Look up at once how all these people are reached, and what they may do."""
        wanted = set(person_ids)
        reached = people.reach(self.session, wanted)
        self.context.known.update({("reach", person): reached[person] for person in wanted})
        self.context.known.update({("actor", person): actor for person, actor in actors_of(self.context, wanted)})

    def _address(self, person_id: int) -> tuple[people.Reach, Address | None]:
        reach = self.reach(self.now(person_id))
        for channel, chat in reach.addresses:
            if channel in self.planners:
                return reach, Address(channel, chat, reach.person_id)
        return reach, None

    def _numbered(self, address: Address, message: Message, priority: int) -> Message:
        """Give the choices numbers. What nobody waits for takes none that may be meant by an answer on its way."""
        if address.person_id is None:
            return message  # a number said in a group means nothing to us
        t = self.translator_for(self.language_of(address.person_id))
        now, known = self.context.now, self.context.known
        return numbers.offer(
            self.session, address, message, t, now=now, goes_on=self.is_news(address, priority), known=known
        )

    def language_of(self, person_id: int) -> str | None:
        """Return the language that somebody has chosen."""
        return self.reach(person_id).language

    def is_news(self, _address: Address, priority: int) -> bool:
        """Tell whether nobody in this chat waits for it."""
        return priority >= WARNING

    def _row(self, address: Address, call: Call, case_id: int | None, priority: int) -> dict[str, Any]:
        now = self.context.now
        return {
            "channel": address.channel, "chat": address.chat, "person_id": address.person_id, "case_id": case_id,
            "lane": call.lane, "card": call.card, "payload": call.payload, "priority": priority,
            "created_at": now, "not_before": now, "state": "pending", "error": None, "expires_at": None,
            "broadcast_id": None, "attempts": 0, "answers": None, "said": None, "matters": None,
        }  # fmt: skip

    def _book_unreached(self, person_id: int, case_id: int | None, priority: int) -> None:
        address = Address(NO_CHANNEL, "", person_id)
        self.tray.append(
            {**self._row(address, Call({}), case_id, priority), "state": "not_reached", "error": "no channel"}
        )
