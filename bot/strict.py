"""No request that a proxy before us may read in another way than we do."""

from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 * 1024  # of a request line with its headers; as much as h11 takes


class OneLength:
    """Refuses what says its length twice, by Content-Length and Transfer-Encoding: RFC 9112, section 6.1.

    Behind a proxy that goes by the other one, the rest of it would be read as somebody else's request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 400 and hang up, or pass the request on."""
        names = {name for name, _ in scope.get("headers", ())}
        if scope["type"] == "http" and {b"content-length", b"transfer-encoding"} <= names:
            refusal = PlainTextResponse("two lengths", 400, headers={"Connection": "close"})
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class Http(HttpToolsProtocol):
    """uvicorn's protocol over httptools, which takes a third of what h11 does, with what it leaves open.

    A head has an end, names one host (RFC 9112, section 3.2); what comes after the last request is no request, and
    fields behind a body are none of its head.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=False)
        self._unread = 0  # bytes since the last head, piece of a body or end of a message
        self._moved = False  # one of these has come
        self._after_head = False

    def data_received(self, data: bytes) -> None:
        """Read on. Hangs up where a head, or what stands around the pieces of a body, does not end."""
        self._moved = False
        super().data_received(data)
        if self._moved or self.transport.is_closing():
            return
        self._unread += len(data)
        if self._unread > HEAD_BYTES:
            self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """Begin with a head."""
        super().on_message_begin()
        self._after_head = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head. Raises ValueError, which is answered with 400, for one behind the body."""
        if self._after_head:
            raise ValueError("fields behind the body are not taken")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request over. Raises ValueError, which is answered with 400, where it names no host, or several."""
        self._went_on()
        self._after_head = True
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() != "1.0"):
            raise ValueError("a request names one host")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._went_on()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for the next."""
        self._went_on()
        super().on_message_complete()

    def _went_on(self) -> None:
        self._moved, self._unread = True, 0
