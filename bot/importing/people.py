"""People out of a table: who is known by Telegram account or telephone number is changed, everybody else is new.

A role is given or changed, none is taken away; one that was taken in chat is given again in chat alone. Somebody with
several roles has several rows. Who stands in `config.yaml` is changed there.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update

from bot.importing.finder import Finder
from bot.importing.table import Row
from bot.mistakes import close
from cases import audit, posts
from cases.context import CLOCK, Context
from cases.folding import fold
from cases.posts import Post
from cases.settings import Partner
from storage.models import Identity, Person
from storage.upsert import table_of

TELEGRAM = "telegram"
COLUMNS = {
    "name": ("姓名", "名字"),
    "telegram": ("telegram id", "telegram号", "电报", "电报号"),
    "phone": ("手机", "手机号", "电话", "联系电话"),
    "role": ("角色", "身份"),
    "place": ("地点", "负责地点", "岗位地点", "at"),
    "partner": ("合伙人", "合伙人类型"),
    "title": ("职务", "头衔"),
    "cap": ("上限", "最多事项"),
    "skills": ("技能", "特长"),
    "language": ("语言",),
    "home": ("住址", "家庭住址"),
}
NEEDED = ("name",)
ROLES = {
    "steward": ("红管家", "管家"), "coordinator": ("负责人", "网格长", "楼长", "协调员"), "admin": ("管理员",),
    "resident": ("居民", "住户"),
}  # fmt: skip
PARTNERS = {
    Partner.RED_STEWARD: ("红色管家",), Partner.GOVERNANCE: ("治理协同",), Partner.BUSINESS: ("商企发展",),
    Partner.NEIGHBOUR: ("邻里互助",), Partner.SENTINEL: ("网格哨兵",), Partner.POLICE: ("民警", "警察"),
    Partner.JUDGE: ("法官",), Partner.PROCURATOR: ("检察官",), Partner.LAWYER: ("律师",), Partner.MEDIATOR: ("调解员",),
    Partner.ELDER_VANGUARD: ("银发先锋",), Partner.ELDER_ADVISER: ("长者评议员",), Partner.TALENT: ("小区能人", "能人"),
}  # fmt: skip
LANGUAGES = {"zh": ("中文", "汉语"), "en": ("英文", "英语", "english")}


class PeopleImport:
    """One file of people, in one transaction."""

    def __init__(self, context: Context, rows: Sequence[Row]) -> None:
        session = context.session
        self._context, self._session, self._rows = context, session, rows
        self._finder = Finder(context.rules.tree)
        self._skills = {kind.skill for kind in context.rules.settings.categories if kind.skill}
        people = session.execute(
            select(
                Person.id, Person.key, Person.name, Person.phone, Person.language, Person.home_id, Person.merged_into
            )
        )
        self._people: dict[int, dict[str, Any]] = {row.id: dict(row._mapping) for row in people}  # noqa: SLF001
        now = {number: one.pop("merged_into") or number for number, one in self._people.items()}
        self._by_phone = {_digits(one["phone"]): now[number] for number, one in self._people.items() if one["phone"]}
        theirs = select(Identity.user, Identity.person_id).where(Identity.channel == TELEGRAM)
        self._by_telegram = {row.user: row.person_id for row in session.execute(theirs)}
        self._new: dict[str, int] = {}  # "telegram:…" and "phone:…" of new people to their place in `_fresh`
        self._fresh: list[dict[str, Any]] = []
        self._counts = {"added": 0, "changed": 0, "unchanged": 0, "roles given": 0, "roles changed": 0,
                        "roles taken in chat before": 0}  # fmt: skip

    def carry_out(self) -> dict[str, int]:
        """Write all rows; return what was done. What is wrong stands in the rows."""
        wanted = [(row, _read(row, self._finder, self._skills)) for row in self._rows]
        found = [(row, told, self._who(row, told)) for row, told in wanted if not row.problems]
        self._twice(found)
        if not any(row.problems for row in self._rows):
            self._write(found)
            counts: dict[str, Any] = {name.replace(" ", "_"): count for name, count in self._counts.items()}
            audit.record(self._context, CLOCK, "import.people", **counts)
        return self._counts

    def _who(self, row: Row, told: dict[str, Any]) -> tuple[str, int]:
        """Return ("old", person id) or ("new", place in `_fresh`)."""
        telegram, phone = told["telegram"], _digits(told["phone"] or "")
        old = {number for number in (self._by_telegram.get(telegram), self._by_phone.get(phone)) if number}
        if len(old) == 2:
            row.bad(
                "phone", "the Telegram account and the telephone number belong to two people", "leave one of them out"
            )
        person = self._people[min(old)] if old else None
        if person is not None and person["key"] is not None:
            row.bad("name", f'{person["name"]} stands in config.yaml as "{person["key"]}"', "change it there")
        if person is not None:
            return "old", person["id"]
        marks = [f"telegram:{telegram}"] * bool(telegram) + [f"phone:{phone}"] * bool(phone)
        known = {self._new[mark] for mark in marks if mark in self._new}
        if len(known) > 1 or (known and self._fresh[min(known)]["name"] != told["name"]):
            row.bad("name", "another row has this account or number for somebody else", "write the same name in both")
        at = min(known) if known else len(self._fresh)
        if not known:
            self._fresh.append(told)
        self._new |= dict.fromkeys(marks, at)
        return "new", at

    def _twice(self, found: Sequence[tuple[Row, dict[str, Any], tuple[str, int]]]) -> None:
        seen: dict[tuple[Any, ...], int] = {}
        for row, told, who in found:
            first = seen.setdefault((who, told["role"], told["place_id"]), row.number)
            if first != row.number:
                row.bad("role", f"row {first} says the same", "keep one of them")

    def _write(self, found: Sequence[tuple[Row, dict[str, Any], tuple[str, int]]]) -> None:
        ids = self._add()
        changed: dict[int, bool] = {}
        for _row, told, (known, number) in found:
            if known == "old":
                changed[number] = self._change(number, told) or changed.get(number, False)
        self._counts["changed"] = sum(changed.values())
        self._counts["unchanged"] = len(changed) - self._counts["changed"]
        people = [(number if known == "old" else ids[number], told) for _row, told, (known, number) in found]
        self._roles([(person, told) for person, told in people if told["role"]])

    def _add(self) -> list[int]:
        if not self._fresh:
            return []
        rows = [
            {"name": told["name"], "phone": told["phone"], "language": told["language"], "home_id": told["home_id"],
             "home_detail": "", "created_at": self._context.now} for told in self._fresh
        ]  # fmt: skip
        made = insert(table_of(Person)).returning(table_of(Person).c.id, sort_by_parameter_order=True)
        ids = list(self._session.scalars(made, rows))
        self._connect([(person, told["telegram"]) for person, told in zip(ids, self._fresh, strict=True)])
        self._counts["added"] = len(ids)
        return ids

    def _connect(self, people: Sequence[tuple[int, str]]) -> None:
        rows = [
            {"person_id": person, "channel": TELEGRAM, "user": user, "chat": user} for person, user in people if user
        ]
        if rows:
            self._session.execute(insert(table_of(Identity)), rows)

    def _change(self, number: int, told: dict[str, Any]) -> bool:
        """Change what a cell says otherwise; an empty one leaves things as they are."""
        known = self._people[number]
        news = {name: told[name] for name in ("name", "phone", "language", "home_id") if told[name]}
        if known["phone"] and _digits(known["phone"]) == _digits(told["phone"] or ""):
            news.pop("phone", None)
        news = {name: value for name, value in news.items() if known[name] != value}
        if news:
            self._session.execute(update(Person).where(Person.id == number).values(**news))
            known.update(news)
        connects = told["telegram"] and told["telegram"] not in self._by_telegram
        if connects:
            self._connect([(number, told["telegram"])])
            self._by_telegram[told["telegram"]] = number
        return bool(news or connects)

    def _roles(self, wanted: Sequence[tuple[int, dict[str, Any]]]) -> None:
        done = posts.take_in(self._context, [(person, _post(told)) for person, told in wanted])
        self._counts |= {
            "roles given": done.given, "roles changed": done.changed, "roles taken in chat before": done.left_out,
        }  # fmt: skip


def _post(told: dict[str, Any]) -> Post:
    return Post(told["role"], told["place_id"], told["partner"], told["title"], "", told["cap"], tuple(told["skills"]))


def _read(row: Row, finder: Finder, skills: set[str]) -> dict[str, Any]:
    """Return what a row says, with what is wrong noted in it."""
    role = _one_of(row, "role", ROLES) if row.get("role") else None
    role = None if role == "resident" else role
    told: dict[str, Any] = {
        "name": row.get("name"), "telegram": _telegram(row), "phone": _phone(row), "role": role, "place_id": None,
        "partner": None, "title": row.get("title"), "cap": _cap(row), "skills": _skills(row, skills),
        "language": _one_of(row, "language", LANGUAGES) if row.get("language") else None, "home_id": None,
    }  # fmt: skip
    if not 1 <= len(told["name"]) <= 80:
        row.bad("name", "the name is missing or too long", "write 1 to 80 characters")
    if not told["telegram"] and not told["phone"] and not row.problems:
        row.bad(
            "telegram", "nobody could be known by this row", "write a Telegram number (they get it with /id) or a phone"
        )
    if len(told["title"]) > 80:
        row.bad("title", "the title is too long", "write at most 80 characters")
    if role is not None and (place := _place(row, finder, "place", needed=True)):
        told["place_id"] = place
    if role == "steward":
        told["partner"] = _one_of(row, "partner", PARTNERS)
    elif row.get("partner"):
        row.bad("partner", "only a steward has a partner type", "leave it empty, or write the role steward")
    told["home_id"] = _place(row, finder, "home", needed=False)
    return told


def _place(row: Row, finder: Finder, column: str, *, needed: bool) -> int | None:
    if not row.get(column):
        if needed:
            row.bad(column, "a role is held somewhere", "write the place by its name or key")
        return None
    node = finder.find(row, column)
    return node.id if node else None


def _one_of(row: Row, column: str, known: Any) -> str | None:
    told = fold(row.get(column))
    found = next((str(name) for name, words in known.items() if told == name or told in words), None)
    if found is None:
        spellings = [*map(str, known), *(words[0] for words in known.values())]
        row.bad(column, f'"{row.get(column)}" is not known here' if told else "it is missing", close(told, spellings))
    return found


def _telegram(row: Row) -> str:
    told = row.get("telegram")
    if told and not (told.isascii() and told.isdecimal() and 0 < len(told) <= 19):
        row.bad("telegram", f'"{told}" is no Telegram number', "write the digits that /id answers, no @name")
        return ""
    return told


def _phone(row: Row) -> str | None:
    told = row.get("phone")
    if not told:
        return None
    digits = _digits(told)
    if not 3 <= len(digits) <= 20 or set(told) - set("0123456789+- ()"):
        row.bad("phone", "this is no telephone number", "write digits, like 13800138000")
        return None
    return digits


def _cap(row: Row) -> int | None:
    told = row.get("cap")
    if not told:
        return None
    if not (told.isascii() and told.isdecimal()) or not 1 <= int(told[:9]) <= 1000:
        row.bad("cap", f'"{told}" is no number of cases', "write 1 to 1000, or leave it empty")
        return None
    return int(told)


def _skills(row: Row, known: set[str]) -> list[str]:
    told = [skill for skill in row.get("skills").replace("，", ",").replace("、", ",").split(",") if skill.strip()]
    found = [skill.strip().lower() for skill in told]
    for skill in found:
        if skill not in known:
            row.bad("skills", f'no kind of matter asks for "{skill}"', close(skill, sorted(known)))
    return found


def _digits(phone: str) -> str:
    return "".join(char for char in phone if char in "0123456789+")
