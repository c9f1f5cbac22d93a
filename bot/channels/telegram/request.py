"""python-telegram-bot's way to the network, over pyreqwest (Rust's reqwest).

The library's own backend is most of what a call costs. No error that leaves here names the URL: it holds the token.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.multipart import FormBuilder, PartBuilder
from pyreqwest.request import RequestBuilder
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.channels.reading import CHUNK_BYTES, TooLarge
from storage.faults import hit
from storage.plain import from_json, to_bytes

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
POOL_SECONDS = 15.0  # until there is a connection, waiting for a free one included
UPLOAD_SECONDS = 180.0  # 50 MB over a slow line
CONNECTIONS = 64
DEFAULT_PAUSE = 5.0  # seconds, for a 429 that does not say how long


class TooManyRequests(TelegramError):
    """Telegram asks for a pause of `seconds` (its error 429).

    The library's RetryAfter warns of its own deprecated attribute as soon as it is made, so it is not used.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__("Too many requests")
        self.seconds = seconds


class Reqwest(BaseRequest):
    """One pool of connections for everything; opened at the first request.

    A proxy is taken from the environment (HTTPS_PROXY, NO_PROXY …) then.
    """

    def __init__(self, connections: int = CONNECTIONS) -> None:
        self._connections = connections
        self._client: Client | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer unless a call says otherwise."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Nothing to do: the pool opens itself."""

    async def shutdown(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        """Send one call and return status and body.

        Raises TimedOut, NetworkError, TooManyRequests (429), BadRequest (413: the upload is too large).
        """
        wait = float(read_timeout) if isinstance(read_timeout, int | float) else READ_SECONDS
        if request_data is not None and request_data.contains_files:
            with _plain_errors():
                whole = POOL_SECONDS + CONNECT_SECONDS + wait + UPLOAD_SECONDS
                return await _answer(self._request(method, url, whole).multipart(_form(request_data)))
        return await self._send(url, method, to_bytes(request_data.parameters) if request_data else None, wait)

    async def call(self, url: str, params: Mapping[str, Any], wait: float) -> Any:
        """Make a call with plain parameters and return its result. Raises what the library would."""
        given = {name: value for name, value in params.items() if value is not None}
        status, body = await self._send(url, "POST", to_bytes(given), wait)
        if status == HTTPStatus.OK:
            return self.parse_json_payload(body)["result"]
        return await Answered(status, body).post(url)

    async def _send(self, url: str, method: str, data: bytes | None, wait: float) -> tuple[int, bytes]:
        with _plain_errors():
            request = self._request(method, url, wait)
            if data is not None:
                request = request.header("Content-Type", "application/json").body_bytes(data)
            return await _answer(request)

    async def download(self, url: str, limit: int) -> tuple[int, bytes]:
        """Get a file of at most `limit` bytes; returns status and bytes. Raises TooLarge, TimedOut, NetworkError.

        It may take as long as something comes within READ_SECONDS.
        """
        found, whole = bytearray(), POOL_SECONDS + CONNECT_SECONDS + READ_SECONDS + UPLOAD_SECONDS
        with _plain_errors():
            async with self._request("GET", url, whole).build_streamed() as response:
                while True:
                    async with asyncio.timeout(READ_SECONDS):
                        chunk = await response.body_reader.read(CHUNK_BYTES)
                    if not chunk:
                        return response.status, bytes(found)
                    found += chunk
                    if len(found) > limit:
                        raise TooLarge

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parse an answer; unlike the library's own, never logs it: it may hold people's words."""
        try:
            found = from_json(payload)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise TelegramError("Invalid server response")
        return found

    def _request(self, method: str, url: str, wait: float) -> RequestBuilder:
        """Begin a request that ends after `wait` seconds."""
        if self._client is None:
            self._client = (
                ClientBuilder()
                .http1_only()
                .max_connections(self._connections)
                .pool_max_idle_per_host(self._connections)
                .connect_timeout(timedelta(seconds=CONNECT_SECONDS))
                .pool_timeout(timedelta(seconds=POOL_SECONDS))
                .follow_redirects(False)
                .user_agent(self.USER_AGENT)
                .build()
            )
        return self._client.request(method, url).timeout(timedelta(seconds=wait))


class Answered(BaseRequest):
    """A call that has been made: the library says what its answer means."""

    def __init__(self, status: int, body: bytes) -> None:
        self._answer = status, body

    @property
    def read_timeout(self) -> float:
        """Nothing is waited for."""
        return 0.0

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""

    async def do_request(self, *_: Any, **__: Any) -> tuple[int, bytes]:
        """Return the answer that came."""
        return self._answer

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parse it as every answer."""
        return Reqwest.parse_json_payload(payload)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn what the network raises into the library's own errors, without the URL. Raises TimedOut, NetworkError."""
    try:
        yield
    except TimeoutError as error:
        raise TimedOut(f"Timed out ({type(error).__name__})") from None
    except (PyreqwestError, OSError, ValueError) as error:
        raise NetworkError(f"No connection ({type(error).__name__})") from None


def _form(data: RequestData) -> FormBuilder:
    """Return a form in parts, for files that go along; all else goes as JSON, which costs a tenth of a form."""
    form = FormBuilder()
    for name, text in data.json_parameters.items():
        form = form.text(name, text)
    for name, (filename, content, mime) in data.multipart_data.items():
        whole = content if isinstance(content, bytes) else content.read()
        form = form.part(name, PartBuilder.from_bytes(whole).file_name(filename).mime(mime))
    return form


async def _answer(request: RequestBuilder) -> tuple[int, bytes]:
    response = await request.build().send()
    hit("telegram.before_response")
    status, body = response.status, bytes(await response.bytes())
    _refuse(status, body)
    return status, body


def _refuse(status: int, body: bytes) -> None:
    """Raise for the answers that the library would read wrongly."""
    if status == 413:
        raise BadRequest("Request Entity Too Large")
    if status == 429:
        raise TooManyRequests(_pause(body))


def _pause(body: bytes) -> float:
    try:
        return max(0.0, float(from_json(body)["parameters"]["retry_after"]))
    except (ValueError, KeyError, TypeError):
        return DEFAULT_PAUSE
