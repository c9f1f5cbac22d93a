"""Which days are working days in China: weekends, public holidays, and the make-up workdays (调休) that pay for them.

The State Council announces each year's arrangement the autumn before. `chinesecalendar` has it for past years and this
one; for later years `holidays` works the festivals out but cannot know the make-up workdays, which leaves them free.
That is logged once for each such year in which working days are counted; `source_of` says it without logging.
"""

import logging
from datetime import date
from functools import cache
from threading import Lock
from typing import Literal

log = logging.getLogger(__name__)

Source = Literal["chinesecalendar", "holidays", "weekends"]

_SATURDAY = 5
_asking = Lock()  # two threads that ask for the same year at once must not both log


def is_public_workday(day: date) -> bool:
    """Tell whether people in public service work on `day`."""
    if day.year in known_years():
        import chinese_calendar  # see `known_years`

        return bool(chinese_calendar.is_workday(day))
    with _asking:
        _warn_of(day.year)
        festivals = _festivals(day.year)
    return day.weekday() < _SATURDAY and day not in festivals


def source_of(year: int) -> Source:
    """Tell where the working days of `year` come from; only `chinesecalendar` has the make-up workdays.

    `weekends`: not even the festivals are known, every Monday to Friday counts as a working day.
    """
    if year in known_years():
        return "chinesecalendar"
    with _asking:
        return "holidays" if _festivals(year) else "weekends"


@cache
def known_years() -> range:
    """Return the years whose official arrangement is known."""
    # Imported when first asked: a third of a second that only deadlines in working time need.
    from chinese_calendar.constants import holidays

    years = {day.year for day in holidays}
    return range(min(years), max(years) + 1)


@cache
def _festivals(year: int) -> frozenset[date]:
    """Return the public holidays that `holidays` works out; none for years beyond its tables."""
    import holidays  # as slow to import as the other

    return frozenset(holidays.country_holidays("CN", years=year))


@cache
def _warn_of(year: int) -> None:
    log.warning(
        "the official working days of %s are not known: make-up workdays count as free; "
        "add them to times.extra_workdays in config.yaml",
        year,
    )
