"""What stands behind a command: the number of a case, words, a person; however it was typed."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import select

from cases.folding import fold
from cases.patterns import pattern
from handlers.talk import Talk
from storage.models import Person

SHOWN = 60  # characters of what was written, repeated in an answer
NEAREST = 3  # people offered where nobody is called so
ALIKE = 0.3  # from 0 to 1; of three characters one may be wrong, of "wang" two letters

# A number that goes on as an address is none: 3号楼, 3-2-501, 5栋. Of 15 digits at most: no database has larger ones.
_NUMBER = pattern(r"\s*(?:no\.?|事项|编号|单号|第)?\s*#?\s*([0-9]{1,15})(?![0-9]|[-.][0-9]|号?[楼栋幢座室层]|单元)号?")
_BETWEEN = pattern(r"[\s,，、。.:：;；]+")
_JOINS = pattern(r"\s*(?:[&+]|-+>|=+>|→|和|与|跟|同|并入|合并到|并到|到|进|入|and\b|into\b|with\b|to\b)?\s*")
_HEAD = pattern(r"([^\s0-9０-９#＃]+)\s*(.*)", re.DOTALL)
_POLITE = pattern(
    "(?:师傅|师父|老师|先生|女士|小姐|同志|阿姨|叔叔?|伯伯?|大爷|大妈|大姐|大哥|奶奶|爷爷|姐|哥|主任|书记|律师|医生|大夫|警官|民警|"
    "法官|经理|队长|站长|所长|楼长|网格长|网格员|调解员|管家|工)$"
)
_FAMILIAR = pattern("^[老小阿]")


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number of a case, and what stands behind it as it was written."""

    number: int
    rest: str


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom a command may mean."""

    person_id: int
    name: str
    key: str
    title: str


def head(said: str) -> tuple[str, str]:
    """Split off the first word, at a space of any kind."""
    parts = said.split(maxsplit=1)
    return (parts[0] if parts else ""), (parts[1] if len(parts) > 1 else "")


def glued(said: str) -> tuple[str, str]:
    """Split off the first word where a number may follow without a space: "派单1042 王师傅"."""
    found = _HEAD.match(said)
    return (found[1], found[2]) if found else ("", said)


def numbered(argument: str) -> Numbered | None:
    """Read "1042", "#1042", "＃１０４２", "1042号", with whatever comes behind; None where no number comes first."""
    found = _NUMBER.match(fold(argument))
    if found is None:
        return None
    rest = argument[found.end() :]
    between = _BETWEEN.match(rest)
    return Numbered(int(found[1]), rest[between.end() if between else 0 :].strip())


def numbered_behind(argument: str) -> Numbered | None:
    """Read "王师傅 1042": a number that comes behind; None where there is none."""
    before, _space, last = argument.strip().rpartition(" ")
    found = numbered(last)
    return Numbered(found.number, before.strip()[:SHOWN]) if found and not found.rest and before.strip() else None


def two_numbers(argument: str) -> tuple[int, int] | None:
    """Read "1043 1042", "1043 和 #1042", "1043→1042"; None where there are not two."""
    first = numbered(argument)
    joins = _JOINS.match(first.rest) if first else None
    second = numbered(first.rest[joins.end() :]) if first and joins else None
    return (first.number, second.number) if first and second else None


def named(talk: Talk, titles: dict[int, str]) -> list[Named]:
    """Return these people, in their order, with their names; `titles` are those of their roles."""
    rows = talk.session.execute(select(Person.id, Person.name, Person.key).where(Person.id.in_(titles)))
    found = {row.id: Named(row.id, row.name, row.key or "", titles[row.id]) for row in rows}
    return [found[person] for person in titles]


def matching(people: Sequence[Named], said: str) -> list[Named]:
    """Return whom the words mean: by name or key, by a part of the name, as "王师傅", by a part of the title."""
    told = fold(said).strip()
    surname = _FAMILIAR.sub("", _POLITE.sub("", told)) if len(told) > 1 else told
    ways = (
        [one for one in people if told in (fold(one.name), fold(one.key))],
        [one for one in people if told in fold(one.name)],
        [one for one in people if surname != told and surname and fold(one.name).startswith(surname)],
        [one for one in people if told in fold(one.title) or fold(one.key).startswith(told)],
    )
    return next(filter(None, ways), []) if told else []


def nearest(people: Sequence[Named], said: str) -> list[Named]:
    """Return those whose names are most like what was written."""
    told = fold(said).strip()
    beginnings = (told, head(told)[0])
    alike = {one: max(_alike(one, each) for each in beginnings) for one in people}
    close = [one for one in people if alike[one] >= ALIKE]
    return sorted(close, key=lambda one: -alike[one])[:NEAREST]


def _alike(one: Named, told: str) -> float:
    spellings: Collection[str] = (fold(one.name), fold(one.key), *fold(one.title).split(" · "))
    short = _POLITE.sub("", told) or told
    return max(SequenceMatcher(None, each, said).ratio() for each in spellings for said in (told, short))
