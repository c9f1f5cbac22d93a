"""What the program writes into its logs: never the words, names or secrets of anybody."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import yaml

from tests.cast import CONFIG
from tests.simulators.telegram import TelegramServer

WORDS = "3栋路灯坏了，暗号芝麻开门"


async def test_logs_hold_no_words_and_no_token(tmp_path: Path) -> None:
    async with TelegramServer() as telegram:
        config = _config(telegram, tmp_path)
        environ = {**os.environ, "TELEGRAM_TOKEN": telegram.token}
        log = tmp_path / "log"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "--config", str(config), "run", stdout=out, stderr=out, env=environ
            )
        aunt = telegram.user("暗号李阿姨")
        telegram.fail_next("sendMessage", 502)
        await aunt.sends(WORDS)
        await aunt.reads("芝麻开门", timeout=20)
        await aunt.sends("再说一遍芝麻开门")
        await aunt.blocks()
        await telegram.idle(10)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            assert await process.wait() == 0
        written = log.read_text(encoding="utf-8")
    assert "started" in written
    assert "stopped" in written
    assert all(json.loads(line) for line in written.splitlines())
    assert "芝麻" not in written
    assert "李阿姨" not in written
    assert telegram.token not in written
    assert telegram.token.split(":")[1] not in written


def _config(telegram: TelegramServer, folder: Path) -> Path:
    told = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    told["database"]["url"] = f"sqlite:///{folder}/desk.db"
    told["data"] = str(folder)
    told["web"]["port"] = 0
    told["channels"]["telegram"].update(enabled=True, base_url=telegram.base_url, base_file_url=telegram.base_file_url)
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return path
