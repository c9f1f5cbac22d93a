"""/find: cases by words, by the name or the telephone number of who reported them, by number.

Looking by name or number is a look at contact details: the audit says who looked, not for whom.
"""

import re
from dataclasses import replace
from typing import Any

from cases import audit, finding
from cases.folding import fold
from cases.patterns import pattern
from cases.search import Filter
from handlers import case_press
from handlers.admin import case_list
from handlers.admin.filter_code import code_of
from handlers.clean import clean, has_words
from handlers.pages import number_of
from handlers.talk import Talk
from storage.models import Case

LONGEST = 40  # characters
SHORTEST_NAME = 2  # characters of what is taken for a name without being told
SHORTEST_NUMBER = 4  # digits of a telephone number
SAID = pattern(
    r"(?:报事人|姓名|名字|named?)\s*[::]?\s*(?P<reporter>.+)"
    r"|(?:电话|手机号?|号码|尾号|phone|tel)\s*[::]?\s*(?P<phone>[\d +-]+)"
    r"|(?:关键[字词]|内容|words?|keywords?)\s*[::]?\s*(?P<words>.+)"
    r"|(?P<digits>#?\s*\+?[\d -]+)"
)
SOMEBODYS_NUMBER = pattern(r"\d{7}")  # within words


def find(talk: Talk, argument: str) -> None:
    """Take "/find 漏水", "/find 张三", "/find 5678", "/find 1042"; 关键字, 姓名, 电话 before it say which is meant."""
    said = clean(argument)[:LONGEST]
    told = SAID.fullmatch(fold(said))
    if not has_words(said):
        _say_usage(talk)
    elif told is None:
        asked = Filter(reporter=said)
        _show(talk, asked if len(said) >= SHORTEST_NAME and _is_somebody(talk, asked) else Filter(words=said))
    elif told["digits"]:
        _by_number(talk, told["digits"])
    elif told["phone"]:
        _by_phone(talk, told["phone"])
    else:
        name = "reporter" if told["reporter"] else "words"
        _show(talk, _looking(Filter(), name, said[told.start(name) :]))


def switch(talk: Talk, which: str, by: str, asked: Filter) -> None:
    """Look for the same as a list among names ("reporter") or words ("words")."""
    said = asked.words or asked.reporter or asked.phone
    if said:
        _show(talk, _looking(asked, by, said), which)


def _looking(asked: Filter, name: str, said: str) -> Filter:
    """Return the filter looking for `said` there and nowhere else."""
    fields: dict[str, Any] = {"words": "", "reporter": "", "phone": "", name: said}
    return replace(asked, **fields)


def _is_somebody(talk: Talk, asked: Filter) -> bool:
    return bool(finding.find(talk.context, talk.actor, asked, case_list.places(talk, asked)).ids)


def _by_number(talk: Talk, text: str) -> None:
    """Digits are the number of a case if there is one where the reader leads, else the end of a telephone number."""
    digits = re.sub(r"\D", "", text)
    case = talk.session.get(Case, number_of(digits))
    led = case_list.places(talk, Filter())
    if case is not None and any(talk.rules.tree.covers(place, case.place_id) for place in led):
        case_press.press(talk, "card", case.id, "")
    elif text.startswith("#"):
        talk.reply(talk.t("There is no such case."))
    else:
        _by_phone(talk, digits)


def _by_phone(talk: Talk, text: str) -> None:
    digits = re.sub(r"\D", "", text)
    if len(digits) >= SHORTEST_NUMBER:
        _show(talk, Filter(phone=digits))
    else:
        talk.reply(talk.t("At least the last four digits of the number, please."))


def _show(talk: Talk, asked: Filter, which: str | None = None) -> None:
    """Show what is found; a look at contact details is written down, whether somebody is found or not."""
    which = which or case_list.new_list(talk)
    found = case_list.show(talk, which, 0, code_of(talk, asked), asked)
    looked = "name" if asked.reporter else "phone" if asked.phone or SOMEBODYS_NUMBER.search(asked.words) else ""
    if looked:
        where = case_list.places(talk, asked)[0]
        audit.record(talk.context, talk.actor, "find", place_id=where, by=looked, found=len(found.ids))


def _say_usage(talk: Talk) -> None:
    talk.reply(
        talk.t(
            "Write what to look for: words, the name of who reported it, the end of a telephone number, or a number.\n"
            "For example: /find leak · /find 张三 · /find 5678 · /find 1042\n"
            "To say which is meant: /find name 张三"
        )
    )
