"""What is an answer, what is none, and that no call gets another one's."""

import asyncio
import json

import pytest

from bot.channels.telegram import connection
from bot.channels.telegram.wire import Wire
from tests.channels.telegram.wireserver import Play, Visit, answer, call, echo, wired

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = answer("first")
GOOD: dict[str, tuple[tuple[bytes, ...], int]] = {  # what comes, how many connections this call and the next one make
    "whole": ((WHOLE,), 1),
    "byte by byte": (tuple(WHOLE[at : at + 1] for at in range(len(WHOLE))), 1),
    "in chunks": ((CHUNKED + b'3\r\n"fi\r\n', b'4\r\nrst"\r\n', b"0\r\n\r\n"), 1),
    "in chunks with what belongs to them": ((CHUNKED + b'7;a=b\r\n"first"\r\n0\r\nX-Sum: 1\r\n\r\n',), 1),
    "after others that announce it": (
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", WHOLE), 1,
    ),
    "the last one": ((answer("first", head="Connection: close\r\n"),), 2),
    "of HTTP/1.0": ((WHOLE.replace(b"1.1", b"1.0"),), 2),
    "of HTTP/1.0, kept": ((answer("first", head="Connection: keep-alive\r\n").replace(b"1.1", b"1.0"),), 1),
    "with a blank line after it": ((WHOLE + b"\r\n",), 1),
    "and another one nobody asked for": ((WHOLE + answer("second"),), 2),
    "and the beginning of another one": ((WHOLE + b"H",), 2),
    "and the head of another one": ((WHOLE + CHUNKED + b'5\r\n"aaa"\r\n',), 2),
    "and garbage": ((WHOLE + b"\x00garbage",), 2),
    "and another one later": ((WHOLE, answer("second")), 2),
}  # fmt: skip
TO_THE_END = {
    "of any length": OK + b'\r\n"first"',
    "of HTTP/1.0": b'HTTP/1.0 200 OK\r\n\r\n"first"',
    "said to be the last": OK + b'Connection: close\r\n\r\n"first"',
}
NONE = {
    "nothing": b"",
    "half a head": OK + b"Content-Le",
    "a head": OK + b"Content-Length: 7\r\n\r\n",
    "half a body": WHOLE[:-3],
    "half a body, said to be the last": OK + b'Connection: close\r\ncontent-length: 7\r\n\r\n"fi',
    "half a chunk": CHUNKED + b'7\r\n"fi',
    "no last chunk": CHUNKED + b'7\r\n"first"\r\n',
    "announced only": b"HTTP/1.1 100 Continue\r\n\r\n",
}
BAD = {
    "garbage": b"\x16\x03\x01 nothing of this kind",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a request": b"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
    "two lengths": OK + b'Content-Length: 7\r\nContent-Length: 9\r\n\r\n"first"',
    "length and chunks": OK + b'Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n"first"\r\n0\r\n\r\n',
    "a negative length": OK + b"Content-Length: -1\r\n\r\n",
    "a chunk without size": CHUNKED + b"zz\r\n",
    "another way to speak": b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    "a head without end": OK + b"X: " + b"a" * 200_000,
    "announced without end": b"HTTP/1.1 100 Continue\r\n\r\n" * 4000,
}


def says(*pieces: bytes) -> Play:
    """Answer a first call with this, any other truly."""

    async def play(visit: Visit) -> None:
        await visit.heard()
        await visit.say(*pieces)
        await echo(visit)

    return play


def ends(piece: bytes) -> Play:
    """Answer with this and close."""

    async def play(visit: Visit) -> None:
        await visit.heard()
        await visit.say(piece)

    return play


@pytest.mark.parametrize("kind", GOOD)
async def test_an_answer_is_read_whole_and_what_follows_it_is_no_answer(kind: str) -> None:
    pieces, connections = GOOD[kind]
    async with wired(says(*pieces)) as (server, wire):
        assert await call(wire) == "first"
        assert await call(wire, "next") == "next"
        assert len(server.visits) == connections


@pytest.mark.parametrize("kind", TO_THE_END)
async def test_an_answer_may_end_with_the_connection(kind: str) -> None:
    async with wired(ends(TO_THE_END[kind])) as (server, wire):
        assert await call(wire) == "first"
        assert await call(wire, "next") == "next"
        assert len(server.visits) == 2


@pytest.mark.parametrize("kind", NONE)
async def test_half_an_answer_is_none(kind: str) -> None:
    async with wired(ends(NONE[kind])) as (server, wire):
        with pytest.raises(ConnectionError):
            await call(wire)
        assert await call(wire, "next") == "next"
        assert len(server.visits) == 2


@pytest.mark.parametrize("kind", BAD)
async def test_what_is_no_answer_ends_the_connection(kind: str) -> None:
    async def play(visit: Visit) -> None:
        await visit.heard()
        await visit.say(BAD[kind])
        await visit.gone()

    async with wired(play) as (_, wire):
        with pytest.raises(ConnectionError):
            await call(wire)
        assert await call(wire, "next") == "next"


async def test_an_answer_without_body() -> None:
    async with wired(says(b"HTTP/1.1 204 No Content\r\n\r\n")) as (server, wire):
        assert await wire.post("/", b"1", 20) == (204, b"")
        assert await call(wire, "next") == "next"
        assert len(server.visits) == 1


async def test_no_redirect_is_followed() -> None:
    async with wired(says(answer("there", "302 Found", "Location: /there\r\n"))) as (server, wire):
        assert await wire.post("/", b"1", 20) == (302, b'"there"')
        assert len(server.visits) == 1


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_answer_has_a_limit(monkeypatch: pytest.MonkeyPatch, chunked: bool) -> None:
    monkeypatch.setattr(connection, "ANSWER_BYTES", 100_000)
    piece = b"x" * 50_000
    long = CHUNKED + b"c350\r\n" + piece + b"\r\n" if chunked else OK + b"Content-Length: 999999\r\n\r\n" + piece

    async def play(visit: Visit) -> None:
        await visit.heard()
        await visit.say(long, *([b"c350\r\n" + piece + b"\r\n"] if chunked else [piece, piece]) * 3)
        await visit.gone()

    async with wired(play) as (_, wire):
        with pytest.raises(connection.Garbled):
            await call(wire)


async def test_a_long_answer_comes_whole() -> None:
    words = "漏水" * 200_000
    async with wired() as (server, wire):
        assert await call(wire, words) == words
        assert await call(wire, words) == words
        assert len(server.visits) == 1


async def test_an_answer_to_half_a_request_ends_the_connection() -> None:
    """What is still to be sent of the request would be the beginning of the next."""

    async def play(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        await visit.say(answer("too large", "413 Too Large"))
        while await visit.reader.read(1 << 20):
            pass

    async with wired(play) as (server, wire):
        assert (await wire.post("/", json.dumps("x" * 30_000_000).encode(), 20))[0] == 413
        assert await call(wire, "next") == "next"
        assert len(server.visits) == 2


@pytest.mark.parametrize("late", ["slow", "cancelled"])
async def test_no_call_gets_the_late_answer_to_another(late: str) -> None:
    heard, answered = asyncio.Event(), asyncio.Event()

    async def play(visit: Visit) -> None:
        await visit.heard()
        heard.set()
        await answered.wait()
        await visit.say(answer("late"))
        await visit.gone()

    async with wired(play, limit=1) as (server, wire):
        first = asyncio.create_task(call(wire, wait=0.05 if late == "slow" else 20))
        await heard.wait()
        second = asyncio.create_task(call(wire, "next"))
        if late == "cancelled":
            await asyncio.sleep(0)
            first.cancel()
        with pytest.raises(TimeoutError if late == "slow" else asyncio.CancelledError):
            await first
        answered.set()
        assert await second == "next"
        assert len(server.visits) == 2


async def test_what_comes_unasked_ends_the_connection() -> None:
    async with wired() as (server, wire):
        await call(wire)
        await server.visits[0].say(answer("unasked"))
        await server.visits[0].over.wait()
        assert await call(wire, "next") == "next"
        assert len(server.visits) == 2


@pytest.mark.parametrize("closed", [False, True])
async def test_what_came_unasked_and_is_not_read_yet_is_no_answer(closed: bool) -> None:
    async with wired() as (server, wire):
        await call(wire)
        server.visits[0].writer.write(answer("too slow", "408 Request Timeout"))
        if closed:
            server.visits[0].leave()
        assert await call(wire, "next") == "next"  # not a turn of the loop in between
        assert len(server.visits) == 2


async def test_a_path_that_is_none_goes_nowhere() -> None:
    async with wired() as (server, wire):
        for path in (
            "",
            "bot",
            "/a b",
            "/a\r\nX: y",
            "/a\n",
            "/a\tb",
            "/a\x00",
            "/a\x7f",
            "/漏水",
            "/a#b",
            "http://x/",
        ):
            with pytest.raises(ValueError, match="no path"):
                await call(wire, path=path)
        assert await call(wire, path="/bot1:x-_/getMe?a=b%20c&d") == 1
        assert len(server.visits) == 1


async def test_what_an_origin_may_be() -> None:
    for origin in ("http://127.0.0.1:8081", "https://api.telegram.org", "http://[::1]:80", "http://bot_api"):
        wire = Wire.to(origin, "desk", 1)
        assert wire is not None
        await wire.close()
    for origin in (
        "ftp://host",
        "http://a:b@host",
        "http://门",
        "http://",
        "http://a b",
        "http://h\r\nX:y",
        "http://h/",
    ):
        assert Wire.to(origin, "desk", 1) is None
