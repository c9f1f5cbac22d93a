"""Faults on request: the network and the server at their worst."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from http import HTTPStatus

from tests.simulators.telegram.errors import Json

ANY = "*"
DOWNLOAD = "download"
"""The name under which the download of a file fails; it is no method."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call."""

    status: int | None = None  # with no body either: the call is answered as ever, once it has hung
    body: Json | str | None = None  # None: as Telegram words the status
    disconnect: bool = False  # the connection breaks without an answer
    hang: float = 0.0  # seconds before anything happens
    applied: bool = False  # the call takes effect all the same: only its answer is lost

    @property
    def breaks(self) -> bool:
        """Tell whether the true answer is lost."""
        return self.disconnect or self.status is not None

    def answer(self) -> Json | str:
        """Return the body to answer with."""
        if self.body is not None:
            return self.body
        status = self.status or 500
        return {"ok": False, "error_code": status, "description": HTTPStatus(status).phrase}


@dataclass(slots=True)
class Faults:
    """Faults that wait for their call."""

    _waiting: defaultdict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(_nothing))

    def add(self, method: str, fault: Fault, times: int) -> None:
        """Let the next `times` calls of a method fail."""
        self._waiting[method].extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        """Return what this call must suffer."""
        if not self._waiting:
            return None
        for name in (method, ANY):
            if self._waiting.get(name):
                return self._waiting[name].popleft()
        return None

    def clear(self) -> None:
        """Let everything work again."""
        self._waiting.clear()


def _nothing() -> deque[Fault]:
    return deque()
