"""The command line: `redsteward check`, `redsteward db upgrade`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.check import check
from bot.config import ConfigError, load
from cases.settings import Settings
from storage.migrate import upgrade

CONFIG_FILE = "config.yaml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status (0 done, 1 the configuration is wrong)."""
    told = _parser().parse_args(arguments)
    if told.command == "check":
        return check(Path(told.config))
    settings = _settings(Path(told.config))
    if settings is None:
        return 1
    revision = upgrade(settings.database.url)
    _say(f"The database has the newest schema ({revision}).")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="redsteward", description="A chat service desk for residential communities.")
    parser.add_argument("--config", default=CONFIG_FILE, help="the configuration (default: %(default)s)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="tell every mistake in the configuration")
    database = commands.add_parser("db", help="the database")
    database.add_argument("what", choices=["upgrade"], help="bring it to the newest schema")
    return parser


def _settings(path: Path) -> Settings | None:
    try:
        return load(path, os.environ)
    except ConfigError as error:
        _say(error.report())
    return None


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
