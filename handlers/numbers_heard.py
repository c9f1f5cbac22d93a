"""What somebody means who writes a number, or a choice's own words, where choices stand."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cases.numerals import number
from cases.patterns import pattern
from handlers import home, numbers, work
from handlers.clean import clean
from handlers.inbound import Press
from handlers.talk import REPORT, Talk

LONGEST = 24  # characters that can be a choice
_BEFORE = r"\W*(?:那|就|请|我|要|想)*(?:选择?|回复?|按|点)?(?:数字)?(?:第|number|no\.?)?"
_BEHIND = r"(?:个|项|条|号|分|星|吧|啊|呀|呢|哦|的|谢谢)*"
_NUMBER = pattern(rf"{_BEFORE}\W*(\d{{1,2}}|[零〇一二两三四五六七八九十]{{1,3}})\W*{_BEHIND}\W*")
_LED = pattern(r"[\s(\[【#]*(\d{1,2}|[一二两三四五六七八九十]{1,3})[\s)\]】.、,。:]*(\D.*)")
AGREED = frozenset(
    ["好", "好的", "好吧", "是", "是的", "对", "对的", "可以", "行", "嗯", "没错", "确认", "确定", "发送", "ok", "yes"]
)
"""To a report that is shown before it is filed: it is right."""
SUBMIT = ":submit"  # the end of that button's data
_CASE = pattern(r"#?(\d{3,9})号?")
_KEYCAP = str.maketrans("", "", "\ufe0f\u20e3")


def heard(talk: Talk) -> bool:
    """Take a number where choices stand: it becomes the press of that choice.

    True where it stands for none and has been answered; else the conversation goes on with what `talk.inbound` now is.
    """
    inbound = talk.inbound
    said = unicodedata.normalize("NFKC", clean(inbound.text).translate(_KEYCAP)).strip().lower()
    nothing_else = inbound.press is None and not (inbound.files or inbound.location or inbound.phone or inbound.group)
    if not nothing_else or not said or len(said) > LONGEST or not talk.planners[inbound.channel].numbered:
        return False
    offers = numbers.standing(talk.session, talk.here, talk.context.now)
    data = _meant(said, offers) or _agreed(talk, said, offers)
    if data is not None:
        talk.inbound = replace(inbound, text="", press=Press(data))
        return False
    if not offers or number_in(said) is None or _numbers_are_awaited(talk):
        return False
    lines = "\n".join(numbers.line(int(given), offers[given][1]) for given in sorted(offers, key=int))
    talk.reply(f"{talk.t('That number is not among the choices. Please reply with one of these:')}\n{lines}")
    return True


def number_in(said: str) -> int | None:
    """Return the number that somebody writes and nothing else: "2", "选二", "(2)", "第2个吧"; None for other words."""
    found = _NUMBER.fullmatch(said)
    return number(found[1]) if found else None


def _meant(said: str, offers: Mapping[str, Sequence[str]]) -> str | None:
    """Return the data of the choice that is meant: by its number, its words, both, or the number of its case."""
    given = number_in(said)
    if given is not None:
        return offers[str(given)][0] if str(given) in offers else None
    for data, label in offers.values():
        if _bare(label) == _bare(said) != "":
            return data
    if (case := _CASE.fullmatch(said)) is not None:
        named = {data for data, label in offers.values() if re.match(rf"#{case[1]}(?!\d)", label)}
        return named.pop() if len(named) == 1 else None
    led = _LED.fullmatch(said)
    chosen = offers.get(str(number(led[1]))) if led else None
    return chosen[0] if led and chosen and _bare(chosen[1]) == _bare(led[2]) else None


def _agreed(talk: Talk, said: str, offers: Mapping[str, Sequence[str]]) -> str | None:
    """Return the data of "submit" where a report is shown and somebody finds it right in words of their own."""
    shown = talk.standing is not None and talk.standing.kind == REPORT and talk.standing.step == "card"
    if not shown or _bare(said) not in AGREED:
        return None
    return next((data for data, _label in offers.values() if data.endswith(SUBMIT)), None)


def _numbers_are_awaited(talk: Talk) -> bool:
    """Tell whether a place is asked for, or words: "21" may be a house not on the page, "2" how many there are."""
    standing = talk.standing
    return standing is not None and (standing.kind in (home.KIND, work.KIND) or standing.step == "place")


def _bare(text: str) -> str:
    """Return letters and digits alone."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).lower() if each.isalnum())
