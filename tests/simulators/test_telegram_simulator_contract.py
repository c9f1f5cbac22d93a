"""The simulator holds the bot to Telegram's documented contract: every breach is refused and kept."""

import json
from typing import Any

import aiohttp
import pytest

from tests.simulators.conftest import BareBot
from tests.simulators.telegram import TelegramServer
from tests.simulators.telegram.dispatch import HANDLERS
from tests.simulators.telegram.methods import METHODS, OBJECTS
from tests.simulators.telegram.schema import checker, fields

LI = 7


@pytest.fixture(autouse=True)
async def li(telegram: TelegramServer) -> None:
    """Li has pressed Start, so that the bot may write to her."""
    await telegram.user("李阿姨", LI).starts()


def button(**more: object) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "提交", **more}]]}


async def test_a_message_comes_back_as_telegram_describes_it(telegram: TelegramServer, bot: BareBot) -> None:
    markup = button(callback_data="case:1")
    message = await bot.call("sendMessage", chat_id=LI, text="<b>电梯</b> 3 < 4".replace(" < ", " &lt; "),
                             parse_mode="HTML", reply_markup=markup)  # fmt: skip
    assert message["text"] == "电梯 3 < 4"
    assert message["entities"] == [{"offset": 0, "length": 2, "type": "bold"}]
    assert message["chat"] == {"id": LI, "type": "private", "first_name": "李阿姨"}
    assert message["from"]["is_bot"] is True
    assert message["reply_markup"] == markup
    assert telegram.violations == []


@pytest.mark.parametrize("encoding", ["json", "json of strings", "form", "query"])
async def test_every_encoding_is_understood(telegram: TelegramServer, bot: BareBot, encoding: str) -> None:
    nested = json.dumps(button(callback_data="x"))
    flat = {"chat_id": str(LI), "text": "你好", "disable_notification": "true", "reply_markup": nested}
    native = {"chat_id": LI, "text": "你好", "disable_notification": True, "reply_markup": json.loads(nested)}
    ways: dict[str, dict[str, Any]] = {
        "json": {"json": native}, "json of strings": {"json": flat}, "form": {"data": flat}, "query": {"params": flat},
    }  # fmt: skip
    status, body = await bot.post("SENDMESSAGE", **ways[encoding])
    assert status == 200, body
    assert telegram.calls[-1].method == "sendMessage"
    assert telegram.calls[-1].params == native
    assert telegram.violations == []


BREACHES: list[tuple[str, dict[str, Any], str]] = [
    ("sendMessage", {"text": "x"}, "chat_id is empty"),
    ("sendMessage", {"chat_id": LI}, "message text is empty"),
    ("sendMessage", {"chat_id": LI, "text": ""}, "message text is empty"),
    ("sendMessage", {"chat_id": LI, "text": " \n "}, "text must be non-empty"),
    ("sendMessage", {"chat_id": LI, "text": "x" * 4097}, "message is too long"),
    ("sendMessage", {"chat_id": LI, "text": "😀" * 2049}, "message is too long"),
    ("sendMessage", {"chat_id": LI, "text": 5}, 'wrong type of "text"'),
    ("sendMessage", {"chat_id": LI, "text": "\ud83d"}, "strings must be encoded in UTF-8"),
    ("sendMessage", {"chat_id": True, "text": "x"}, 'wrong type of "chat_id"'),
    ("sendMessage", {"chat_id": LI, "text": "x", "protect_content": "ja"}, "can't parse protect_content JSON object"),
    ("sendMessage", {"chat_id": LI, "text": "x", "disable_web_page_preview": True},
     'unknown parameter "disable_web_page_preview"'),
    ("sendMessage", {"chat_id": LI, "text": "x", "message_thread_id": 5}, "message_thread_id is not supported"),
    ("sendMessage", {"chat_id": LI, "text": "x", "link_preview_options": {"disabled": True}},
     'unknown field "disabled"'),
    ("sendMessage", {"chat_id": LI, "text": "x", "reply_parameters": {}}, 'can\'t find field "message_id"'),
    ("sendMessage", {"chat_id": LI, "text": "x", "parse_mode": "Markdown"}, "unsupported parse_mode"),
    ("sendMessage", {"chat_id": LI, "text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
     "ENTITY_BOUNDS_INVALID"),
    ("sendPhoto", {"chat_id": LI}, "there is no photo in the request"),
    ("sendPhoto", {"chat_id": LI, "photo": "https://example.org/1.jpg"}, "failed to get HTTP URL content"),
    ("sendLocation", {"chat_id": LI, "latitude": 91.0, "longitude": 0}, "wrong latitude specified"),
    ("sendChatAction", {"chat_id": LI, "action": "dancing"}, "wrong parameter action in request"),
    ("sendMediaGroup", {"chat_id": LI, "media": [{"type": "photo", "media": "x"}]},
     "wrong number of media in the album"),
    ("sendMediaGroup", {"chat_id": LI, "media": [{"type": "voice", "media": "x"}] * 2}, 'wrong type of "media[0]"'),
    ("sendMediaGroup", {"chat_id": LI, "media": [{"type": "photo", "media": "x"}, {"type": "document", "media": "x"}]},
     "can't use the media of the specified type in the album"),
    ("editMessageText", {"text": "x", "chat_id": LI}, "message identifier is not specified"),
    ("answerCallbackQuery", {"callback_query_id": "1", "text": "很" * 201}, "MESSAGE_TOO_LONG"),
    ("getUpdates", {"limit": 101}, "wrong limit specified"),
    ("getUpdates", {"allowed_updates": ["messages"]}, "wrong allowed_updates specified"),
    ("setWebhook", {"url": "http://example.org/hook"}, "invalid webhook URL specified"),
    ("setWebhook", {"url": "https://example.org:9000/hook"},
     "bad webhook: webhook can be set up only on ports 80, 88, 443 or 8443"),
    ("setWebhook", {"url": "https://example.org/", "secret_token": "a b"},
     "secret token contains unallowed characters"),
    ("setWebhook", {"url": "https://example.org/", "secret_token": "a" * 257}, "secret token is too long"),
    ("setWebhook", {"url": "https://example.org/", "max_connections": 101}, "wrong max_connections specified"),
    ("setMyCommands", {"commands": [{"command": "Neu", "description": "x"}]}, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [{"command": "a" * 33, "description": "x"}]}, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [{"command": "neu", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ("setMyCommands", {"commands": [{"command": "neu", "description": "x" * 257}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ("setMyCommands", {"commands": [{"command": "neu", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
    ("setMyCommands", {"commands": [], "scope": {"type": "everybody"}}, 'wrong type of "scope"'),
    ("setMyCommands", {"commands": [], "language_code": "zh-hans"}, "invalid language code specified"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "params", "words"), BREACHES)
async def test_a_breach_is_refused_in_telegrams_words_and_kept(
    telegram: TelegramServer, bot: BareBot, method: str, params: dict[str, Any], words: str
) -> None:
    assert await bot.refused(method, **params) == f"400 Bad Request: {words}"
    assert [each.method for each in telegram.violations] == [method]


MARKUPS: list[tuple[dict[str, Any], str]] = [
    (button(callback_data="x" * 65), "BUTTON_DATA_INVALID"),
    (button(callback_data="单" * 22), "BUTTON_DATA_INVALID"),
    (button(callback_data=""),
     "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    (button(), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    (button(callback_data="x", url="https://example.org"),
     "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    (button(url="no address"), "inline keyboard button URL 'no address' is invalid: Wrong HTTP URL"),
    (button(callback_data="x", style="green"), "can't parse inline keyboard button: invalid button style specified"),
    (button(callback_data="x", colour="green"), 'unknown field "colour"'),
    ({"inline_keyboard": [[{"text": "", "callback_data": "x"}]]}, "inline keyboard button text must be non-empty"),
    ({"inline_keyboard": [[{"callback_data": "x"}]]}, 'can\'t find field "text"'),
    ({"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * 8] * 13}, "reply markup is too long"),
    ({"inline_keyboard": [[]]}, "REPLY_MARKUP_INVALID"),
    ({"inline_keyboard": [{"text": "x", "callback_data": "x"}]}, 'wrong type of "reply_markup[0]"'),
    ({"keyboard": []}, "REPLY_MARKUP_INVALID"),
    ({"keyboard": [[{"text": "x", "request_contact": True, "request_location": True}]]}, "BUTTON_TYPE_INVALID"),
    ({"force_reply": True, "input_field_placeholder": "x" * 65}, "REPLY_MARKUP_INVALID"),
    ({"force_reply": False}, "object expected as reply markup"),
    ({"buttons": []}, "object expected as reply markup"),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "words"), MARKUPS)
async def test_keyboards_are_checked(
    telegram: TelegramServer, bot: BareBot, markup: dict[str, Any], words: str
) -> None:
    words = words.replace('"reply_markup[0]"', '"reply_markup.inline_keyboard[0]"')
    assert await bot.refused("sendMessage", chat_id=LI, text="x", reply_markup=markup) == f"400 Bad Request: {words}"
    assert len(telegram.violations) == 1


def test_every_method_is_carried_out_and_every_kind_of_field_is_known() -> None:
    assert HANDLERS.keys() == METHODS.keys()
    for line in (*METHODS.values(), *OBJECTS.values()):
        assert all(checker(each.kind) for each in fields(line).values())


async def test_what_just_fits_is_taken(telegram: TelegramServer, bot: BareBot) -> None:
    await bot.call("sendMessage", chat_id=LI, text="<b>" + "😀" * 2048 + "</b>", parse_mode="HTML")
    await bot.call("sendMessage", chat_id=LI, text="x", reply_markup=button(callback_data="x" * 64))
    await bot.call("setMyCommands", commands=[{"command": "a" * 32, "description": "x" * 256}] * 100)
    await bot.call("setWebhook", url="https://example.org:8443/", secret_token="aA0_-" * 51)
    assert telegram.violations == []


HTML = [
    ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
    ("水<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 3'),
    ("3 < 4", 'Unsupported start tag "" at byte offset 2'),
    ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
    ("x</b>", "Unexpected end tag at byte offset 1"),
    ("<b", "Unclosed start tag at byte offset 0"),
    ("<b class='", 'Unclosed start tag "b" at byte offset 0'),
    ("<b>x</b", "Unclosed end tag at byte offset 4"),
    ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
]


@pytest.mark.parametrize(("text", "words"), HTML)
async def test_wrong_html_is_refused(telegram: TelegramServer, bot: BareBot, text: str, words: str) -> None:
    told = await bot.refused("sendMessage", chat_id=LI, text=text, parse_mode="HTML")
    assert told == f"400 Bad Request: can't parse entities: {words}"
    assert len(telegram.violations) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("A & B", "must be written as &amp;"),
        ("A&nbsp;B", "must be written as &amp;"),
        ("3 > 2", "must be written as &gt;"),
        ("<b></b>x", "is empty"),
        ("<a>x</a>", "has no href"),
        ("<code><b>x</b></code>", "code can't contain"),
        ("<blockquote><blockquote>x</blockquote></blockquote>", "can't be nested"),
    ],
)
async def test_html_that_telegram_lets_pass_is_a_violation(
    telegram: TelegramServer, bot: BareBot, text: str, reason: str
) -> None:
    await bot.call("sendMessage", chat_id=LI, text=text, parse_mode="HTML")
    assert [reason in str(each) for each in telegram.violations] == [True]


async def test_entities_are_counted_in_utf16(bot: BareBot) -> None:
    link = '<a href="https://a.cn/?x=1&amp;y=2">看</a>'
    code = "<pre><code class='language-py'>1</code></pre>"
    text = f" 😀<i>去</i>{link} &#20320;&#x597d;{code}\n"
    message = await bot.call("sendMessage", chat_id=LI, text=text, parse_mode="HTML")
    assert message["text"] == "😀去看 你好1"
    assert message["entities"] == [
        {"offset": 2, "length": 1, "type": "italic"},
        {"offset": 3, "length": 1, "type": "text_link", "url": "https://a.cn/?x=1&y=2"},
        {"offset": 7, "length": 1, "type": "pre", "language": "py"},
    ]


async def test_captions_are_checked(telegram: TelegramServer, bot: BareBot) -> None:
    photo = telegram.world.files.add("photo", b"x").file_id
    told = await bot.refused("sendPhoto", chat_id=LI, photo=photo, caption="x" * 1025)
    assert told == "400 Bad Request: message caption is too long"
    sent = await bot.call("sendPhoto", chat_id=LI, photo=photo, caption="x" * 1024)
    told = await bot.refused("editMessageCaption", chat_id=LI, message_id=sent["message_id"], caption="x" * 1025)
    assert told == "400 Bad Request: MEDIA_CAPTION_TOO_LONG"


async def test_an_edit_that_is_too_long_has_its_own_words(bot: BareBot) -> None:
    sent = await bot.call("sendMessage", chat_id=LI, text="x")
    told = await bot.refused("editMessageText", chat_id=LI, message_id=sent["message_id"], text="x" * 4097)
    assert told == "400 Bad Request: MESSAGE_TOO_LONG"


async def test_only_private_chats_are_asked_for_phone_and_place(telegram: TelegramServer, bot: BareBot) -> None:
    group = telegram.group("3号楼群", [telegram.user("李阿姨", LI)])
    for wish, words in (("request_contact", "phone number"), ("request_location", "location")):
        markup = {"keyboard": [[{"text": "x", wish: True}]]}
        await bot.call("sendMessage", chat_id=LI, text="x", reply_markup=markup)
        told = await bot.refused("sendMessage", chat_id=group.id, text="x", reply_markup=markup)
        assert told == f"400 Bad Request: {words} can be requested in private chats only"


async def test_who_asks_for_nothing_known_is_told_so(telegram: TelegramServer, bot: BareBot) -> None:
    assert await bot.refused("sendRocket") == "404 Not Found: method not found"
    assert "no method" in str(telegram.violations[0])
    async with bot.session.get(f"http://127.0.0.1:{telegram.port}/") as response:
        assert response.status == 404


@pytest.mark.parametrize(("token", "words"), [("1:x", "Unauthorized"), ("x", "Unauthorized: invalid token specified")])
async def test_a_wrong_token_is_refused(telegram: TelegramServer, bot: BareBot, token: str, words: str) -> None:
    status, body = await bot.post("getMe", token=token)
    assert (status, body["description"]) == (401, words)
    assert telegram.violations == []


@pytest.mark.parametrize(
    "request_body",
    [
        {"data": b"{", "headers": {"Content-Type": "application/json"}},
        {"data": b"[]", "headers": {"Content-Type": "application/json"}},
        {"data": b"nonsense", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    ],
)
async def test_a_body_that_cannot_be_read(bot: BareBot, request_body: dict[str, Any]) -> None:
    status, body = await bot.post("getMe", **request_body)
    assert (status, body["description"]) == (400, "Bad Request: can't parse the request body")


async def test_a_text_that_is_no_utf8(bot: BareBot) -> None:
    part = b'--cut\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\r\n--cut--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=cut"}
    status, body = await bot.post("sendMessage", data=part, headers=headers)
    assert (status, body["description"]) == (400, "Bad Request: strings must be encoded in UTF-8")


async def test_an_upload_that_nothing_refers_to(telegram: TelegramServer, bot: BareBot) -> None:
    form = aiohttp.FormData({"chat_id": str(LI), "text": "x"})
    form.add_field("photo", b"x", filename="x.jpg")
    status, _ = await bot.post("sendMessage", data=form)
    assert status == 400
    assert "nothing refers to" in str(telegram.violations[0])
