"""The HTTP server against requests that are not quite requests, and frames that do not end."""

import asyncio
import contextlib
import json
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot import app as program
from bot.app import App
from bot.channels.web import limits
from bot.channels.web.sessions import COOKIE
from tests.security.conftest import raw
from tests.security.evil import ORIGINS

SHARED = pytest.mark.asyncio(loop_scope="module")  # of `standing`
HEAD = b"Host: desk\r\n"
SMUGGLED = b"GET /livez HTTP/1.1\r\nHost: desk\r\n\r\n"
POST = b"POST /chat/upload HTTP/1.1\r\n" + HEAD
MALFORMED = {
    "both lengths": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 4\r\nContent-Length: 9\r\n\r\nabcd",
    "negative length": POST + b"Content-Length: -1\r\n\r\n",
    "length with underscore": POST + b"Content-Length: 1_0\r\n\r\n0123456789",
    "length of forty digits": POST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
    "unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n",
    "coding in disguise": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a chunk without size": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a header with NUL": b"GET / HTTP/1.1\r\n" + HEAD + b"X: a\x00b\r\n\r\n",
    "a header without name": b"GET / HTTP/1.1\r\n" + HEAD + b": x\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: desk\r\nHost: evil\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "a bare line feed in a header": b"GET / HTTP/1.1\r\n" + HEAD + b"X: a\rb\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "TLS": bytes.fromhex("16030100a5010000a10303") + b"\x00" * 40,
    "an endless header": b"GET / HTTP/1.1\r\n" + HEAD + b"X: " + b"a" * 200_000,
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
@SHARED
async def test_what_is_no_request_is_no_request(standing: App, name: str) -> None:
    """Refused or cut off, never read as two: what follows it would be somebody else's request behind a proxy."""
    answer = await raw(standing, MALFORMED[name] + SMUGGLED)
    statuses = [line.split()[1] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    assert statuses in ([], [b"400"], [b"431"], [b"413"], [b"501"])
    assert b"ok" not in answer.rpartition(b"\r\n\r\n")[2]
    assert await alive(standing)


async def alive(app: App) -> bool:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{app.port}", trust_env=False, timeout=30) as client:
        return (await client.get("/livez")).text == "ok"


UPGRADE = b"GET /chat/ws HTTP/1.1\r\n" + HEAD + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
UNREADABLE = {
    "many fields": b"".join(b"X%d: a\r\n" % number for number in range(140)),
    "a long field": b"Cookie: " + b"a" * 9000 + b"\r\n",
    "a body": b"Content-Length: 4\r\n",
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_a_handshake_that_cannot_be_read_is_refused_and_holds_up_no_end(app: App, name: str) -> None:
    """What `websockets` refuses (128 fields, 8 KiB a line, a body), the HTTP server has let through."""
    key = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    answer = await raw(app, UPGRADE + key + UNREADABLE[name] + b"\r\n", end=False)
    assert answer.split()[1] == b"400"
    assert app._server is not None
    assert not app._server.server_state.connections
    assert await alive(app)


@pytest.mark.parametrize("path", [
    "/files/..%2f..%2fdesk.db", "/files/%2e%2e/%2e%2e/etc/passwd", "/files/....//desk.db", "/files/%00",
    "/files/" + "a" * 5000,
    "/chat/static/..%2f..%2f..%2fapp.py", "/chat/static/%2e%2e/sessions.py", "/chat/static//etc/passwd",
    "/chat/static/..\\app.py",
    "/.env", "/config.yaml", "/desk.db", "/attachments/", "/%2e%2e/config.yaml", "/chat/static/",
])  # fmt: skip
@SHARED
async def test_no_path_leads_out(standing: App, path: str) -> None:
    answer = await raw(standing, f"GET {path} HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n".encode(), end=False)
    assert answer.split()[1] in (b"404", b"405", b"400", b"307")
    assert b"root:" not in answer
    assert b"SQLite" not in answer


async def test_slow_and_silent_callers_hold_nobody_up(app: App) -> None:
    """Headers that drip, a body that never comes, a socket opened for nothing."""
    assert app.port is not None
    opened = [await asyncio.open_connection("127.0.0.1", app.port) for _ in range(60)]
    for number, (_, writer) in enumerate(opened):
        writer.write(
            (b"GET / HTTP/1.1\r\nHos", b"POST /chat/upload HTTP/1.1\r\nHost: d\r\nContent-Length: 9\r\n\r\n", b"")[
                number % 3
            ]
        )
    assert await alive(app)
    for _, writer in opened:
        writer.close()


async def test_what_is_beyond_the_most_connections_is_declined(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    assert app._server is not None
    assert app._server.config.limit_concurrency == program.CONNECTIONS
    app._server.config.limit_concurrency = 3
    opened = [await asyncio.open_connection("127.0.0.1", app.port) for _ in range(4)]
    assert b"503" in (await raw(app, SMUGGLED)).split(b"\r\n")[0]
    for _, writer in opened:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def ws(app: App, origin: str | None = None, cookie: str = "a" * 43, **more: Any) -> connect:
    origin = f"http://127.0.0.1:{app.port}" if origin is None else origin
    more |= {"additional_headers": {"Cookie": f"{COOKIE}={cookie}"}, "origin": origin, "max_size": None}
    return connect(f"ws://127.0.0.1:{app.port}/chat/ws", **more)


async def drained(socket: ClientConnection) -> int | None:
    """Read until the socket is closed; return the code."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await socket.recv()
    return socket.close_code


@pytest.mark.parametrize("origin", ORIGINS)
@SHARED
async def test_no_other_page_speaks_for_a_visitor(standing: App, origin: str) -> None:
    """Cross-site WebSocket hijacking: the browser sends the cookie along, but says whose page it is."""
    with pytest.raises(InvalidStatus) as refused:
        async with ws(standing, origin.format(host=f"127.0.0.1:{standing.port}")):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "cookie", ["", "a", "a" * 42, "a" * 44, "../" + "a" * 40, "a" * 42 + "=", "居" * 14, "a" * 43 + ".b"]
)
@SHARED
async def test_without_a_session_nobody_is_heard(standing: App, cookie: str) -> None:
    async with ws(standing, cookie=cookie.encode().decode("latin-1")) as socket:
        assert json.loads(await socket.recv())["type"] == "error"
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4401


@pytest.mark.parametrize("size", [limits.FRAME_BYTES + 1, program.MESSAGE_BYTES - 100])
@SHARED
async def test_a_frame_that_is_too_long_is_told(standing: App, size: int) -> None:
    async with ws(standing) as socket:
        await socket.recv()
        await socket.send(json.dumps({"type": "text", "id": "1", "text": "x" * size}))
        assert json.loads(await socket.recv())["type"] == "error"


@pytest.mark.parametrize("fragments", [1, 64], ids=["in one", "in pieces"])
async def test_a_huge_frame_is_cut_off(app: App, fragments: int) -> None:
    """Not kept in memory until it is all there: 16 MB and more for each of a thousand sockets."""
    async with ws(app) as socket:
        await socket.recv()
        piece = "x" * (20_000_000 // fragments)
        with contextlib.suppress(ConnectionClosed):
            await socket.send(piece if fragments == 1 else [piece] * fragments)
        assert await drained(socket) in (1009, 1006)
    assert await alive(app)


async def test_a_compressed_bomb_does_not_go_off(app: App) -> None:
    async with ws(app, compression="deflate") as socket:
        await socket.recv()
        with contextlib.suppress(ConnectionClosed):
            await socket.send("0" * 50_000_000)
        assert await drained(socket) in (1009, 1006)
    assert await alive(app)


@pytest.mark.parametrize("data", [b"\x00\xff\xfe", b"{}", b""])
@SHARED
async def test_binary_frames_are_declined(standing: App, data: bytes) -> None:
    async with ws(standing) as socket:
        await socket.recv()
        await socket.send(data)
        assert json.loads(await socket.recv())["type"] == "error"


@SHARED
async def test_the_server_does_not_say_what_it_is(standing: App) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{standing.port}", trust_env=False, timeout=30) as client:
        for path in ("/", "/livez", "/nothing", "/files/x"):
            assert "server" not in (await client.get(path)).headers
