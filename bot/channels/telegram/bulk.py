"""Files to and from Telegram, and whatever goes by way of a proxy, over aiohttp.

Loaded when it is first needed: it is an eighth of what a start loads.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp

from bot.channels.reading import read
from bot.channels.telegram.no_answer import trouble
from bot.channels.telegram.wire import CONNECT_SECONDS

if TYPE_CHECKING:
    from telegram.request import RequestData

POOL_SECONDS = 15.0  # until there is a connection, waiting for a free one included
UPLOAD_SECONDS = 180.0  # 50 MB over a slow line
JSON = {"Content-Type": "application/json"}


class Bulk:
    """One pool of connections, opened with the first; belongs to the loop in which it was made.

    What is not answered raises TimedOut or NetworkError. `proxy` is its URL; None: a direct connection.
    """

    def __init__(self, agent: str, connections: int) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections), headers={"User-Agent": agent},
            cookie_jar=aiohttp.DummyCookieJar(),
        )  # fmt: skip

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def post(self, url: str, data: bytes, wait: float, proxy: str | None) -> tuple[int, bytes]:
        """Post JSON; the whole call takes at most `wait` seconds."""
        patience = aiohttp.ClientTimeout(total=wait, sock_connect=CONNECT_SECONDS)
        async with self._open("POST", url, patience, proxy, data) as response:
            return response.status, await response.read()

    async def send(
        self, method: str, url: str, data: "RequestData", wait: float, proxy: str | None
    ) -> tuple[int, bytes]:
        """Send a form with files; it takes as long as something comes within `wait` seconds."""
        async with self._open(method, url, _slow(wait), proxy, _form(data)) as response:
            return response.status, await response.read()

    async def download(self, url: str, limit: int, wait: float, proxy: str | None) -> tuple[int, bytes]:
        """Get a file of at most `limit` bytes. Raises TooLarge."""
        async with self._open("GET", url, _slow(wait), proxy) as response:
            return response.status, await read(response, limit)

    @asynccontextmanager
    async def _open(
        self, method: str, url: str, patience: aiohttp.ClientTimeout, proxy: str | None,
        data: aiohttp.FormData | bytes | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:  # fmt: skip
        headers = JSON if isinstance(data, bytes) else None
        try:
            async with self._session.request(
                method, url, data=data, headers=headers, timeout=patience, proxy=proxy, allow_redirects=False
            ) as response:
                yield response
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise trouble(error) from None


def _form(data: "RequestData") -> aiohttp.FormData:
    """Return a form in parts, for files that go along; all else goes as JSON, which costs a tenth of a form."""
    form = aiohttp.FormData(data.json_parameters, quote_fields=False)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form


def _slow(wait: float) -> aiohttp.ClientTimeout:
    """Return the patience with a file: as long as something comes within `wait` seconds."""
    return aiohttp.ClientTimeout(
        total=POOL_SECONDS + CONNECT_SECONDS + wait + UPLOAD_SECONDS, connect=POOL_SECONDS,
        sock_connect=CONNECT_SECONDS, sock_read=wait,
    )  # fmt: skip
