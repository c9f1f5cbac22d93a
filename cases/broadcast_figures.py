"""What became of a warning: how many have it, how many have not and why, what they answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from cases.broadcasts import EVERYBODY
from storage.admin_models import Broadcast, BroadcastAnswer
from storage.message_models import Outgoing
from storage.models import Person, Place

STOPPED = "stopped"  # the reason of copies that were not sent because somebody stopped it
SENT, NOT_REACHED, DROPPED, WAITING = range(4)  # of the calls that a person's copy takes, the worst counts


@dataclass(frozen=True, slots=True)
class Figures:
    """People, not calls. `written`: every copy is in the outbox; `waiting`: copies that are still to be sent."""

    total: int
    reached: int
    not_reached: int
    dropped: int
    waiting: int
    written: bool
    safe: int
    help: int

    @property
    def to_go(self) -> int:
        """Return how many are still to get it."""
        return self.waiting + (0 if self.written else max(0, self.total - self.planned))

    @property
    def planned(self) -> int:
        """Return how many copies were written."""
        return self.reached + self.not_reached + self.dropped + self.waiting

    @property
    def silent(self) -> int:
        """Return how many have it and have not answered."""
        return max(0, self.reached - self.safe - self.help)


def figures(session: Session, number: int) -> Figures:
    """Count. It reads one index from end to end: for a reader, not in the transaction of anything else."""
    found = select(Broadcast.total, Broadcast.up_to).where(Broadcast.id == number)
    total, up_to = session.execute(found).one()
    people: dict[int, int] = {row[0]: row[1] for row in session.execute(counted(number))}
    said = session.execute(
        select(BroadcastAnswer.answer, func.count())
        .where(BroadcastAnswer.broadcast_id == number)
        .group_by(BroadcastAnswer.answer)
    )
    answers: dict[str, int] = {row[0]: row[1] for row in said}
    return Figures(
        total, people.get(SENT, 0), people.get(NOT_REACHED, 0), people.get(DROPPED, 0), people.get(WAITING, 0),
        up_to >= EVERYBODY, answers.get("safe", 0), answers.get("help", 0),
    )  # fmt: skip


def counted(number: int) -> Select[int, int]:
    """Return the query for how many people there are of each rank; it reads nothing but its index."""
    ranks = {"pending": WAITING, "dropped": DROPPED, "not_reached": NOT_REACHED}
    worst = func.max(case(ranks, value=Outgoing.state, else_=SENT)).label("worst")
    copies = select(worst).where(Outgoing.broadcast_id == number).group_by(Outgoing.person_id).subquery()
    return select(copies.c.worst, func.count()).group_by(copies.c.worst)


def reasons(session: Session, number: int) -> Sequence[tuple[str, int]]:
    """Return why people were not reached, in the platforms' words, and how many for each reason, the most first."""
    people = func.count(Outgoing.person_id.distinct())
    lost = select(Outgoing.error, people).where(*_lost(number)).group_by(Outgoing.error).order_by(people.desc())
    return [(error or "", count) for error, count in session.execute(lost)]


def _lost(number: int) -> tuple[ColumnElement[bool], ...]:
    """Return the condition for copies that did not arrive, but for those that a stop held back."""
    lost = Outgoing.state.in_(("not_reached", "dropped"))
    return Outgoing.broadcast_id == number, lost, func.coalesce(Outgoing.error, "") != STOPPED


@dataclass(frozen=True, slots=True)
class Missed:
    """Somebody whom a warning did not reach, where they live, and why in the platform's words."""

    person_id: int
    name: str
    phone: str | None
    home_id: int | None
    home_detail: str
    reason: str


@dataclass(frozen=True, slots=True)
class MissedPage:
    """Some of whom a warning did not reach; `page` counts from 0 and lies within `pages`, `total` are all of them."""

    people: list[Missed]
    page: int
    pages: int
    total: int


def missed(session: Session, number: int, page: int, size: int) -> MissedPage:
    """Return a page of whom a warning did not reach, door by door."""
    who = func.coalesce(Person.merged_into, Person.id)
    copies = (
        select(who.label("person"), func.max(Outgoing.error).label("error"))
        .join(Person, Person.id == Outgoing.person_id).where(*_lost(number)).group_by(who).subquery()
    )  # fmt: skip
    total = session.scalar(select(func.count()).select_from(copies)) or 0
    pages = max(1, -(-total // size))
    page = min(page, pages - 1)
    people = (
        select(Person.id, Person.name, Person.phone, Person.home_id, Person.home_detail, copies.c.error)
        .join(copies, copies.c.person == Person.id).outerjoin(Place, Place.id == Person.home_id)
        .order_by(Place.path.is_(None), Place.path, Person.home_detail, Person.id).offset(page * size).limit(size)
    )  # fmt: skip
    found = [
        Missed(row.id, row.name, row.phone, row.home_id, row.home_detail, row.error or "")
        for row in session.execute(people)
    ]
    return MissedPage(found, page, pages, total)
