"""What the web server reads beside whole requests is bounded, and whole requests are read however they arrive."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.strict import HEAD_BYTES
from tests.channels.web.serve import serving

HEAD = b"POST / HTTP/1.1\r\nHost: desk\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"


async def _length(request: Request) -> Response:
    body = await request.body()
    return PlainTextResponse(f"{len(body)} {request.headers.getlist('host')}")


@contextlib.asynccontextmanager
async def line() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to a server that answers how long a body was."""
    async with serving([Route("/", _length, methods=["POST"])]) as where, asyncio.timeout(20):
        host, port = where.rsplit(":", 1)
        reader, writer = await asyncio.open_connection(host.rpartition("/")[2], int(port))
        yield reader, writer
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def answers(sent: bytes, count: int) -> bytes:
    """Send it all at once, read until there are so many answers or the server hangs up."""
    async with line() as (reader, writer):
        writer.write(sent)
        found = b""
        with contextlib.suppress(ConnectionResetError):
            while found.count(b"HTTP/1.1 ") < count or not found.endswith(b"]"):
                more = await reader.read(65536)
                if not more:
                    break
                found += more
        return found


async def test_a_large_body_that_comes_at_once_is_taken() -> None:
    found = await answers(HEAD + b"Content-Length: 900000\r\n\r\n" + b"x" * 900_000, 1)
    assert found.startswith(b"HTTP/1.1 200")
    assert b"900000 ['desk']" in found


async def test_many_requests_that_come_at_once_are_taken() -> None:
    one = HEAD + b"X: " + b"x" * 1000 + b"\r\nContent-Length: 1\r\n\r\nx"
    found = await answers(one * 200, 200)
    assert (found.count(b"HTTP/1.1 200"), found.count(b"1 ['desk']")) == (200, 200)


@pytest.mark.parametrize("trailer", [b"a: b\r\n" * HEAD_BYTES, b"a: " + b"b" * 9 * HEAD_BYTES, b"Host: evil\r\n\r\n"],
                         ids=["many", "endless", "another host"])  # fmt: skip
async def test_fields_behind_a_body_are_not_taken(trailer: bytes) -> None:
    found = await answers(CHUNKED + b"0\r\n" + trailer, 1)
    assert found.startswith(b"HTTP/1.1 400") or found == b""
    assert b"hello" not in found


async def test_what_stands_before_a_piece_of_a_body_ends() -> None:
    found = await answers(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"a" * 9 * HEAD_BYTES, 1)
    assert found.startswith(b"HTTP/1.1 400") or found == b""
