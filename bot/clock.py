"""What time it is. Everything asks here, so that the demo and the tests can move it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """The machine's clock plus an offset; `on_move` is called after each move."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def move(self, step: timedelta) -> None:
        """Set the clock on by `step`."""
        self._offset += step
        for tell in self._listeners:
            tell()

    def on_move(self, tell: Callable[[], None]) -> None:
        """Have `tell` called whenever the clock was moved."""
        self._listeners.append(tell)
