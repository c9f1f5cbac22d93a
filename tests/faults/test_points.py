"""The named places: each is passed somewhere in the program, and costs a name where nobody arms it."""

import re
from pathlib import Path

import pytest

from storage import faults
from storage.engine import Store

ROOT = Path(__file__).parents[2]
PASSED = re.compile(r'\bhit\("([^"]+)"\)')


def test_every_place_is_named_once_and_passed() -> None:
    found = [
        name for part in ("bot", "handlers", "cases", "storage") for path in (ROOT / part).rglob("*.py")
        for name in PASSED.findall(path.read_text(encoding="utf-8"))
    ]  # fmt: skip
    assert set(found) == set(faults.POINTS)
    assert len(faults.POINTS) >= 24
    for part in ("bot", "handlers", "cases", "storage"):
        for path in (ROOT / part).rglob("*.py"):
            assert "faults.arm" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("point", ["store.begin", "store.before_commit", "store.after_commit"])
async def test_a_writer_that_fails_takes_the_next_one(store: Store, point: str) -> None:
    """Whatever happens around a commit is told to who asked, and the writer lives on."""
    struck: list[str] = []

    def strike(name: str) -> None:
        if name == point and not struck:
            struck.append(name)
            raise RuntimeError(name)

    faults.arm(strike)
    try:
        with pytest.raises(RuntimeError, match=point):
            await store.write(lambda session: None)
        assert await store.write(lambda session: 7) == 7
    finally:
        faults.arm(None)
    assert struck == [point]
