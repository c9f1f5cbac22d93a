"""Whose lines the coverage counts. Counted, Python takes twice the time, so only what has something new in it is."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

OURS = ("bot", "cases", "handlers", "storage")
ONCE = ("tests/stories/", "tests/cases/", "tests/handlers/")
"""Where PostgreSQL runs the lines that SQLite ran: they are not counted again."""
ALIKE = ("tests/stories/", "tests/loop/", "tests/browser/")
"""Where the cases of one test differ in words or screens and run the same lines: those of the first are counted."""
NOT = (
    "tests/simulators/", "tests/faults/", "tests/loop/test_broadcast.py", "tests/loop/test_clock_storm.py",
    "tests/loop/test_stop.py", "tests/loop/test_wecom_killed.py",
    "tests/cases/test_figures_recount.py", "tests/stories/test_anything.py", "tests/channels/tencent/test_hostile.py",
    "tests/stories/test_wishes.py::test_every_race",
)  # fmt: skip
"""Where our lines run in another process, which nobody counts, or the same ones run a thousand times."""


def counted(tests: Iterable[str]) -> frozenset[str]:
    """Return those of the tests whose lines are counted."""
    found: dict[str, str] = {}
    for test in tests:
        if not (test.startswith(NOT) or (test.startswith(ONCE) and "[postgresql" in test)):
            found.setdefault(test.partition("[")[0] if test.startswith(ALIKE) else test, test)
    return frozenset(found.values())


@contextmanager
def not_counting(config: pytest.Config) -> Iterator[None]:
    """Count no lines meanwhile. The mark `no_cover` of pytest-cov would count those of a test's fixtures."""
    plugin = config.pluginmanager.getplugin("_cov")
    counting = plugin and plugin.cov_controller
    if not counting:
        yield
        return
    counting.pause()
    try:
        yield
    finally:
        counting.resume()


def load(config: pytest.Config) -> None:
    """Load all that is ours while it is counted, if it is: what comes with the tests' own files is not."""
    if not config.pluginmanager.hasplugin("_cov"):
        return
    for name in OURS:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
