"""A filter in a button: short codes for what is fixed; words, names and numbers stay in a row of ours for two days.

`l` late, `u` unassigned, `m` mine, `g` urgent, `e` emergency, `w` wish, `i` issue, `p2a` place, `clift` kind, `s37`
states, `d…-…` days, `k2a` the kept row that the rest is added to; joined by dots. It says nothing of who may see what.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select

from cases.search import Filter, from_data
from cases.states import State
from handlers.message import CHOICE_DATA_BYTES
from handlers.talk import Talk
from storage.admin_models import KeptSearch

KEPT_FOR = timedelta(days=2)
KEPT_EACH = 20  # of one person, the newest
HEAD = 24  # bytes of a button before the filter: letter, list, page
LONGEST_CODE = CHOICE_DATA_BYTES - HEAD

_FLAGS = {"l": "late", "u": "unassigned", "m": "mine", "g": "urgent", "e": "emergency"}
_KINDS = {"w": "wish", "i": "issue"}
BIGGEST = 2**63  # no number of a row is larger
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_STATES = tuple(State)


def code_of(talk: Talk, asked: Filter) -> str:
    """Return the code of a filter; one with words, or too long, is kept in a row first. The view stays in the code."""
    private = asked.words or asked.reporter or asked.phone
    code = _code(asked)
    if not private and len(code) <= LONGEST_CODE:
        return code
    view = Filter(asked.late, asked.unassigned, asked.mine, states=asked.states)
    return ".".join(filter(None, (f"k{_base36(_keep(talk, asked.view()))}", _code(view))))


def short_code(asked: Filter) -> str:
    """Return the code of a place and a period, which always fits a button and keeps nothing."""
    return _code(Filter(place_id=asked.place_id, since=asked.since, until=asked.until))


def in_view(code: str, flag: str) -> str:
    """Return the code in another view ("late", "unassigned", "mine", or "" for all), over the same kept row."""
    parts = [part for part in code.split(".") if part and part[0] not in "lums"]
    letter = next((letter for letter, name in _FLAGS.items() if name == flag), "")
    return ".".join([*parts, *([letter] if letter else [])])


def filter_of(talk: Talk, code: str) -> Filter | None:
    """Return what the code means; None for a row that is gone or another person's, and for anything invented."""
    asked: Filter | None = Filter()
    try:
        for part in filter(None, code.split(".")):
            asked = _kept(talk, int(part[1:], 36)) if part[0] == "k" else asked
            if asked is None:
                return None
            if part[0] != "k":
                asked = replace(asked, **_READ[part[0]](part[1:]))
    except (ValueError, KeyError, IndexError, OverflowError):
        return None
    return asked


def _kept(talk: Talk, number: int) -> Filter | None:
    row = talk.session.get(KeptSearch, number) if number < BIGGEST else None
    mine = row is not None and row.person_id == talk.person.person_id
    return from_data(row.data) if row is not None and mine and row.made_at > talk.context.now - KEPT_FOR else None


def _keep(talk: Talk, asked: Filter) -> int:
    """Keep a filter; what is too old, and all but this person's newest, goes."""
    me, now = talk.person.person_id, talk.context.now
    newest = select(KeptSearch.id).where(KeptSearch.person_id == me).order_by(KeptSearch.id.desc())
    too_many = and_(
        KeptSearch.person_id == me, KeptSearch.id <= newest.offset(KEPT_EACH - 1).limit(1).scalar_subquery()
    )
    talk.session.execute(delete(KeptSearch).where(or_(KeptSearch.made_at < now - KEPT_FOR, too_many)))
    row = {"person_id": me, "data": asked.to_data(), "made_at": now}
    number: int = talk.session.execute(insert(KeptSearch).values(**row).returning(KeptSearch.id)).scalar_one()
    return number


def _code(asked: Filter) -> str:
    parts = [letter for letter, name in _FLAGS.items() if getattr(asked, name)]
    parts += [letter for letter, kind in _KINDS.items() if asked.kind == kind]
    parts += [f"p{_base36(asked.place_id)}"] if asked.place_id is not None else []
    parts += [f"c{asked.category}"] if asked.category else []
    parts += ["s" + "".join(_DIGITS[_STATES.index(state)] for state in sorted(asked.states))] if asked.states else []
    if asked.since or asked.until:
        days = (_base36(day.toordinal()) if day else "" for day in (asked.since, asked.until))
        parts.append(f"d{'-'.join(days)}")
    return ".".join(parts)


def _days(told: str) -> dict[str, Any]:
    since, _, until = told.partition("-")
    return {name: date.fromordinal(int(day, 36)) for name, day in (("since", since), ("until", until)) if day}


def _flag(name: str) -> "_Reading":
    return lambda _told: {name: True}


def _kind(name: str) -> "_Reading":
    return lambda _told: {"kind": name}


_Reading = Callable[[str], dict[str, Any]]
_READ: dict[str, _Reading] = {
    **{letter: _flag(name) for letter, name in _FLAGS.items()},
    **{letter: _kind(name) for letter, name in _KINDS.items()},
    "p": lambda told: {"place_id": int(told, 36)},
    "c": lambda told: {"category": told},
    "s": lambda told: {"states": frozenset(_STATES[int(char, 36)] for char in told)},
    "d": _days,
}


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits
