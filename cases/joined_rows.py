"""What goes with somebody who is joined to another person, table by table, and back when they part.

`DECIDED` says of every reference to a person what becomes of it; a test holds it complete. What moved is noted by
number, so that the same rows, and no others, can go back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Row, delete, select, tuple_, update
from sqlalchemy.orm import DeclarativeBase, Session

from cases.broadcasts import UNDER_WAY
from storage.admin_models import Broadcast, BroadcastAnswer, Departure, KeptSearch, PlannedLeave
from storage.message_models import Commission, Dialogue, Outgoing
from storage.models import Case, Claim, CoHandler, Follower, Person, Rating, Role
from storage.types import UtcDateTime
from storage.upsert import insert_or_ignore, table_of

Reference = tuple[type[DeclarativeBase], str]
Moved = dict[str, Any]
"""By "table.column" the numbers of rows that went; under `DROPPED` rows that one person cannot have twice."""

DROPPED = "dropped"
AT_ONCE = 500  # numbers in one statement

BY_NUMBER: tuple[Reference, ...] = (
    (Case, "reporter_id"), (Case, "steward_id"), (Case, "answerable_id"), (Rating, "steward_id"),
    (Rating, "caller_id"),
)  # fmt: skip
"""References that simply change, by the number of their row."""

ONE_EACH: Mapping[type[DeclarativeBase], tuple[str, ...]] = {
    Claim: ("case_id",), CoHandler: ("case_id",), Follower: ("case_id",), Role: ("place_id", "role"),
    BroadcastAnswer: ("broadcast_id",), Rating: ("case_id", "round"),
}  # fmt: skip
"""Rows of which a person has one for each key; the second is dropped.

A rating stays with who gave it; of cases that one of the two has reported, the reporter's goes with the case.
"""

KEPT = "stays as it is: who it was then; readers follow `person.merged_into`"
DECIDED: Mapping[str, str] = {
    **{f"{table_of(model).name}.{column}": "goes along" for model, column in BY_NUMBER},
    **{f"{table_of(model).name}.person_id": "goes along, once" for model in ONE_EACH},
    **dict.fromkeys(("dialogue.person_id", "kept_search.person_id"), "goes along, for good"),
    "commission.person_id": "goes along while it waits, for good",
    "broadcast.made_by": "goes along while it is under way, for good",
    "broadcast.second_by": "goes along while it is under way, for good",
    "outgoing.person_id": "goes along where it is a copy of a warning under way, for good; else the outbox follows",
    "person.cover_id": "whoever is covered by them is covered by the same human",
    "person.merged_into": "all point to who they are now: there are no chains",
    "identity.person_id": "goes along",
    "identity.own_person_id": "is what they part by",
    "joining.person_id": "follows",
    **dict.fromkeys(
        ("history.actor_id", "audit.actor_id", "audit.person_id", "attachment.person_id", "co_handler.added_by",
         "invitation.made_by", "invitation.used_by", "removed_role.person_id", "removed_role.removed_by",
         "role.given_by", "group_chat.bound_by", "joining.joined_id", "departure.taken_by", "erasure.person_id",
         "planned_leave.cover_id", "planned_leave.noted_by"),
        KEPT,
    ),
    "departure.person_id": "goes along while it is under way, for good",
    "planned_leave.person_id": "goes along, for good",
}  # fmt: skip


def move(session: Session, old: int, new: int) -> Moved:
    """Give what `old` has to `new`; return what went, as plain JSON."""
    dropped = _end_following_own(session, old, new)
    moved: Moved = {_name(each): _change(session, each, old, new) for each in BY_NUMBER}
    exchange_answers(session, moved[_name((Case, "reporter_id"))], old, new)
    for model, key in ONE_EACH.items():
        moved[f"{table_of(model).name}.person_id"] = _move_once(session, model, key, old, new, dropped)
    _move_for_good(session, old, new)
    return {**moved, DROPPED: dropped}


def move_back(session: Session, moved: Moved, stays: Sequence[Moved], old: int, new: int) -> None:
    """Give `new` what went to `old` with them and is still there, but for what came with others who stay."""
    for model, column in BY_NUMBER:
        table, name = table_of(model), _name((model, column))
        ids = _only(moved.get(name, ()), (other.get(name, ()) for other in stays))
        for some in _batched(ids):
            here = (table.c.id.in_(some), table.c[column] == old)
            session.execute(update(table).where(*here).values({column: new}))
    for model, key in ONE_EACH.items():
        _move_once_back(session, model, key, moved, stays, old, new)
    for row in moved.get(DROPPED, ()):
        _restore(session, row)


def take_chat(session: Session, channel: str, chat: str, old: int, new: int) -> None:
    """Give `new` what was filed and begun in a chat of theirs."""
    filed = (Case.reporter_id == old, Case.reporter_channel == channel, Case.reporter_chat == chat)
    session.execute(update(Case).where(*filed).values(reporter_id=new))
    begun = (Dialogue.person_id == old, Dialogue.channel == channel, Dialogue.chat == chat)
    session.execute(update(Dialogue).where(*begun).values(person_id=new))


def drop(session: Session, row: Claim | CoHandler | Follower | Role | BroadcastAnswer, moved: Moved) -> None:
    """Take a row away that one person cannot have, and note it, so that it is there again when they part."""
    model = type(row)
    moved[DROPPED].append(_as_json(model, {c.name: getattr(row, c.name) for c in table_of(model).columns}))
    session.delete(row)
    session.flush()


def _name(reference: Reference) -> str:
    return f"{table_of(reference[0]).name}.{reference[1]}"


def _batched(ids: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(ids)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _change(session: Session, reference: Reference, old: int, new: int) -> list[int]:
    """Change a reference wherever it is; rows are locked in the order of their numbers."""
    table, column = table_of(reference[0]), reference[1]
    theirs = select(table.c.id).where(table.c[column] == old).order_by(table.c.id).with_for_update()
    ids = list(session.scalars(theirs))
    for some in _batched(ids):
        session.execute(update(table).where(table.c.id.in_(some)).values({column: new}))
    return ids


def _keys(session: Session, model: type[DeclarativeBase], key: tuple[str, ...], person: int) -> list[Row[Any]]:
    table = table_of(model)
    return list(session.execute(select(*(table.c[name] for name in key)).where(table.c.person_id == person)))


def _move_once(
    session: Session, model: type[DeclarativeBase], key: tuple[str, ...], old: int, new: int, dropped: list[Any]
) -> list[list[Any]]:  # fmt: skip
    table, there = table_of(model), {tuple(row) for row in _keys(session, model, key, new)}
    theirs = [tuple(row) for row in _keys(session, model, key, old)]
    twice = [row for row in theirs if row in there]
    columns = tuple_(*(table.c[name] for name in key))
    for some in _batched(twice if model is not Rating else ()):
        gone = delete(table).where(table.c.person_id == old, columns.in_(some)).returning(*table.columns)
        dropped += [_as_json(model, row) for row in session.execute(gone).mappings()]
    own = _reported(session, new) if model is Rating else set()
    moving = [row for row in theirs if row not in there and row[0] not in own]
    for some in _batched(moving):
        session.execute(update(table).where(table.c.person_id == old, columns.in_(some)).values(person_id=new))
    return [list(row) for row in moving]


def exchange_answers(session: Session, case_ids: Iterable[int], one: int, other: int) -> None:
    """Of cases whose reporter has become `other`: the answer of `one`, who was it, is now theirs, and the other way.

    What the figures count is the reporter's answer; what the same human said as a follower stays beside it.
    """
    for some in _batched(case_ids):
        both = Rating.case_id.in_(some), Rating.person_id.in_((one, other))
        rows = list(session.scalars(select(Rating).where(*both).order_by(Rating.id).with_for_update()))
        mine, theirs = ([row for row in rows if row.person_id == who] for who in (one, other))
        for row in mine:  # out of the way: nobody has two for a round
            row.round = -1 - row.round
        session.flush()
        for row in theirs:
            row.person_id = one
        session.flush()
        for row in mine:
            row.person_id = other
        session.flush()
        for row in mine:
            row.round = -1 - row.round
        session.flush()


def _reported(session: Session, person: int) -> set[int]:
    """Return the cases of a person that anybody has been asked about."""
    asked = select(Rating.case_id).join(Case, Case.id == Rating.case_id).where(Case.reporter_id == person)
    return set(session.scalars(asked))


def _move_once_back(
    session: Session, model: type[DeclarativeBase], key: tuple[str, ...], moved: Moved, stays: Sequence[Moved],
    old: int, new: int,
) -> None:  # fmt: skip
    table, name = table_of(model), f"{table_of(model).name}.person_id"
    wanted = _only(map(tuple, moved.get(name, ())), (map(tuple, other.get(name, ())) for other in stays))
    there = {tuple(row) for row in _keys(session, model, key, new)}
    columns = tuple_(*(table.c[each] for each in key))
    for some in _batched(row for row in wanted if row not in there):
        session.execute(update(table).where(table.c.person_id == old, columns.in_(some)).values(person_id=new))


def _only(ids: Iterable[Any], others: Iterable[Iterable[Any]]) -> Iterator[Any]:
    staying = {each for some in others for each in some}
    return (each for each in ids if each not in staying)


def _end_following_own(session: Session, old: int, new: int) -> list[Any]:
    """Nobody follows their own case: of the two, who follows what the other has reported does so no more."""
    dropped = []
    for follower, reporter in ((old, new), (new, old)):
        own = select(Case.id).where(Case.reporter_id == reporter)
        gone = delete(Follower).where(Follower.person_id == follower, Follower.case_id.in_(own))
        table = table_of(Follower)
        rows = session.execute(gone.returning(*table.columns)).mappings()
        dropped += [_as_json(Follower, row) for row in rows]
    return dropped


def _move_for_good(session: Session, old: int, new: int) -> None:
    """Move what is under way now, and means nothing once they have parted."""
    here = select(Dialogue.channel, Dialogue.chat).where(Dialogue.person_id == new)
    taken = [tuple(row) for row in session.execute(here)]
    free = tuple_(Dialogue.channel, Dialogue.chat).not_in(taken)
    session.execute(update(Dialogue).where(Dialogue.person_id == old, free).values(person_id=new))
    session.execute(delete(Dialogue).where(Dialogue.person_id == old))
    session.execute(update(KeptSearch).where(KeptSearch.person_id == old).values(person_id=new))
    waits = (Commission.state == "waiting", Commission.person_id == old)
    session.execute(update(Commission).where(*waits).values(person_id=new))
    live = list(session.scalars(select(Broadcast.id).where(Broadcast.state.in_(UNDER_WAY)).order_by(Broadcast.id)))
    for column in (Broadcast.made_by, Broadcast.second_by):
        session.execute(update(Broadcast).where(Broadcast.id.in_(live), column == old).values({column.key: new}))
    copies = (Outgoing.broadcast_id.in_(live), Outgoing.person_id == old)
    session.execute(update(Outgoing).where(*copies).values(person_id=new))
    session.execute(update(Person).where(Person.cover_id == old).values(cover_id=new))
    session.execute(update(PlannedLeave).where(PlannedLeave.person_id == old).values(person_id=new))
    leaves = (Departure.person_id == old, Departure.done_at.is_(None))
    session.execute(update(Departure).where(*leaves).values(person_id=new, up_to=0))


def _as_json(model: type[DeclarativeBase], row: Any) -> dict[str, Any]:
    """Return a row (a mapping of its columns) as plain data."""
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
    return {"table": table_of(model).name, "row": plain}


def _restore(session: Session, dropped: Mapping[str, Any]) -> None:
    """Put a row back that was dropped; not where there is one again, nor a follower's own case."""
    model = next(each for each in ONE_EACH if table_of(each).name == dropped["table"])
    columns = table_of(model).columns
    row = dict(dropped["row"])
    moments = [name for name in row if row[name] is not None and isinstance(columns[name].type, UtcDateTime)]
    row.update({name: datetime.fromisoformat(row[name]) for name in moments})
    if model is Follower:
        case = session.get(Case, row["case_id"], populate_existing=True)
        if case is None or case.reporter_id == row["person_id"]:
            return
    insert_or_ignore(session, model, row)
