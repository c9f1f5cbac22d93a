"""A desk on WeChat whose threads are profiled: `python -m bench.wechat_desk FILE TARGET`, FILE as in tests/loop.

At SIGTERM it writes where the time of the loop's and of the writing thread goes into TARGET.
"""

import asyncio
import cProfile
import io
import json
import pstats
import signal
import sys
from pathlib import Path
from typing import Any

from storage.engine import SqliteStore
from tests.loop.wechat_process import main

SHOWN = 60  # functions of each thread


def run(told: dict[str, Any], target: Path) -> None:
    """Run the desk until SIGTERM."""
    loop, writer = cProfile.Profile(), cProfile.Profile()
    write = SqliteStore._run  # noqa: SLF001 - the thread that a profile is of

    def profiled(store: SqliteStore) -> None:
        writer.runcall(write, store)

    SqliteStore._run = profiled  # type: ignore[method-assign,assignment]  # noqa: SLF001 - the same
    signal.signal(signal.SIGTERM, _end)
    try:
        loop.runcall(asyncio.run, main(told))
    except SystemExit:
        parts = [f"{name}\n{_shown(profile)}" for name, profile in (("loop", loop), ("writer", writer))]
        target.write_text("\n".join(parts), encoding="utf-8")


def _shown(profile: cProfile.Profile) -> str:
    profile.disable()
    out = io.StringIO()
    pstats.Stats(profile, stream=out).sort_stats("cumulative").print_stats(SHOWN)
    return out.getvalue()


def _end(_number: int, _frame: object) -> None:
    raise SystemExit


if __name__ == "__main__":
    run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
