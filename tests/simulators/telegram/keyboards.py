"""Reply markups: what Telegram demands of keyboards beyond their shape."""

import re

from tests.simulators.telegram.errors import Json, breach

DATA_BYTES = 64  # InlineKeyboardButton: "callback_data: 1-64 bytes"
BUTTONS = 100  # not documented; beyond it Telegram answers REPLY_MARKUP_TOO_LONG
PLACEHOLDER = 64  # ForceReply and ReplyKeyboardMarkup: "input_field_placeholder: 1-64 characters"

ACTIONS = frozenset({
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "copy_text",
})  # fmt: skip
STYLES = frozenset({"danger", "success", "primary"})

_LINK = re.compile(r"(https?|tg|tonsite|ton)://\S+|[\w-]+(\.[\w-]+)+(/\S*)?", re.ASCII)


def check_markup(markup: Json | None, *, private: bool) -> None:
    """Check a reply markup for the kind of chat it goes to."""
    if markup is None:
        return
    if "inline_keyboard" in markup:
        _check_rows(markup["inline_keyboard"])
        for row in markup["inline_keyboard"]:
            for button in row:
                _check_inline(button, private=private)
    elif "keyboard" in markup:
        _check_reply_keyboard(markup, private=private)
    elif not (markup.get("remove_keyboard") or markup.get("force_reply")):
        raise breach("object expected as reply markup", "remove_keyboard and force_reply can only be true")
    _check_placeholder(markup)


def is_inline(markup: Json | None) -> bool:
    """Tell an inline keyboard from all others, which forbid later edits."""
    return markup is None or "inline_keyboard" in markup


def _check_rows(rows: list[list[Json]]) -> None:
    if sum(len(row) for row in rows) > BUTTONS:
        raise breach("reply markup is too long", f"more than {BUTTONS} buttons")
    if any(not row for row in rows):
        raise breach("REPLY_MARKUP_INVALID", "a row without buttons")


def _check_inline(button: Json, *, private: bool) -> None:
    _check_face(button, "inline keyboard button")
    actions = ACTIONS & button.keys()
    if len(actions) != 1:
        told = f"the button {button['text']!r} must have exactly one action, not {sorted(actions)}"
        raise breach(_wrong_button("Text buttons are unallowed in the inline keyboard"), told)
    if "callback_data" in button:
        _check_data(button)
    elif "url" in button and not _LINK.fullmatch(button["url"]):
        told = f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL"
        raise breach(told)
    elif "web_app" in button and not private:
        raise breach("BUTTON_TYPE_INVALID", "web_app buttons work in private chats only")
    elif "copy_text" in button and not 1 <= len(button["copy_text"]["text"]) <= 256:
        raise breach("BUTTON_COPY_TEXT_INVALID", "copy_text has 1 to 256 characters")


def _check_data(button: Json) -> None:
    size = len(button["callback_data"].encode())
    if size == 0:
        told = f"the button {button['text']!r} has empty callback_data"
        raise breach(_wrong_button("Text buttons are unallowed in the inline keyboard"), told)
    if size > DATA_BYTES:
        raise breach("BUTTON_DATA_INVALID", f"callback_data {button['callback_data']!r} has {size} bytes")


def _check_reply_keyboard(markup: Json, *, private: bool) -> None:
    _check_rows(markup["keyboard"])
    if not markup["keyboard"]:
        raise breach("REPLY_MARKUP_INVALID", "a keyboard without rows")
    for button in (each for row in markup["keyboard"] for each in row):
        _check_face(button, "keyboard button")
        if not private and button.get("request_contact"):
            raise breach("phone number can be requested in private chats only")
        if not private and button.get("request_location"):
            raise breach("location can be requested in private chats only")
        if len({"request_contact", "request_location", "web_app"} & button.keys()) > 1:
            raise breach("BUTTON_TYPE_INVALID", f"the button {button['text']!r} asks for several things")


def _check_face(button: Json, what: str) -> None:
    if not button["text"]:
        raise breach(f"{what} text must be non-empty")
    if button.get("style", "danger") not in STYLES:
        raise breach(_wrong_button("invalid button style specified"), f"no style {button['style']!r}")


def _check_placeholder(markup: Json) -> None:
    if not 1 <= len(markup.get("input_field_placeholder", "-")) <= PLACEHOLDER:
        raise breach("REPLY_MARKUP_INVALID", f"input_field_placeholder has 1 to {PLACEHOLDER} characters")


def _wrong_button(why: str) -> str:
    return f"can't parse inline keyboard button: {why}"
