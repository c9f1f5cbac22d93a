"""PostgreSQL: each write is a transaction of its own in a pool of threads."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.engine import URL

from storage.faults import hit
from storage.plain import from_json, to_json
from storage.work import READERS, T, Work, session_over, tellable

WRITERS = 8
# Of a server that is gone without a word nothing is heard: the line is given up, and the pool opens another.
LOST_LINE: dict[str, Any] = {
    "connect_timeout": 10,  # seconds
    "keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # ms that what was sent may go unanswered
    # Nor does the server keep locks for a program that is gone, or for a statement that does not end.
    "options": "-c statement_timeout=30s -c idle_in_transaction_session_timeout=60s",
}  # fmt: skip


class PostgresStore:
    """A pool of threads that write, and one of threads that read."""

    def __init__(self, url: URL) -> None:
        self.url = url
        told = {name: value for name, value in LOST_LINE.items() if name not in url.query}
        self._engine = create_engine(
            url, pool_size=WRITERS + READERS, max_overflow=0, pool_pre_ping=True, hide_parameters=True,
            connect_args=told, json_serializer=to_json, json_deserializer=from_json,
        )  # fmt: skip
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    async def write(self, work: Work[T], *, ahead: bool = False) -> T:
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
        with tellable(), session_over(self._engine) as session, session.begin():
            hit("store.begin")
            result = work(session)
            session.flush()
            hit("store.before_commit")
        hit("store.after_commit")
        return result

    def _read(self, work: Work[T]) -> T:
        with tellable(), session_over(self._engine) as session:
            hit("store.read")
            session.connection(execution_options={"postgresql_readonly": True})
            return work(session)
