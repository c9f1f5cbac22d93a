"""From when until when somebody is away, as people write it: 3天, 到10月5日, 明天到周五, 10月3日到8日, 明天起3天."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from cases.deadlines import Deadlines
from cases.duration import parse
from cases.folding import fold
from cases.patterns import pattern

DAYS_A_WEEK = 7
_NEAR = {
    "今天": 0, "今日": 0, "today": 0, "明天": 1, "明日": 1, "tomorrow": 1, "后天": 2, "大后天": 3,
    "昨天": -1, "yesterday": -1, "the day after tomorrow": 2,
}  # fmt: skip
_WEEKDAYS = {
    **{sign: number for number, sign in enumerate("一二三四五六日")}, "天": 6,
    **{name: number for number, name in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))},
}  # fmt: skip
_UNTIL = "到|至|-|~|until|till|to"
_POINT = pattern(
    rf"(?P<until>{_UNTIL})?\s*(?:(?:(?P<year>20\d\d)[-/.年])?(?P<month>\d{{1,2}})[-/.月](?P<day>\d{{1,2}})(?!\d)[日号]?"
    rf"|(?P<only>(?<!\d)\d{{1,2}})[日号]"
    rf"|(?P<near>{'|'.join(sorted(_NEAR, key=len, reverse=True))})"
    r"|(?P<next>下个?|本|这个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])"
    rf"|(?P<next_en>next |this )?\b(?P<weekday_en>{'|'.join(name for name in _WEEKDAYS if len(name) > 1)})\b)"
    r"(?:起|开始)?(?:止|为止)?"
)
_BETWEEN = pattern(
    r"^(?:请假|外出|不在|away|for|from|自|从|由|让|cover|by|,|，|\s)+|(?:由|替班|顶班|代班|自|从|from|cover|by|,|，|\s)+$"
)
_LASTS = pattern(r"\s*(?P<lasts>\d+\s*(?:天|日|d|days?))(?![a-z\d])")


@dataclass(frozen=True, slots=True)
class Leave:
    """`begins` None: from now on. `rest`: the words that are left, the name of who stands in."""

    begins: datetime | None
    until: datetime
    rest: str


def read(text: str, now: datetime, deadlines: Deadlines) -> Leave | None:
    """Return what is said; None where no time is."""
    return _days(text, now, deadlines) or _duration(text, now, deadlines)


def names_days(text: str) -> bool:
    """Tell whether days are named, and not only how many."""
    found = _POINT.search(fold(text))
    return found is not None and not found["only"]


def _days(text: str, now: datetime, deadlines: Deadlines) -> Leave | None:
    today = now.astimezone(deadlines.zone).date()
    said = fold(text)
    points = list(_POINT.finditer(said))
    if points and points[0]["only"]:  # "3日" alone are three days
        return None
    try:
        days = _dates(points, today)
    except ValueError:
        return None
    if not days:
        return None
    first, last, end = _span(said, points, days)
    rest = _name(text, points[0].start(), end)
    begins = None if first is None or first <= today else _midnight(first, deadlines, now)
    return Leave(begins, _midnight(last + timedelta(days=1), deadlines, now), rest)


def _span(said: str, points: list[re.Match[str]], days: list[date]) -> tuple[date | None, date, int]:
    """Return the first day, the last, and where what was said of it ends."""
    if len(days) > 1:
        return days[0], days[-1], points[-1].end()
    if lasts := _LASTS.match(said, points[0].end()):
        count = int(re.match(r"\d+", lasts["lasts"])[0])  # type: ignore[index] # the pattern begins with digits
        return days[0], days[0] + timedelta(days=max(0, count - 1)), lasts.end()
    return None if points[0]["until"] else days[0], days[0], points[0].end()


def _dates(points: list[re.Match[str]], today: date) -> list[date]:
    """Return the days that are meant, each the next of its kind. Raises ValueError where there is no such day."""
    found: list[date] = []
    for point in points:
        found.append(_date(point, today, found[-1] if found else None))
    return found


def _date(point: re.Match[str], today: date, before: date | None) -> date:
    if point["near"]:
        return today + timedelta(days=_NEAR[point["near"]])
    if weekday := point["weekday"] or point["weekday_en"]:
        return _weekday(weekday, point["next"] or point["next_en"] or "", today, before)
    since = before or today
    if point["only"]:
        day = since.replace(day=int(point["only"]))
        return day if day >= since else _a_month_on(day)
    day = date(int(point["year"] or since.year), int(point["month"]), int(point["day"]))
    return day if day >= since or point["year"] else day.replace(year=day.year + 1)


def _weekday(name: str, which: str, today: date, before: date | None) -> date:
    monday = today - timedelta(days=today.weekday())
    if which.startswith(("下", "next")):
        return monday + timedelta(days=DAYS_A_WEEK + _WEEKDAYS[name])
    if which:
        return monday + timedelta(days=_WEEKDAYS[name])
    since = before or today
    return since + timedelta(days=(_WEEKDAYS[name] - since.weekday()) % DAYS_A_WEEK)


def _a_month_on(day: date) -> date:
    return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)


def _midnight(day: date, deadlines: Deadlines, now: datetime) -> datetime:
    return datetime.combine(day, time(), deadlines.zone).astimezone(now.tzinfo)


def _name(text: str, start: int, end: int) -> str:
    """Return what stands around the days, without the small words of a sentence."""
    around = f"{_BETWEEN.sub('', text[:start])} {_BETWEEN.sub('', text[end:])}"
    return _BETWEEN.sub("", around.strip()).strip()


def _duration(text: str, now: datetime, deadlines: Deadlines) -> Leave | None:
    parts = text.split()
    for start in range(len(parts)):
        for end in range(len(parts), start, -1):
            try:
                duration = parse(" ".join(parts[start:end]))
            except ValueError:
                continue
            return Leave(None, deadlines.after(now, duration), " ".join((*parts[:start], *parts[end:])))
    return None
