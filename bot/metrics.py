"""What is counted while the program runs, for `/metrics` (Prometheus' text format).

`docs/operations.md` says what each means, `deploy/alarms.yaml` when somebody should look.
"""

from functools import cache

from prometheus_client import Counter, Gauge

UPDATES = Counter("redsteward_updates", "Updates taken in, by channel and what became of them", ["channel", "how"])
SENT = Counter("redsteward_calls", "Calls to platforms, by channel and outcome", ["channel", "outcome"])
PUT_OFF = Counter(
    "redsteward_callbacks_put_off", "Callbacks answered so that the platform calls again, by channel and why",
    ["channel", "why"],
)  # fmt: skip

TROUBLE = Gauge("redsteward_trouble", "1 where a part stands still: outbox, clock, database, disk", ["part"])
WAITING = Gauge("redsteward_outbox_waiting", "Calls that wait to be sent")
OLDEST = Gauge("redsteward_outbox_oldest_seconds", "Age of the oldest call that could be sent by now")
RETRIED = Gauge("redsteward_outbox_retried_oldest_seconds", "Age of the oldest call that was tried and did not go out")
OVERDUE = Gauge("redsteward_clock_behind_seconds", "How long the most overdue look of the clock is late")
FILES = Gauge("redsteward_files_waiting", "Files people sent that are not fetched yet")
OLDEST_FILE = Gauge("redsteward_files_oldest_seconds", "Age of the oldest file that is not fetched yet")
OLDEST_COMMISSION = Gauge("redsteward_commissions_oldest_seconds", "Age of the oldest picture or sheet to be made")


def count(counter: Counter, *labels: str) -> None:
    """Count one more, under labels of which there are few."""
    _child(counter, labels).inc()


@cache
def _child(counter: Counter, labels: tuple[str, ...]) -> Counter:
    return counter.labels(*labels)
