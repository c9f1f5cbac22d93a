"""The way to the network: calls over `wire.py`, files and whatever goes by a proxy over `bulk.py`.

python-telegram-bot's own is most of what a call costs, and aiohttp is most of what is left. No error that leaves here
names the URL: it holds the token.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.channels.telegram.errors import BadRequest, TelegramError, TooManyRequests
from bot.channels.telegram.no_answer import trouble
from bot.channels.telegram.wire import Wire
from storage.faults import hit
from storage.plain import from_json, to_bytes

if TYPE_CHECKING:
    from telegram.request import RequestData

    from bot.channels.telegram.bulk import Bulk

AGENT = "redsteward (python-telegram-bot)"
READ_SECONDS = 20.0
CONNECTIONS = 64
WAYS = 256  # URLs of which it is known how they are reached
DEFAULT_PAUSE = 5.0  # seconds, for a 429 that does not say how long


class Request:
    """One pool of connections for calls, one for files; each opened when it is first needed.

    A proxy is taken from the environment (HTTPS_PROXY, NO_PROXY …), once.
    """

    def __init__(self, connections: int = CONNECTIONS) -> None:
        self._connections = connections
        self._bulk: Bulk | None = None
        self._proxies: dict[str, str | None] = {}
        self._wires: dict[str, Wire | None] = {}  # by scheme and host; None: not this way
        self._ways: dict[str, tuple[Wire | None, str]] = {}  # by URL: over which wire, and the path

    async def close(self) -> None:
        """Close every connection."""
        bulk, self._bulk = self._bulk, None
        wires, self._wires, self._ways = self._wires, {}, {}
        for wire in wires.values():
            if wire is not None:
                await wire.close()
        if bulk is not None:
            await bulk.close()

    async def call(self, url: str, params: Mapping[str, Any], wait: float) -> Any:
        """Make a call with plain parameters and return its result. Raises what the library makes of its answer."""
        given = {name: value for name, value in params.items() if value is not None}
        status, body = await self.post(url, to_bytes(given), wait)
        if status == HTTPStatus.OK:
            return parsed(body)["result"]
        from bot.channels.telegram.library import result_of  # it takes long to load, and few answers need it

        return await result_of(status, body, url)

    async def post(self, url: str, data: bytes, wait: float) -> tuple[int, bytes]:
        """Post JSON; the whole call takes at most `wait` seconds.

        Raises TimedOut, NetworkError, TooManyRequests (429), BadRequest (413: it is too large).
        """
        try:
            wire, path = self._ways.get(url) or self._way(url)
            if wire is not None:
                return _answer(*await wire.post(path, data, wait))
        except (OSError, ValueError) as error:
            raise trouble(error) from None
        return _answer(*await self._by_bulk().post(url, data, wait, self._proxy(url)))

    async def send(self, method: str, url: str, data: "RequestData", wait: float) -> tuple[int, bytes]:
        """Send a form with files. Raises as `post` does."""
        return _answer(*await self._by_bulk().send(method, url, data, wait, self._proxy(url)))

    def _way(self, url: str) -> tuple[Wire | None, str]:
        """Find out once how a URL is reached: over which wire (None: not over one), and its path. Raises ValueError."""
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        origin = f"{scheme}://{host}"
        if origin not in self._wires:
            self._wires[origin] = None if self._proxy(url) else Wire.to(origin, AGENT, self._connections)
        if len(self._ways) >= WAYS:
            self._ways.clear()
        self._ways[url] = way = self._wires[origin], slash + path
        return way

    async def download(self, url: str, limit: int) -> tuple[int, bytes]:
        """Get a file of at most `limit` bytes; returns status and bytes. Raises TooLarge, TimedOut, NetworkError."""
        return await self._by_bulk().download(url, limit, READ_SECONDS, self._proxy(url))

    def _by_bulk(self) -> "Bulk":
        """Return the way for files, loaded when it is first needed."""
        if self._bulk is None:
            from bot.channels.telegram.bulk import Bulk

            self._bulk = Bulk(AGENT, self._connections)
        return self._bulk

    def _proxy(self, url: str) -> str | None:
        """Return the proxy for this URL; None: a direct connection."""
        parts = urlsplit(url)
        if parts.netloc not in self._proxies:
            self._proxies[parts.netloc] = _proxy(parts.scheme, parts.hostname or "")
        return self._proxies[parts.netloc]


def parsed(body: bytes) -> dict[str, Any]:
    """Parse an answer. Raises TelegramError, without what it was: it may hold people's words."""
    try:
        found = from_json(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise TelegramError("Invalid server response")
    return found


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
