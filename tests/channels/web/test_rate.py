"""How much one person may send."""

from bot.channels.web import rate
from bot.channels.web.limits import BURST
from bot.channels.web.rate import Rate


class Seconds:
    """A clock by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_fine_and_then_it_is_one_a_second() -> None:
    seconds = Seconds()
    limiter = Rate(seconds)
    assert all(limiter.allows("aunt") for _ in range(BURST))
    assert not limiter.allows("aunt")
    seconds.now += 1.0
    assert limiter.allows("aunt")
    assert not limiter.allows("aunt")


def test_one_person_does_not_use_up_anothers() -> None:
    limiter = Rate(Seconds())
    while limiter.allows("aunt"):
        pass
    assert limiter.allows("uncle")


def test_who_was_quiet_the_longest_is_forgotten() -> None:
    seconds = Seconds()
    limiter = Rate(seconds)
    for number in range(rate._MANY + 1):
        assert limiter.allows(str(number))
        seconds.now += 5.0
    assert len(limiter._buckets) == rate._MANY
    assert "0" not in limiter._buckets
