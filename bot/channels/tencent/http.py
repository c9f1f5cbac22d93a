"""The way to Tencent's platforms: one pool of connections, a time limit on everything, no URL in any error.

aiohttp and not wechatpy's client: of that only its generic post would be used (it has no cards, no templates of today),
it blocks, keeps tokens of its own and reaches some addresses past the one that is set.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.channels.reading import read

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
TOTAL_SECONDS = 30.0
FILE_SECONDS = 120.0  # 20 MB over a slow line
CONNECTIONS = 32
ANSWER_BYTES = 1024 * 1024

Answer = dict[str, Any]


class NoAnswer(Exception):
    """The platform could not be reached, or what came is no answer. The text names no URL: it holds the token."""


@dataclass(frozen=True, slots=True)
class Download:
    """What came for a file: its bytes, or an answer in JSON that says why not."""

    content: bytes
    refusal: Answer | None = None


class Http:
    """JSON in, JSON out. Opened at the first call; a proxy is taken from the environment."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, url: str, query: Mapping[str, str]) -> Answer:
        """Call with GET. Raises NoAnswer."""
        async with self._open("GET", url, query) as response:
            return _answer(response.status, await read(response, ANSWER_BYTES))

    async def post(self, url: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Answer:
        """Post JSON, Chinese as it is: escaped it is counted by its escapes. Raises NoAnswer."""
        data = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        async with self._open("POST", url, query, data=data, headers=headers) as response:
            return _answer(response.status, await read(response, ANSWER_BYTES))

    async def upload(self, url: str, query: Mapping[str, str], name: str, mime: str, content: bytes) -> Answer:
        """Post a file as the part `media` of a form. Raises NoAnswer."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("media", content, filename=name, content_type=mime)
        async with self._open("POST", url, query, data=form, seconds=FILE_SECONDS) as response:
            return _answer(response.status, await read(response, ANSWER_BYTES))

    async def download(self, url: str, query: Mapping[str, str], limit: int) -> Download:
        """Get a file of at most `limit` bytes. Raises TooLarge, NoAnswer."""
        async with self._open("GET", url, query, seconds=FILE_SECONDS) as response:
            if response.status != 200:
                raise NoAnswer(f"HTTP {response.status}")
            content = await read(response, limit)
            if response.content_type in ("application/json", "text/plain"):
                return Download(b"", _answer(200, content))
            return Download(content)

    @asynccontextmanager
    async def _open(
        self, method: str, url: str, query: Mapping[str, str], *, seconds: float = TOTAL_SECONDS, **more: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
        try:
            async with self._connected().request(
                method, url, params=query, timeout=timeout, allow_redirects=False, **more
            ) as response:
                yield response
        except TimeoutError as error:
            raise NoAnswer(f"timed out ({type(error).__name__})") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NoAnswer(f"no connection ({type(error).__name__})") from None

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS), cookie_jar=aiohttp.DummyCookieJar(), trust_env=True
            )
        return self._session


def code_of(answer: Answer) -> int:
    """Return the error code of an answer; 0: it worked."""
    code = answer.get("errcode", 0)
    return code if isinstance(code, int) else -1


def _answer(status: int, body: bytes) -> Answer:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NoAnswer(f"HTTP {status}, no answer in JSON")
    return found
