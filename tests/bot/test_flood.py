"""Who floods the desk is slowed; who waited for it to come back is not."""

from datetime import UTC, datetime, timedelta

from bot.flood import PER_MINUTE, Flood

NOON = datetime(2026, 9, 30, 4, tzinfo=UTC)


def test_one_minute_of_flood_is_told_once() -> None:
    flood = Flood()
    verdicts = [flood.judge("a", NOON + timedelta(milliseconds=n)) for n in range(200)]
    assert verdicts == ["take"] * PER_MINUTE + ["tell"] + ["drop"] * (199 - PER_MINUTE)


def test_what_piled_up_while_nobody_listened_is_no_flood() -> None:
    flood = Flood()
    assert {flood.judge("a", NOON + timedelta(minutes=n)) for n in range(200)} == {"take"}


def test_the_next_minute_begins_anew() -> None:
    flood = Flood()
    for _ in range(100):
        flood.judge("a", NOON)
    assert flood.judge("a", NOON + timedelta(minutes=1)) == "take"
