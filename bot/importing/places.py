"""Places out of a table: new ones are added, known ones changed where a cell says something else.

An empty cell leaves a field as it is, a dash empties it. What lies in what may stand in any order. A place is known by
its key, without one by its name where it lies.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.importing.finder import Finder
from bot.importing.table import Row
from bot.mistakes import close
from cases import audit
from cases.context import CLOCK, Context
from cases.folding import fold
from cases.place_names import number_in
from cases.place_register import PlaceRefused, PlaceRegister, Trouble
from cases.place_rows import read_tree
from cases.place_settings import LEVEL
from cases.places import PlaceTree
from handlers.admin import place_words
from storage.message_models import GroupChat
from storage.models import Place
from storage.upsert import insert_or_update

COLUMNS = {
    "key": ("代码", "标识", "地点代码"),
    "name": ("名称", "名字", "地点", "地点名称"),
    "kind": ("类型", "类别"),
    "parent": ("上级", "上级地点", "所属"),
    "number": ("编号", "号码", "序号"),
    "aliases": ("别名", "别的叫法", "other names"),
    "latitude": ("纬度", "lat"),
    "longitude": ("经度", "lon", "lng"),
    "hours": ("working hours", "工作时间", "上班时间"),
    "group": ("telegram group", "telegram群", "群", "群号"),
}
NEEDED = ("name", "kind")
KINDS = {
    "street": ("街道",), "community": ("社区",), "estate": ("小区",), "grid": ("网格",),
    "building": ("楼栋", "楼", "栋"), "unit": ("单元",),
}  # fmt: skip
NOTHING = "-"
KEY = re.compile("[a-z0-9][a-z0-9_-]{0,39}")
REMEDIES = {
    Trouble.KIND: "the order is street, community, estate or grid, building, unit",
    Trouble.BELOW_ITSELF: "write another parent",
    Trouble.NAME: "write 1 to 80 characters",
    Trouble.NAME_TAKEN: "give one of them another name",
    Trouble.NUMBER: "write a number from 1 to 9999",
    Trouble.NUMBER_TAKEN: "give one of them another number",
    Trouble.ALIASES: "write at most 20 names of at most 40 characters, with commas between them",
    Trouble.POSITION: "write degrees: latitude -90 to 90, longitude -180 to 180",
    Trouble.HOURS: "write 8:30-17:30, or with lunch 8:30-17:30 12:00-14:00",
}
WRONG = {
    Trouble.KIND: "a {kind} cannot lie in a {above}",
    Trouble.BELOW_ITSELF: "it cannot lie in itself",
    Trouble.NAME: "the name is missing or too long",
    Trouble.NAME_TAKEN: 'there is a "{name}" there already',
    Trouble.NUMBER: "{number} is no number of a place",
    Trouble.NUMBER_TAKEN: "number {number} is taken there by {name}",
    Trouble.ALIASES: "these are too many other names, or too long ones",
    Trouble.POSITION: "this is no position",
    Trouble.HOURS: "these are no working hours",
}
COLUMN_OF = {
    Trouble.KIND: "kind", Trouble.BELOW_ITSELF: "parent", Trouble.NUMBER: "number", Trouble.NUMBER_TAKEN: "number",
    Trouble.ALIASES: "aliases", Trouble.POSITION: "latitude", Trouble.HOURS: "hours",
}  # fmt: skip


class PlaceImport:
    """One file of places, in one transaction."""

    def __init__(self, context: Context, rows: Sequence[Row]) -> None:
        self._context = context
        self._rows = rows
        self._register = PlaceRegister(context.session, context.now)
        self._tree: PlaceTree = read_tree(context.session)
        self._finder = Finder(self._tree)
        self._mine: dict[str, list[tuple[Row, str]]] = {}  # rows of this file by what a parent cell may say
        self._made: dict[int, Place] = {}  # by the number of their row
        self._counts = {"added": 0, "changed": 0, "unchanged": 0, "groups": 0}

    def carry_out(self) -> dict[str, int]:
        """Write all rows; return what was done. What is wrong stands in the rows."""
        kinds = {row.number: kind for row in self._rows if (kind := _kind(row))}
        for row in self._rows:
            for spelling in {row.get("key"), fold(row.get("name"))} - {""}:
                self._mine.setdefault(spelling, []).append((row, kinds.get(row.number, "")))
        self._twice()
        for row in sorted(self._rows, key=lambda row: LEVEL.get(kinds.get(row.number, ""), 9)):
            if row.number in kinds and not row.problems:
                self._take(row, kinds[row.number])
        if not any(row.problems for row in self._rows):
            self._register.write()
            self._tie_groups()
            audit.record(self._context, CLOCK, "import.places", **cast("dict[str, Any]", self._counts))
        return self._counts

    def _twice(self) -> None:
        seen: dict[str, int] = {}
        for row in self._rows:
            key = row.get("key")
            if key and not KEY.fullmatch(key) and self._register.by_key(key) is None:
                row.bad("key", f'"{key}" is no key', "write lower case letters, digits, - and _, at most 40")
            first = seen.setdefault(key, row.number)
            if key and first != row.number:
                row.bad("key", f'"{key}" stands in row {first} as well', "give one of them another key")

    def _take(self, row: Row, kind: str) -> None:
        parent, number = self._parent(row, kind), _number(row, kind)
        if row.problems:
            return
        try:
            place = self._known(row, parent)
            if place is None:
                place = self._register.add(parent, kind, row.get("name"), number, row.get("key"))
                self._counts["added"] += 1
                self._fill(row, place)
            else:
                self._change(row, place, parent, kind, number)
        except PlaceRefused as refusal:
            trouble = refusal.trouble
            wrong = WRONG.get(trouble, "this cannot be").format(kind=kind, **_without(refusal.facts, "kind"))
            row.bad(COLUMN_OF.get(trouble, "name"), wrong, REMEDIES.get(trouble, "write it otherwise"))
            return
        self._made[row.number] = place

    def _parent(self, row: Row, kind: str) -> Place | None:
        told = row.get("parent")
        if not told:
            known = self._register.by_key(row.get("key")) if row.get("key") else None
            if known is None and LEVEL[kind] > 0:
                row.bad("parent", f"a {kind} lies in something", "write the key or name of the place it lies in")
            return self._register.parent(known) if known else None
        above = [each for each, level in self._mine.get(told, self._mine.get(fold(told), []))
                 if each is not row and LEVEL.get(level, 9) < LEVEL[kind]]  # fmt: skip
        if len(above) == 1:
            place = self._made.get(above[0].number)
            if place is None:
                row.bad("parent", f"row {above[0].number}, in which it lies, is wrong", "put that row right")
            return place
        node = self._finder.find(row, "parent")
        return self._register.by_key(node.key) if node else None

    def _known(self, row: Row, parent: Place | None) -> Place | None:
        if row.get("key"):
            found = self._register.by_key(row.get("key"))
            return found if found is not None and found.closed_at is None else None
        return next(
            (each for each in self._register.children(parent) if fold(each.name) == fold(row.get("name"))), None
        )

    def _change(self, row: Row, place: Place, parent: Place | None, kind: str, number: int | None) -> None:
        if place.kind != kind:
            row.bad("kind", f"it is a {place.kind}", f"write {place.kind}, or another key for a new place")
            return
        before = _state(place, self._register.parent(place))
        if (place.name, place.number) != (row.get("name"), number):
            self._register.rename(place, row.get("name"), number or place.number)
        if row.get("parent") and self._register.parent(place) is not parent:
            self._register.move(place, parent)
        self._fill(row, place)
        same = _state(place, self._register.parent(place)) == before
        self._counts["unchanged" if same else "changed"] += 1

    def _fill(self, row: Row, place: Place) -> None:
        if told := row.get("aliases"):
            self._register.set_aliases(place, [] if told == NOTHING else place_words.names(told))
        latitude, longitude = row.get("latitude"), row.get("longitude")
        if latitude == longitude == NOTHING:
            self._register.set_position(place, None, None)
        elif latitude or longitude:
            self._register.set_position(place, _degrees(latitude), _degrees(longitude))
        if told := row.get("hours"):
            self._set_hours(place, told)
        if (told := row.get("group")) and not told.lstrip("-").isdecimal():
            row.bad("group", f'"{told}" is no Telegram group', "write its number, like -1001234567890")

    def _set_hours(self, place: Place, told: str) -> None:
        try:
            hours = (None, None) if told == NOTHING else place_words.hours(told)
        except ValueError as error:
            raise PlaceRefused(Trouble.HOURS, wrong=str(error)) from None
        if hours is None:
            raise PlaceRefused(Trouble.HOURS, wrong=told)
        self._register.set_hours(place, *hours, self._context.rules.settings.times)

    def _tie_groups(self) -> None:
        session: Session = self._context.session
        groups = select(GroupChat.chat, GroupChat.place_id).where(GroupChat.channel == "telegram")
        tied = {row.chat: row.place_id for row in session.execute(groups)}
        for row in self._rows:
            chat, place = row.get("group"), self._made.get(row.number)
            if chat and place is not None and tied.get(chat) != place.id:
                values = {"channel": "telegram", "chat": chat, "place_id": place.id, "kind": "building",
                          "bound_by": None, "bound_at": self._context.now, "lost_at": None}  # fmt: skip
                insert_or_update(session, GroupChat, values, ("channel", "chat"))
                self._counts["groups"] += 1


def _without(facts: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if key != name}


def _kind(row: Row) -> str | None:
    told = fold(row.get("kind"))
    found = next((kind for kind, words in KINDS.items() if told == kind or told in words), None)
    if found is None:
        known = [*KINDS, *(words[0] for words in KINDS.values())]
        row.bad("kind", f'"{row.get("kind")}" is no kind of place', close(told, known))
    return found


def _number(row: Row, kind: str) -> int | None:
    told = row.get("number")
    if told:
        if told.isascii() and told.isdecimal() and len(told) < 10:
            return int(told)
        row.bad("number", f'"{told}" is no number', "write digits, or leave it empty")
    return number_in(row.get("name")) if LEVEL[kind] > LEVEL["estate"] else None


def _degrees(told: str) -> float | None:
    try:
        return float(told)
    except ValueError:
        raise PlaceRefused(Trouble.POSITION, position=told) from None


def _state(place: Place, parent: Place | None) -> tuple[Any, ...]:
    return (place.name, place.number, tuple(place.aliases or ()), place.latitude, place.longitude,
            tuple(place.working_hours or ()), place.lunch is not None, tuple(place.lunch or ()),
            parent.key if parent else None)  # fmt: skip
