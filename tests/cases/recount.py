"""The figures counted once more, from the history alone and from what `docs/figures.md` says of each rate."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.settings import Settings
from storage.link_models import Joining
from storage.models import HistoryEntry

DONE = ("resolved", "closed")


@dataclass
class Told:
    """One case as its history tells it."""

    reported_at: datetime
    reporter: int
    place: str
    kind: str
    wish: bool
    state: str = ""
    accept_by: datetime | None = None
    resolve_by: datetime | None = None
    promised: datetime | None = None
    taken_at: datetime | None = None
    waits_since: datetime | None = None
    was_late: bool = False
    ever_answered: bool = False
    ever_marked: bool = False
    says_solved: bool = False
    stars: int = 0
    steward: int | None = None
    claimers: list[int] = field(default_factory=list)

    def promise(self, at: datetime, by: datetime | None) -> None:
        """Promise by when somebody takes it: a promise that is kept or broken already stays."""
        if self.taken_at is None and (self.promised is None or at <= self.promised):
            self.promised = by

    def sorts(self, now: datetime, settings: Settings) -> dict[str, bool]:
        """Return for each sort whether the case is of it."""
        gone = self.state in ("rejected", "withdrawn", "merged")
        done, stands = self.state in DONE, not gone
        assert self.resolve_by is not None
        missed = self.was_late or (self.state in ("new", "assigned", "working") and self.resolve_by < now)
        if self.state == "waiting" and self.waits_since is not None and self.resolve_by < self.waits_since:
            missed = True
        promised = self.promised is not None and (self.taken_at is not None or self.promised < now)
        return {
            "reported": True,
            "rejected": self.state == "rejected",
            "withdrawn": self.state == "withdrawn",
            "merged": self.state == "merged",
            "wishes": stands and self.wish,
            "private": settings.category(self.kind).private,
            "owed": stands and promised,
            "responded": stands and bool(self.promised and self.taken_at and self.taken_at <= self.promised),
            "done": done,
            "due": stands and (done or missed),
            "in_time": done and not self.was_late,
            "answered": stands and self.ever_answered,
            "confirmed": done and self.says_solved,
            "unanswered": done and not self.ever_answered,
            "marked": stands and self.ever_marked,
            "satisfied": done and self.stars >= 4,
            "unmarked": done and not self.ever_marked,
        }


def read(session: Session, filed: dict[int, tuple[str, str, bool]], settings: Settings) -> dict[int, Told]:
    """Return all cases as the history tells them; of the filing is known where it is and as what it was told."""
    told: dict[int, Told] = {}
    one = humans(session)
    for entry in session.scalars(select(HistoryEntry).order_by(HistoryEntry.id)):
        if entry.action == "file":
            place, kind, wish = filed[entry.case_id]
            told[entry.case_id] = Told(entry.at, entry.actor_id or 0, place, kind, wish)
        if entry.action in ("confirm", "rate", "unsolved"):
            teller = told[entry.case_id].reporter
            assert one.get(entry.actor_id or 0, entry.actor_id) == one.get(teller, teller), "only the reporter answers"
        _go_on(told[entry.case_id], entry, settings)
    return told


def humans(session: Session) -> dict[int, int]:
    """Return of everybody who was ever joined with others one number for all of them."""
    one: dict[int, int] = {}
    for person, other in session.execute(select(Joining.person_id, Joining.joined_id).order_by(Joining.id)):
        same = {one.get(person, person), one.get(other, other)}
        one |= {person: min(same), other: min(same)}
        one |= {number: min(same) for number, known in one.items() if known in same}
    return one


def _go_on(case: Told, entry: HistoryEntry, settings: Settings) -> None:
    facts: dict[str, Any] = entry.data
    case.accept_by = _moment(facts, "accept_by") or case.accept_by
    case.resolve_by = _moment(facts, "resolve_by") or case.resolve_by
    _kind(case, entry, facts, settings)
    _promises(case, entry)
    _answers(case, entry, facts)
    _hands(case, entry, facts)
    if entry.to_state == "waiting" and entry.from_state != "waiting":
        case.waits_since = entry.at
    if entry.action == "resolve" and case.resolve_by is not None and entry.at > case.resolve_by:
        case.was_late = True
    case.state = entry.to_state


def _kind(case: Told, entry: HistoryEntry, facts: dict[str, Any], settings: Settings) -> None:
    if entry.action in ("reclassify", "to_issue"):
        case.kind = facts["category"]
    if entry.action == "to_wish":
        case.kind = settings.wishes[-1].key
    if entry.action in ("to_issue", "to_wish"):
        case.wish = entry.action == "to_wish"


def _promises(case: Told, entry: HistoryEntry) -> None:
    if entry.action == "file":
        case.promised = None if case.wish else case.accept_by
    elif entry.action in ("vet", "offer", "to_issue"):
        case.promise(entry.at, case.accept_by)
    elif entry.action == "to_wish":
        case.promise(entry.at, None)
    elif entry.action in ("assign", "transfer", "reoffer") and case.promised is None:
        case.promise(entry.at, case.accept_by)
    elif entry.action in ("accept", "claim"):
        case.taken_at = case.taken_at or entry.at


def _answers(case: Told, entry: HistoryEntry, facts: dict[str, Any]) -> None:
    if entry.action in ("confirm", "rate", "unsolved"):
        case.ever_answered = True
        case.ever_marked = case.ever_marked or entry.action != "confirm"
        case.says_solved = entry.action != "unsolved"
        case.stars = facts.get("stars", 0)
    if entry.action in ("unsolved", "reopen"):
        case.says_solved, case.stars = False, 0


def _hands(case: Told, entry: HistoryEntry, facts: dict[str, Any]) -> None:
    """Follow who leads the case."""
    who = entry.actor_id
    match entry.action:
        case "assign" | "transfer" | "reoffer":
            case.steward, case.claimers = facts["steward"], []
        case "accept":
            case.steward = who
        case "claim":
            assert who is not None
            case.claimers.append(who)
            case.steward = case.steward or who
        case "leave":
            case.claimers.remove(who or 0)
            case.steward = case.claimers[0] if case.steward == who else case.steward
        case "unclaim":
            case.steward, case.claimers = None, []
        case "return" | "relieve" | "ruling" | "unclaimed" | "revive" | "review_again" | "to_wish":
            case.steward = None
            case.claimers = [] if entry.action != "to_wish" else case.claimers


def _moment(facts: dict[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(facts[name]) if name in facts else None
