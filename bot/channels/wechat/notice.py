"""A message in the few fields of a template: what somebody reads who has not written for two days."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.channels.wechat.limits import FIELD_CHARACTERS
from bot.channels.wechat.text import shorten

SOURCES = ("title", "text", "choices", "number", "time", "desk")
"""What a field can say: the message's title or text, what to reply, the case's number, the time, the desk's name."""

_KIND = re.compile(r"([a-z_]+?)\d*")
_NUMBER = re.compile(r"#(\d+)")
_NOT_HAN = re.compile(r"[^\u4e00-\u9fff]")


def kind_of(field: str) -> str:
    """Return the kind of a template's field: "thing" of "thing2"."""
    found = _KIND.fullmatch(field)
    return found[1] if found else ""


def fill(
    fields: Mapping[str, str], notice: Mapping[str, Any], now: datetime, zone: ZoneInfo, desk: str
) -> dict[str, Any]:  # fmt: skip
    """Return the data of a template: each field cut to what its kind takes, none of them empty."""
    title = str(notice.get("title", ""))
    number = _NUMBER.search(title)
    said = {
        "title": title or str(notice.get("text", "")), "text": str(notice.get("text", "")) or title,
        "choices": str(notice.get("choices") or notice.get("text") or title), "number": number[1] if number else "0",
        "time": now.astimezone(zone).strftime("%Y-%m-%d %H:%M"), "desk": desk,
    }  # fmt: skip
    return {field: {"value": _value(kind_of(field), said[source], desk)} for field, source in fields.items()}


def _value(kind: str, text: str, desk: str) -> str:
    limit = FIELD_CHARACTERS.get(kind)
    if kind == "phrase":  # "5个以内纯汉字"
        return _NOT_HAN.sub("", text)[:limit] or "有新消息"
    if kind in ("number", "character_string", "letter"):  # "只能数字", "可数字、字母或符号组合": nothing Chinese
        return re.sub(r"[^0-9A-Za-z#.-]", "", text)[:limit] or "0"
    return shorten(text, limit) if limit else text or desk
