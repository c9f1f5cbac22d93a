"""The command line: demo and run, check, db, backup and restore, import, posters, wechat menu."""

import argparse
import gc
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sqlalchemy.exc import OperationalError

from bot.check import check
from bot.config import ConfigError, load
from bot.died import PartDied
from bot.say import say
from bot.secret_values import filled
from cases.settings import Settings
from storage.hold import held
from storage.migrate import upgrade
from storage.portable import CannotMove

CONFIG_FILE = "config.yaml"
EXAMPLES = (Path(__file__).parent / "example.yaml", Path(__file__).parents[1] / CONFIG_FILE)
"""The example community: beside an installed program, or at the top of the checkout."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status: 0 done, 1 the configuration is wrong or something cannot be had."""
    told = _parser().parse_args(arguments)
    if told.command not in ("run", "demo"):  # a desk has it look for cycles once it is there
        gc.enable()
    path = Path(told.config or CONFIG_FILE) if told.config or told.command != "demo" else _example()
    if told.command == "check" and not told.online:
        return check(path)
    try:
        settings = load(path, os.environ)
        if told.command == "import":
            return _import(told, settings)
        if told.command == "check":
            from bot.online import online

            return check(path) or online(settings)
        _carry_out(told, settings, path)
    except ConfigError as error:
        say(error.report())
        return 1
    except (OSError, CannotMove, PartDied) as error:
        say(f"redsteward {told.command}: {error}")
        return 1
    except OperationalError as error:
        say(f"redsteward {told.command}: the database cannot be used ({error.orig}); look at database.url")
        return 1
    return 0


def _example() -> Path:
    return next(path for path in EXAMPLES if path.exists())


def _carry_out(told: argparse.Namespace, settings: Settings, path: Path) -> None:
    if told.command in OFFICES:
        OFFICES[told.command](told, settings)
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


def _database(told: argparse.Namespace, settings: Settings) -> None:
    if told.what == "upgrade":
        with held(settings.database.url):
            say(f"The database has the newest schema ({upgrade(settings.database.url)}).")
        return
    from bot import moving

    counted = moving.copy(filled(told.source, os.environ), filled(told.target, os.environ))
    for table, number in counted.items():
        say(f"{table:20} {number:>10}")
    say(f"{sum(counted.values())} rows in {len(counted)} tables, the same in both.")


def _backup(told: argparse.Namespace, settings: Settings) -> None:
    from bot import backup

    work = backup.backup if told.command == "backup" else backup.restore
    done = work(settings.database.url, Path(settings.data) / "attachments", Path(told.file))
    say(f"{told.command}: {done.rows} rows in {done.tables} tables and {done.files} files, counted and compared.")
    if done.missing:
        first, number = done.missing[0], len(done.missing)
        say(f"{number} files that the database names were not on the disk, the first of them {first}.")


def _wechat(_told: argparse.Namespace, settings: Settings) -> None:
    from bot.wechat_menu import set_menu

    set_menu(settings)


def _posters(told: argparse.Namespace, settings: Settings) -> None:
    from bot import posters

    posters.make(settings, Path(told.folder), told.places)


OFFICES: Mapping[str, Callable[[argparse.Namespace, Settings], None]] = {
    "db": _database, "backup": _backup, "restore": _backup, "wechat": _wechat, "posters": _posters,
}  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="redsteward", description="A chat service desk for residential communities.")
    parser.add_argument("--config", default=None, help=f"the configuration (default: {CONFIG_FILE})")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="try it in the browser: no token, no server, nothing is kept")
    demo.add_argument("--port", type=int, default=None, help="where to listen on this machine (0: any free port)")
    commands.add_parser("run", help="run the desk as configured")
    checked = commands.add_parser("check", help="tell every mistake in the configuration")
    checked.add_argument("--online", action="store_true", help="try the token of each enabled channel as well")
    wechat = commands.add_parser("wechat", help="the WeChat Official Account")
    wechat.add_argument("what", choices=["menu"], help="set the menu below the chat")
    posters = commands.add_parser("posters", help="a printable sheet with the codes to scan for each building")
    posters.add_argument("places", nargs="*", help="keys of places (default: every building)")
    posters.add_argument("--folder", default="posters", help="where to write them (default: posters)")
    taken_in = commands.add_parser("import", help="people or places out of a .csv or .xlsx file")
    taken_in.add_argument("file", type=Path, help="for example people.xlsx or places.csv")
    taken_in.add_argument("--kind", choices=["people", "places"], help="where the name of the file does not say it")
    taken_in.add_argument("--apply", action="store_true", help="write it; without this, only tell what would be done")
    _database_parser(commands.add_parser("db", help="the database"))
    saving = commands.add_parser("backup", help="save database and attachments to a file while the desk runs")
    saving.add_argument("file", help="a new file, e.g. desk.tar.gz; readable to nobody else")
    restoring = commands.add_parser("restore", help="put a backup back into an empty place")
    restoring.add_argument("file", help="what backup has written")
    return parser


def _database_parser(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("upgrade", help="bring it to the newest schema")
    copying = what.add_parser("copy", help="move a district to another database, SQLite or PostgreSQL")
    copying.add_argument("source", help="its URL; ${NAME} takes it, or a part of it, from the environment")
    copying.add_argument("target", help="the URL of an empty database")
