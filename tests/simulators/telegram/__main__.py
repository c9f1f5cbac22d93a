"""Runs the simulator as a process of its own; `control` says how to talk to it.

Prints one line of JSON once it listens: base_url, base_file_url, token, control. SIGTERM ends it; with `--state` it
puts everything it knows aside then, and goes on with it at the next start.
"""

import argparse
import asyncio
import json
import pickle
import signal
from pathlib import Path

from tests.simulators.telegram.control import Control
from tests.simulators.telegram.limits import Limits
from tests.simulators.telegram.server import TelegramServer
from tests.simulators.telegram.world import World


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulators.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--token", help="default: an invented one")
    parser.add_argument("--state", type=Path, help="file to put everything aside in at the end")
    parser.add_argument("--no-limits", action="store_true", help="no flood control, to measure speed")
    parser.add_argument("--keep", type=int, help="calls, and messages a chat, that are kept; default: all")
    return parser.parse_args()


def load(path: Path | None) -> tuple[str | None, World | None]:
    """Return token and world of a former run."""
    if path is None or not path.exists():
        return None, None
    found: tuple[str, World] = pickle.loads(path.read_bytes())
    return found


def make(given: argparse.Namespace) -> TelegramServer:
    """Return the server asked for."""
    token, world = load(given.state)
    limits = Limits.off() if given.no_limits else Limits()
    return TelegramServer(port=given.port, token=given.token or token, limits=limits, keep=given.keep, world=world)


async def run(given: argparse.Namespace) -> None:
    """Serve until a signal."""
    end = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, end.set)
    async with make(given) as telegram:
        Control(telegram)
        where = {"base_url": telegram.base_url, "base_file_url": telegram.base_file_url, "token": telegram.token}
        line = json.dumps({**where, "control": f"http://127.0.0.1:{telegram.port}/control/"})
        print(line, flush=True)  # noqa: T201 - whoever started us reads it
        await end.wait()
    if given.state is not None:
        given.state.write_bytes(pickle.dumps((telegram.token, telegram.world)))


if __name__ == "__main__":
    asyncio.run(run(options()))
