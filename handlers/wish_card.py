"""The card of a wish in the making: what, for whom, by when, and who may read it."""

from datetime import datetime
from typing import TYPE_CHECKING

from handlers import veil, words
from handlers.clean import cut
from handlers.mask import hide_names, mask
from handlers.message import Choice, Message, Rows
from handlers.talk import Talk
from handlers.task_card import VISIBILITY
from handlers.texts import Translate

if TYPE_CHECKING:
    from handlers.draft import Telling

SHOWN_WORDS = 400  # characters


def show(talk: Talk, telling: "Telling", note: str = "") -> Message:
    """Return the card under a note."""
    t, rules = talk.t, talk.rules
    shown, shortened = cut(_words(telling) if talk.in_group else telling.words, SHOWN_WORDS)
    lines = [note] if note else []
    lines.append(t("Wish: {words}").format(words=shown + ("…" if shortened else "")))
    category = rules.settings.category(telling.category or rules.settings.fallback)
    lines.append(t("Kind: {category}").format(category=words.category_name(category, t)))
    if telling.place_id is not None:
        lines.append(t("Where: {place}").format(place=_where(talk, telling, telling.place_id)))
    lines.append(_for_whom(telling, t, in_group=talk.in_group))
    if telling.by:
        lines.append(t("By: {time}").format(time=words.time(talk, datetime.fromisoformat(telling.by), t)))
    if telling.people != 1:
        lines.append(t("Wanted: {count} people").format(count=telling.people) if telling.people else t("Whoever can"))
    lines.append(t("Who may read it: {who}").format(who=t(VISIBILITY[telling.visibility])))
    if telling.files:
        lines.append(t("Photos and files: {count}").format(count=len(telling.files)))
        if telling.visibility != "coordinator":
            lines.append(t("Stewards who may take it on can look at the photos."))
    title = t("Please check, then press Submit")
    return Message("\n".join(lines), title=title, choices=_buttons(telling.id, t), card=f"draft:{telling.id}")


def _words(telling: "Telling") -> str:
    """Return the words as everybody in a group may read them."""
    neighbour = telling.beneficiary if telling.consent is not None else ""
    return veil.hide_doors(mask(hide_names(telling.words, neighbour)), units=True)


def _where(talk: Talk, telling: "Telling", place_id: int) -> str:
    if talk.in_group:
        return talk.rules.tree.label(veil.public_place(talk.rules.tree, place_id))
    return words.where(talk.rules, place_id, telling.place_detail)


def _for_whom(telling: "Telling", t: Translate, *, in_group: bool) -> str:
    if not telling.beneficiary:
        return t("For: me")
    if in_group:
        return t("For: somebody else")
    if telling.consent is None:
        return t("For whom: {name}").format(name=telling.beneficiary)
    agrees = t("agrees") if telling.consent else t("has not been asked")
    return t("For: {name} ({agrees})").format(name=telling.beneficiary, agrees=agrees)


def _buttons(draft_id: str, t: Translate) -> Rows:
    def choice(label: str, verb: str, style: str = "plain") -> Choice:
        return Choice(label, f"r:{draft_id}:{verb}", "primary" if style == "primary" else "plain")

    return (
        (choice(t("Submit"), "submit", "primary"),),
        (choice(t("For whom"), "for"), choice(t("Who may read it"), "see")),
        (choice(t("By when"), "by"), choice(t("How many people"), "people")),
        (choice(t("Change place"), "places"), choice(t("Add photo or words"), "more")),
        (choice(t("It is a report"), "asreport"), choice(t("Cancel"), "cancel")),
    )
