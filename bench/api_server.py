"""A Bot API for measurements: as little work as it can, so that the bot is what is measured.

Plain HTTP/1.1 over asyncio's protocols. It reads of a call what the residents need (which chat, which buttons) straight
from the body, a form or JSON, and answers with a message as short as one may be; the strict simulator of the tests is
where every rule of Telegram's is kept to. How fast it is shows `bench.null_bot`.
"""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from itertools import islice

TOKEN = "123456:bench"
BOT = b'{"id":123456,"is_bot":true,"first_name":"Bench","username":"bench_bot"}'
MESSAGE = b'{"message_id":%d,"from":%s,"chat":{"id":%d,"type":"private","first_name":"R"},"date":%d,"text":"."}'
TRUE = b'{"ok":true,"result":true}'
ALL = 100  # updates in one answer, as the real one

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
# Of a form or of JSON.
_CHAT = re.compile(rb'(?:^|&|")chat_id(?:=|":)(-?\d+)')
_QUERY = re.compile(rb'(?:^|&|")callback_query_id(?:=|":")(\d+)x')
_OFFSET = re.compile(rb'(?:^|&|")offset(?:=|":)(\d+)')
_TIMEOUT = re.compile(rb'(?:^|&|")timeout(?:=|":)(\d+)')
_URL = re.compile(rb'(?:^|&|")url(?:=|":")([^&"]+)')
SAYS = frozenset({"sendMessage", "editMessageText", "answerCallbackQuery"})

Heard = Callable[[int, str, bytes, float], None]
"""Takes what the bot says: chat, method, the encoded form, when it came."""


class BotApi:
    """One bot's API: updates wait here, calls are told to `heard`."""

    def __init__(self, heard: Heard = lambda *_: None) -> None:
        self.heard = heard
        self.calls = 0
        self.address = ""  # that ends where the token begins, once it listens
        self.asked = asyncio.Event()  # the bot has come up and takes updates
        self.handed: dict[int, float] = {}  # chat: when its newest update was handed out
        self.odd: list[str] = []  # what this server does not understand
        self._waiting: dict[int, tuple[int, bytes]] = {}  # update: chat, text
        self._given = 0  # the last one that was handed out
        self._last = 1000
        self._poll: _Line | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._messages = 10
        self._server: asyncio.Server | None = None
        self.webhook: Callable[[int, bytes], None] | None = None  # takes updates instead of the queue

    async def start(self) -> str:
        """Listen; return the address."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Line(self), "127.0.0.1", 0, backlog=1024)
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self.address

    def stop(self) -> None:
        """Take no more connections."""
        if self._timer is not None:
            self._timer.cancel()
        if self._server is not None:
            self._server.close()

    def push(self, chat: int, inner: bytes) -> None:
        """Have somebody do something; `inner` is the update without its number."""
        self._last += 1
        update = b'{"update_id":%d,%s}' % (self._last, inner)
        if self.webhook is not None:
            self.webhook(chat, update)
            return
        self._waiting[self._last] = (chat, update)
        if self._poll is not None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(0, self._answer_poll)

    def next_message(self) -> int:
        """Return the number of a new message."""
        self._messages += 1
        return self._messages

    def call(self, line: "_Line", method: str, form: bytes) -> bytes | None:
        """Answer a call; None: later."""
        self.calls += 1
        if method in SAYS:
            return self._said(method, form)
        if method == "getUpdates":
            return self._get_updates(line, form)
        if method == "getMe":
            return b'{"ok":true,"result":%s}' % BOT
        if method == "setWebhook" and _URL.search(form):
            self.asked.set()
        return TRUE

    def _said(self, method: str, form: bytes) -> bytes:
        found = (_QUERY if method == "answerCallbackQuery" else _CHAT).search(form)
        if found is None:
            self.odd.append(method)
            return b'{"ok":false,"error_code":400,"description":"Bad Request: whom?"}'
        chat = int(found[1])
        self.heard(chat, method, form, time.perf_counter())
        if method == "answerCallbackQuery":
            return TRUE
        return b'{"ok":true,"result":%s}' % self.message(chat)

    def message(self, chat: int) -> bytes:
        """Return a message of the bot's in a chat."""
        return MESSAGE % (self.next_message(), BOT, chat, int(time.time()))

    def _get_updates(self, line: "_Line", form: bytes) -> bytes | None:
        self.asked.set()
        if found := _OFFSET.search(form):
            offset = int(found[1])
            while self._waiting and (first := next(iter(self._waiting))) < offset:
                del self._waiting[first]
        if self._waiting:
            return self._updates()
        wait = int(found[1]) if (found := _TIMEOUT.search(form)) else 0
        if not wait:
            return self._updates()
        self._drop_poll()
        self._poll = line
        self._timer = None
        asyncio.get_running_loop().call_later(wait, self._give_up, line, line.requests)
        return None

    def _give_up(self, line: "_Line", request: int) -> None:
        if self._poll is line and line.requests == request:
            self._answer_poll()

    def _drop_poll(self) -> None:
        if self._poll is not None:
            self._answer_poll()

    def _answer_poll(self) -> None:
        line, self._poll = self._poll, None
        self._timer = None
        if line is not None:
            line.answer(self._updates())

    def _updates(self) -> bytes:
        now, found = time.perf_counter(), []
        for number, (chat, update) in islice(self._waiting.items(), ALL):
            if number > self._given:
                self._given = number
                self.handed[chat] = now
            found.append(update)
        return b'{"ok":true,"result":[%s]}' % b",".join(found)


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, api: BotApi) -> None:
        self.requests = 0
        self._api = api
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._buffer += data
        for method, form in self._whole():
            self.requests += 1
            answer = self._api.call(self, method, form)
            if answer is not None:
                self.answer(answer)

    def answer(self, body: bytes) -> None:
        """Send an answer."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            )

    def _whole(self) -> Iterator[tuple[str, bytes]]:
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = int(found[1]) if (found := _LENGTH.search(head)) else 0
            if _CHUNKED.search(head):
                self._api.odd.append("chunked")
            if len(self._buffer) < end + 4 + length:
                return
            form, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            path = head[: head.index(b"\r\n")].split(b" ", 2)[1]
            yield path.rpartition(b"/")[2].partition(b"?")[0].decode(), form
