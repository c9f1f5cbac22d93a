"""A desk loads what it needs when it needs it: a start is quick, and it is small at rest."""

import subprocess
import sys

HEAVY = (
    "aiohttp", "alembic", "cryptography", "httpx", "matplotlib", "numpy", "openpyxl", "PIL", "psycopg", "segno",
    "sqlalchemy.dialects.postgresql", "telegram", "websockets", "wechatpy", "xlsxwriter", "bot.demo", "bot.export",
    "bot.figures", "bot.mydata",
)  # fmt: skip


def test_what_is_rarely_needed_is_not_loaded_at_the_start() -> None:
    asked = f"import bot.running, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=120)
    assert found.stdout.strip() == "[]"
