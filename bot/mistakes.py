"""Mistakes in `config.yaml` that show only when its parts are held against each other."""

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bot.problems import Problem
from cases.settings import Settings

LineOf = Callable[[tuple[str | int, ...]], int]
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def cross_check(settings: Settings, line_of: LineOf) -> list[Problem]:
    """Return every mistake between places, people and categories."""
    parents = dict(_parents(settings))
    found = [
        *_twice(settings, line_of),
        *_unknown_places(settings, set(parents), line_of),
        *_fallback(settings, line_of),
        *_webhook(settings, line_of),
    ]
    if not found:
        found += [*_unserved(settings, parents, line_of), *_unled(settings, parents, line_of)]
    return found


def _parents(settings: Settings) -> Iterator[tuple[str, str | None]]:
    return ((place.key, parent) for place, parent in settings.walk_places())


def _twice(settings: Settings, line_of: LineOf) -> Iterator[Problem]:
    groups: tuple[tuple[str, Iterable[str]], ...] = (
        ("places", [key for key, _ in _parents(settings)]),
        ("people", [person.key for person in settings.people]),
        ("categories", [category.key for category in settings.categories]),
        ("categories", [category.name for category in settings.categories]),
    )
    for section, keys in groups:
        seen: set[str] = set()
        for place, key in enumerate(keys):
            if key in seen:
                path: tuple[str | int, ...] = (section, place) if section != "places" else (section,)
                yield Problem(line_of(path), section, f"{key!r} stands twice; give one of them another key or name")
            seen.add(key)


def _unknown_places(settings: Settings, places: set[str], line_of: LineOf) -> Iterator[Problem]:
    for p, person in enumerate(settings.people):
        named: list[tuple[tuple[str | int, ...], str]] = [
            (("people", p, "roles", r, "at"), role.at) for r, role in enumerate(person.roles)
        ]
        if person.home:
            named.append((("people", p, "home"), person.home))
        for path, key in named:
            if key not in places:
                yield Problem(line_of(path), f"people[{p}]", f"no place {key!r}{_close(key, places)}")


def _fallback(settings: Settings, line_of: LineOf) -> Iterator[Problem]:
    if not settings.has_category(settings.fallback):
        keys = [category.key for category in settings.categories]
        text = f"no category {settings.fallback!r}{_close(settings.fallback, keys)}"
        yield Problem(line_of(("fallback",)), "fallback", text)


def _webhook(settings: Settings, line_of: LineOf) -> Iterator[Problem]:
    url = settings.channels.telegram.webhook_url
    local = any(url.startswith(f"http://{host}") for host in LOOPBACK)
    if url and not url.startswith("https://") and not local:
        yield Problem(line_of(("channels", "telegram", "webhook_url")), "channels.telegram.webhook_url",
                      "Telegram only calls https addresses; write https://…")  # fmt: skip


def _unled(settings: Settings, parents: dict[str, str | None], line_of: LineOf) -> Iterator[Problem]:
    """A case that no steward takes needs a coordinator or an admin, wherever it is."""
    led = {role.at for person in settings.people for role in person.roles if role.role != "steward"}
    if not any(role.role == "admin" for person in settings.people for role in person.roles):
        yield Problem(line_of(("people",)), "people", "nobody is admin; give somebody {role: admin, at: …}")
    for root in settings.places:
        below = [place.key for place, _ in root.walk() if place.kind in ("estate", "grid", "building")]
        bare = [key for key in below if not led & set(_upwards(key, parents))]
        if bare:
            yield Problem(line_of(("places",)), "places", f"nobody is coordinator or admin for {bare[0]!r}; "
                          "give somebody the role there or above")  # fmt: skip


def _unserved(settings: Settings, parents: dict[str, str | None], line_of: LineOf) -> Iterator[Problem]:
    """A category needs a steward of one of its partner types, somewhere."""
    partners = {role.partner for person in settings.people for role in person.roles if role.role == "steward"}
    for place, category in enumerate(settings.categories):
        if category.partners and not partners & set(category.partners):
            wanted = ", ".join(category.partners)
            text = f"nobody can serve {category.key!r}; make somebody a steward with partner: {wanted}"
            yield Problem(line_of(("categories", place, "partners")), f"categories[{place}].partners", text)


def _upwards(key: str, parents: dict[str, str | None]) -> Iterator[str]:
    step: str | None = key
    while step is not None:
        yield step
        step = parents.get(step)


def _close(key: str, known: Iterable[Any]) -> str:
    close = difflib.get_close_matches(key, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
