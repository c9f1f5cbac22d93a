"""What stories of warnings need: neighbours in numbers, and the engines that send."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bot.broadcaster import Broadcaster
from bot.outbox import Outbox
from storage.admin_models import Broadcast
from storage.models import Identity, Person, Place
from tests.bot.test_outbox import Post
from tests.cast import PLAIN, PLANNERS, Estate

HUANG, ZHENG = "huang", "zheng"  # admins of the community, of the street


@dataclass
class Sending:
    """The estate with its outbox and whoever sends warnings."""

    estate: Estate
    post: Post = field(default_factory=lambda: Post(name=PLAIN))
    broadcaster: Broadcaster = field(init=False)
    outbox: Outbox = field(init=False)

    def __post_init__(self) -> None:
        estate = self.estate
        self.broadcaster = Broadcaster(estate.store, estate.rules_for, PLANNERS, estate.clock)
        rest = estate.rules.deadlines.not_in_the_night
        self.outbox = Outbox(estate.store, {PLAIN: self.post}, estate.clock, rest=rest)

    async def goes_round(self) -> None:
        """Let a second pass in which copies are written but nothing is sent."""
        self.estate.clock.move(timedelta(seconds=1))
        await self.broadcaster.go_round()

    async def drains(self) -> None:
        """Send what is due."""
        while await self.outbox.send_due():
            pass

    async def ends(self) -> None:
        """Go on until no warning is under way, and everything is sent."""
        while await self.state() in ("sending", "stopping"):
            await self.goes_round()
            await self.drains()

    async def state(self) -> str:
        """Return how far the newest warning is."""
        newest = select(Broadcast.state).order_by(Broadcast.id.desc()).limit(1)
        return str(await self.estate.store.read(lambda session: session.scalar(newest)))

    async def is_made(self, place: str = "5号楼", words: str = "台风今晚到，请到社区礼堂。") -> None:
        """Have 黄书记 make a warning and press 发送."""
        await self.estate.says(HUANG, f"/broadcast {place}")
        await self.estate.says(HUANG, words)
        await self.estate.presses(HUANG, "发送")

    async def copies(self, words: str = "台风今晚到") -> list[str]:
        """Return the chats that a copy of the warning was delivered to, in order."""
        own = (HUANG, ZHENG)  # they saw it as a preview
        return [each.chat for each in self.post.sent if words in each.payload.get("text", "") and each.chat not in own]


async def settle(estate: Estate, place: str, names: list[str], *, language: str | None = None) -> None:
    """Have neighbours live somewhere; each has a chat of their name."""

    def write(session: Session) -> None:
        home = session.scalar(select(Place.id).where(Place.key == place))
        rows = [
            {"name": name, "home_id": home, "language": language, "created_at": estate.clock.now()} for name in names
        ]
        ids = session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows).all()
        chats = [
            {"person_id": person, "channel": PLAIN, "user": name, "chat": name, "last_seen_at": estate.clock.now()}
            for person, name in zip(ids, names, strict=True)
        ]
        session.execute(insert(Identity), chats)

    await estate.store.write(write)


async def shuts_the_door(estate: Estate, name: str, why: str = "bot was blocked by the user") -> None:
    """Have the platform refuse somebody."""
    here = (Identity.channel == PLAIN, Identity.chat == name)
    await estate.store.write(lambda session: session.execute(update(Identity).where(*here).values(unreachable=why)))


async def leaves_the_chat(estate: Estate, name: str) -> None:
    """Have somebody known to us have no account at all."""
    nobody = select(Person.id).where(Person.key == "zheng").scalar_subquery()
    here = (Identity.channel == PLAIN, Identity.chat == name)
    await estate.store.write(lambda session: session.execute(update(Identity).where(*here).values(person_id=nobody)))


async def goes_away(estate: Estate, key: str, until: datetime) -> None:
    """Have a steward be away."""
    them = Person.key == key
    await estate.store.write(lambda session: session.execute(update(Person).where(them).values(away_until=until)))


async def drafts(estate: Estate) -> list[str]:
    """Return the states of all warnings."""
    return list(await estate.store.read(lambda s: s.scalars(select(Broadcast.state).order_by(Broadcast.id)).all()))
