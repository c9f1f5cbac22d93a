"""SQLite: one connection that writes, in one thread; those that wait together share a commit.

Each of them has a savepoint of its own, so that one that fails takes only itself back. SQLite before 3.51.3 (3.50.7,
3.44.6) may corrupt a database when two connections write or checkpoint at once; the single writer keeps clear of that.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool, StaticPool

from storage.faults import hit
from storage.plain import from_json, to_json
from storage.work import READERS, T, Work, session_over, tellable, told

SHARED_COMMIT = 16  # updates in one commit at the most: the first of them waits for the last
BUSY_TIMEOUT_MS = 10_000
STATEMENTS = 512  # that a connection keeps prepared: what a desk runs, all of it; the module's own 128 are fewer
WRITER_CACHE_KIB = 16_384  # of the database's pages; SQLite's own 2 MiB do not hold the tops of all its indexes


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
    arguments = {"check_same_thread": False, "factory": factory, "cached_statements": STATEMENTS}
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
        if writer:
            # What a savepoint may take back goes to a temporary file otherwise, 60 writes a report.
            cursor.execute("PRAGMA temp_store=MEMORY")
            cursor.execute(f"PRAGMA cache_size=-{WRITER_CACHE_KIB}")
        else:
            cursor.execute("PRAGMA wal_autocheckpoint=0")
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not isinstance(connection.connection.driver_connection, SharedCommit):  # there it has begun already
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    done: asyncio.Future[Any]


_LOOK_AHEAD: Any = object()

Outcome = tuple[_Job, Any, BaseException | None]


class SqliteStore:
    """SQLite: one writer thread, readers beside it."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._writer = sqlite_engine(url, writer=True, factory=SharedCommit)
        self._reader = sqlite_engine(url, writer=False)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._ahead: deque[_Job] = deque()  # each with a `_LOOK_AHEAD` among the jobs, so that nobody sleeps over it
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._closed = False
        self._session: Session | None = None  # the writer's, for as long as nothing fails: a new one costs 50 µs
        self._thread.start()

    async def write(self, work: Work[T], *, ahead: bool = False) -> T:
        """Queue `work` for the writer thread."""
        if self._closed:
            raise RuntimeError("the database is closed")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job = _Job(work, done)
        if ahead:
            self._ahead.append(job)
            self._jobs.put(_LOOK_AHEAD)
        else:
            self._jobs.put(job)
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
        self._give_up_session()
        self._readers.shutdown()
        self._reader.dispose()
        self._writer.dispose()

    def _read(self, work: Work[T]) -> T:
        with tellable(), session_over(self._reader) as session:
            hit("store.read")
            return work(session)

    def _run(self) -> None:
        job = self._jobs.get()
        while job is not None:
            batch: list[_Job] = []
            with contextlib.suppress(queue.Empty):
                while job is not None:
                    batch.extend(self._what_is_ahead())
                    if job is not _LOOK_AHEAD:
                        batch.append(job)
                    if len(batch) >= SHARED_COMMIT:
                        break
                    job = self._jobs.get_nowait()
            if batch:
                self._commit_together(batch)
            if job is not None:
                job = self._jobs.get()

    def _what_is_ahead(self) -> Iterator[_Job]:
        while self._ahead:
            yield self._ahead.popleft()

    def _commit_together(self, batch: list[_Job]) -> None:
        """Run the jobs in one transaction, each in a savepoint; tell each its result only after the COMMIT."""
        outcomes: list[Outcome] = []
        try:
            session = self._session = self._session or session_over(self._writer.connect())
            session.info.clear()  # what held in the transaction before
            with _shared(session) as driver:
                outcomes.extend(_run(session, driver, job) for job in batch)
                hit("store.before_commit")
            hit("store.after_commit")
        except BaseException as error:  # noqa: BLE001 - a failed COMMIT fails every job in it, the thread lives on
            outcomes = [(job, None, _named(error)) for job in batch]
            self._give_up_session()
        _tell(outcomes)

    def _give_up_session(self) -> None:
        """Let go of the writer's session, whatever state it is in: the next transaction begins with a new one."""
        session, self._session = self._session, None
        if session is None:
            return
        connection = session.get_bind()
        with contextlib.suppress(Exception):
            session.close()
        if isinstance(connection, Connection):
            with contextlib.suppress(Exception):
                connection.close()


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
def _shared(session: Session) -> Iterator[SharedCommit]:
    """Begin the transaction that several jobs share, and commit it."""
    driver = session.connection().connection.driver_connection
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

    The session is one for all, as making one takes a tenth of an update; it keeps nothing of any.
    """
    try:
        driver.begin()
        hit("store.begin")
        result = job.work(session)
        session.flush()
        if session.in_nested_transaction():
            raise RuntimeError("a savepoint was left open")
        driver.keep()
    except BaseException as error:  # noqa: BLE001 - belongs to whoever asked for the job, not to the writer
        session.rollback()
        driver.rollback()  # where the session had not begun
        return job, None, _named(error)
    finally:
        if session.identity_map:
            session.expunge_all()
    return job, result, None


def _named(error: BaseException) -> BaseException:
    """Return what the driver raised under our own statements by SQLAlchemy's name, as under all others."""
    if isinstance(error, sqlite3.Error):
        return OperationalError("the shared transaction", None, error)
    return told(error) if isinstance(error, StopIteration) else error
