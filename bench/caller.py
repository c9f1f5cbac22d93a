"""Calls a webhook as Telegram does, with as little work as it can: what the caller takes, the desk beside it lacks."""

import asyncio
import re
from collections import deque
from urllib.parse import urlsplit

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Caller:
    """A server's customer with at most so many connections, each of which carries one call at a time."""

    def __init__(self, url: str, headers: dict[str, str], connections: int) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        told = "".join(f"{name}: {value}\r\n" for name, value in {"Host": parts.netloc, **headers}.items())
        self._head = f"POST {parts.path} HTTP/1.1\r\n{told}Content-Length: ".encode()
        self._places = asyncio.Semaphore(connections)
        self._free: deque[_Line] = deque()

    async def post(self, body: bytes) -> int:
        """Send a body; return the status. Raises ConnectionError where the server hangs up."""
        async with self._places:
            while self._free and self._free[-1].is_closing():
                self._free.pop()
            line = self._free.pop() if self._free else await self._connect()
            status = await line.ask(b"%s%d\r\n\r\n%s" % (self._head, len(body), body))
            self._free.append(line)
            return status

    def close(self) -> None:
        """Hang up."""
        for line in self._free:
            line.close()

    async def _connect(self) -> "_Line":
        _, line = await asyncio.get_running_loop().create_connection(_Line, self._host, self._port)
        return line


class _Line(asyncio.Protocol):
    def __init__(self) -> None:
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self, request: bytes) -> asyncio.Future[int]:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._waiting is None:
            return
        status, length = _STATUS.match(self._buffer), _LENGTH.search(self._buffer, 0, end)
        assert status is not None
        if len(self._buffer) >= end + 4 + (int(length[1]) if length else 0):
            self._buffer = b""
            self._waiting.set_result(int(status[1]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError("hung up"))

    def is_closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
