"""Reads config.yaml again for /reload: checked like at the start, written to the database, taken over by every process.

What only a start can change (the database, the web server, the platforms, time zone and language) stays as it is.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bot import seed
from bot.check import report
from bot.config import ConfigError, load
from bot.workshop import Made, Maker, Order, Workshop
from cases import audit
from cases.context import Actor, Context, actor_of
from cases.program_settings import Part
from cases.settings import Settings
from handlers.admin import reload
from handlers.admin.reload import Change
from storage.revision import CONFIG, moved

AT_START = ("desk", "database", "data", "web", "channels")
KEYED = ("people", "categories")  # lists of things that have a key
FLAT = ("times", "wish", "me_too", "broadcast", "privacy")


class ConfigFile:
    """The file of a running desk. `read` may be asked in any thread."""

    def __init__(self, path: Path, environ: Mapping[str, str], running: Settings) -> None:
        self.name = path.name
        self._path = path
        self._environ = environ
        self._running = running

    def read(self) -> Settings:
        """Return the settings with what only a start can change left as it is. Raises ConfigError."""
        return self.told().model_copy(update={name: getattr(self._running, name) for name in AT_START})

    def told(self) -> Settings:
        """Return the settings as the file says. Raises ConfigError."""
        return load(self._path, self._environ)

    def for_the_next_start(self, told: Settings) -> tuple[str, ...]:
        """Return what the file says otherwise, and only a start takes over."""
        return tuple(name for name in AT_START if getattr(told, name) != getattr(self._running, name))


def maker(file: ConfigFile | None) -> Maker:
    """Return the maker of what `handlers.admin.reload` commissions."""

    async def make(shop: Workshop, order: Order) -> Made:
        if file is None:
            return Made((), reload.say_no_file)
        try:
            told = await asyncio.to_thread(file.told)
            settings = await asyncio.to_thread(file.read)
        except ConfigError as error:
            mistakes = report(error.problems, file.name).splitlines()
            return Made((), partial(reload.say_mistakes, mistakes), partial(_write_down, order, "config.refused"))
        before = await shop.read(partial(_settings_of, order))
        if before is None:
            return Made((), reload.say_refused)
        changes = differences(before, settings)
        said = partial(reload.say_changes, changes, file.for_the_next_start(told))
        return Made((), said, partial(_take_over, order, settings, [change.section for change in changes]))

    return make


def _settings_of(order: Order, context: Context) -> Settings | None:
    """Return the settings that hold now; None where whoever asked may no longer."""
    allowed = reload.may(context, actor_of(context, order.person_id))
    return context.rules.settings if allowed else None


def _take_over(order: Order, settings: Settings, sections: list[str], context: Context) -> None:
    """Write places and people, and let every process read its file again."""
    moved(context.session, CONFIG)
    seed.write(context.session, settings, context.now)
    audit.record(context, Actor(order.person_id), "config.read", sections=sections)


def _write_down(order: Order, action: str, context: Context) -> None:
    audit.record(context, Actor(order.person_id), action)


def differences(before: Settings, after: Settings) -> list[Change]:
    """Return what the one says otherwise than the other, section by section."""
    places = _by_key(place for place, _parent in before.walk_places()), _by_key(p for p, _parent in after.walk_places())
    found = [_compared("places", *places)]
    found += [_compared(name, _by_key(getattr(before, name)), _by_key(getattr(after, name))) for name in KEYED]
    found += [_compared(name, _told(getattr(before, name)), _told(getattr(after, name))) for name in FLAT]
    found.append(_compared("fallback", {"fallback": before.fallback}, {"fallback": after.fallback}))
    return [change for change in found if change.new or change.gone or change.other]


def _told(part: Part) -> dict[str, Any]:
    """Return what the file says of a part, without what was worked out from it."""
    return {name: getattr(part, name) for name in type(part).model_fields}


def _by_key(things: Iterable[Any]) -> dict[str, Any]:
    """Return things by what people call them, a place without what lies in it."""
    found = {}
    for thing in things:
        said = thing.model_dump(exclude={"children", "buildings"})
        found[thing.key] = (thing.name, said)
    return found


def _compared(section: str, before: dict[str, Any], after: dict[str, Any]) -> Change:
    name = partial(_name, before | after)
    return Change(
        section,
        tuple(name(key) for key in after if key not in before),
        tuple(name(key) for key in before if key not in after),
        tuple(name(key) for key in after if key in before and before[key] != after[key]),
    )


def _name(told: dict[str, Any], key: str) -> str:
    value = told[key]
    return str(value[0]) if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], dict) else key


def read_with(file: ConfigFile | None) -> Callable[[], Settings] | None:
    """Return what the rulebook calls when another process, or this one, has read the file."""
    return file.read if file is not None else None
