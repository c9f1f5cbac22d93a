"""A desk loads what it needs when it needs it: a start is quick, and it is small at rest."""

import ast
import asyncio
import os
import subprocess
import sys
from pathlib import Path

import yaml

from storage.migrate import upgrade
from tests.cast import CONFIG
from tests.channels.telegram.server import TOKEN, serving

HEAVY = {
    "aiohttp", "alembic", "cryptography", "httpx", "matplotlib", "numpy", "openpyxl", "PIL", "psycopg", "segno",
    "sqlalchemy.dialects.postgresql", "telegram", "websockets", "wechatpy", "xlsxwriter", "bot.demo", "bot.export",
    "bot.figures", "bot.mydata",
}  # fmt: skip

STARTED = """
import asyncio, os, sys
from pathlib import Path
from bot import logs
from bot.app import App
from bot.clock import Clock
from bot.config import load

async def main():
    logs.set_up()
    app = App(load(Path(sys.argv[1]), os.environ), Clock())
    await app.start()
    while not await ready(app.port):
        await asyncio.sleep(0.02)
    await asyncio.to_thread(sys.stdin.readline)
    print(sorted(sys.modules))
    await app.stop()

async def ready(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /readyz HTTP/1.1\\r\\nHost: here\\r\\nConnection: close\\r\\n\\r\\n")
    answer = await reader.read()
    writer.close()
    return b" 200 " in answer.splitlines()[0]

asyncio.run(main())
"""


def test_what_is_rarely_needed_is_not_loaded_with_the_program() -> None:
    asked = f"import bot.running, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=120)
    assert found.stdout.strip() == "[]"


async def test_a_desk_is_ready_and_polls_without_what_is_rarely_needed(tmp_path: Path) -> None:
    """A real one, on SQLite, with Telegram and the web chat."""
    async with serving() as telegram:
        config = config_of(tmp_path, telegram.base_url, telegram.base_file_url)
        started = await asyncio.create_subprocess_exec(
            sys.executable, "-c", STARTED, str(config), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "TELEGRAM_TOKEN": TOKEN},
        )  # fmt: skip
        try:
            async with asyncio.timeout(60):
                while not telegram.calls("getUpdates") and started.returncode is None:  # noqa: ASYNC110 - the other process moves it on
                    await asyncio.sleep(0.02)
                told, _ = await started.communicate(b"\n")
        finally:
            if started.returncode is None:
                started.kill()
                await started.wait()
    assert started.returncode == 0
    loaded = set(ast.literal_eval(told.decode()))
    assert "bot.app" in loaded
    assert HEAVY & loaded == set()


def config_of(folder: Path, base_url: str, base_file_url: str) -> Path:
    told = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    told["data"], told["database"]["url"] = str(folder), f"sqlite:///{folder / 'desk.db'}"
    upgrade(told["database"]["url"])  # else it is made with Alembic
    told["web"]["port"] = 0
    told["channels"]["telegram"].update(
        enabled=True, token="${TELEGRAM_TOKEN}", base_url=base_url, base_file_url=base_file_url
    )
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return path
