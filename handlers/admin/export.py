"""/export: the cases of a filter as a sheet, for admins. Names and numbers are whole only for a reason that is kept."""

import re

from cases.folding import fold
from cases.search import Filter
from handlers.admin import case_list
from handlers.admin.filter_words import how_to, say_filter
from handlers.clean import clean, cut, has_words
from handlers.command import ADMINS, Command
from handlers.commission import commission, is_making
from handlers.talk import Talk
from handlers.texts import N_

KIND = "export"
ROLES = ("admin",)  # a sheet leaves the house: it is for whoever answers for the place
LONGEST_REASON = 200  # characters

_FORM = re.compile(r"(?<![a-z])(?P<xlsx>xlsx|excel)(?![a-z])|(?<![a-z])csv(?![a-z])")
_PHONES = re.compile(
    r"(?<!\S)(?<!关键[字词] )(?:[带含加]?(?:电话|手机)(?:号码?)?|(?:with )?(?:tele)?phones?(?: numbers?)?)(?!\S)"
)
_REASON = re.compile(r"(?:原因|理由|用途|\breason|\bbecause)\s*[::]?\s*(.*)", re.DOTALL)


def export(talk: Talk, argument: str) -> None:
    """Take "/export 本月 3号楼", "/export 本月 csv", "/export 本月 电话 原因 上门回访"."""
    said = clean(argument)
    rest, reason = _split(said, _REASON)
    rest, phones = _split(rest, _PHONES)
    rest, forms = _forms(rest)
    parsed = case_list.read(talk, rest, ROLES)
    if parsed.doubts:
        case_list.say_doubts(talk, parsed, "export", "x:{code}")
    elif parsed.number is not None:
        talk.reply(how_to(talk.rules, "export", talk.t))
    elif phones and not has_words(reason):
        talk.reply(talk.t("Names and numbers only with a reason, which is kept: /export this month phones reason …"))
    else:
        _begin(talk, parsed.asked, forms, phones=bool(phones), reason=reason)


def press(talk: Talk, code: str) -> None:
    """Take the button below a list; the rights are those of this moment."""
    if not talk.actor.has(*ROLES):
        talk.toast(talk.t("That is for admins."))
    elif (asked := case_list.again(talk, code)) is not None:
        _begin(talk, asked, ["xlsx"], phones=False, reason="")


def _begin(talk: Talk, asked: Filter, forms: list[str], *, phones: bool, reason: str) -> None:
    t = talk.t
    if asked.looks_at_contacts:
        talk.reply(t("A sheet is not made for one person."))
    elif not case_list.places(talk, asked, ROLES):
        talk.reply(case_list.say_outside(talk, asked))
    elif is_making(talk, KIND):
        talk.reply(t("Your last sheet is still being made. Please wait for it."))
    else:
        data = {"filter": asked.to_data(), "forms": forms, "phones": phones, "reason": cut(reason, LONGEST_REASON)[0]}
        commission(
            talk, KIND, data, t("The sheet is being made: {filter}").format(filter=say_filter(talk.context, asked, t))
        )


def _split(said: str, pattern: re.Pattern[str]) -> tuple[str, str]:
    """Return the text without what the pattern finds first, and what was found: its group, or all of it."""
    found = pattern.search(fold(said))
    if found is None:
        return said, ""
    group = found.lastindex or 0
    return f"{said[: found.start()]} {said[found.end() :]}", said[found.start(group) : found.end(group)]


def _forms(said: str) -> tuple[str, list[str]]:
    """Return the text without the forms, and which are wanted; .xlsx where none is."""
    found = list(_FORM.finditer(fold(said)))
    for each in reversed(found):
        said = f"{said[: each.start()]} {said[each.end() :]}"
    return said, list(dict.fromkeys("xlsx" if each["xlsx"] else "csv" for each in found)) or ["xlsx"]


COMMANDS = (
    Command("export", export, N_("cases as a sheet: /export this month"), ("导出", "导出表格"),
            leading=("导出", "export"), roles=ADMINS),
)  # fmt: skip
