"""Mistakes in `config.yaml` that show only when its parts are held against each other."""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping

from pydantic import ValidationError

from bot.outline import CategoryTold, Named, Outline, PlaceTold
from bot.problems import KeyPath, Lines, Problem
from cases.duration import Duration
from cases.place_settings import LEVEL, PLACE_KINDS
from cases.settings import Times
from cases.worktime import minutes_of

SERVED = ("estate", "grid", "building")
Found = Iterator[tuple[KeyPath, str, str]]  # where, what is wrong, what to write


def cross_check(told: Outline, lines: Lines) -> list[Problem]:
    """Return every mistake between places, people, categories and channels."""
    checks = (
        _twice, _places, _siblings, _hours, _roles, _homes, _fallback, _help_kind, _hurried, _channels, _robots,
        _admins, _unled, _unserved, _offered,
    )  # fmt: skip
    found = [lines.problem(*mistake) for check in checks for mistake in check(told)]
    return list(dict.fromkeys(found))  # a shorthand makes many places and one mistake


def close(word: str, known: Iterable[str]) -> str:
    """Return a remedy that names the nearest known word, or all of them where none is near and they are few."""
    known = list(known)
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"write one of {', '.join(known)}" if 0 < len(known) <= 30 else "write one that there is"


def _twice(told: Outline) -> Found:
    """Keys, names and numbers that must be there once."""
    for section, key in (
        ("people", "key"), ("people", "telegram"), ("people", "wecom"), ("categories", "key"), ("categories", "name"),
        ("categories", "name_en"),
    ):  # fmt: skip
        yield from _repeated(told.values(section, key), "give one of them another")
    keys = (Named((*place.path, "key"), place.key) for place in told.places)
    remedy = "give one of them another key; a building written out beside `buildings` needs its number"
    shown: set[KeyPath] = set()
    for path, wrong, _remedy in _repeated(keys, remedy):
        if path not in shown:  # with a building all its units stand twice
            yield path, wrong, remedy
        shown.add(path)
    roles = (Named(role.path, f"{role.role} at {role.at} for {role.person}") for role in told.roles)
    yield from _repeated(roles, "keep one of them")


def _repeated(named: Iterable[Named], remedy: str) -> Found:
    seen: set[str] = set()
    for one in named:
        if one.value in seen:
            yield one.path, f'"{one.value}" stands twice', remedy
        seen.add(one.value)


def _places(told: Outline) -> Found:
    """A place lies in a larger one."""
    kinds = {place.key: place.kind for place in told.places}
    for place in told.places:
        above = kinds.get(place.parent or "", "")
        if LEVEL.get(place.kind, 9) <= LEVEL.get(above, -1):
            order = " › ".join(PLACE_KINDS).replace("estate › grid", "estate or grid")
            yield (*place.path, "kind"), f"a {place.kind} cannot lie in a {above}", f"the order is {order}"


def _siblings(told: Outline) -> Found:
    """Places that lie in the same one have different names and numbers."""
    seen: dict[tuple[str | None, str, object], str] = {}
    for place in told.places:
        for what, value in (("name", place.name), (f"number of a {place.kind}", place.number)):
            first = seen.setdefault((place.parent, what, value), place.key)
            if value is not None and first != place.key:
                within = f' in "{place.parent}"' if place.parent else ""
                yield place.path, f'the {what} "{value}" stands twice{within}', "give one of them another"


def _hours(told: Outline) -> Found:
    """What a place says of its working day fits what it takes over from above."""
    days = {"": told.hours}
    for place in told.places:  # what it lies in comes first
        above = days.get(place.parent or "", told.hours)
        days[place.key] = {**above, **place.hours}
        taken_over = len(place.hours) == 1 and _wrong_lunch(above)  # a mistake above, named there
        if place.hours and not taken_over and (mistake := _wrong_lunch(days[place.key])):
            yield (*place.path, "lunch" if "lunch" in place.hours else "working_hours"), *mistake


def _wrong_lunch(day: Mapping[str, object]) -> tuple[str, str] | None:
    """Return what is wrong with the lunch of a day, and what to write."""
    try:
        Times.model_validate(day)
    except ValidationError as error:
        for one in error.errors():
            if one["loc"] == ("lunch",) and one["type"] == "value_error":
                wrong, _, remedy = str(one["ctx"]["error"]).partition("; ")
                return wrong, remedy
    return None


def _hurried(told: Outline) -> Found:
    """A matter is not to be resolved sooner than accepted; working time and time round the clock do not compare."""
    try:
        day = minutes_of(Times.model_validate(told.hours).sessions())
    except ValidationError:
        day = minutes_of(Times().sessions())
    for category in told.categories:
        accept, resolve = category.accept, category.resolve
        if accept and resolve and accept.working == resolve.working and _long(resolve, day) < _long(accept, day):
            wrong = f'"{resolve}" is shorter than accept, "{accept}", though both run from the report'
            yield (*category.path, "resolve"), wrong, f'write at least "{accept}", or a shorter accept'


def _long(duration: Duration, day: int) -> int:
    """Return the minutes of a duration, a working day having `day` of them."""
    return duration.minutes if duration.working_days is None else duration.working_days * day


def _roles(told: Outline) -> Found:
    keys = {place.key for place in told.places}
    for role in told.roles if keys else ():
        if role.at not in keys:
            yield (*role.path, "at"), f'no place "{role.at}"', close(role.at, keys)


def _homes(told: Outline) -> Found:
    keys = {place.key for place in told.places}
    for home in told.values("people", "home") if keys else ():
        if home.value not in keys:
            yield home.path, f'no place "{home.value}"', close(home.value, keys)


def _fallback(told: Outline) -> Found:
    fallback, keys = told.get("fallback") or "other", [category.key for category in told.categories]
    if keys and str(fallback) not in keys:
        yield ("fallback",), f'no category "{fallback}"', close(str(fallback), keys)


def _help_kind(told: Outline) -> Found:
    """Whoever asks for help under a warning is told whom to phone: the kind knows emergencies."""
    path, keys = ("broadcast", "help_category"), [category.key for category in told.categories]
    kind = str(told.get(*path) or "")
    if kind and keys and kind not in keys:
        yield path, f'no category "{kind}"', close(kind, keys)
    urgent = [category.key for category in told.categories if category.emergency]
    if kind in keys and kind not in urgent:
        yield path, f'"{kind}" knows no emergencies', close("", urgent)


def _offered(told: Outline) -> Found:
    """What is private is never shown in a group, and what is to be claimed is offered in the task group."""
    for category in told.categories:
        if category.flags >= {"private", "wish"}:
            wrong = f'"{category.key}" is private, but a wish is offered in the task group'
            remedy = "take it out; a wisher may choose that only the coordinator reads it"
            yield (*category.path, "private"), wrong, remedy
        elif category.flags >= {"private", "pool"}:
            wrong = f'"{category.key}" is private, but what is pooled is offered in the task group'
            yield (*category.path, "pool"), wrong, "write pool: false, then one steward gets it; or private: false"


def _channels(told: Outline) -> Found:
    telegram, chat = told.get("channels", "telegram", "enabled") is True, told.get("channels", "web", "enabled")
    wecom = told.get("channels", "wecom", "enabled") is True
    wechat = told.get("channels", "wechat", "enabled") is True
    if not (telegram or wecom or wechat) and chat is False:
        yield ("channels",), "no channel is enabled, nobody can write to you", "enable web, telegram, wechat or wecom"
    if wechat and told.get("channels", "wechat", "rating", "id") and not told.get("web", "public_url"):
        needed = "is missing: whether channels.wechat.rating may be sent is asked on a page there"
        yield ("web", "public_url"), needed, "write the address of this server, like https://desk.example.cn"
    if told.get("web", "enabled") is not False:
        return
    if chat is not False:
        yield ("web", "enabled"), "the web chat needs the web server", "write true, or channels.web.enabled: false"
    if telegram and told.get("channels", "telegram", "mode") == "webhook":
        yield ("web", "enabled"), "the webhook needs the web server", "write true, or mode: polling"
    if wecom:
        yield ("web", "enabled"), "WeCom calls the web server", "write true, or channels.wecom.enabled: false"
    if wechat:
        yield ("web", "enabled"), "WeChat calls the web server", "write true, or channels.wechat.enabled: false"


def _robots(told: Outline) -> Found:
    """Each group robot of WeCom is of a place that there is; two robots of one place say everything twice."""
    keys, seen = {place.key for place in told.places}, set[str]()
    for robot in told.entries(("channels", "wecom", "robots"), "place"):
        if keys and robot.value not in keys:
            yield robot.path, f'no place "{robot.value}"', close(robot.value, keys)
        elif robot.value in seen:
            yield robot.path, f'"{robot.value}" has a robot already', "give each place one robot"
        seen.add(robot.value)


def _admins(told: Outline) -> Found:
    if told.has("people") and not any(role.role == "admin" for role in told.roles):
        roots = [place.key for place in told.places if place.parent is None] or ["…"]
        yield ("people",), "nobody is admin", f"give somebody the role {{role: admin, at: {roots[0]}}}"


def _unled(told: Outline) -> Found:
    """A case that no steward takes needs a coordinator or an admin, wherever it is."""
    led = _led(told)
    parents = _parents(told)
    bare = [place for place in told.places if place.kind in SERVED and not led & set(_upwards(place.key, parents))]
    for place in bare[:1] if told.has("people") else ():
        more = f" and {len(bare) - 1} more" if len(bare) > 1 else ""
        yield (
            place.path,
            f'nobody is coordinator or admin for "{place.key}"{more}',
            "give somebody the role there or above",
        )


def _unserved(told: Outline) -> Found:
    """A category needs a steward of its partner types; one for any steward may also be handed out by who leads."""
    roots = {place.key for place in told.places if place.parent is None}
    led = roots <= _led(told)
    parents = _parents(told)
    for category in told.categories if told.has("people", "places") else ():
        stewards = _stewards(told, category)
        wanted = f"make somebody a steward with partner: {' or '.join(category.partners) or 'red_steward'}"
        if not stewards and (category.partners or not led):
            yield (*category.path, "partners"), f'nobody can serve "{category.key}"', wanted
        elif not led and (bare := _not_covered(told, stewards, parents)):
            yield (*category.path, "partners"), f'nobody can serve "{category.key}" at "{bare.key}"', wanted + " there"


def _led(told: Outline) -> set[str]:
    """Return the places that have a coordinator or an admin of their own."""
    return {role.at for role in told.roles if role.role in ("coordinator", "admin")}


def _stewards(told: Outline, category: CategoryTold) -> set[str]:
    """Return the places of the stewards who may take the category."""
    return {
        role.at
        for role in told.roles
        if role.role == "steward" and (not category.partners or role.partner in category.partners)
    }


def _not_covered(told: Outline, at: Collection[str], parents: dict[str, str | None]) -> PlaceTold | None:
    served = (place for place in told.places if place.kind in SERVED)
    return next((place for place in served if not any(key in at for key in _upwards(place.key, parents))), None)


def _parents(told: Outline) -> dict[str, str | None]:
    return {place.key: place.parent for place in told.places}


def _upwards(key: str, parents: dict[str, str | None]) -> Iterator[str]:
    step: str | None = key
    seen: set[str] = set()
    while step is not None and step not in seen:  # equal keys, a mistake of its own, can make a circle
        seen.add(step)
        yield step
        step = parents.get(step)
