"""Figures apart: what is folded, so that nothing private shows, how a period is divided, when a rate is one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import breakdowns
from cases.breakdowns import Row, folded
from cases.figures import FEW, Rate, Tally


def tally(reported: int, private: int = 0) -> Tally:
    return Tally(reported=reported, private=private)


def test_the_largest_stand_alone_and_the_rest_together() -> None:
    found = {f"k{number}": tally(20 + number) for number in range(15)}
    rows = folded(found, private=True, most=10)
    assert [row.key for row in rows] == [*(f"k{number}" for number in range(14, 4, -1)), None]
    assert rows[-1] == Row(None, tally(20 + 21 + 22 + 23 + 24), 5)


def test_one_more_than_fits_stands_alone_too() -> None:
    found = {f"k{number}": tally(20) for number in range(11)}
    assert all(row.others == 0 for row in folded(found, private=True, most=10))


def test_few_private_ones_are_folded_with_as_much_else_as_it_takes() -> None:
    found = {"lift": tally(30), "lights": tally(12), "crime": tally(1, 1), "dispute": tally(2, 2)}
    assert folded(found, private=True) == [Row("lift", tally(30)), Row(None, tally(15, 3), 3)]
    assert [row.key for row in folded(found, private=False)] == ["lift", "lights", "dispute", "crime"]


def test_ten_private_ones_may_stand_alone() -> None:
    found = {"dispute": tally(FEW, FEW), "lift": tally(1)}
    assert folded(found, private=True) == [Row("dispute", tally(FEW, FEW)), Row("lift", tally(1))]


@given(st.lists(st.tuples(st.integers(1, 15), st.booleans()), max_size=25))
def test_no_few_private_ones_ever_show(kinds: list[tuple[int, bool]]) -> None:
    found = {f"k{at}": tally(count, count if private else 0) for at, (count, private) in enumerate(kinds)}
    rows = folded(found, private=True)
    assert sum((row.tally for row in rows), Tally()) == sum(found.values(), Tally())
    alone = [row for row in rows if row.tally.private == row.tally.reported < FEW]
    assert alone in ([], rows)  # all there is may be private: then it is one row without a name
    assert all(row.others for row in alone)


@pytest.mark.parametrize(
    ("part", "whole", "tenths"),
    [(9, 9, None), (0, 0, None), (9, 10, 900), (10, 10, 1000), (1999, 2000, 999), (2, 3000, 0), (7787, 7869, 989)],
)
def test_a_rate_is_one_from_ten_cases_on_and_never_rounded_up(part: int, whole: int, tenths: int | None) -> None:
    assert Rate(part, whole, 0).tenths == tenths


@pytest.mark.parametrize(
    ("since", "until", "spans"),
    [
        (date(2026, 9, 28), date(2026, 10, 4), 7), (date(2026, 9, 1), date(2026, 9, 30), 5),
        (date(2026, 1, 1), date(2026, 12, 31), 12), (date(2026, 9, 30), date(2026, 9, 30), 1),
        (date(2026, 10, 2), date(2026, 10, 1), 0),
    ],
)  # fmt: skip
def test_a_period_is_divided_without_gap_or_overlap(since: date, until: date, spans: int) -> None:
    found = breakdowns._spans(since, until, (until - since).days + 1)
    assert len(found) == spans
    days = [day for first, last in found for day in range(first.toordinal(), last.toordinal() + 1)]
    assert days == list(range(since.toordinal(), until.toordinal() + 1))
