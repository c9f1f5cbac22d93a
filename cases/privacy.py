"""Private matters: from whom it is kept whose they are, and who does not handle a case because it is their own."""

import re
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.models import Case, Person, Role

if TYPE_CHECKING:
    from cases.context import Context

NAME_LENGTH = 2  # characters; what is shorter stands in many words by chance

Known = tuple[tuple[str, ...], tuple[int, ...]]
"""Names and homes: one of each, more of somebody who has joined two channels."""


def is_private(context: "Context", case: Case) -> bool:
    """Tell whether the case is of a kind that is nobody's business but of those who handle it."""
    return context.rules.category(case).private


def is_kept_from(context: "Context", case: Case, person_id: int) -> bool:
    """Tell whether somebody may not see whose a private matter is.

    That is who lives in the building of the matter or of who reported it, and who is named in it.
    """
    if case.reporter_id == person_id or not is_private(context, case):
        return False
    return is_neighbour(context, case, person_id) or _is_named(context, case, person_id)


def is_neighbour(context: "Context", case: Case, person_id: int) -> bool:
    """Tell whether a private matter is one of the building in which the person lives."""
    if not is_private(context, case):
        return False
    homes = {_building(context, home) for home in _known(context, person_id)[1]} - {None}
    around = (case.place_id, *_known(context, case.reporter_id)[1])
    return not homes.isdisjoint(_building(context, place) for place in around)


def is_own(context: "Context", case: Case, person_id: int | None) -> bool:
    """Tell whether it is the person's own case, so that somebody else has to handle it.

    It is that of who reported it, of whom a wish is for, and of whoever a private matter names: a quarrel with 王建国
    and one that 王建国 is to settle are written alike, so that either way it is not given to him.
    """
    if person_id is None:
        return False
    return case.reporter_id == person_id or _is_named(context, case, person_id)


def preferred(context: "Context", case: Case, people: Iterable[int]) -> list[int]:
    """Return who of these people may handle the case, in their order: nobody their own.

    Neighbours in a private matter are passed over where anybody else is there.
    """
    there = list(people)
    if is_private(context, case):
        expect(context, there)
    others = [person for person in there if not is_own(context, case, person)]
    return [person for person in others if not is_neighbour(context, case, person)] or others


def first(context: "Context", case: Case, people: Iterable[int]) -> int | None:
    """Return the first of those whom `preferred` returns, asking for no more of these people than it must."""
    if is_private(context, case):
        return next(iter(preferred(context, case, people)), None)
    return next((person for person in people if not is_own(context, case, person)), None)


def is_passed_over(context: "Context", case: Case, person_id: int) -> bool:
    """Tell whether a steward is not to have the case: it is their own, or that of a neighbour and others are there."""
    if is_own(context, case, person_id):
        return True
    if not is_neighbour(context, case, person_id):
        return False
    above = [node.id for node in context.rules.tree.ancestors(case.place_id)]
    around = select(Role.person_id).where(Role.role == "steward", Role.place_id.in_(above)).distinct()
    others = [person for person in context.session.scalars(around) if person not in (person_id, case.steward_id)]
    expect(context, others)
    return any(not is_own(context, case, each) and not is_neighbour(context, case, each) for each in others)


def _is_named(context: "Context", case: Case, person_id: int) -> bool:
    """Tell whether the words of a private matter name the person, or a wish is for them."""
    said = [case.words] if is_private(context, case) else []
    if case.kind == "wish" and case.beneficiary:
        said.append(case.beneficiary)
    if not said:
        return False
    return any(_stands_in(name.strip(), words) for name in names_of(context, person_id) for words in said)


def _stands_in(name: str, words: str) -> bool:
    whole = rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])"
    return len(name) >= NAME_LENGTH and re.search(whole, words, re.IGNORECASE) is not None


def names_of(context: "Context", person_id: int) -> tuple[str, ...]:
    """Return what a person is called: their name, and what they were called on channels that were joined to it."""
    return _known(context, person_id)[0]


def homes_of(context: "Context", person_id: int) -> tuple[int, ...]:
    """Return where a person lives, as told on each of the channels that were joined."""
    return _known(context, person_id)[1]


def _building(context: "Context", place_id: int | None) -> int | None:
    if place_id is None:
        return None
    return next((node.id for node in context.rules.tree.ancestors(place_id) if node.kind == "building"), None)


def _known(context: "Context", person_id: int) -> Known:
    """Return names and homes of a person, looked up once."""
    expect(context, (person_id,))
    found: Known = context.known[_key(person_id)]
    return found


def expect(context: "Context", people: Iterable[int]) -> None:
    """Look up at once what is asked for about these people: names and homes."""
    missing = {person for person in people if _key(person) not in context.known}
    if missing:
        columns = select(Person.id, Person.name, Person.home_id)
        own = columns.where(Person.id.in_(missing)).add_columns(Person.linked)
        found = {row.id: ([row.name], [row.home_id], row.linked) for row in context.session.execute(own)}
        if linked := [person for person, (_names, _homes, several) in found.items() if several]:
            joined = columns.where(Person.merged_into.in_(linked)).add_columns(Person.merged_into).order_by(Person.id)
            for row in context.session.execute(joined):
                found[row.merged_into][0].append(row.name)
                found[row.merged_into][1].append(row.home_id)
        for person, (names, homes, _several) in found.items():
            lived = dict.fromkeys(home for home in homes if home is not None)
            context.known[_key(person)] = (tuple(dict.fromkeys(names)), tuple(lived))


def _key(person_id: int) -> Hashable:
    return "whose", person_id
