"""What became of a warning: how many have it, how many have not and why, what they answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from cases.broadcasts import EVERYBODY
from storage.admin_models import Broadcast, BroadcastAnswer
from storage.message_models import Outgoing

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
    lost = (Outgoing.broadcast_id == number, Outgoing.state.in_(("not_reached", "dropped")), Outgoing.error != STOPPED)
    rows = session.execute(select(Outgoing.error, people).where(*lost).group_by(Outgoing.error).order_by(people.desc()))
    return [(error or "", count) for error, count in rows]
