"""The way to the network: what goes over it, and what becomes of trouble."""

import asyncio
import logging
import traceback

import pytest
from telegram import InputFile

from bot.channels.telegram.api import Api, TooLarge, TooManyRequests
from bot.channels.telegram.errors import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
)
from tests.channels.telegram.server import SENT, TOKEN, Answer, Server, refused

WORDS = "漏水"


async def test_parameters_arrive_as_they_were_given(server: Server, api: Api) -> None:
    params = {"chat_id": 1001, "text": "漏水 & 停电", "reply_markup": {"remove_keyboard": True}, "left_out": None}
    assert await api.call("sendMessage", params) == SENT
    (asked,) = server.asked
    assert asked.method == "sendMessage"
    assert asked.params == {"chat_id": "1001", "text": "漏水 & 停电", "reply_markup": '{"remove_keyboard": true}'}


async def test_files_go_in_parts(server: Server, api: Api) -> None:
    photo = InputFile(b"\xff\xd8pixels", filename="photo-5.jpg")
    await api.send_files("sendPhoto", {"chat_id": 1001, "photo": photo, "caption": "电梯"})
    (asked,) = server.asked
    assert asked.files == {"photo": ("photo-5.jpg", b"\xff\xd8pixels")}
    assert asked.params == {"chat_id": "1001", "caption": "电梯"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(400, "Bad Request: chat not found"), BadRequest),
        (refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100500), ChatMigrated),
        (refused(401, "Unauthorized"), InvalidToken),
        (refused(403, "Forbidden: bot was blocked by the user"), Forbidden),
        (refused(404, "Not Found"), InvalidToken),
        (Answer(413, b"<html>too large</html>"), BadRequest),
        (refused(429, "Too Many Requests: retry after 3", retry_after=3), TooManyRequests),
        (Answer(429, b"<html>"), TooManyRequests),
        (refused(500, "Internal Server Error"), NetworkError),
        (Answer(502, b"<html>Bad Gateway</html>"), NetworkError),
        (Answer(200, b"not json"), TelegramError),
        (Answer(200, b"[1]"), TelegramError),
        (Answer(cut=True), NetworkError),
    ],
)
async def test_trouble_becomes_an_error(
    server: Server, api: Api, answer: Answer, error: type[TelegramError], caplog: pytest.LogCaptureFixture
) -> None:
    server.say("sendMessage", answer)
    with pytest.raises(error) as caught:
        await api.call("sendMessage", {"chat_id": 1, "text": WORDS})
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert TOKEN not in told
    assert WORDS not in told


async def test_the_pause_telegram_wants(server: Server, api: Api) -> None:
    server.say("sendMessage", refused(429, "Too Many Requests: retry after 17", retry_after=17))
    with pytest.raises(TooManyRequests) as caught:
        await api.call("sendMessage", {})
    assert caught.value.seconds == 17


async def test_silence_times_out(server: Server, api: Api) -> None:
    server.say("getUpdates", Answer(hang=0.5))
    with pytest.raises(TimedOut):
        await api.call("getUpdates", {}, wait=0.05)


async def test_nobody_there(caplog: pytest.LogCaptureFixture) -> None:
    api = Api(TOKEN, "http://127.0.0.1:9/bot", "http://127.0.0.1:9/file/bot")
    with pytest.raises(NetworkError) as caught:
        await api.call("getMe")
    await api.close()
    assert TOKEN not in "".join(traceback.format_exception(caught.value)) + caplog.text


async def test_an_address_that_is_none() -> None:
    api = Api(TOKEN, "http://[bad/bot", "http://[bad/file/bot")
    with pytest.raises(NetworkError) as caught:
        await api.call("getMe")
    await api.close()
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


async def test_a_wrong_token_is_told_without_it(server: Server) -> None:
    api = Api("43:another", server.base_url, server.base_file_url)
    with pytest.raises(InvalidToken) as caught:
        await api.call("getMe")
    await api.close()
    assert "another" not in "".join(traceback.format_exception(caught.value))


async def test_the_library_keeps_quiet_about_words(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await api.call("sendMessage", {"chat_id": 1, "text": "secret words"})
    assert "secret words" not in caplog.text
    assert TOKEN not in caplog.text


async def test_downloads_have_a_limit(server: Server, api: Api) -> None:
    server.files["photos/1.jpg"] = b"x" * 1000
    assert await api.download("photos/1.jpg", 1000) == (200, b"x" * 1000)
    with pytest.raises(TooLarge):
        await api.download("photos/1.jpg", 999)
    assert (await api.download("photos/2.jpg", 999))[0] == 404


async def test_it_can_be_opened_again_after_closing(server: Server, api: Api) -> None:
    await api.call("getMe")
    await api.close()
    await api.close()
    await api.call("getMe")
    assert len(server.calls("getMe")) == 2


async def test_closing_ends_calls_under_way(server: Server, api: Api) -> None:
    server.say("getUpdates", Answer(hang=0.2))
    calling = asyncio.create_task(api.call("getUpdates"))
    while not server.calls("getUpdates"):  # noqa: ASYNC110 - the server is no part of this loop's events
        await asyncio.sleep(0)
    await api.close()
    with pytest.raises(NetworkError) as caught:
        await calling
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


async def test_an_address_with_a_user_name(server: Server) -> None:
    address = server.base_url.replace("http://", "http://user:password@")
    api = Api(TOKEN, address, address)
    assert (await api.call("getMe"))["is_bot"]
    await api.close()


async def test_the_token_goes_where_the_address_names_it(server: Server) -> None:
    """As the library has it: a test environment's methods lie below the token."""
    api = Api(TOKEN, server.base_url + "{token}", server.base_file_url + "{token}")
    server.files["photos/1.jpg"] = b"x"
    assert (await api.call("getMe"))["is_bot"]
    assert await api.download("photos/1.jpg", 1) == (200, b"x")
    await api.close()


async def test_a_token_is_nothing_but_a_part_of_the_path(server: Server) -> None:
    for token in ("42:a b", "42:a\r\nX-Other: 1", "42:a#", "42:门"):
        api = Api(token, server.base_url, server.base_file_url)
        with pytest.raises(NetworkError) as caught:
            await api.call("getMe")
        await api.close()
        assert "42:" not in "".join(traceback.format_exception(caught.value))
    assert server.asked == []


async def test_a_proxy_comes_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens at port 9: whatever arrives came by way of the proxy."""
    monkeypatch.setenv("http_proxy", server.base_url.removesuffix("/bot"))
    for away, arrives in (("intern.example", True), ("127.0.0.1,intern.example", False)):
        monkeypatch.setenv("no_proxy", away)
        api = Api(TOKEN, "http://127.0.0.1:9/bot", "http://127.0.0.1:9/file/bot")
        if arrives:
            await api.call("getMe")
        else:
            with pytest.raises(NetworkError):
                await api.call("getMe")
        await api.close()
    assert len(server.calls("getMe")) == 1
