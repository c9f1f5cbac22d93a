"""The command line: `redsteward demo`, `run`, `check`, `db upgrade`, `import`."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import OperationalError

from bot.check import check
from bot.config import ConfigError, load
from bot.say import say
from cases.settings import Settings
from storage.migrate import upgrade

CONFIG_FILE = "config.yaml"
EXAMPLES = (Path(__file__).parent / "example.yaml", Path(__file__).parents[1] / CONFIG_FILE)
"""The example community: beside an installed program, or at the top of the checkout."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status: 0 done, 1 the configuration is wrong or something cannot be had."""
    told = _parser().parse_args(arguments)
    path = Path(told.config or CONFIG_FILE) if told.config or told.command != "demo" else _example()
    if told.command == "check":
        return check(path)
    try:
        settings = load(path, os.environ)
        if told.command == "import":
            return _import(told, settings)
        _carry_out(told, settings, path)
    except ConfigError as error:
        say(error.report())
        return 1
    except OSError as error:
        say(f"redsteward {told.command}: {error}")
        return 1
    except OperationalError as error:
        say(f"redsteward {told.command}: the database cannot be used ({error.orig}); look at database.url")
        return 1
    return 0


def _example() -> Path:
    return next(path for path in EXAMPLES if path.exists())


def _carry_out(told: argparse.Namespace, settings: Settings, path: Path) -> None:
    if told.command == "db":
        say(f"The database has the newest schema ({upgrade(settings.database.url)}).")
        return
    from bot import running

    if told.command == "demo":
        running.demo(settings, told.port)
    else:
        running.run(settings, path)


def _import(told: argparse.Namespace, settings: Settings) -> int:
    from bot.importing import command

    kind = command.kind_of(told.kind, told.file)
    if kind is None:
        say(str(command.unclear(told.file)))
        return 1
    return command.carry_out(settings, kind, told.file, apply=told.apply)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="redsteward", description="A chat service desk for residential communities.")
    parser.add_argument("--config", default=None, help=f"the configuration (default: {CONFIG_FILE})")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="try it in the browser: no token, no server, nothing is kept")
    demo.add_argument("--port", type=int, default=None, help="where to listen on this machine (0: any free port)")
    commands.add_parser("run", help="run the desk as configured")
    commands.add_parser("check", help="tell every mistake in the configuration")
    database = commands.add_parser("db", help="the database")
    database.add_argument("what", choices=["upgrade"], help="bring it to the newest schema")
    taken_in = commands.add_parser("import", help="people or places out of a .csv or .xlsx file")
    taken_in.add_argument("file", type=Path, help="for example people.xlsx or places.csv")
    taken_in.add_argument("--kind", choices=["people", "places"], help="where the name of the file does not say it")
    taken_in.add_argument("--apply", action="store_true", help="write it; without this, only tell what would be done")
    return parser
