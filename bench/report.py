"""What was measured, as docs/performance.md keeps it: each part in its own block, with how and where it was run."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench import lap
from bench.process import load

FILE = Path(__file__).parents[1] / "docs/performance.md"
Laps = Mapping[tuple[str, int], Sequence[lap.Lap]]


def circumstances(part: str, told: object) -> str:
    """Return the machine, the commit and the command."""
    given = {name: value for name, value in vars(told).items() if name in ("only", "at_once", "rounds", "seconds")}
    options = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in given.items() if value != "")
    return "\n".join((
        f"- command: `python -m bench.race --parts {part} {options}`",
        f"- machine: {_cpu()}, {os.cpu_count()} cores, {_memory():.0f} GB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; load at the end {load():.1f}",
        f"- commit: {_commit()}",
    ))  # fmt: skip


def held(name: str, found: float, bar: float, *, at_most: bool = False, unit: str = "") -> str:
    """Return a line that tells whether a bar holds."""
    well = found <= bar if at_most else found >= bar
    sign = "≤" if at_most else "≥"
    return f"- {name}: {found:.2f}{unit} (bar {sign} {bar:g}{unit}): **{'held' if well else 'not held'}**"


def bars(laps: Laps) -> Iterator[str]:
    """Yield what the race says of the bars, for as many as were run, by wall clock and by processor time."""
    for at_once in sorted({number for _key, number in laps}):
        for ours, rival, of, bar in (
            ("five", "ptb", "updates", 5), ("five", "aiogram", "updates", 2),
            ("two", "ptb", "cases", 10), ("two", "aiogram", "cases", 4),
        ):  # fmt: skip
            for kind in (ours, f"{ours}-pg"):
                mine, theirs = laps.get((kind, at_once), ()), laps.get((rival, at_once), ())
                if mine and theirs and lap.median(theirs, of):
                    wall = _rate(mine, of, "seconds") / _rate(theirs, of, "seconds")
                    burned = _rate(mine, of, "cpu") / _rate(theirs, of, "cpu")
                    yield held(f"{of}/s, {kind} : {rival}, {at_once} at once, by the clock", wall, bar, unit=" ×")
                    yield held(f"{of}/s, {kind} : {rival}, {at_once} at once, by the bot's CPU", burned, bar, unit=" ×")


def _rate(laps: Sequence[lap.Lap], of: str, by: str) -> float:
    return lap.median(laps, of) / max(lap.median(laps, by), 0.01)


def write(part: str, text: str) -> None:
    """Put it into the part's block, which the file has between two comments."""
    begin, end = f"<!-- {part} -->", f"<!-- /{part} -->"
    whole = FILE.read_text(encoding="utf-8")
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not found.search(whole):
        raise ValueError(f"{FILE}: there is no block {begin} … {end}; add it where the part should stand")
    FILE.write_text(found.sub(lambda _: f"{begin}\n{text}\n{end}", whole, count=1), encoding="utf-8")


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _commit() -> str:
    told = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or f"unknown ({sys.argv[0]})"
