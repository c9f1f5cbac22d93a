"""What the channel itself says to a person when it cannot take something in."""

from typing import Literal

Code = Literal[
    "not_json", "unknown", "bad_frame", "too_long", "too_many", "too_many_tabs", "trouble", "no_session", "not_yours",
    "forbidden", "no_file", "too_large", "too_many_pixels", "unknown_type", "broken", "empty", "disk_full",
]  # fmt: skip

_ZH: dict[Code, str] = {
    "not_json": "这条消息没有传完整，请再发一次。",
    "unknown": "页面版本太旧，请刷新页面再试。",
    "bad_frame": "这条消息没有传完整，请再发一次。",
    "too_long": "太长了，请分成几段发。",
    "too_many": "发得太快了，稍等一下会自动再发。",
    "too_many_tabs": "同时打开的页面太多，请关掉几个。",
    "trouble": "暂时没有收下，马上会自动再发。",
    "no_session": "页面放得太久了，请刷新一下。",
    "not_yours": "照片没有找到，请重新选一次。",
    "forbidden": "请从我们的页面发送。",
    "no_file": "没有收到照片，请再选一次。",
    "too_large": "照片太大了，请选小一点的。",
    "too_many_pixels": "照片太大了，请选小一点的。",
    "unknown_type": "这种文件收不了，请发照片。",
    "broken": "这张照片打不开，请换一张。",
    "empty": "这个文件是空的，请换一张。",
    "disk_full": "暂时存不下照片，请稍后再发，或者先写文字。",
}
_EN: dict[Code, str] = {
    "not_json": "This message arrived incomplete. Please send it again.",
    "unknown": "This page is out of date. Please reload it.",
    "bad_frame": "This message arrived incomplete. Please send it again.",
    "too_long": "That is too long. Please send it in parts.",
    "too_many": "That was too fast. It will be sent again in a moment.",
    "too_many_tabs": "Too many pages are open at once. Please close some.",
    "trouble": "Not taken in yet. It will be sent again in a moment.",
    "no_session": "This page has been open too long. Please reload it.",
    "not_yours": "The photo was not found. Please choose it again.",
    "forbidden": "Please send from our own page.",
    "no_file": "No photo arrived. Please choose it again.",
    "too_large": "The photo is too large. Please choose a smaller one.",
    "too_many_pixels": "The photo is too large. Please choose a smaller one.",
    "unknown_type": "We cannot take this kind of file. Please send a photo.",
    "broken": "This photo cannot be opened. Please choose another.",
    "empty": "This file is empty. Please choose another.",
    "disk_full": "There is no room for photos right now. Please try later, or write instead.",
}


def say(code: Code, language: str) -> str:
    """Return the sentence in the person's language; Chinese for all but "en"."""
    return (_EN if language == "en" else _ZH)[code]
