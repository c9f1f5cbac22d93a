"""The cast of the stories, and a plain channel that writes down what is said: the estate in a nutshell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.config import load
from bot.inbox import Inbox
from bot.rulebook import Rulebook
from bot.scheduler import hand_on, look_at_due, next_moment, serve_round, tell_unreached
from bot.seed import sync
from cases.context import Context, Rules
from cases.settings import Settings
from handlers import digests, numbers
from handlers.inbound import Inbound, IncomingFile, Press
from handlers.message import Call, Message
from storage.engine import Store
from storage.message_models import Outgoing
from storage.models import Case, HistoryEntry, Identity, Person, Rating, Role

CONFIG = Path(__file__).parents[1] / "config.yaml"
PLAIN, OTHER = "plain", "other"
ZONE = ZoneInfo("Asia/Shanghai")
BEGINNING = datetime(2026, 9, 30, 2, tzinfo=UTC)  # ten in the morning there
ROUNDS_AT = (
    timedelta(hours=8, minutes=30), timedelta(hours=9), timedelta(hours=10),
)  # fmt: skip  # the morning digest, the week's report, the weekly digest


def day_of(moment: datetime, ahead: int) -> datetime:
    """Return the local midnight before `moment`, or so many days later."""
    return moment.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=ahead)


class PlainPlanner:
    """Keeps a message as it is, one call each."""

    per_second = 30.0

    def __init__(self, *, numbered: bool = False) -> None:
        self.numbered = numbered

    def send(self, chat: str, message: Message) -> list[Call]:
        """Plan a new message."""
        return [Call(_payload(message), message.card)]

    def edit(self, chat: str, message: Message) -> list[Call]:
        """Plan a change in place."""
        return [Call({**_payload(message), "edit": True}, message.card)]

    def toast(self, query: str | None, text: str, *, alert: bool = False) -> list[Call]:
        """Plan the answer to a press."""
        return [Call({"toast": text}, lane=1)]


def _payload(message: Message) -> dict[str, Any]:
    buttons = {choice.label: choice.data for row in message.choices for choice in row}
    shown = {"photos": list(message.photos), "files": list(message.files)}
    more = {"reply_to": message.reply_to, "force_reply": message.force_reply, "instead": message.instead}
    labels = list(buttons)  # in their order, which an object in PostgreSQL does not keep
    text = numbers.text_of(message) if message.numbers else message.text
    return {"title": message.title, "text": text, "buttons": buttons, "labels": labels, **shown, **more}


@dataclass
class Estate:
    """丰美小区 with everybody on the plain channel. Each does something; `reads` is the next thing they are told."""

    store: Store
    rules: Rules
    inbox: Inbox
    clock: Clock
    book: Rulebook
    planners: Mapping[str, PlainPlanner]
    read_up_to: dict[str, int] = field(default_factory=dict)
    updates: int = 0

    def rules_for(self, session: Session) -> Rules:
        """Return the rules that hold in a transaction: those a test put in, until places are changed."""
        known = self.book.latest
        if self.book.at(session) is not known:
            self.rules = self.book.latest
        return self.rules

    async def says(self, who: str, text: str = "", **more: Any) -> Inbound:
        """Have somebody say something; "李阿姨@other" is her chat on the channel `other`."""
        self.updates += 1
        chat = more.pop("chat", who)
        name, _, channel = who.partition("@")
        inbound = Inbound(channel or PLAIN, str(self.updates), chat, who, name, self.clock.now(), text, **more)
        await self.inbox.accept(inbound)
        return inbound

    async def sends_photo(self, who: str, caption: str = "", album: str | None = None, size: int = 1000) -> None:
        """Have somebody send a photo."""
        photo = IncomingFile("photo", remote=f"file-{self.updates}", size=size)
        await self.says(who, caption, files=(photo,), album=album)

    async def presses(self, who: str, label: str) -> None:
        """Have somebody press the newest button of that label in their chat."""
        for row in reversed(await self.told(who)):
            if label in row.get("buttons", {}):
                await self.presses_data(who, row["buttons"][label])
                return
        raise AssertionError(f"{who} sees no button {label!r}; told: {await self.told(who)}")

    async def presses_data(self, who: str, data: str, **more: Any) -> None:
        """Press a button of any data, invented ones too."""
        await self.says(who, press=Press(data, query="q"), **more)

    async def presses_if_asked(self, who: str, label: str) -> None:
        """Press the button if the newest message has it."""
        if label in await self.labels(who):
            await self.presses(who, label)

    async def cap(self, who: str, cap: int) -> None:
        """Let somebody have so many open cases at the most."""
        theirs = select(Person.id).where(Person.key == who).scalar_subquery()
        await self.store.write(lambda session: session.execute(
            update(Role).where(Role.person_id == theirs).values(cap=cap)))  # fmt: skip

    async def waits(self, **time: float) -> None:
        """Let time pass with nobody running, then the clock look at everything that is due by then."""
        self.clock.move(timedelta(**time))
        await self._tick()

    async def lives_until(self, local: str) -> None:
        """Let the desk run until a local time such as "2026-10-08 08:30", the clock looking whenever it has to."""
        end = datetime.fromisoformat(local).replace(tzinfo=ZONE)
        while (now := self.clock.now()) < end:
            upcoming = await self.store.read(next_moment)
            rounds = (day_of(now, days) + at for days in (0, 1) for at in ROUNDS_AT)
            moments = [end, *(moment for moment in rounds if moment > now), *([upcoming] if upcoming else [])]
            self.clock.move(max(min(moments) - now, timedelta(seconds=1)))
            await self._tick()

    async def _tick(self) -> None:
        while await self.store.write(
            lambda session: look_at_due(session, self.clock.now(), self.rules_for(session), self.planners)
        ):
            pass
        while await self.store.write(
            lambda session: hand_on(session, self.clock.now(), self.rules_for(session), self.planners)
        ):
            pass
        await self.store.write(
            lambda session: tell_unreached(session, self.clock.now(), self.rules_for(session), self.planners)
        )
        for job in await self.store.read(lambda session: digests.due(self._context(session))):
            while await self.store.write(partial(self._serve, job)) is False:
                pass

    def _serve(self, job: tuple[str, str], session: Session) -> bool | None:
        return serve_round(session, self.clock.now(), self.rules_for(session), self.planners, job)

    def _context(self, session: Session) -> Context:
        return Context(session, self.clock.now(), self.rules_for(session))

    async def told(self, who: str) -> list[dict[str, Any]]:
        """Return everything that went out to somebody, oldest first."""
        statement = select(Outgoing.payload).where(Outgoing.chat == who).order_by(Outgoing.id)
        return list(await self.store.read(lambda session: session.scalars(statement).all()))

    async def reads(self, who: str) -> str:
        """Return the texts somebody was told since they last looked."""
        rows = await self.told(who)
        new = rows[self.read_up_to.get(who, 0) :]
        self.read_up_to[who] = len(rows)
        return "\n".join(f"{row.get('title', '')}\n{row.get('text', '')}{row.get('toast', '')}" for row in new)

    async def case(self) -> Case:
        """Return the newest case."""
        return (await self.cases())[-1]

    async def cases(self) -> list[Case]:
        """Return all cases, oldest first."""
        return list(await self.store.read(lambda session: session.scalars(select(Case).order_by(Case.id)).all()))

    async def ratings(self) -> list[Rating]:
        """Return all ratings, oldest first."""
        return list(await self.store.read(lambda session: session.scalars(select(Rating).order_by(Rating.id)).all()))

    async def labels(self, who: str) -> list[str]:
        """Return the buttons of the newest message somebody was told, in their order."""
        return list([row for row in await self.told(who) if "buttons" in row][-1]["labels"])

    async def buttons(self, who: str) -> dict[str, str]:
        """Return label and data of the buttons of the newest message somebody was told."""
        return dict([row for row in await self.told(who) if "buttons" in row][-1]["buttons"])

    async def steward(self) -> str:
        """Return the chat of the steward who has the first case."""
        return await self._key_of(select(Person.key).join(Case, Case.steward_id == Person.id).order_by(Case.id))

    async def steward_now(self) -> str:
        """Return the chat of the steward who has the newest case."""
        return await self._key_of(select(Person.key).join(Case, Case.steward_id == Person.id).order_by(Case.id.desc()))

    async def _key_of(self, statement: Select[str | None]) -> str:
        key = await self.store.read(lambda session: session.scalar(statement.limit(1)))
        assert key, "nobody has a case"
        return key

    async def expiries(self) -> list[datetime | None]:
        """Return until when each row of the outbox is true, oldest first."""
        statement = select(Outgoing.expires_at).order_by(Outgoing.id)
        return list(await self.store.read(lambda session: session.scalars(statement).all()))

    async def history(self) -> list[str]:
        """Return the actions of the history in order."""
        statement = select(HistoryEntry.action).order_by(HistoryEntry.id)
        return list(await self.store.read(lambda session: session.scalars(statement).all()))


PLANNERS: Mapping[str, PlainPlanner] = {PLAIN: PlainPlanner(), OTHER: PlainPlanner()}


@cache
def example() -> Settings:
    """Return the settings of the example, read once: they never change."""
    return load(CONFIG, {})


async def open_estate(store: Store, planners: Mapping[str, PlainPlanner] = PLANNERS) -> Estate:
    """Open the example community at Wednesday 30 September 2026, 10:00 in the morning."""
    clock = Clock(BEGINNING - datetime.now(UTC))
    await store.write(settle)
    settings = example()
    book = Rulebook(settings)
    rules = await store.read(book.at)
    estate = Estate(store, rules, Inbox(store, book.at, planners, clock), clock, book, planners)
    estate.inbox = Inbox(store, estate.rules_for, planners, clock)
    return estate


def settle(session: Session) -> None:
    """Let everybody of `config.yaml` move in, unless they live here already."""
    if session.scalar(select(Person.id).limit(1)) is None:
        sync(session, example(), BEGINNING)
        _connect_everybody(session)


def _connect_everybody(session: Session) -> None:
    """Give everybody of `config.yaml` a chat named after their key, in which they have written before."""
    session.execute(update(Person).values(told_at=Person.created_at, consent_at=Person.created_at))
    for person in session.scalars(select(Person).where(Person.key.is_not(None))):
        session.execute(insert(Identity).values(person_id=person.id, channel=PLAIN, user=person.key, chat=person.key))
