"""A case as a row of a sheet: what its columns are called, and what of it this reader may have."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cases.context import Rules
from cases.effects import THIRD_PARTY
from cases.privacy import NAME_LENGTH
from cases.records import Beside, Human, Record
from cases.search import RUNNING
from cases.settings import Partner
from cases.states import State
from handlers import words
from handlers.mask import mask
from handlers.texts import N_, Translate

NOBODY = Human("", None, None)
Cell = int | str | None

COLUMNS: tuple[tuple[str, Literal["number", "time", "text"], int], ...] = (
    (N_("Number"), "number", 9),
    (N_("What"), "text", 9),
    (N_("Kind of matter"), "text", 14),
    (N_("Place"), "text", 22),
    (N_("Door"), "text", 9),
    (N_("State"), "text", 12),
    (N_("Words"), "text", 50),
    (N_("Urgency"), "text", 9),
    (N_("Reported at"), "time", 17),
    (N_("Accepted at"), "time", 17),
    (N_("Done at"), "time", 17),
    (N_("Closed at"), "time", 17),
    (N_("Due at"), "time", 17),
    (N_("In time"), "text", 9),
    (N_("Steward"), "text", 12),
    (N_("Partner type"), "text", 12),
    (N_("Stars"), "number", 7),
    (N_("Solved, says the resident"), "text", 12),
    (N_("Words of the rating"), "text", 30),
    (N_("Times returned"), "number", 9),
    (N_("Times opened again"), "number", 9),
    (N_("Followers"), "number", 9),
    (N_("Reported by"), "text", 12),
    (N_("Telephone"), "text", 15),
)
"""Head, what the cells are, how many characters wide."""

PARTNERS = {
    Partner.RED_STEWARD: N_("red steward"),
    Partner.GOVERNANCE: N_("governance"),
    Partner.BUSINESS: N_("business"),
    Partner.NEIGHBOUR: N_("neighbourly help"),
    Partner.SENTINEL: N_("grid sentinel"),
    Partner.POLICE: N_("police"),
    Partner.JUDGE: N_("judge"),
    Partner.PROCURATOR: N_("procurator"),
    Partner.LAWYER: N_("lawyer"),
    Partner.MEDIATOR: N_("mediator"),
    Partner.ELDER_VANGUARD: N_("elder vanguard"),
    Partner.ELDER_ADVISER: N_("elder adviser"),
    Partner.TALENT: N_("talent of the estate"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets the sheet: what they are called, and the buildings they live in; several of who joined two channels."""

    person_id: int
    names: tuple[str, ...]
    homes: frozenset[int]
    phones: bool  # names, doors and numbers as they are, for a reason that was given


def cells(rules: Rules, now: datetime, row: Record, beside: Beside, reader: Reader, t: Translate) -> list[Cell]:
    """Return the cells of a case, one for each of `COLUMNS`; times are local, as ISO 8601."""
    category, rating = rules.settings.category(row.category), beside.ratings.get(row.id)
    reporter = beside.people.get(row.reporter_id, NOBODY)
    kept, zone = category.private and _is_kept(rules, row, reporter, reader), rules.deadlines.zone

    def said(text: str) -> str:
        if kept:
            return t("(kept private)") if text else ""
        return text if reader.phones else mask(text)

    def local(at: datetime | None) -> str | None:
        return at.astimezone(zone).isoformat(timespec="minutes")[:16] if at else None

    return [
        row.id,
        t("micro-wish") if row.kind == "wish" else t("report"),
        words.category_name(category, t),
        rules.tree.label(row.place_id),
        said(row.place_detail),
        _state(row, t),
        said(row.words),
        t("emergency") if row.emergency else t("urgent") if row.urgent else "",
        local(row.created_at),
        local(row.responded_at),
        local(row.resolved_at),
        local(beside.closed_at.get(row.id)),
        local(row.resolve_by),
        _in_time(row, now, t),
        beside.people.get(row.steward_id, NOBODY).name,
        _partner(rules, row, beside, t),
        rating.stars if rating else None,
        _yes_or_no(rating.solved, t) if rating else "",
        said(rating.words) if rating else "",
        row.returns,
        row.reopened,
        beside.followers.get(row.id, 0),
        t("(kept private)") if kept else _name(reporter.name, reader),
        t("(kept private)") if kept else _phone(reporter.phone, reader),
    ]


def building_of(rules: Rules, place_id: int | None) -> int | None:
    """Return the building in which a place lies."""
    path = rules.tree.ancestors(place_id) if place_id is not None and rules.tree.find(place_id) else ()
    return next((node.id for node in path if node.kind == "building"), None)


def _is_kept(rules: Rules, row: Record, reporter: Human, reader: Reader) -> bool:
    """Tell whether a private matter is kept from the reader, as `cases.privacy.is_kept_from` does."""
    if row.reporter_id == reader.person_id:
        return False
    near = {building_of(rules, at) for at in (row.place_id, reporter.home_id, *reporter.more_homes)}
    names = [name.strip().casefold() for name in reader.names]
    said = row.words.casefold()
    return not near.isdisjoint(reader.homes) or any(len(name) >= NAME_LENGTH and name in said for name in names)


def _state(row: Record, t: Translate) -> str:
    if row.state == State.WAITING and row.waiting_for == THIRD_PARTY:
        return t("waiting for somebody else")
    return t(words.STATES[State(row.state)])


def _in_time(row: Record, now: datetime, t: Translate) -> str:
    """Return whether it was done in time; of what is not done yet only that it is late can be told."""
    if row.late or (row.state in RUNNING and row.resolve_by <= now):
        return t("no")
    return t("yes") if row.resolved_at is not None else ""


def _partner(rules: Rules, row: Record, beside: Beside, t: Translate) -> str:
    """Return the partner type of the steward's role that the place lies in, else of any."""
    roles = beside.roles.get(row.steward_id, []) if row.steward_id else []
    near = [role for role in roles if rules.tree.covers(role.place_id, row.place_id)] or roles
    return t(PARTNERS[Partner(near[0].partner)]) if near and near[0].partner else ""


def _yes_or_no(answer: bool | None, t: Translate) -> str:
    return "" if answer is None else t("yes") if answer else t("no")


def _name(name: str, reader: Reader) -> str:
    return name if reader.phones or not name else f"{name[0]}**"


def _phone(phone: str | None, reader: Reader) -> str:
    """Return a telephone number, masked also where it has no form that is known."""
    if not phone or reader.phones:
        return phone or ""
    shown = mask(phone)
    return shown if shown != phone else "****"
