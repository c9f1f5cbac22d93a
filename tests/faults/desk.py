"""The program as a process of its own that obeys lines on its standard input.

    arm <place> <raise|hang|kill> <n>     at the n-th time that the place is passed
    move <seconds>                        the clock

Before it does what it was armed for it writes `hit <place>` to its standard output.
"""

import asyncio
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
from storage import faults

OFFSET = "FAULTS_CLOCK_OFFSET"  # seconds by which the clock has been moved before
FOR_GOOD = 3600.0  # a hang


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
    """Carry out what comes in until the input ends."""
    for line in sys.stdin:
        word, *given = line.split()
        if word == "arm":
            trap.left, trap.kind, trap.point = int(given[2]), given[1], given[0]
        elif word == "move":
            clock.move(timedelta(seconds=float(given[0])))


def main() -> int:
    """Run the program on the configuration that is named."""
    path = Path(sys.argv[1])
    clock, trap = RemoteClock(timedelta(seconds=float(os.environ.get(OFFSET, "0")))), Trap()
    faults.arm(trap.strike)
    threading.Thread(target=obey, args=(clock, trap), daemon=True).start()
    try:
        running.run(load(path, os.environ), path, clock)
    except (OSError, OperationalError, PartDied) as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        return 1
    return 0


if __name__ == "__main__":
    os._exit(main())
