"""python-telegram-bot's way to the network: calls over `wire.py`, files and whatever goes by a proxy over `bulk.py`.

The library's own backend is most of what a call costs, and aiohttp is most of what is left. No error that leaves here
names the URL: it holds the token.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from telegram.error import BadRequest, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.channels.telegram.no_answer import trouble
from bot.channels.telegram.wire import Wire
from storage.faults import hit
from storage.plain import from_json, to_bytes

if TYPE_CHECKING:
    from bot.channels.telegram.bulk import Bulk

READ_SECONDS = 20.0
CONNECTIONS = 64
WAYS = 256  # URLs of which it is known how they are reached
DEFAULT_PAUSE = 5.0  # seconds, for a 429 that does not say how long


class TooManyRequests(TelegramError):
    """Telegram asks for a pause of `seconds` (its error 429).

    The library's RetryAfter warns of its own deprecated attribute as soon as it is made, so it is not used.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__("Too many requests")
        self.seconds = seconds


class Request(BaseRequest):
    """One pool of connections for calls, one for files; each opened when it is first needed.

    A proxy is taken from the environment (HTTPS_PROXY, NO_PROXY …), once.
    """

    def __init__(self, connections: int = CONNECTIONS) -> None:
        self._connections = connections
        self._bulk: Bulk | None = None
        self._proxies: dict[str, str | None] = {}
        self._wires: dict[str, Wire | None] = {}  # by scheme and host; None: not this way
        self._ways: dict[str, tuple[Wire | None, str]] = {}  # by URL: over which wire, and the path

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer unless a call says otherwise."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Nothing to do: connections open themselves."""

    async def shutdown(self) -> None:
        """Close every connection."""
        bulk, self._bulk = self._bulk, None
        wires, self._wires, self._ways = self._wires, {}, {}
        for wire in wires.values():
            if wire is not None:
                await wire.close()
        if bulk is not None:
            await bulk.close()

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
        if method == "POST" and not (request_data and request_data.contains_files):
            return await self._send(url, to_bytes(request_data.parameters if request_data else {}), wait)
        return _answer(*await self._by_bulk().send(method, url, request_data, wait, self._proxy(url)))

    async def call(self, url: str, params: Mapping[str, Any], wait: float) -> Any:
        """Make a call with plain parameters and return its result. Raises what the library would."""
        given = {name: value for name, value in params.items() if value is not None}
        status, body = await self._send(url, to_bytes(given), wait)
        if status == HTTPStatus.OK:
            return self.parse_json_payload(body)["result"]
        return await Answered(status, body).post(url)

    async def _send(self, url: str, data: bytes, wait: float) -> tuple[int, bytes]:
        """Post JSON; the whole call takes at most `wait` seconds."""
        try:
            wire, path = self._ways.get(url) or self._way(url)
            if wire is not None:
                return _answer(*await wire.post(path, data, wait))
        except (OSError, ValueError) as error:
            raise trouble(error) from None
        return _answer(*await self._by_bulk().post(url, data, wait, self._proxy(url)))

    def _way(self, url: str) -> tuple[Wire | None, str]:
        """Find out once how a URL is reached: over which wire (None: not over one), and its path. Raises ValueError."""
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        origin = f"{scheme}://{host}"
        if origin not in self._wires:
            self._wires[origin] = None if self._proxy(url) else Wire.to(origin, self.USER_AGENT, self._connections)
        if len(self._ways) >= WAYS:
            self._ways.clear()
        self._ways[url] = way = self._wires[origin], slash + path
        return way

    async def download(self, url: str, limit: int) -> tuple[int, bytes]:
        """Get a file of at most `limit` bytes; returns status and bytes. Raises TooLarge, TimedOut, NetworkError."""
        return await self._by_bulk().download(url, limit, READ_SECONDS, self._proxy(url))

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

    def _by_bulk(self) -> "Bulk":
        """Return the way for files, loaded when it is first needed."""
        if self._bulk is None:
            from bot.channels.telegram.bulk import Bulk

            self._bulk = Bulk(self.USER_AGENT, self._connections)
        return self._bulk

    def _proxy(self, url: str) -> str | None:
        """Return the proxy for this URL; None: a direct connection."""
        parts = urlsplit(url)
        if parts.netloc not in self._proxies:
            self._proxies[parts.netloc] = _proxy(parts.scheme, parts.hostname or "")
        return self._proxies[parts.netloc]


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
        return Request.parse_json_payload(payload)


def _answer(status: int, body: bytes) -> tuple[int, bytes]:
    """Return an answer that came, unless the library would read it wrongly."""
    hit("telegram.before_response")
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


def _proxy(scheme: str, host: str) -> str | None:
    proxy = getproxies().get(scheme)
    if not proxy or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
