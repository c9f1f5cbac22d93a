"""HTTP/1.1 for one origin: POSTs of JSON over connections that are kept, at a fifth of what a general client costs.

Nothing is sent twice, no redirect is followed, no error names the path: it may hold a secret.
"""

import asyncio
import re
import socket
import ssl
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import Self
from urllib.parse import urlsplit

from aiohappyeyeballs import AddrInfoType, start_connection

from bot.channels.telegram.connection import Answer, Connection

CONNECT_SECONDS = 5.0
IDLE_SECONDS = 15.0  # after that a connection nobody needs is closed
EYEBALLS_SECONDS = 0.25  # until the other of IPv6 and IPv4 is tried as well (RFC 8305)
HEADS = 256  # paths whose heads are kept
PORTS = {"http": 80, "https": 443}
NETLOC = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
PATH = re.compile(r"/[!-\"$-~]*")  # printable ASCII without blanks, and no fragment


class Wire:
    """Calls to one server; belongs to the loop in which it was made.

    There are at most `limit` connections. The one used last is taken first, so that those not needed grow old; where
    all are in use, calls wait in the order in which they came. Each place (`_taken`) belongs to a connection, to a call
    that is connecting, or to a waiting call it was handed to; whoever ends hands it on.
    """

    def __init__(self, origin: str, agent: str, limit: int) -> None:
        parts = urlsplit(origin)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        self._limit, self._taken, self._closed = limit, 0, False
        self._loop = asyncio.get_running_loop()
        self._connections: set[Connection] = set()
        self._free: list[Connection] = []  # the one used last at the end
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._sweeping: asyncio.TimerHandle | None = None
        self._head = lru_cache(HEADS)(self._write_head)
        self._fields = f"Host: {parts.netloc}\r\nUser-Agent: {agent}\r\nContent-Type: application/json\r\n"

    @classmethod
    def to(cls, origin: str, agent: str, limit: int) -> Self | None:
        """Return a wire to an origin as `http://host:port`; None where it takes more than this can.

        That is a user name or a host that is not plain ASCII.
        """
        parts = urlsplit(origin)
        if (
            origin != f"{parts.scheme}://{parts.netloc}"
            or parts.scheme not in PORTS
            or not NETLOC.fullmatch(parts.netloc)
        ):
            return None
        return cls(origin, agent, limit)

    async def post(self, path: str, body: bytes, wait: float) -> Answer:
        """Send JSON to a path; return status and body within `wait` seconds for all of it.

        Raises ValueError for a path that is none, TimeoutError, OSError. What was sent is never sent again.
        """
        head = self._head(path)
        now = self._loop.time()
        connection = self._kept() or await self._get(now + wait)
        waiting = connection.ask(b"%s%d\r\n\r\n%s" % (head, len(body), body))
        timer = self._loop.call_at(now + wait, connection.give_up, waiting)
        try:
            return await waiting
        except asyncio.CancelledError:
            connection.give_up(waiting)
            raise
        finally:
            timer.cancel()

    async def close(self) -> None:
        """Close every connection; calls under way end with an OSError."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(ConnectionAbortedError())
        self._waiting.clear()
        connections = list(self._connections)
        for connection in connections:
            connection.end(ConnectionAbortedError())
        await asyncio.gather(*(connection.lost for connection in connections))

    def opened(self, connection: Connection) -> None:
        """Know a connection as long as it has a socket."""
        self._connections.add(connection)
        connection.lost.add_done_callback(lambda _: self._connections.discard(connection))

    def free(self, connection: Connection) -> None:
        """Hand a connection to the call that waits longest, or keep it."""
        if self._hand(connection):
            return
        self._free.append(connection)
        if self._sweeping is None:
            self._sweeping = self._loop.call_at(connection.since + IDLE_SECONDS, self._sweep)

    def spent(self, connection: Connection) -> None:
        """Let go of a connection; its place goes on, unless a call holds it and will connect anew."""
        if connection in self._free:
            self._free.remove(connection)
        if not connection.held:
            self._give_place()

    def _kept(self) -> Connection | None:
        """Return the free connection that was used last, of those that the server did not leave."""
        while self._free:
            connection = self._free[-1]
            if connection.sound:
                return self._free.pop()
            connection.end(ConnectionResetError())
        return None

    async def _get(self, until: float) -> Connection:
        """Return a new connection, or the next that becomes free."""
        async with asyncio.timeout_at(until):
            if self._taken < self._limit:
                self._taken += 1
                return await self._connect()
            handed = await self._turn()
            if handed is not None:
                if handed.sound:
                    return handed
                handed.end(ConnectionResetError())
            return await self._connect()

    async def _turn(self) -> Connection | None:
        """Wait for a connection, or for a place to connect (None)."""
        waiting: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiting.append(waiting)
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.cancelled():
                with suppress(ValueError):
                    self._waiting.remove(waiting)
            elif waiting.exception() is None:  # handed to a call that ends in the same moment
                self._give_back(waiting.result())
            raise

    async def _connect(self) -> Connection:
        """Open a connection at the place the call holds."""
        try:
            if self._closed:
                raise ConnectionAbortedError
            tls = self._tls if self._secure else None
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await self._loop.create_connection(
                    lambda: Connection(self),
                    sock=await start_connection(await self._addresses(), happy_eyeballs_delay=EYEBALLS_SECONDS),
                    ssl=tls,
                    server_hostname=self._host if tls else None,
                )
            if self._closed or not connection.alive:
                connection.end(ConnectionAbortedError())
                raise ConnectionAbortedError
        except BaseException:
            self._give_place()
            raise
        return connection

    async def _addresses(self) -> Sequence[AddrInfoType]:
        try:  # a number needs no thread that asks for it
            return socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            return await self._loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)

    def _give_back(self, connection: Connection | None) -> None:
        if connection is not None and connection.sound:
            connection.held = False
            self.free(connection)
            return
        if connection is not None:
            connection.end(ConnectionResetError())
        self._give_place()

    def _give_place(self) -> None:
        if not self._hand(None):
            self._taken -= 1

    def _hand(self, connection: Connection | None) -> bool:
        """Let the call that waits longest have a connection, or a place for one (None)."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                if connection is not None:
                    connection.held = True
                waiting.set_result(connection)
                return True
        return False

    def _sweep(self) -> None:
        """Close what nobody needed for a while, and look again when the next will be as old."""
        self._sweeping = None
        old = self._loop.time() - IDLE_SECONDS
        while self._free and self._free[0].since <= old:
            self._free[0].end(ConnectionResetError())
        if self._free:
            self._sweeping = self._loop.call_at(self._free[0].since + IDLE_SECONDS, self._sweep)

    def _write_head(self, path: str) -> bytes:
        if not PATH.fullmatch(path):
            raise ValueError("no path of a URL")
        return f"POST {path} HTTP/1.1\r\n{self._fields}Content-Length: ".encode("ascii")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        return context
