"""Gets the bytes of a file that a person sent."""

import structlog

from bot.channels.base import FetchError
from bot.channels.telegram.api import Api, TooLarge
from bot.channels.telegram.errors import BadRequest, TelegramError
from bot.channels.telegram.limits import DOWNLOAD_BYTES
from bot.channels.telegram.outcome import reason, says

log = structlog.get_logger(__name__)

_PASSING = ("temporarily unavailable", "failed to download")
TOO_LARGE = "too large"


async def fetch(api: Api, remote: str, limit: int) -> bytes:
    """Return at most `limit` bytes of the file with this id. Raises FetchError; with `final` it is no use to retry."""
    try:
        status, content = await api.download(await _path(api, remote, limit), limit)
    except TooLarge:
        raise FetchError(TOO_LARGE, final=True) from None
    except BadRequest as error:
        raise FetchError(reason(error), final=not says(error, _PASSING)) from None
    except TelegramError as error:
        raise FetchError(type(error).__name__, final=False) from None
    if status != 200:  # a path is good for an hour; asking again gives a new one
        raise FetchError(f"HTTP {status}", final=False)
    return content


async def _path(api: Api, remote: str, limit: int) -> str:
    """Ask where the file lies. Telegram gives a bot 20 MB at most, and says so only for larger ones."""
    found = await api.call("getFile", {"file_id": remote})
    if (found.get("file_size") or 0) > min(limit, DOWNLOAD_BYTES):
        raise TooLarge
    if not found.get("file_path"):
        raise FetchError("no path", final=False)
    return str(found["file_path"])
