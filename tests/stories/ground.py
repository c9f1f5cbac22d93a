"""Databases with places and people in them, one for each sequence of `tests.stories.anything`."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cases.context import Rules
from tests.conftest import _named, _sql


@dataclass
class Ground:
    """A database with places and people in it to copy from, and the rules that go with it."""

    rules: Rules
    fresh: Callable[[], str]
    drop: Callable[[str], None]


def sqlite_ground(rules: Rules, template: Path, folder: Path) -> Ground:
    """Copy files into a folder."""

    def fresh() -> str:
        path = folder / f"{os.urandom(6).hex()}.db"
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    def drop(url: str) -> None:
        for path in folder.glob(f"{Path(url.removeprefix('sqlite:///')).name}*"):
            path.unlink()

    return Ground(rules, fresh, drop)


def postgres_ground(rules: Rules, server: str, template: str) -> Ground:
    """Copy databases."""

    def fresh() -> str:
        name = f"any_{os.urandom(6).hex()}"
        _sql(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return _named(server, name)

    def drop(url: str) -> None:
        _sql(server, f"DROP DATABASE {url.partition('?')[0].rpartition('/')[2]} WITH (FORCE)")

    return Ground(rules, fresh, drop)
