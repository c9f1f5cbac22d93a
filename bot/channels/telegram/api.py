"""The Bot API as this channel uses it: planned parameters in, plain results out."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.channels.reading import TooLarge
from bot.channels.telegram.errors import TooManyRequests
from bot.channels.telegram.request import READ_SECONDS, Request

if TYPE_CHECKING:
    from bot.channels.telegram.library import Uploads

__all__ = ["Api", "TooLarge", "TooManyRequests"]


class Api:
    """Calls the Bot API. Errors are those of `errors.py`.

    Keep it and its bot out of logs: the library shows the token when a bot is printed.
    """

    def __init__(self, token: str, base_url: str, base_file_url: str) -> None:
        # At level DEBUG the library writes every call with its words and its URL, hence the token.
        logging.getLogger("telegram").setLevel(logging.WARNING)
        self._request = Request()
        self._reached = token, base_url, base_file_url
        self._calls, self._files = _with_token(base_url, token), _with_token(base_file_url, token)
        self._uploads: Uploads | None = None

    async def call(self, method: str, params: Mapping[str, Any] | None = None, *, wait: float = READ_SECONDS) -> Any:
        """Call a method with plain parameters; waits at most `wait` seconds for the answer.

        It goes past `Bot.do_api_request`, which looks through each value for files and for objects of its own.
        """
        return await self._request.call(f"{self._calls}/{method}", params or {}, wait)

    async def send_files(self, method: str, params: dict[str, Any]) -> Any:
        """Call a method that may take files along."""
        if self._uploads is None:
            from bot.channels.telegram.library import Uploads  # it takes long to load

            self._uploads = Uploads(*self._reached, self._request)
        return await self._uploads.send(method, params, READ_SECONDS)

    async def download(self, file_path: str, limit: int) -> tuple[int, bytes]:
        """Get the bytes of a file that `getFile` named; returns HTTP status and at most `limit` bytes.

        Raises TooLarge, NetworkError.
        """
        return await self._request.download(f"{self._files}/{file_path}", limit)

    async def close(self) -> None:
        """Close every connection."""
        await self._request.close()


PLACES = tuple(f"{{{name}}}" for name in ("token", "TOKEN", "bot_token", "BOT_TOKEN", "bot-token", "BOT-TOKEN"))


def _with_token(address: str, token: str) -> str:
    """Put the token where the library would: at the end, or where one of its `PLACES` stands."""
    if not any(place in address for place in PLACES):
        return f"{address}{token}"
    for place in PLACES:
        address = address.replace(place, token)
    return address
