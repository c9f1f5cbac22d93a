"""What is counted while the program runs, for `/metrics` (Prometheus' text format)."""

from prometheus_client import Counter

UPDATES = Counter("redsteward_updates", "Updates taken in, by channel and what became of them", ["channel", "how"])
SENT = Counter("redsteward_calls", "Calls to platforms, by channel and outcome", ["channel", "outcome"])
