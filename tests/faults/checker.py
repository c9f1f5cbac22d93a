"""Holds the database and what the platform was sent against the promises: nothing lost, nothing twice, no dead end.

It looks after a drain: nothing waits any more that could still arrive.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.states import MOVES, Action, State
from storage.engine import Store
from storage.message_models import BESIDE, Attachment, Commission, InboxEntry, Outgoing
from storage.models import Case, HistoryEntry, Person, Rating
from tests.simulators.telegram import TelegramServer

OVER = frozenset({State.CLOSED, State.REJECTED, State.WITHDRAWN, State.MERGED})
ENDED = frozenset({"sent", "not_reached", "dropped", "elsewhere"})
AGAIN = frozenset({Action.REOFFER, Action.RETURN, Action.REOPEN, Action.UNSOLVED, Action.UNCLAIM, Action.ASSIGN})
FORGOTTEN = "no longer kept"  # a file whose time is over
NOT_MODIFIED = "message is not modified"


@dataclass
class Expected:
    """What people did, as far as the bot must have understood it."""

    begun: set[str] = field(default_factory=set)  # words of reports: a case of each at the most
    filed: set[str] = field(default_factory=set)  # those that were submitted: exactly one of each
    pressed: list[tuple[int, Action]] = field(default_factory=list)  # what was done to which case, once


@dataclass
class Found:
    """What is wrong, in words, and how many messages came more than once."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    repeated: int = 0

    @property
    def well(self) -> bool:
        """Tell whether every promise is kept; a repeat is for whoever knows how many were in flight."""
        return not (self.lost or self.doubled or self.broken)


@dataclass
class Checker:
    """Looks again and again at the same desk: what was in the history stays in it."""

    store: Store
    telegram: TelegramServer
    first_update: int
    files: Path
    expected: Expected = field(default_factory=Expected)
    _history: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    _repeated: int = 0
    _told: set[str] = field(default_factory=set)

    async def look(self, now: datetime) -> Found:
        """Return what is newly wrong at `now`, by the desk's clock."""
        found = await self.store.read(lambda session: self._look(session, now))
        repeated = found.repeated
        found.repeated, self._repeated = repeated - self._repeated, repeated
        found.broken += [str(each) for each in self.telegram.violations]
        for wrong in (found.lost, found.doubled, found.broken):
            wrong[:] = [each for each in wrong if each not in self._told]
            self._told.update(wrong)
        return found

    def _look(self, session: Session, now: datetime) -> Found:
        found = Found()
        self._updates(session, found)
        self._cases(session, found, now)
        self._steps(session, found)
        self._messages(session, found, now)
        self._files(session, found)
        return found

    def _updates(self, session: Session, found: Found) -> None:
        """Every update that the platform counts as taken is noted."""
        made = self.telegram.last_update_id - self.first_update + 1
        noted = session.scalar(
            select(func.count()).select_from(InboxEntry).where(InboxEntry.channel == "telegram")
        )  # fmt: skip
        if noted != made:
            found.lost.append(f"{made} updates were made, {noted} are noted")

    def _cases(self, session: Session, found: Found, now: datetime) -> None:
        words = Counter(session.scalars(select(Case.words)))
        found.lost += [f"no case of {told!r}" for told in self.expected.filed if told not in words]
        found.doubled += [f"{number} cases of {told!r}" for told, number in words.items() if number > 1]
        found.doubled += [f"nobody reported {told!r}" for told in words if told not in self.expected.begun]
        people = set(session.scalars(select(Person.id).where(Person.merged_into.is_(None))))
        for case in session.scalars(select(Case)):
            if case.state in OVER:
                continue
            if case.answerable_id not in people:
                found.broken.append(f"nobody is answerable for #{case.id}")
            if case.look_at is None or case.look_at <= now:
                found.broken.append(f"#{case.id} has no next moment: {case.look_at}")
        found.lost += _untold(session)

    def _steps(self, session: Session, found: Found) -> None:
        """The history only grows, leads from state to state, and ends where the case is."""
        steps = session.execute(select(*HistoryEntry.__table__.c).order_by(HistoryEntry.id)).all()
        kept = {step.id: tuple(step) for step in steps}
        found.broken += [f"history {key} was changed" for key, was in self._history.items() if kept.get(key) != was]
        self._history = kept
        by_case: dict[int, list[Any]] = {}
        for step in steps:
            by_case.setdefault(step.case_id, []).append(step)
        for number, state in session.execute(select(Case.id, Case.state)):
            found.broken += _breaks(number, state, by_case.get(number, []))
        for (number, action), wanted in Counter(self.expected.pressed).items():
            mine = by_case.get(number, [])
            done = sum(step.action == action for step in mine)
            if done < wanted:
                found.lost.append(f"{action} of #{number} was pressed, and is not in its history")
            if done > wanted + sum(step.action in AGAIN for step in mine):
                found.doubled.append(f"{action} of #{number} was pressed once and done {done} times")
        found.doubled += _same_notes(by_case)
        twice = select(Rating.case_id).group_by(Rating.case_id, Rating.round, Rating.person_id).having(func.count() > 1)
        found.doubled += [f"#{number} was rated twice" for number in session.scalars(twice)]

    def _messages(self, session: Session, found: Found, now: datetime) -> None:
        """What is marked as sent was sent, as often as it is there; nothing that is due waits."""
        rows = session.execute(
            select(Outgoing.chat, Outgoing.state, Outgoing.payload, Outgoing.not_before, Outgoing.error, Outgoing.id)
            .where(Outgoing.channel == "telegram", Outgoing.lane != BESIDE)
        ).all()  # fmt: skip
        planned: Counter[tuple[str, str]] = Counter()
        for row in rows:
            if row.state == "pending" and row.not_before <= now:
                found.lost.append(f"row {row.id} to {row.chat} still waits: {row.error}")
            elif row.state == "not_reached":
                found.lost.append(f"row {row.id} to {row.chat} was not reached: {row.error}")
            elif row.state not in ENDED | {"pending"}:
                found.broken.append(f"row {row.id} is {row.state!r}")
            if row.state == "sent":
                planned[row.chat, _text(row.payload["params"])] += 1
        sent, unchanged = self._sent()
        for key, number in planned.items():
            if sent[key] + unchanged[key] < number:
                found.lost.append(
                    f"{number - sent[key] - unchanged[key]} of {number} never came to {key[0]}: {key[1]!r}"
                )
        found.repeated = sum(max(0, number - planned[key]) for key, number in sent.items())
        waiting = session.scalar(select(func.count()).select_from(Commission).where(Commission.state == "waiting"))
        if waiting:
            found.lost.append(f"{waiting} commissions wait")
        copies = select(Outgoing.person_id).where(Outgoing.broadcast_id.is_not(None))
        twice = copies.group_by(Outgoing.broadcast_id, Outgoing.person_id).having(func.count() > 1)
        found.doubled += [f"{person} has a warning twice" for person in session.scalars(twice)]

    def _sent(self) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
        """Return what the platform took by chat and text, and which edits it found to change nothing."""
        taken: Counter[tuple[str, str]] = Counter()
        same: Counter[tuple[str, str]] = Counter()
        for call in tuple(self.telegram.calls):  # the desk goes on asking meanwhile
            if not call.method.startswith(("send", "edit")):
                continue
            key = (str(call.params.get("chat_id")), _text(call.params))
            if call.status == 200:
                taken[key] += 1
            elif NOT_MODIFIED in (call.error or ""):
                same[key] += 1
        return taken, same

    def _files(self, session: Session, found: Found) -> None:
        rows = select(Attachment.id, Attachment.state, Attachment.path, Attachment.size, Attachment.error)
        for row in session.execute(rows):
            if row.state == "waiting":
                found.lost.append(f"file {row.id} still waits: {row.error}")
            elif row.state == "refused" and row.error != FORGOTTEN:
                found.lost.append(f"file {row.id} was refused: {row.error}")
            elif row.path is not None and not self._whole(row.path, row.size):
                found.lost.append(f"file {row.id} is not whole on the disk")

    def _whole(self, path: str, size: int) -> bool:
        there = self.files / path
        return there.exists() and there.stat().st_size == size


def _untold(session: Session) -> Iterator[str]:
    """Return the cases of which the resident, or everybody else, was told nothing."""
    told: dict[int, set[str]] = {}
    for case_id, chat in session.execute(select(Outgoing.case_id, Outgoing.chat)):
        if case_id is not None:
            told.setdefault(case_id, set()).add(chat)
    for number, chat in session.execute(select(Case.id, Case.reporter_chat)):
        if chat not in told.get(number, ()):
            yield f"the resident of #{number} was told nothing"
        if not told.get(number, set()) - {chat}:
            yield f"nobody but its resident was told of #{number}"


def _breaks(number: int, state: str, steps: list[Any]) -> Iterator[str]:
    """Return where the history of a case does not hang together."""
    before: str | None = None
    for step in steps:
        if step.from_state != before:
            yield f"#{number}: {step.action} goes out from {step.from_state}, it was {before}"
        move = MOVES.get(Action(step.action))  # filing is no move
        if move is not None and State(step.from_state) not in move.sources:
            yield f"#{number}: {step.action} out of {step.from_state} is no move"
        before = step.to_state
    if before != state:
        yield f"#{number} is {state}, its history ends with {before}"


def _same_notes(by_case: dict[int, list[Any]]) -> Iterator[str]:
    """Return what the clock did twice at one moment."""
    for number, steps in by_case.items():
        noted = Counter((step.action, step.at, str(step.data)) for step in steps if step.actor_id is None)
        for (action, at, _), times in noted.items():
            if times > 1:
                yield f"the clock did {action} of #{number} {times} times at {at}"


def _text(params: dict[str, Any]) -> str:
    return str(params.get("text") or params.get("caption") or "")
