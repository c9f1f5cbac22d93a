"""A server that says byte for byte what a test wants, and notes every request that is not written as it should be."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bot.channels.telegram.wire import Wire

AGENT = "desk/1"


def answer(body: object, status: str = "200 OK", head: str = "") -> bytes:
    """Write an answer with its length."""
    encoded = json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(encoded)}\r\n\r\n".encode() + encoded


@dataclass(eq=False)
class Visit:
    """One connection that came."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str
    over: asyncio.Event = field(default_factory=asyncio.Event)  # its play is played

    async def heard(self) -> object:
        """Read a request, strictly; returns what it holds."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("ascii")
        first, *fields = head[:-4].split("\r\n")
        method, path, version = first.split(" ")
        assert (method, version) == ("POST", "HTTP/1.1")
        assert path.startswith("/")
        told = dict(field.split(": ") for field in fields)
        length = int(told.pop("Content-Length"))
        assert told == {"Host": self.host, "User-Agent": AGENT, "Content-Type": "application/json"}
        found: object = json.loads(await self.reader.readexactly(length))
        return found

    async def say(self, *pieces: bytes) -> None:
        """Send, piece by piece: each is read before the next is sent."""
        for piece in pieces:
            self.writer.write(piece)
            await asyncio.sleep(0)
            await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the other side has closed, having sent nothing more."""
        with suppress(ConnectionError):
            assert await self.reader.read() == b""

    def leave(self) -> None:
        """Close at once, before the loop turns."""
        self.writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


Play = Callable[[Visit], Awaitable[None]]


async def echo(visit: Visit) -> None:
    """Answer each request with what it held, as long as there are any."""
    while not visit.reader.at_eof():
        try:
            asked = await visit.heard()
        except ConnectionError:
            return
        except asyncio.IncompleteReadError as end:
            if end.partial:
                raise
            return
        await visit.say(answer(asked))


@dataclass
class WireServer:
    """Plays `plays` to the connections in the order in which they come, then `echo`."""

    origin: str = ""
    host: str = ""
    plays: list[Play] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    wrong: list[BaseException] = field(default_factory=list)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def visited(self, number: int) -> Visit:
        """Wait for the connection of that number, from 0 on."""
        async with self.came:
            await self.came.wait_for(lambda: len(self.visits) > number)
        return self.visits[number]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = Visit(len(self.visits), reader, writer, self.host)
        async with self.came:
            self.visits.append(visit)
            self.came.notify_all()
        play = self.plays.pop(0) if self.plays else echo
        try:
            await play(visit)
        except (AssertionError, ValueError, EOFError) as wrong:
            self.wrong.append(wrong)
        finally:
            visit.over.set()
            writer.close()


@asynccontextmanager
async def wired(
    *plays: Play, limit: int = 64, context: ssl.SSLContext | None = None, address: str = "127.0.0.1", name: str = ""
) -> AsyncIterator[tuple[WireServer, Wire]]:
    """Run a server and a wire to it; at the end nothing of either is left and no request was wrong."""
    server = WireServer(plays=list(plays))
    async with asyncio.timeout(30), await asyncio.start_server(server.serve, address, 0, ssl=context) as listening:
        port = listening.sockets[0].getsockname()[1]
        host = f"[{address}]" if ":" in address else address
        server.host = f"{name or host}:{port}"
        server.origin = f"{'https' if context else 'http'}://{server.host}"
        wire = Wire.to(server.origin, AGENT, limit)
        assert wire is not None
        try:
            yield server, wire
        finally:
            await wire.close()
            for visit in server.visits:
                visit.writer.close()
        for visit in server.visits:
            await _closed(visit)
    assert server.wrong == []


async def _closed(visit: Visit) -> None:
    with suppress(ConnectionError, ssl.SSLError):
        await visit.writer.wait_closed()


async def call(wire: Wire, asked: object = 1, wait: float = 20, path: str = "/bot1:x/sendMessage") -> object:
    """Call with JSON; returns that of the answer."""
    status, body = await wire.post(path, json.dumps(asked).encode(), wait)
    assert status == 200
    found: object = json.loads(body)
    return found
