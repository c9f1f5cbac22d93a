"""The program as a process of its own that obeys lines on its standard input.

    start <seconds>                       begin, with a clock that is so far ahead
    arm <place> <raise|hang|kill> <n>     at the n-th time that the place is passed
    move <seconds>                        the clock

It writes `born <process id>` to its standard output, `hit <place>` before it does what it was armed for, and `ended`.

One process imports everything, reads the configuration and waits; each start is a fork of it, so that a thousand deaths
do not take a thousand times the seconds of that. What is forked has no thread, no connection and no open file.
"""

import asyncio
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import OperationalError

from bot import running
from bot.clock import Clock
from bot.config import load
from bot.died import PartDied
from cases.settings import Settings
from storage import faults

FOR_GOOD = 3600.0  # a hang
LATER = (
    "uvicorn.lifespan.off", "uvicorn.loops.auto",
    "uvicorn.protocols.http.h11_impl", "uvicorn.protocols.websockets.auto",
)  # fmt: skip
"""What is imported only when the desk starts."""


class Struck(Exception):
    """What an armed place raises: something that nobody foresaw."""


class RemoteClock(Clock):
    """A clock that another thread moves."""

    def on_move(self, tell: Callable[[], None]) -> None:
        """Have `tell` called in the loop it belongs to."""
        loop = asyncio.get_running_loop()

        def call() -> None:
            loop.call_soon_threadsafe(tell)

        super().on_move(call)


@dataclass
class Trap:
    """The one place that is armed."""

    point: str = ""
    kind: str = ""
    left: int = 0

    def strike(self, point: str) -> None:
        """Do what was asked for, once."""
        if point != self.point:
            return
        self.left -= 1
        if self.left != 0:
            return
        os.write(1, f"hit {point}\n".encode("ascii"))
        if self.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.kind == "hang":
            time.sleep(FOR_GOOD)
        raise Struck(point)


def obey(clock: Clock, trap: Trap) -> None:
    """Carry out what comes in; at its end nobody is there any more whom this desk could serve."""
    for line in sys.stdin:
        word, *given = line.split()
        if word == "arm":
            trap.left, trap.kind, trap.point = int(given[2]), given[1], given[0]
        elif word == "move":
            clock.move(timedelta(seconds=float(given[0])))
    os._exit(1)


def desk(settings: Settings, path: Path, ahead: timedelta) -> int:
    """Run the program until it ends; return its status."""
    clock, trap = RemoteClock(ahead), Trap()
    faults.arm(trap.strike)
    threading.Thread(target=obey, args=(clock, trap), daemon=True).start()
    try:
        running.run(settings, path, clock)
    except (OSError, OperationalError, PartDied) as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        return 1
    return 0


def main() -> None:
    """Start a desk for each line that says so, one after the other; what a dead one has not read is passed over."""
    for name in LATER:
        importlib.import_module(name)
    path = Path(sys.argv[1])
    settings = load(path, os.environ)
    while line := _line():
        word, *given = line.split()
        if word != "start":
            continue
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = desk(settings, path, timedelta(seconds=float(given[0])))
            finally:
                os._exit(status)
        os.write(1, f"born {child}\n".encode("ascii"))
        os.waitpid(child, 0)
        os.write(1, b"ended\n")


def _line() -> str:
    """Return the next line, byte by byte: what comes after it is the desk's to read."""
    read = bytearray()
    while byte := os.read(0, 1):
        if byte == b"\n":
            return read.decode("ascii")
        read += byte
    return ""


if __name__ == "__main__":
    main()
