"""What a message must be: fields, lengths, kinds (path/90236), as errors and as broken rules."""

import re
import unicodedata
from typing import Any

Json = dict[str, Any]

TEXT_BYTES = 2048
KINDS = {"text": "content", "image": "media_id", "voice": "media_id", "video": "media_id", "file": "media_id"}
ENVELOPE = {"touser", "toparty", "totag", "msgtype", "agentid", "safe", "enable_id_trans", "enable_duplicate_check",
            "duplicate_check_interval"}  # fmt: skip
CARD = {"card_type", "source", "action_menu", "main_title", "quote_area", "sub_title_text", "horizontal_content_list",
        "card_action", "task_id", "button_selection", "button_list", "replace_text"}  # fmt: skip
BUTTON = {"type", "text", "style", "key", "url"}
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")


class Breach(Exception):
    """A call that is refused, with its error code, because of what is in it."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def check_message(body: Json) -> None:
    """Raise Breach unless the message is one that the platform takes."""
    kind = body.get("msgtype")
    _known(body, ENVELOPE | {str(kind)}, "the message")
    if kind == "template_card":
        check_card(_group(body, "template_card"), update=False)
        return
    if kind not in KINDS:
        raise Breach(40008, f"no kind of message: {kind}")
    content = _group(body, str(kind))
    value = content.get(KINDS[str(kind)])
    if not isinstance(value, str) or not value:
        raise Breach(44004 if kind == "text" else 41006, f"{kind} is empty")
    if kind == "text" and len(value.encode()) > TEXT_BYTES:
        raise Breach(45002, "the text is cut off: more than 2048 bytes")
    interval = body.get("duplicate_check_interval", 1800)
    if not isinstance(interval, int) or not 0 < interval <= 4 * 3600:
        raise Breach(40058, "duplicate_check_interval is not within four hours")


def check_card(card: Json, *, update: bool) -> None:
    """Raise Breach unless the card is a button card that the platform takes."""
    _known(card, CARD, "the card")
    if card.get("card_type") != "button_interaction":
        raise Breach(40058, "card_type is not button_interaction")
    title = _group(card, "main_title").get("title")
    if not isinstance(title, str) or not title:
        raise Breach(42045, "main_title.title is missing")
    _fits(title, 36, "main_title.title")
    _fits(card.get("sub_title_text", ""), 160, "sub_title_text")
    if "replace_text" in card and not update:
        raise Breach(40058, "replace_text is for updates")
    if (not update or "task_id" in card) and not TASK_ID.fullmatch(str(card.get("task_id", ""))):
        raise Breach(40058, "task_id is missing or has other characters")
    buttons = card.get("button_list")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 6:
        raise Breach(40058, "button_list has not 1 to 6 buttons")
    for button in buttons:
        _check_button(button)
    if len({button["key"] for button in buttons}) < len(buttons):
        raise Breach(40058, "two buttons have one key")


def width(text: str) -> float:
    """Return how many Chinese characters wide a text is."""
    return sum(1.0 if unicodedata.east_asian_width(each) in "WFA" else 0.5 for each in text)


def _check_button(button: object) -> None:
    if not isinstance(button, dict):
        raise Breach(40058, "a button is no object")
    _known(button, BUTTON, "a button")
    if not button.get("text"):
        raise Breach(40058, "a button without text")
    _fits(button["text"], 10, "a button's text")
    if not 1 <= len(str(button.get("key", "")).encode()) <= 1024:
        raise Breach(40058, "a button's key has not 1 to 1024 bytes")
    if button.get("style", 1) not in (1, 2, 3, 4):
        raise Breach(40058, "a button's style is not 1 to 4")


def _fits(text: object, limit: int, what: str) -> None:
    if not isinstance(text, str) or width(text) > limit:
        raise Breach(40058, f"{what} is longer than {limit} characters")


def _known(found: Json, names: set[str], what: str) -> None:
    if strange := sorted(set(found) - names):
        raise Breach(40058, f"{what} has unknown fields {strange}")


def _group(found: Json, name: str) -> Json:
    inner = found.get(name)
    if not isinstance(inner, dict):
        raise Breach(40058, f"{name} is missing")
    return inner
