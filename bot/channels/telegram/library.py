"""What python-telegram-bot does: it says what an answer means that is no plain result, and sends files.

Loaded when it is first needed: it is a tenth of what a start would load. Its errors leave here as our own.
"""

from typing import Any

import telegram
from telegram import error as theirs
from telegram.request import BaseRequest, RequestData

from bot.channels.telegram import errors
from bot.channels.telegram.request import Request, parsed
from storage.plain import to_bytes

OURS = {
    theirs.Forbidden: errors.Forbidden, theirs.InvalidToken: errors.InvalidToken, theirs.Conflict: errors.Conflict,
    theirs.BadRequest: errors.BadRequest, theirs.TimedOut: errors.TimedOut, theirs.NetworkError: errors.NetworkError,
}  # fmt: skip


async def result_of(status: int, body: bytes, url: str) -> Any:
    """Return the result of an answer. Raises the error that it is."""
    try:
        return await _Answered(status, body).post(url)
    except theirs.TelegramError as error:
        raise _ours(error) from None


class Uploads:
    """Sends what may take files along."""

    def __init__(self, token: str, base_url: str, base_file_url: str, request: Request) -> None:
        way = _Way(request)
        self._bot = telegram.Bot(
            token, base_url=base_url, base_file_url=base_file_url, request=way, get_updates_request=way
        )

    async def send(self, method: str, params: dict[str, Any], wait: float) -> Any:
        """Call a method with parameters of which some may be `InputFile`s.

        The trailing underscore is dropped by the library on the way; with it, the name is none of the bot's own
        convenience methods: these cost several times as much, and the library warns when they are bypassed by name.
        """
        try:
            return await self._bot.do_api_request(f"{method}_", api_kwargs=params, read_timeout=wait)
        except theirs.TelegramError as error:
            raise _ours(error) from None


class _OursAlready(theirs.TelegramError):
    """An error of our own on its way through the library, which would make another of it."""

    def __init__(self, error: errors.TelegramError) -> None:
        super().__init__(error.message)
        self.error = error


class _Quiet(BaseRequest):
    """A backend of the library that is always open, and logs no answer."""

    @property
    def read_timeout(self) -> float:
        """What a call says counts."""
        return 0.0

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do: connections are the request's."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parse an answer; unlike the library's own, never logs it: it may hold people's words."""
        try:
            return parsed(payload)
        except errors.TelegramError as error:
            raise _OursAlready(error) from None


class _Answered(_Quiet):
    """A call that has been made."""

    def __init__(self, status: int, body: bytes) -> None:
        self._answer = status, body

    async def do_request(self, *_: Any, **__: Any) -> tuple[int, bytes]:
        """Return the answer that came."""
        return self._answer


class _Way(_Quiet):
    """The library's way to the network is ours."""

    def __init__(self, request: Request) -> None:
        self._request = request

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
        """Send one call and return status and body."""
        wait = float(read_timeout) if isinstance(read_timeout, int | float) else self.read_timeout
        try:
            if request_data is None or not request_data.contains_files:
                return await self._request.post(url, to_bytes(request_data.parameters if request_data else {}), wait)
            return await self._request.send(method, url, request_data, wait)
        except errors.TelegramError as error:
            raise _OursAlready(error) from None


def _ours(error: theirs.TelegramError) -> errors.TelegramError:
    if isinstance(error, _OursAlready):
        return error.error
    if isinstance(error, theirs.ChatMigrated):
        return errors.ChatMigrated(error.new_chat_id)
    kind = next((OURS[kind] for kind in type(error).__mro__ if kind in OURS), errors.TelegramError)
    return kind(error.message)
