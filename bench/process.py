"""A bot as a process: start it, see what it takes, end it."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
STOP_SECONDS = 20.0


def cpu_seconds(pid: int) -> float:
    """Return what a process has computed so far, user and system together."""
    parts = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / TICKS


def tree_cpu_seconds(root: int) -> float:
    """Return what a process and its living children have computed, and those children that have ended."""
    found = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                parts = (entry / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
                if int(entry.name) == root:
                    found += sum(map(int, parts[11:15])) / TICKS
                elif int(parts[1]) == root:
                    found += sum(map(int, parts[11:13])) / TICKS
    return found


def peak_megabytes(pid: int) -> float:
    """Return the most memory it has held."""
    return _status(pid, "VmHWM")


def megabytes(pid: int) -> float:
    """Return the memory it holds now."""
    return _status(pid, "VmRSS")


def _status(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def load() -> float:
    """Return how many processes wanted a core in the last minute."""
    return os.getloadavg()[0]


class Running:
    """A process that is ended with the block."""

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str]) -> None:
        self._command = command
        self._log = log
        self._env = {**os.environ, **env}
        self.process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self.process is not None
        return self.process.pid

    async def __aenter__(self) -> "Running":
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self._command, stdout=log, stderr=log, env=self._env, cwd=Path(__file__).parents[1]
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
