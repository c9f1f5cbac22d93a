"""The way to Tencent's platforms: one pool of connections, a time limit on everything, no URL in any error.

pyreqwest and not wechatpy's client: of that only its generic post would be used (it has no cards, no templates of
today), it blocks, keeps tokens of its own and reaches some addresses past the one that is set.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pyreqwest.client import Client
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.multipart import FormBuilder, PartBuilder
from pyreqwest.request import RequestBuilder

from bot.channels.network import pool, read

READ_SECONDS = 15.0
TOTAL_SECONDS = 30.0
FILE_SECONDS = 120.0  # 20 MB over a slow line
CONNECTIONS = 32
ANSWER_BYTES = 1024 * 1024
NAME = "redsteward"
WORDS = (("application", "json"), ("text", "plain"))  # what comes instead of a file

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
        self._client: Client | None = None

    async def close(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def get(self, url: str, query: Mapping[str, str]) -> Answer:
        """Call with GET. Raises NoAnswer."""
        with _without_url():
            return await _answered(self._request("GET", url, query))

    async def post(self, url: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Answer:
        """Post JSON, Chinese as it is: escaped it is counted by its escapes. Raises NoAnswer."""
        data = json.dumps(body, ensure_ascii=False).encode()
        with _without_url():
            request = self._request("POST", url, query).header("Content-Type", "application/json")
            return await _answered(request.body_bytes(data))

    async def upload(self, url: str, query: Mapping[str, str], name: str, mime: str, content: bytes) -> Answer:
        """Post a file as the part `media` of a form. Raises NoAnswer."""
        with _without_url():
            file = PartBuilder.from_bytes(content).file_name(name).mime(mime)
            request = self._request("POST", url, query, FILE_SECONDS)
            return await _answered(request.multipart(FormBuilder().part("media", file)))

    async def download(self, url: str, query: Mapping[str, str], limit: int) -> Download:
        """Get a file of at most `limit` bytes. Raises TooLarge, NoAnswer."""
        with _without_url():
            async with self._request("GET", url, query, FILE_SECONDS).build_streamed() as response:
                if response.status != 200:
                    raise NoAnswer(f"HTTP {response.status}")
                content = await read(response, limit, READ_SECONDS)
                kind = response.content_type_mime()
        if kind is not None and (kind.type_, kind.subtype) in WORDS:
            return Download(b"", _answer(200, content))
        return Download(content)

    def _request(
        self, method: str, url: str, query: Mapping[str, str], seconds: float = TOTAL_SECONDS
    ) -> RequestBuilder:  # fmt: skip
        if self._client is None:
            self._client = pool(CONNECTIONS, NAME)
        return self._client.request(method, url).query(dict(query)).timeout(timedelta(seconds=seconds))


@contextmanager
def _without_url() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise NoAnswer(f"timed out ({type(error).__name__})") from None
    except (PyreqwestError, OSError, ValueError) as error:
        raise NoAnswer(f"no connection ({type(error).__name__})") from None


async def _answered(request: RequestBuilder) -> Answer:
    async with request.build_streamed() as response:
        return _answer(response.status, await read(response, ANSWER_BYTES, READ_SECONDS))


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
