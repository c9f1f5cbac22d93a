"""Days and periods as people write them: 今天, 本周, 9月1日, 2026-09-01..2026-09-30, last 7 days."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from cases.patterns import pattern
from handlers.texts import Translate

HALF_A_YEAR = timedelta(days=183)

_RELATIVE = {
    "today": "今天|今日|当天|today",
    "yesterday": "昨天|昨日|yesterday",
    "before": "前天|前日",
    "weeks_before": "(?:上{2,4}|大上)个?(?:周|星期|礼拜)|前一?周|前个?(?:星期|礼拜)|the week before last",
    "week": "本周|这周|这一周|本星期|这星期|这个星期|本礼拜|这个?礼拜|this week",
    "last_week": "上周|上一周|上星期|上个星期|上个?礼拜|last week",
    "months_before": "(?:上{2,4}|大上)个?月|the month before last",
    "month": "本月|这个月|这月|当月|this month",
    "last_month": "上月|上个月|last month",
    "year": "今年|本年|this year",
    "last_year": "去年|上年|last year",
}
PERIODS = (
    "今天", "昨天", "前天", "本周", "上周", "上上周", "本月", "上月", "上上月", "今年", "去年",
    "today", "yesterday", "this week", "last week", "this month", "last month", "this year", "last year",
)  # fmt: skip
"""What is offered for a period that is mistyped."""
_DAY_MARK = "(?:日|号(?!楼))"
_POINT = pattern(
    r"(?<!\d)(?P<y1>\d{4})\s?[-/.年]\s?(?P<m1>\d{1,2})\s?[-/.月]\s?(?P<d1>\d{1,2})(?!\d)" + f"{_DAY_MARK}?"
    r"|(?<!\d)(?P<y2>\d{4})\s?[-/年]\s?(?P<m2>\d{1,2})(?![\d-])(?:月份?)?"
    r"|(?<!\d)(?P<m3>\d{1,2})\s?月\s?(?P<d3>\d{1,2})" + _DAY_MARK + r"|(?<!\d)(?P<m4>\d{1,2})\s?月份?(?!\d)"
    r"|(?<!\d)(?P<y5>20\d{2})\s?年"
    r"|(?:最近|近|过去|last|past)\s?(?P<days>\d{1,3})\s?(?:天|日|days?\b)"
    + "".join(f"|(?P<{name}>{words})" for name, words in _RELATIVE.items())
)
_TO = pattern(r"\s*(?:\.{2,}|…+|~+|至|到|-+|to|until)\s*")
_OPEN_END = pattern(r"\s*(?:\.{2,}|…+|~+|起|以来|以后|之后|onwards?)")
_OPEN_START = pattern(r"(?:\.{2,}|…+|~+|\buntil|\bup to)\s*$")
_SINCE = pattern(r"(?:\bsince|\bfrom|从|自)\s*$")


@dataclass(frozen=True, slots=True)
class Days:
    """A period and where the text says it; neither end: there is no such day."""

    start: int
    end: int
    since: date | None = None
    until: date | None = None


def find_days(text: str, today: date) -> Iterator[Days]:
    """Yield the periods that a folded text names. A day without a year is the last one, not one to come."""
    points = list(_POINT.finditer(text))
    number = 0
    while number < len(points):
        first = points[number]
        last = points[number + 1] if number + 1 < len(points) else None
        if last is not None and _TO.fullmatch(text, first.end(), last.start()):
            yield _between(text, first, last, today)
            number += 2
        else:
            yield _alone(text, first, today)
            number += 1


def say_days(since: date | None, until: date | None, today: date, t: Translate) -> str:
    """Return a period in words."""
    if since == until == today:
        return t("today")
    if since is not None and since == until:
        return _say(since, t)
    if since is None or until is None:
        return t("since {day}").format(day=_say(since, t)) if since else t("until {day}").format(day=_say(until, t))
    if since.day == 1 and until == _end_of_month(since):
        return t("{month}/{year}").format(month=since.month, year=since.year)
    return t("{since} to {until}").format(since=_say(since, t), until=_say(until, t))


def _say(day: date | None, t: Translate) -> str:
    return t("{year}-{month}-{day}").format(year=day.year, month=day.month, day=day.day) if day else ""


def _between(text: str, first: re.Match[str], last: re.Match[str], today: date) -> Days:
    """Return the period from one day to the other; who writes the later one first means the same."""
    start, end = _start(text, first), last.end()
    try:
        one, other = _span(first, today), _span(last, today, _span(first, today)[0])
    except ValueError:
        return Days(start, end)
    return Days(start, end, min(one[0], other[0]), max(one[1], other[1]))


def _alone(text: str, point: re.Match[str], today: date) -> Days:
    start, end = _start(text, point), point.end()
    try:
        since, until = _span(point, today)
    except ValueError:
        return Days(start, end)
    if after := _OPEN_END.match(text, end):
        return Days(start, after.end(), since, None)
    if before := _OPEN_START.search(text, 0, point.start()):
        return Days(before.start(), end, None, until)
    if start != point.start():  # "since …"
        return Days(start, end, since, None)
    return Days(start, end, since, until)


def _start(text: str, point: re.Match[str]) -> int:
    since = _SINCE.search(text, 0, point.start())
    return since.start() if since else point.start()


def _span(point: re.Match[str], today: date, after: date | None = None) -> tuple[date, date]:
    """Return first and last day. Raises ValueError where there is no such day."""
    for name in _RELATIVE:
        if point[name]:
            return _before(name, point[name].count("上"), today) or _relative(name, today)
    if point["days"]:
        return today - timedelta(days=max(1, int(point["days"])) - 1), today
    if point["y5"]:
        return date(int(point["y5"]), 1, 1), date(int(point["y5"]), 12, 31)
    year, month, day = (point["y1"] or point["y2"], point["m1"] or point["m2"] or point["m3"] or point["m4"],
                        point["d1"] or point["d3"])  # fmt: skip
    if year:
        return _day_or_month(int(year), int(month), day)
    base = after or today
    since, until = _day_or_month(base.year, int(month), day)
    if after is None and since > today:
        return _day_or_month(base.year - 1, int(month), day)
    if after is not None and until < after and _day_or_month(base.year + 1, int(month), day)[1] - after < HALF_A_YEAR:
        return _day_or_month(base.year + 1, int(month), day)  # 12月20日至1月5日
    return since, until


def _day_or_month(year: int, month: int, day: str | None) -> tuple[date, date]:
    if day:
        return date(year, month, int(day)), date(year, month, int(day))
    first = date(year, month, 1)
    return first, _end_of_month(first)


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _before(name: str, back: int, today: date) -> tuple[date, date] | None:
    """Return a week or month further back than the last: 上上周 two weeks, 上上上周 three; None for another period."""
    back = max(2, back)
    if name == "weeks_before":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return monday, monday + timedelta(days=6)
    if name == "months_before":
        first = today.replace(day=1)
        for _ in range(back):
            first = (first - timedelta(days=1)).replace(day=1)
        return first, _end_of_month(first)
    return None


def _relative(name: str, today: date) -> tuple[date, date]:
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = first - timedelta(days=1)
    return {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1),) * 2,
        "before": (today - timedelta(days=2),) * 2,
        "week": (monday, monday + timedelta(days=6)),
        "last_week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "month": (first, _end_of_month(first)),
        "last_month": (before.replace(day=1), before),
        "year": (date(today.year, 1, 1), date(today.year, 12, 31)),
        "last_year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    }[name]
