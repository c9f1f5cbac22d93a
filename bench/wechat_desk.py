"""A desk on WeChat as production runs it: `python -m bench.wechat_desk FILE [TARGET]`, FILE as in tests/loop.

With TARGET its threads are profiled; at its end, after SIGTERM, it writes there where the time of the loop's and of the
writing thread goes.
"""

import cProfile
import io
import json
import pstats
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot import running
from cases.settings import Settings
from storage.sqlite_store import SqliteStore
from tests.loop.wechat import settings_for

SHOWN = 60  # functions of each thread


def settings(told: dict[str, Any]) -> Settings:
    """Return the settings of a desk that has WeChat alone."""
    platform: Any = SimpleNamespace(**told["platform"])
    found = settings_for(None, platform, Path(told["folder"]), told["url"])
    return found.model_copy(update={"web": found.web.model_copy(update={"port": told["port"]})})


def profiled(told: dict[str, Any], target: Path) -> None:
    """Run the desk until SIGTERM, and write where the time went."""
    loop, writer = cProfile.Profile(), cProfile.Profile()
    write = SqliteStore._run  # noqa: SLF001 - the thread that a profile is of

    def run(store: SqliteStore) -> None:
        writer.runcall(write, store)

    SqliteStore._run = run  # type: ignore[method-assign,assignment]  # noqa: SLF001 - the same
    loop.runcall(running.run, settings(told))
    parts = [f"{name}\n{_shown(profile)}" for name, profile in (("loop", loop), ("writer", writer))]
    target.write_text("\n".join(parts), encoding="utf-8")


def _shown(profile: cProfile.Profile) -> str:
    out = io.StringIO()
    pstats.Stats(profile, stream=out).sort_stats("tottime").print_stats(SHOWN)
    pstats.Stats(profile, stream=out).sort_stats("cumulative").print_stats(SHOWN)
    return out.getvalue()


if __name__ == "__main__":
    how = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if len(sys.argv) > 2:
        profiled(how, Path(sys.argv[2]))
    else:
        running.run(settings(how))
