"""What stands behind /places: a verb and what it is about, however it was typed; hours and positions in words."""

import re
from dataclasses import dataclass

from cases.folding import fold
from cases.hours import Window, clock_time, ends_later
from cases.patterns import pattern

VERBS = {
    "add": ("add", "新增", "添加", "增加", "加"),
    "name": ("rename", "改名", "重命名"),
    "move": ("move", "移动", "移到", "搬到"),
    "remove": ("remove", "delete", "删除", "移除", "去掉"),
    "aka": ("aliases", "alias", "别名"),
    "hours": ("hours", "工作时间", "上班时间"),
    "where": ("position", "where", "位置", "坐标"),
}
PAIRS = frozenset(("add", "name", "move", "aka", "hours", "where"))  # they need two things
USUAL = ("as above", "usual", "同上", "和上面一样", "默认")
NO_LUNCH = ("no lunch", "不午休", "无午休")

_VERB = pattern(
    "(" + "|".join(sorted((re.escape(word) for words in VERBS.values() for word in words), key=len, reverse=True)) + ")"
)
_BETWEEN = pattern(
    r"\s+(?:in|to|as|at)\s+|\s*(?:->|→|[=＝]|[:：](?!\d)|(?<!\d)[:：])\s*|\s*(?:改成|改为|搬到|移到|属于)\s*|\s+[在到至为叫]\s*"
    "|(?<=[楼栋幢区元号])[在到至为叫]"
)
_SPLIT = pattern(r"[,，、;；\n]+")
_HOURS = pattern(r"(\d{1,2}(?:[:：]\d{2})?)\s*(?:-|–|—|~|～|至|到|to)\s*(\d{1,2}(?:[:：]\d{2})?)")
_DEGREES = pattern(r"^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，、 ]\s*(-?\d{1,3}(?:\.\d+)?)\s*$")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done: the verb, the place or the new name, and what stands behind "in", "to", "改成"."""

    verb: str
    first: str
    second: str = ""


def read(argument: str) -> Asked | None:
    """Read "add 19号楼 in 丰美小区", "改名 3号楼 改成 三栋", "删除 19号楼"; None where no verb comes first."""
    found = _VERB.match(fold(argument))
    if found is None:
        return None
    rest = argument[found.end() :]
    if found[1].isascii() and rest and not rest[0].isspace():
        return None
    verb = next(verb for verb, words in VERBS.items() if found[1] in words)
    first, second = _pair(rest.strip()) if verb in PAIRS else (rest.strip(), "")
    return Asked(verb, first, second)


def names(text: str) -> list[str]:
    """Return the names in "甲, 乙、丙"."""
    return [name for name in (each.strip() for each in _SPLIT.split(text)) if name]


def hours(text: str) -> tuple[Window | None, Window | tuple[()] | None] | None:
    """Read "9:00-18:00", "8:30-17:30 12:00-14:00" (the second is lunch), "9-18 不午休", "同上"; None: none of these.

    Raises ValueError, with what to write, where a time is none or the end is not later.
    """
    told = fold(text).strip()
    if told in USUAL:
        return None, None
    found = _HOURS.findall(told)
    if not 1 <= len(found) <= 2:
        return None
    windows = [ends_later((clock_time(_full(start)), clock_time(_full(end)))) for start, end in found]
    if len(windows) == 2:
        return windows[0], windows[1]
    return windows[0], (() if any(word in told for word in NO_LUNCH) else None)


def degrees(text: str) -> tuple[float, float] | None:
    """Read "30.25, 120.16": latitude and longitude; None where it is something else."""
    found = _DEGREES.match(fold(text))
    return (float(found[1]), float(found[2])) if found else None


def _pair(text: str) -> tuple[str, str]:
    parts = _BETWEEN.split(text, maxsplit=1)
    return (parts[0].strip(), parts[1].strip()) if len(parts) == 2 else (text, "")


def _full(edge: str) -> str:
    return edge.replace("：", ":") if ":" in edge or "：" in edge else f"{edge}:00"
