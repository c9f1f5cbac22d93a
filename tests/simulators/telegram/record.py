"""What the bot did: every call, every violation of the contract, every message."""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

from tests.simulators.telegram.errors import Json, Plain
from tests.simulators.telegram.screen import Shown


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the bot and what became of it."""

    number: int  # counted from 1
    method: str
    params: Json  # decoded where they were right; an upload is shown by its size
    at: float  # time.monotonic() when the answer was ready
    status: int  # HTTP status of the answer; 0: a fault was asked for
    error: str | None
    result: Plain
    via: str  # "http", or "webhook" for a call in the answer to an update

    @property
    def outcome(self) -> str:
        """Return the outcome in words: "ok" or the refusal."""
        return "ok" if self.status == 200 else f"{self.status} {self.error}"


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that no correct bot does."""

    method: str
    reason: str
    params: Json

    def __str__(self) -> str:
        return f"{self.method}: {self.reason}"


def bounded(keep: int | None) -> deque[Call]:
    """Return an empty list of calls that drops the oldest beyond `keep`."""
    return deque(maxlen=keep)


@dataclass(slots=True)
class Record:
    """Everything that came in, bounded by `keep` (None: all of it)."""

    keep: int | None = None
    calls: deque[Call] = field(init=False)
    by_method: dict[str, deque[Call]] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    outcomes: Counter[tuple[str, int]] = field(default_factory=Counter)  # method and status; never dropped
    sent: defaultdict[int, list[Shown]] = field(default_factory=lambda: defaultdict(_no_messages))
    count: int = 0

    def __post_init__(self) -> None:
        self.calls = bounded(self.keep)

    def add(
        self, method: str, params: Json, at: float, status: int, error: str | None, result: Plain, via: str
    ) -> None:
        """Book a call."""
        self.count += 1
        shown = None if method == "getUpdates" else result
        call = Call(self.count, method, params, at, status, error, shown, via)
        self.calls.append(call)
        if method not in self.by_method:
            self.by_method[method] = bounded(self.keep)
        self.by_method[method].append(call)
        self.outcomes[method, status] += 1

    def violate(self, method: str, reason: str, params: Json) -> None:
        """Book a violation."""
        if self.keep is None or len(self.violations) < self.keep:
            self.violations.append(Violation(method, reason, params))

    def message(self, body: Json) -> None:
        """Book a message that was sent."""
        messages = self.sent[body["chat"]["id"]]
        messages.append(Shown.of(body, by_bot=True))
        if self.keep is not None and len(messages) > self.keep:
            del messages[0]


def _no_messages() -> list[Shown]:
    return []
