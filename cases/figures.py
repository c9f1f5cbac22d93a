"""The figures of a place and a period, and what each of them means. `docs/figures.md` says the same to its readers.

Counted are the cases *reported* in the period at the place and below, as they stand at the moment of counting. What was
rejected, withdrawn or joined with another is counted beside and is in no rate. The last word of history decides:
whatever was opened again is not done.

response rate 响应率
    of the cases that somebody took, or whose promised time to be taken is over: those that somebody accepted or claimed
    within the time that was promised first (`respond_by`). What is not promised or not over yet is left out.
completion rate 办结率
    of all counted cases: those that stand as done, by what whoever handled them declares (`resolved`, `closed`).
on-time rate 按期办结率
    of the cases that stand as done or have ever missed a deadline: those that stand as done and were never declared
    done after their deadline. A case under way has missed it where it is over, a waiting one where it was over
    before the waiting began; while a deadline is still to come, or none runs, the case is left out.
confirmation rate 居民确认解决率
    of the cases about which the reporter has ever answered "solved" or "not solved": those that stand as done, where
    the answer since the last reopening is "solved". Unrated: done, and the reporter never answered.
satisfaction rate 满意率
    of the cases to which the reporter has ever given a mark or said "not solved": those that stand as done with four
    or five stars given since the last reopening. Unrated: done, and neither was given.

Followers may answer as well, but a case has one voice: its reporter's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from operator import add, attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, exists, false, func, literal, or_, select
from sqlalchemy.orm import aliased

from cases import search
from cases.context import Context
from cases.search import RUNNING, Filter
from cases.states import ENDED, State
from storage.models import Case, Rating

FEW = 10  # a rate over fewer cases is no rate
SATISFIED = 4  # stars from which on somebody is satisfied
DONE = (State.RESOLVED, State.CLOSED)

Condition = ColumnElement[bool]
Key = SQLColumnExpression[Any]


@dataclass(frozen=True, slots=True)
class Rate:
    """So many `part` of so many `whole`; `beside` says how many more are not in it: not due yet, or unrated."""

    part: int
    whole: int
    beside: int

    @property
    def is_few(self) -> bool:
        """Whether there are too few cases for a percentage."""
        return self.whole < FEW

    @property
    def tenths(self) -> int | None:
        """The rate in tenths of a percent, never rounded up: 100 % is all. None where there are too few cases."""
        return None if self.is_few else 1000 * self.part // self.whole


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases there are of each sort. `counted` is all but the three that stand before it."""

    reported: int = 0
    rejected: int = 0
    withdrawn: int = 0
    merged: int = 0
    wishes: int = 0  # of those that are counted
    private: int = 0  # of all that are reported
    owed: int = 0  # taken, or to be taken by now
    responded: int = 0
    done: int = 0
    due: int = 0  # done, or to be done by now
    in_time: int = 0
    answered: int = 0
    confirmed: int = 0
    unanswered: int = 0
    marked: int = 0
    satisfied: int = 0
    unmarked: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*map(add, _numbers(self), _numbers(other)))

    @property
    def counted(self) -> int:
        """How many cases the rates are about."""
        return self.reported - self.rejected - self.withdrawn - self.merged

    @property
    def late(self) -> int:
        """How many have ever missed the deadline to be done by."""
        return self.due - self.in_time

    @property
    def response(self) -> Rate:
        """响应率; beside: not to be taken yet."""
        return Rate(self.responded, self.owed, self.counted - self.owed)

    @property
    def completion(self) -> Rate:
        """办结率; beside: under way."""
        return Rate(self.done, self.counted, 0)

    @property
    def on_time(self) -> Rate:
        """按期办结率; beside: not to be done yet."""
        return Rate(self.in_time, self.due, self.counted - self.due)

    @property
    def confirmation(self) -> Rate:
        """居民确认解决率; beside: unrated."""
        return Rate(self.confirmed, self.answered, self.unanswered)

    @property
    def satisfaction(self) -> Rate:
        """满意率; beside: unrated."""
        return Rate(self.satisfied, self.marked, self.unmarked)


_numbers = attrgetter(*(field.name for field in fields(Tally)))

Present = aliased(Rating, name="present")
"""The reporter's answer since the last reopening."""


def count(context: Context, asked: Filter, roots: tuple[int, ...]) -> Tally:
    """Return the figures of the places `roots`, each with what lies in it, for the period of the filter."""
    return sum(by(context, asked, roots, literal(0)).values(), Tally())


def by(context: Context, asked: Filter, roots: tuple[int, ...], key: Key) -> dict[Any, Tally]:
    """Return the figures apart by a key."""
    return {key: tally for (key, _), tally in by_both(context, asked, roots, key, literal(0)).items()}


def by_both(
    context: Context, asked: Filter, roots: tuple[int, ...], key: Key, second: Key
) -> dict[tuple[Any, Any], Tally]:  # fmt: skip
    """Return the figures apart by two keys."""
    found = context.session.execute(tallies(context, asked, roots, key, second))
    return {(row[0], row[1]): Tally(*row[2:]) for row in found}


def tallies(
    context: Context, asked: Filter, roots: tuple[int, ...], key: Key, second: Key
) -> Select[*tuple[Any, ...]]:  # fmt: skip
    """Return the query for the figures apart by two keys: one pass over the cases of the period, or of the places."""
    sorts = (func.count(case((condition, 1))) for condition in _sorts(context).values())
    keys: tuple[Key, Key] = (key.label("first_key"), second.label("second_key"))
    counted: Select[*tuple[Any, ...]] = (
        select(*keys, func.count(), *sorts).select_from(Case).outerjoin(Present, _is_present())
    )
    return counted.where(*within(context, asked, roots)).group_by("first_key", "second_key")


def within(context: Context, asked: Filter, roots: tuple[int, ...]) -> list[Condition]:
    """Return which cases are meant. Of all places the time leads, of some the index on place and time."""
    start, end = search.moments(context, asked)
    when = [*([Case.created_at >= start] if start else []), *([Case.created_at < end] if end else [])]
    if search.is_everywhere(context.rules.tree, roots):
        return when
    return [Case.place_id.in_(search.lies_in(context.rules.tree, roots)), *when]


def _sorts(context: Context) -> Mapping[str, Condition]:
    """Return the condition of each sort of a tally but the first, in their order."""
    stands, done = Case.state.not_in(sorted(ENDED)), Case.state.in_(DONE)
    missed, answered, marked = _missed(context), _has_said(), _has_said(or_(Rating.stars.is_not(None), _no()))
    owed = or_(Case.responded_at.is_not(None), Case.respond_by < context.now)
    return {
        "rejected": Case.state == State.REJECTED,
        "withdrawn": Case.state == State.WITHDRAWN,
        "merged": Case.state == State.MERGED,
        "wishes": and_(stands, Case.kind == "wish"),
        "private": is_private(context),
        "owed": and_(stands, Case.respond_by.is_not(None), owed),
        "responded": and_(stands, Case.responded_at <= Case.respond_by),
        "done": done,
        "due": and_(stands, or_(done, missed)),
        "in_time": and_(done, Case.late.is_(False)),
        "answered": and_(stands, answered),
        "confirmed": and_(done, Present.solved.is_(True)),
        "unanswered": and_(done, ~answered),
        "marked": and_(stands, marked),
        "satisfied": and_(done, Present.stars >= SATISFIED),
        "unmarked": and_(done, ~marked),
    }


def _missed(context: Context) -> Condition:
    """Return the condition that the deadline to be done by was missed, as it is for good or as it is now."""
    return or_(
        Case.late.is_(True),
        and_(Case.state.in_(RUNNING), Case.resolve_by < context.now),
        and_(Case.state == State.WAITING, Case.resolve_by < Case.waiting_since),
    )


def _is_present() -> Condition:
    return and_(
        Present.case_id == Case.id, Present.person_id == Case.reporter_id, Present.round == Case.reopened,
        Present.answered_at.is_not(None),
    )  # fmt: skip


def _no() -> Condition:
    return Rating.solved.is_(False)


def _has_said(what: Condition | None = None) -> Condition:
    """Return the condition that the reporter has ever answered, or answered so. Most have no round but the present."""
    return or_(
        Present.id.is_not(None) if what is None else or_(Present.stars.is_not(None), Present.solved.is_(False)),
        and_(
            Case.reopened > 0,
            exists().where(  # a case has few answers, a person may have many: the sum keeps off the person's index
                Rating.case_id == Case.id, Rating.person_id + 0 == Case.reporter_id, Rating.answered_at.is_not(None),
                *([] if what is None else [what]),
            ),
        ),
    )  # fmt: skip


def is_private(context: Context) -> Condition:
    """Return the condition that the case is of a private kind, those that the settings no longer know apart."""
    private: Iterable[str] = [category.key for category in context.rules.settings.categories if category.private]
    return Case.category.in_(private) if private else false()
