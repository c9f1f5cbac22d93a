"""Nobody is asked anything at night that can wait until morning."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.hours import next_decent

ZONE = ZoneInfo("Asia/Shanghai")
WINDOW = (time(9), time(20, 30))


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "asked"),
    [
        ("2026-09-30 08:59", "2026-09-30 09:00"),
        ("2026-09-30 09:00", "2026-09-30 09:00"),
        ("2026-09-30 13:37", "2026-09-30 13:37"),
        ("2026-09-30 20:29", "2026-09-30 20:29"),
        ("2026-09-30 20:30", "2026-10-01 09:00"),
        ("2026-09-30 23:59", "2026-10-01 09:00"),
        ("2026-10-01 00:00", "2026-10-01 09:00"),  # holidays are decent days: residents are at home
        ("2026-12-31 22:00", "2027-01-01 09:00"),
    ],
)
def test_when_a_resident_is_asked(moment: str, asked: str) -> None:
    assert next_decent(at(moment), WINDOW, ZONE) == at(asked)
    assert next_decent(at(moment)) == at(asked)  # nine to half past eight is the rule


def test_the_clock_on_the_wall_is_that_of_the_place() -> None:
    evening_there = datetime(2026, 9, 30, 14, 0, tzinfo=UTC)  # 22:00 in Shanghai
    asked = next_decent(evening_there, WINDOW, ZONE)
    assert asked == at("2026-10-01 09:00")
    assert asked.tzinfo is UTC


def test_what_cannot_be_answered() -> None:
    with pytest.raises(ValueError, match="time zone"):
        next_decent(datetime(2026, 9, 30, 12), WINDOW, ZONE)  # noqa: DTZ001
    with pytest.raises(ValueError, match="midnight"):
        next_decent(at("2026-09-30 12:00"), (time(22), time(6)), ZONE)


zones = st.sampled_from([ZONE, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")])


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=zones), zones)  # noqa: DTZ001
def test_never_earlier_never_indecent_never_moved_twice(moment: datetime, zone: ZoneInfo) -> None:
    asked = next_decent(moment, WINDOW, zone)
    assert asked.timestamp() >= moment.timestamp()
    assert WINDOW[0] <= asked.astimezone(zone).time() < WINDOW[1]
    assert next_decent(asked, WINDOW, zone) == asked
