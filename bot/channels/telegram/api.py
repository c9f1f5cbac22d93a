"""The Bot API as this channel uses it: planned parameters in, plain results out."""

import logging
from collections.abc import Mapping
from typing import Any

import telegram

from bot.channels.reading import TooLarge
from bot.channels.telegram.request import READ_SECONDS, Request, TooManyRequests

__all__ = ["Api", "TooLarge", "TooManyRequests"]


class Api:
    """Calls the Bot API. Errors are those of `telegram.error`, and TooManyRequests.

    Keep it and its bot out of logs: the library shows the token when a bot is printed.
    """

    def __init__(self, token: str, base_url: str, base_file_url: str) -> None:
        # At level DEBUG the library writes every call with its words and its URL, hence the token.
        logging.getLogger("telegram").setLevel(logging.WARNING)
        self._request = Request()
        self._bot = telegram.Bot(
            token,
            base_url=base_url,
            base_file_url=base_file_url,
            request=self._request,
            get_updates_request=self._request,
        )

    async def call(self, method: str, params: Mapping[str, Any] | None = None, *, wait: float = READ_SECONDS) -> Any:
        """Call a method with plain parameters; waits at most `wait` seconds for the answer.

        It goes past `Bot.do_api_request`, which looks through each value for files and for objects of its own.
        """
        return await self._request.call(f"{self._bot.base_url}/{method}", params or {}, wait)

    async def send_files(self, method: str, params: dict[str, Any]) -> Any:
        """Call a method that may take files along.

        The trailing underscore is dropped by the library on the way; with it, the name is none of the bot's own
        convenience methods: these cost several times as much, and the library warns when they are bypassed by name.
        """
        return await self._bot.do_api_request(f"{method}_", api_kwargs=params, read_timeout=READ_SECONDS)

    async def download(self, file_path: str, limit: int) -> tuple[int, bytes]:
        """Get the bytes of a file that `getFile` named; returns HTTP status and at most `limit` bytes.

        Raises TooLarge, telegram.error.NetworkError.
        """
        return await self._request.download(f"{self._bot.base_file_url}/{file_path}", limit)

    async def close(self) -> None:
        """Close every connection."""
        await self._request.shutdown()
