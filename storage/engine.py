"""The database connection: one writer with shared commits on SQLite, a pool of threads on PostgreSQL.

Every write is a function over a Session, run in a thread inside one transaction; `await store.write(fn)` returns after
the COMMIT. No network, no waiting inside `fn`.

SQLite has one writing connection in one thread. Updates that wait together share a commit, each in its own savepoint,
so that one that fails takes only itself back. SQLite before 3.51.3 (3.50.7, 3.44.6) may corrupt a database when two
connections write or checkpoint at once; the single writer keeps clear of that.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool, StaticPool

from storage.faults import hit
from storage.plain import from_json, to_json

T = TypeVar("T")
Work = Callable[[Session], T]

SHARED_COMMIT = 16  # updates in one commit at the most: the first of them waits for the last
BUSY_TIMEOUT_MS = 10_000
READERS = 4
POSTGRES_WRITERS = 8
# Of a server that is gone without a word nothing is heard: the line is given up, and the pool opens another.
LOST_LINE: dict[str, Any] = {
    "connect_timeout": 10,  # seconds
    "keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # ms that what was sent may go unanswered
    # Nor does the server keep locks for a program that is gone, or for a statement that does not end.
    "options": "-c statement_timeout=30s -c idle_in_transaction_session_timeout=60s",
}  # fmt: skip


class Store(Protocol):
    """A database that runs functions in transactions."""

    url: URL

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction; return its result once that is committed. What `work` raises is raised here."""
        ...

    async def read(self, work: Work[T]) -> T:
        """Run `work` over a read-only session."""
        ...

    def close(self) -> None:
        """Finish what was accepted, then close every connection."""
        ...


def open_store(url: str) -> Store:
    """Open the database at `url` (`sqlite:///path` or `postgresql+psycopg://…`).

    Raises ValueError for any other kind of database.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return SqliteStore(parsed)
        case "postgresql":
            return PostgresStore(parsed)
        case other:
            raise ValueError(f"database.url: {other!r} is not supported; write sqlite:///… or postgresql+psycopg://…")


class SharedCommit(sqlite3.Connection):
    """A connection whose jobs share a transaction, each in a savepoint: SQLAlchemy's own cost five times as much.

    What SQLAlchemy takes for the end of its transaction, by a job that failed, is the end of that job's savepoint.
    """

    _alone = False  # a savepoint is open

    def begin_shared(self) -> None:
        """Begin the transaction that several share."""
        self.execute("BEGIN IMMEDIATE")

    def end_shared(self) -> None:
        """COMMIT it. Raises where a full disk has taken it back."""
        self._must_be_there()
        self.execute("COMMIT")

    def begin(self) -> None:
        """Begin one of those that share it. Raises where a full disk has taken it back: alone it would be committed."""
        self._must_be_there()
        self.execute("SAVEPOINT one")
        self._alone = True

    def keep(self) -> None:
        """Keep what that one did."""
        self.execute("RELEASE one")
        self._alone = False

    def commit(self) -> None:
        """Nothing: `keep` and `end_shared` say when."""

    def rollback(self) -> None:
        """Take back what that one did, if that was not done yet."""
        alone, self._alone = self._alone, False
        if alone and self.in_transaction:
            self.execute("ROLLBACK TO one")
            self.execute("RELEASE one")

    def _must_be_there(self) -> None:
        if not self.in_transaction:
            raise sqlite3.OperationalError("the shared transaction was taken back")


def sqlite_engine(url: URL, *, writer: bool, factory: type[sqlite3.Connection] = sqlite3.Connection) -> Engine:
    """Return an engine with the settings that durability rests on (WAL, FULL, foreign keys, BEGIN IMMEDIATE)."""
    pool: dict[str, Any] = {"poolclass": StaticPool} if writer else {"poolclass": QueuePool, "pool_size": READERS}
    arguments = {"check_same_thread": False, "factory": factory}
    engine = create_engine(
        url, connect_args=arguments, hide_parameters=True, json_serializer=to_json, json_deserializer=from_json, **pool
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        if not writer:
            cursor.execute("PRAGMA wal_autocheckpoint=0")
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not isinstance(connection.connection.driver_connection, SharedCommit):  # there it has begun already
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _session(bind: Engine | Connection) -> Session:
    """Return a session for one transaction."""
    return Session(bind, expire_on_commit=False)


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    done: asyncio.Future[Any]


Outcome = tuple[_Job, Any, BaseException | None]


class SqliteStore:
    """SQLite: one writer thread, readers beside it."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._writer = sqlite_engine(url, writer=True, factory=SharedCommit)
        self._reader = sqlite_engine(url, writer=False)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._closed = False
        self._thread.start()

    async def write(self, work: Work[T]) -> T:
        """Queue `work` for the writer thread."""
        if self._closed:
            raise RuntimeError("the database is closed")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put(_Job(work, done))
        return await done

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one of the read-only connections."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def close(self) -> None:
        """Let the writer finish its queue, then close."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        self._readers.shutdown()
        self._reader.dispose()
        self._writer.dispose()

    def _read(self, work: Work[T]) -> T:
        with _session(self._reader) as session:
            hit("store.read")
            return work(session)

    def _run(self) -> None:
        stop = False
        while not stop:
            first = self._jobs.get()
            if first is None:
                break
            batch = [first]
            with contextlib.suppress(queue.Empty):
                while len(batch) < SHARED_COMMIT:
                    job = self._jobs.get_nowait()
                    if job is None:
                        stop = True
                        break
                    batch.append(job)
            self._commit_together(batch)

    def _commit_together(self, batch: list[_Job]) -> None:
        """Run the jobs in one transaction, each in a savepoint; tell each its result only after the COMMIT."""
        outcomes: list[Outcome] = []
        try:
            with self._writer.connect() as connection, _session(connection) as session, _shared(connection) as driver:
                outcomes.extend(_run(session, driver, job) for job in batch)
                hit("store.before_commit")
            hit("store.after_commit")
        except BaseException as error:  # noqa: BLE001 - a failed COMMIT fails every job in it, the thread lives on
            outcomes = [(job, None, _named(error)) for job in batch]
        _tell(outcomes)


def _tell(outcomes: list[Outcome]) -> None:
    """Have the event loops tell each job's owner how it went: one call a loop, since waking it costs a system call."""
    loops: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for outcome in outcomes:
        loops.setdefault(outcome[0].done.get_loop(), []).append(outcome)
    for loop, theirs in loops.items():
        with contextlib.suppress(RuntimeError):  # a loop that was closed meanwhile has nobody who waits
            loop.call_soon_threadsafe(_settle, theirs)


def _settle(outcomes: list[Outcome]) -> None:
    for job, result, failure in outcomes:
        if job.done.done():  # whoever asked was cancelled
            continue
        if failure is None:
            job.done.set_result(result)
        else:
            job.done.set_exception(failure)


@contextlib.contextmanager
def _shared(connection: Connection) -> Iterator[SharedCommit]:
    """Begin the transaction that several jobs share, and commit it."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, SharedCommit)  # noqa: S101 - the store's own engine
    driver.begin_shared()
    try:
        yield driver
        driver.end_shared()
    except BaseException:
        if driver.in_transaction:
            driver.execute("ROLLBACK")
        raise


def _run(session: Session, driver: SharedCommit, job: _Job) -> Outcome:
    """Run one job; SQLite may have given up the whole transaction (a full disk): then that raises at the next.

    The session is one for all that share a commit, as making one takes a tenth of an update, and keeps nothing of it.
    """
    try:
        driver.begin()
        hit("store.begin")
        result = job.work(session)
        session.flush()
        driver.keep()
    except BaseException as error:  # noqa: BLE001 - belongs to whoever asked for the job, not to the writer
        session.rollback()
        driver.rollback()  # where the session had not begun
        return job, None, _named(error)
    finally:
        session.expunge_all()
    return job, result, None


def _named(error: BaseException) -> BaseException:
    """Return what the driver raised under our own statements by SQLAlchemy's name, as under all others."""
    return OperationalError("the shared transaction", None, error) if isinstance(error, sqlite3.Error) else error


class PostgresStore:
    """PostgreSQL: each write is a transaction of its own in a pool of threads."""

    def __init__(self, url: URL) -> None:
        self.url = url
        told = {name: value for name, value in LOST_LINE.items() if name not in url.query}
        self._engine = create_engine(
            url, pool_size=POSTGRES_WRITERS + READERS, max_overflow=0, pool_pre_ping=True, hide_parameters=True,
            connect_args=told, json_serializer=to_json, json_deserializer=from_json,
        )  # fmt: skip
        self._writers = ThreadPoolExecutor(POSTGRES_WRITERS, thread_name_prefix="writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction on a thread of the pool."""
        running = asyncio.get_running_loop().run_in_executor(self._writers, self._write, work)
        return await asyncio.shield(running)

    async def read(self, work: Work[T]) -> T:
        """Run `work` in a read-only transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def close(self) -> None:
        """Wait for running transactions, then close the pool."""
        self._writers.shutdown()
        self._readers.shutdown()
        self._engine.dispose()

    def _write(self, work: Work[T]) -> T:
        with _session(self._engine) as session, session.begin():
            hit("store.begin")
            result = work(session)
            session.flush()
            hit("store.before_commit")
        hit("store.after_commit")
        return result

    def _read(self, work: Work[T]) -> T:
        with _session(self._engine) as session:
            hit("store.read")
            session.connection(execution_options={"postgresql_readonly": True})
            return work(session)
