"""One connection to an HTTP server: one call at a time, and nothing is an answer that was not asked for."""

import asyncio
import select
from typing import Protocol, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

ANSWER_BYTES = 64 * 1024 * 1024  # more than any answer of the Bot API: a hundred updates have a few hundred kB
HEAD_BYTES = 64 * 1024
FIRST_FINAL = 200  # a lower status announces that the answer is still to come
FRAMING = frozenset({b"content-length", b"transfer-encoding"})

Answer = tuple[int, bytes]
"""Status and body."""


class Garbled(ConnectionError):
    """What came is no answer, or a longer one than can be."""


class Owner(Protocol):
    """Whose connections these are."""

    def opened(self, connection: "Connection") -> None:
        """Hear that it is there."""

    def free(self, connection: "Connection") -> None:
        """Take it back after an answer."""

    def spent(self, connection: "Connection") -> None:
        """Hear, once, that it can take no further call."""


class Connection(asyncio.Protocol):
    """Sends one request after the other and reads one answer to each.

    Whatever leaves doubt what the next bytes belong to ends it: a call that was given up, data nobody asked for, an
    answer that is none.
    """

    _body: bytearray
    _bytes: int  # of the answer so far, its head too
    _status: int
    _headed: bool  # its head is whole
    _framed: bool  # its head says where the body ends
    _whole: bool
    _keep: bool  # another call may follow

    def __init__(self, owner: Owner) -> None:
        self.since = 0.0  # the loop's time of its last answer
        self.held = True  # a call that has not asked yet holds its place among the connections
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self.lost = self._loop.create_future()  # done once the socket is closed
        self._parser = HttpResponseParser(self)
        self._waiting: asyncio.Future[Answer] | None = None
        self._over = False
        self._begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)
        self._looks = select.poll()
        self._looks.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
        self._owner.opened(self)

    @property
    def alive(self) -> bool:
        """Say whether it is open, as far as the loop has read."""
        return not (self._over or self._transport.is_closing())

    @property
    def sound(self) -> bool:
        """Say whether it can take a call after another.

        Asks the system as well: what the loop has not read yet would be taken for the answer to the next call (some
        servers say 408 before they close), and what is closed would lose that call.
        """
        return self.alive and not self._looks.poll(0)

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send a request; the answer or why there is none comes in the future."""
        self._begin()
        self.held = False
        self._waiting = waiting = self._loop.create_future()
        self._transport.write(request)
        return waiting

    def give_up(self, waiting: asyncio.Future[Answer], error: Exception | None = None) -> None:
        """End it where it still waits for this answer, of which nothing more must be read."""
        if self._waiting is waiting:
            self.end(error or TimeoutError())

    def end(self, error: Exception) -> None:
        """Close it; who waits gets the error."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)
        if not self._over:
            self._over = True
            self._transport.abort()  # nothing is left to be sent; a TLS farewell could be waited for in vain
            self._owner.spent(self)

    def data_received(self, data: bytes) -> None:
        """Read on; what comes while nothing is waited for ends the connection."""
        if self._waiting is None:
            self.end(Garbled())
            return
        self._bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._keep = False
            if not self._whole:
                self.end(Garbled())
                return
        if self._whole:
            self._answered()
        elif self._bytes > (ANSWER_BYTES if self._headed else HEAD_BYTES):
            self.end(Garbled())

    def connection_lost(self, error: Exception | None) -> None:
        """Take a body that ends with the connection as whole; any other answer is lost."""
        if self._waiting is not None and error is None and self._headed and not self._framed:
            self._keep = False
            self._answered()
        else:
            self.end(error or ConnectionResetError())
        if not self.lost.done():
            self.lost.set_result(None)

    def on_message_begin(self) -> None:
        """Note what follows a whole answer: nobody asked for it."""
        if self._whole:
            self._keep = False

    def on_header(self, name: bytes, _: bytes) -> None:
        """Note that the head says where the body ends."""
        if name.lower() in FRAMING:
            self._framed = True

    def on_headers_complete(self) -> None:
        """Note that the head is whole."""
        if not self._whole:
            self._headed, self._status = True, self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """Keep a piece, except of what nobody asked for."""
        if not self._whole:
            self._body += body

    def on_message_complete(self) -> None:
        """Note that the answer is whole; an interim one (1xx) is passed over."""
        if self._whole:
            return
        if self._status >= FIRST_FINAL:
            self._whole = True
            self._keep = self._parser.should_keep_alive()
        else:
            self._headed = self._framed = False

    def _begin(self) -> None:
        """Expect an answer from its first byte on."""
        self._body = bytearray()
        self._bytes = self._status = 0
        self._headed = self._framed = self._whole = self._keep = False

    def _answered(self) -> None:
        """Hand the answer over, and the connection back where it may be used again."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result((self._status, bytes(self._body)))
        if self._keep and not self._transport.get_write_buffer_size():
            self.since = self._loop.time()
            self._owner.free(self)
        else:
            self.end(ConnectionResetError())
