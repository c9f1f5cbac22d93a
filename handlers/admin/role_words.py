"""Roles and partner types in words: how they are called, and what people write for them."""

import re
from dataclasses import dataclass

from cases.folding import fold
from cases.settings import Partner
from handlers.admin.sheet_rows import PARTNERS
from handlers.clean import clean
from handlers.talk import Talk
from handlers.texts import N_, Translate, translator

ROLES = {"steward": N_("steward"), "coordinator": N_("coordinator"), "admin": N_("admin")}
SAID_ROLES = {
    "steward": ("红管家", "管家", "steward", "stewards"),
    "coordinator": ("协调员", "网格长", "小区长", "楼栋长", "楼长", "单元长", "coordinator", "head"),
    "admin": ("管理员", "administrator", "admin"),
}
_FILLERS = re.compile(r"(?<!\S)(?:为|当|做|在|的|at|as|of|in|for|the|a|an)(?!\S)")


@dataclass(frozen=True, slots=True)
class Meant:
    """What words say of a role. `unknown`: what is left of them that is no place."""

    role: str | None = None
    partner: str | None = None
    place_id: int | None = None
    unknown: str = ""


def role_name(role: str, partner: str | None, t: Translate) -> str:
    """Return "红管家 · 邻里互助"."""
    name = t(ROLES.get(role, role))
    return f"{name} · {partner_name(partner, t)}" if partner else name


def partner_name(partner: str, t: Translate) -> str:
    """Return what a partner type is called."""
    return t(PARTNERS[Partner(partner)]) if partner in tuple(Partner) else partner


def read(talk: Talk, text: str) -> Meant:
    """Read "steward 3号楼 邻里互助", in any order; a partner type alone means a steward."""
    said = clean(text)
    partner, said = _taken(said, _partners())
    role, said = _taken(said, {word: role for role, words in SAID_ROLES.items() for word in words})
    rest = " ".join(_FILLERS.sub(" ", said).split())
    place = talk.rules.understander.read(rest).place_id if rest else None
    return Meant(role or ("steward" if partner else None), partner, place, "" if place is not None else rest)


def _partners() -> dict[str, str]:
    found: dict[str, str] = {}
    for partner, english in PARTNERS.items():
        for word in (english, translator("zh")(english), partner.value):
            found[fold(word)] = partner.value
    return found


def _taken(said: str, known: dict[str, str]) -> tuple[str | None, str]:
    """Return what the first known word means, the longest words first, and the text without it."""
    folded = fold(said)
    for word in sorted(known, key=len, reverse=True):
        found = re.search(rf"(?<![a-z_]){re.escape(word)}(?![a-z_])", folded)
        if found is not None:
            return known[word], f"{said[: found.start()]} {said[found.end() :]}"
    return None, said
