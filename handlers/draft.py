"""What a resident has told so far, kept as plain data in the dialogue, and the card that shows it."""

import hashlib
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Literal

from cases.filing import Draft, Wish
from cases.settings import Category
from cases.understand import Understanding
from handlers import wish_card, words
from handlers.clean import cut
from handlers.inbound import Inbound
from handlers.mask import mask
from handlers.message import Choice, Message, Rows
from handlers.talk import Talk
from handlers.texts import Translate

PLACE_DETAIL = 80  # characters kept beside the place
SHOWN_WORDS = 400  # characters of the words on the card; the case keeps them whole


@dataclass(slots=True)
class Telling:
    """A report in the making. `id` names it for ever, so that it is filed at most once."""

    id: str
    words: str = ""
    category: str | None = None
    place_id: int | None = None
    place_detail: str = ""
    unknown_place: str = ""  # "没有19号楼": what was said but is not here
    emergency: bool = False
    files: list[int] = field(default_factory=list)
    album: str | None = None
    wish: bool = False
    visibility: str = "anonymous"  # of a wish: public without the name unless one wants it otherwise
    beneficiary: str = ""  # for whom, where it is not for the teller
    consent: bool | None = None  # of a neighbour for whom one tells
    by: str | None = None  # ISO date by which one hopes for it
    people: int = 1  # wanted to fulfil it; 0: whoever can
    located: bool = False  # the place comes from a location that was sent
    group_place: int | None = None  # of the building group it was told in
    alike: list[int] = field(default_factory=list)  # open cases that were offered as the same
    compared: bool = False  # with the open cases around, once
    goes_on: bool = False  # the last message was as long as a platform lets one be: the next is its rest

    def data(self) -> dict[str, Any]:
        """Return it as plain data for the dialogue."""
        return dict(zip(_FIELDS, _values(self), strict=True))

    def draft(self, place_id: int, fallback: str, group: tuple[str, str] | None = None) -> Draft:
        """Return what `cases.filing` takes."""
        return Draft(
            self.id, self.words, self.category or fallback, place_id, self.place_detail, self.emergency,
            tuple(self.files), group,
        )  # fmt: skip

    def wished(self) -> Wish | None:
        """Return what a wish says beyond a report; None for a report."""
        if not self.wish:
            return None
        by = datetime.fromisoformat(self.by) if self.by else None
        public: Literal["name", "anonymous", "coordinator"] = "anonymous"
        if self.visibility in ("name", "coordinator"):
            public = "name" if self.visibility == "name" else "coordinator"
        return Wish(public, self.beneficiary, self.consent, self.people, by)


_FIELDS = tuple(one.name for one in fields(Telling))
_values = attrgetter(*_FIELDS)


def new_id(inbound: Inbound) -> str:
    """Name a draft after the update that began it: a repeat of the update names the same draft."""
    return hashlib.sha256(f"{inbound.channel}\n{inbound.key}".encode()).hexdigest()[:12]


def from_data(data: dict[str, Any]) -> Telling:
    """Return the draft kept in a dialogue; fields that a former version had and this one lacks are dropped."""
    known = Telling.__dataclass_fields__
    return Telling(**{name: value for name, value in data.items() if name in known})


def take_words(talk: Talk, telling: Telling, said: str) -> None:
    """Add words, and what they mean where nothing is known yet; all words together may make it an emergency."""
    telling.words = f"{telling.words}\n{said}".strip()
    read, home = talk.rules.understander.read, talk.person.home_id
    whole = read(telling.words, home)
    if whole.emergency and not telling.emergency:
        telling.category, telling.emergency, telling.wish = whole.category, True, False
    if telling.wish:
        telling.category = talk.rules.wish_kind(telling.words)
    telling.category = telling.category or whole.category
    take_place(telling, read(said, home))


def take_place(telling: Telling, meant: Understanding) -> None:
    """Take the place from words, where they name one and none is known yet."""
    telling.unknown_place = meant.unknown_place
    if telling.place_id is None and meant.place_id is not None:
        telling.place_id, telling.place_detail = meant.place_id, meant.place_detail[:PLACE_DETAIL]


def card_key(draft_id: str) -> str:
    """Return the card's key; after filing the same card shows the case."""
    return f"draft:{draft_id}"


def show(talk: Talk, telling: Telling) -> Message:
    """Return the card of a complete draft."""
    if telling.wish:
        return wish_card.show(talk, telling)
    t = talk.t
    category = talk.rules.settings.category(telling.category or talk.rules.settings.fallback)
    lines: list[str] = []
    shown, shortened = cut(mask(telling.words) if talk.in_group else telling.words, SHOWN_WORDS)
    lines.append(t("What: {words}").format(words=shown + ("…" if shortened else "")))
    lines.append(t("Kind: {category}").format(category=words.category_name(category, t)))
    if telling.place_id is not None:
        detail = mask(telling.place_detail) if talk.in_group else telling.place_detail
        place = words.where(talk.rules, telling.place_id, detail)
        lines.append(t("Where: {place}").format(place=place))
    if telling.files:
        lines.append(t("Photos and files: {count}").format(count=len(telling.files)))
    title = t("Please check, then press Submit")
    text = alarm(talk, telling) + "\n".join(lines)
    return Message(text, title=title, choices=_buttons(telling.id, t), card=card_key(telling.id))


def emergency_lines(category: Category, t: Translate) -> list[str]:
    """Return whom to phone, before anything else."""
    calls = category.emergency.call if category.emergency else ()
    if not calls:
        return []
    lines = [t("Emergency! Phone first:")]
    lines += [f"☎ {call.number}  {call.who_en if t.language == 'en' else call.who}" for call in calls]
    return lines


def alarm(talk: Talk, telling: Telling) -> str:
    """Return whom to phone, to stand before anything else that is said; empty where it is no emergency."""
    if not telling.emergency or telling.category is None:
        return ""
    lines = emergency_lines(talk.rules.settings.category(telling.category), talk.t)
    return "\n".join([*lines, "", ""]) if lines else ""


def _buttons(draft_id: str, t: Translate) -> Rows:
    def choice(label: str, verb: str, style: str = "plain") -> Choice:
        return Choice(label, f"r:{draft_id}:{verb}", "primary" if style == "primary" else "plain")

    return (
        (choice(t("Submit"), "submit", "primary"),),
        (choice(t("Change kind"), "kinds"), choice(t("Change place"), "places")),
        (choice(t("Add photo or words"), "more"), choice(t("It is a micro-wish"), "aswish")),
        (choice(t("Cancel"), "cancel"),),
    )
