"""Files that people sent, and menus: the small calls."""

import pytest

from bot.channels.base import FetchError
from bot.channels.telegram.api import Api
from bot.channels.telegram.fetch import fetch
from tests.channels.telegram.server import Answer, Server, good, refused

JPEG = b"\xff\xd8" + b"x" * 500


@pytest.fixture
def photo(server: Server) -> Server:
    """A server that has a photo."""
    server.files["photos/1.jpg"] = JPEG
    return server


def at(path: str | None = "photos/1.jpg", size: int | None = len(JPEG)) -> Answer:
    return good({"file_id": "A", "file_unique_id": "u", "file_path": path, "file_size": size})


async def test_bytes(photo: Server, api: Api) -> None:
    photo.say("getFile", at())
    assert await fetch(api, "AgAC-1", len(JPEG)) == JPEG
    assert photo.calls("getFile")[0].params == {"file_id": "AgAC-1"}


@pytest.mark.parametrize(
    ("answer", "reason", "final"),
    [
        (at(size=len(JPEG) + 1), "too large", True),
        (at(size=30 * 1024 * 1024), "too large", True),
        (refused(400, "Bad Request: file is too big"), "file is too big", True),
        (refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable"), None, False),
        (refused(400, "Bad Request: invalid file_id"), "invalid file_id", True),
        (refused(500, "Internal Server Error"), "NetworkError", False),
        (refused(429, "Too Many Requests", retry_after=3), "TooManyRequests", False),
        (at(path="photos/gone.jpg"), "HTTP 404", False),
        (at(path=None), "no path", False),
    ],
)
async def test_trouble(photo: Server, api: Api, answer: Answer, reason: str | None, final: bool) -> None:
    photo.say("getFile", answer)
    with pytest.raises(FetchError) as caught:
        await fetch(api, "AgAC-1", len(JPEG))
    assert caught.value.final == final
    assert reason in (None, caught.value.reason)


@pytest.mark.parametrize("size", [None, 3])
async def test_a_size_that_is_not_true(photo: Server, api: Api, size: int | None) -> None:
    photo.say("getFile", at(size=size))
    with pytest.raises(FetchError) as caught:
        await fetch(api, "AgAC-1", len(JPEG) - 1)
    assert (caught.value.reason, caught.value.final) == ("too large", True)
