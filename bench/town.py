"""A district for measurements: the Telegram simulator in this process, the bot in another, many stewards."""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.simulators.telegram import Resident, TelegramServer

EXAMPLE = Path(__file__).parents[1] / "config.yaml"
FIRST_ID = 700_001
RESIDENT_ID = 800_001
READY_SECONDS = 30.0
SUBMIT, ANOTHER = "提交", "不是，继续上报"


@dataclass
class Bot:
    """The bot as a process that can be killed and started again."""

    config: Path
    log: Path
    process: asyncio.subprocess.Process | None = None
    module: str = "bot"
    starts: int = 0

    async def start(self) -> None:
        """Start it; it need not be ready yet."""
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self.module, "--config", str(self.config), "run", stdout=log, stderr=log,
                env={**os.environ, "TELEGRAM_TOKEN": self.config.with_name("token").read_text(encoding="utf-8")},
            )  # fmt: skip

    @property
    def is_up(self) -> bool:
        """Whether it has begun to work since it was started last."""
        return self.log.read_text(encoding="utf-8").count('"event": "started"') == self.starts

    async def kill(self) -> None:
        """SIGKILL it, by process id."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """SIGTERM it and wait."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(20):
                await self.process.wait()
                return
        await self.kill()


def write_config(
    telegram: TelegramServer, folder: Path, url: str, stewards: int, times: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:  # fmt: skip
    """Write the example with `stewards` stewards a partner type, all on Telegram; return the people."""
    told = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    told["people"] = [copy for person in told["people"] for copy in steward_copies(person, stewards)]
    for number, person in enumerate(told["people"]):
        person["telegram"] = FIRST_ID + number
    told["database"]["url"] = url
    told["data"] = str(folder)
    told["times"].update(times or {})
    told["web"]["port"] = 0
    told["channels"]["telegram"].update(
        enabled=True, token="${TELEGRAM_TOKEN}", base_url=telegram.base_url, base_file_url=telegram.base_file_url
    )
    (folder / "token").write_text(telegram.token, encoding="utf-8")
    (folder / "config.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    people: list[dict[str, Any]] = told["people"]
    return people


def steward_copies(person: dict[str, Any], stewards: int) -> list[dict[str, Any]]:
    """Return a person of the example as often as there are stewards; others once."""
    if person["roles"][0]["role"] != "steward":
        return [person]
    return [{**person, "key": f"{person['key']}{n}", "name": f"{person['name']}{n}"} for n in range(stewards)]


async def open_doors(telegram: TelegramServer, people: list[dict[str, Any]]) -> list[Resident]:
    """Have everybody with a role write to the bot once: Telegram lets it write to nobody else."""
    staff = [telegram.user(person["name"], id=person["telegram"]) for person in people]
    for person in staff:
        await person.starts()
    return staff


async def submit_label(person: Resident) -> str | None:
    """Return the button that leads on to the filing, if the chat shows it: 提交, or that it is another trouble."""
    shown = labels(await person.screen())
    return next((label for label in (SUBMIT, ANOTHER) if label in shown), None)


def labels(shown: list[Any]) -> list[str]:
    """Return every button a chat shows."""
    return [label for message in shown for label in message.labels]
