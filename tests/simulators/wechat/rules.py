"""What the platform checks of a call: required fields, limits, error codes ("全局返回码")."""

import re
from collections.abc import Mapping
from typing import Any

MESSAGES = "msgtype touser {kind}"
KINDS = {"text": ("content",), "image": ("media_id",), "voice": ("media_id",), "video": ("media_id",),
         "msgmenu": ("head_content", "list", "tail_content")}  # fmt: skip
FIELDS = {"thing": 20, "character_string": 32, "number": 32, "letter": 32, "symbol": 5, "name": 10, "phrase": 5,
          "const": 20, "phone_number": 17, "car_number": 8}  # fmt: skip
TIME = re.compile(r"\d{4}(-\d{1,2}-\d{1,2}|年\d{1,2}月\d{1,2}日) \d{2}:\d{2}(:\d{2})?")


class WeChatError(Exception):
    """A call that is refused with this code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


def check_custom(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return kind and what a person reads of a customer-service message."""
    kind = body.get("msgtype")
    if kind not in KINDS:
        raise WeChatError(40008, "invalid message type")
    inner = body.get(str(kind))
    if set(body) != {"touser", "msgtype", kind} or not isinstance(inner, Mapping):
        raise WeChatError(47001, "data format error")
    if set(inner) != set(KINDS[str(kind)]):
        raise WeChatError(40033, f"{kind} needs {KINDS[str(kind)]}, has {sorted(inner)}")
    if kind == "text":
        check_text(inner["content"])
        return "text", str(inner["content"])
    if kind == "msgmenu":
        return "msgmenu", _menu(inner)
    return str(kind), str(inner["media_id"])


def check_text(text: object) -> None:
    if not isinstance(text, str) or not text.strip():
        raise WeChatError(44004, "empty content")
    if len(text.encode()) > 2048:
        raise WeChatError(45002, "content size out of limit")


def _menu(inner: Mapping[str, Any]) -> str:
    items = inner["list"]
    if not isinstance(items, list) or not items:
        raise WeChatError(40033, "msgmenu.list is empty")
    ids = [item.get("id") for item in items]
    if any(set(item) != {"id", "content"} or not item["content"] for item in items) or len(set(ids)) != len(ids):
        raise WeChatError(40033, "msgmenu.list needs id and content, each id once")
    text = "\n".join([inner["head_content"], *(item["content"] for item in items), inner["tail_content"]])
    check_text(text)
    return text


def check_template(body: Mapping[str, Any], templates: Mapping[str, tuple[str, ...]], extra: set[str]) -> str:
    """Return what a person reads of a template message or a subscription notice."""
    if not {"touser", "template_id", "data"} <= set(body) or set(body) - {"touser", "template_id", "data"} - extra:
        raise WeChatError(47001, "data format error")
    fields = templates.get(body["template_id"])
    if fields is None:
        raise WeChatError(40037, "invalid template_id")
    if set(body["data"]) != set(fields):
        raise WeChatError(47003, f"argument invalid: the template has {fields}")
    for field, inner in body["data"].items():
        _check_field(field, inner)
    return "\n".join(inner["value"] for inner in body["data"].values())


def _check_field(field: str, inner: object) -> None:
    if not isinstance(inner, Mapping) or set(inner) != {"value"} or not isinstance(inner["value"], str):
        raise WeChatError(47003, f"argument invalid: {field}")
    value, kind = inner["value"], field.rstrip("0123456789")
    wrong = (
        not value or len(value) > FIELDS.get(kind, 1000) or "\n" in value
        or (kind == "phrase" and not re.fullmatch("[\u4e00-\u9fff]+", value))
        or (kind in ("number", "character_string", "letter") and re.search("[\u4e00-\u9fff]", value) is not None)
        or (kind == "time" and not TIME.fullmatch(value))
    )  # fmt: skip
    if wrong:
        raise WeChatError(47003, f"argument invalid: {field} {value!r}")


def check_menu(body: Mapping[str, Any]) -> None:
    """Check a menu: up to three buttons of 16 bytes, up to five of 60 below one."""
    buttons = body.get("button")
    if set(body) != {"button"} or not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise WeChatError(40016, "invalid button size")
    for button in buttons:
        if len(str(button.get("name", "")).encode()) > 16 or not button.get("name"):
            raise WeChatError(40018, "invalid button name size")
        if button.get("type") != "click" or not 1 <= len(str(button.get("key", "")).encode()) <= 128:
            raise WeChatError(40017, "invalid button type")
