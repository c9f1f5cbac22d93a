"""What several platforms' settings are checked for. Each raises ValueError with what to write instead."""

import re

WEB_ADDRESS = re.compile(r"https?://[^/\s?#]+(/[^\s?#]*)?")
AES_KEY = re.compile(r"[A-Za-z0-9]{43}")  # EncodingAESKey, "加解密方案说明"


def address(value: str, like: str) -> str:
    """Return a web address without a slash at its end."""
    if not WEB_ADDRESS.fullmatch(value):
        raise ValueError(f'"{value}" is no web address; write it like {like}')
    return value.rstrip("/")


def secret(value: str, field: str | None, platform: str, *, needed: bool) -> str:
    """Return what must not stand in the file."""
    name = f"{platform}_{str(field).upper()}"
    if needed and not value:
        raise ValueError(f"is missing; write {field}: ${{{name}}} and set {name} in the environment")
    if re.search(r"\s", value):
        raise ValueError("holds a space or a line break; copy it again")
    return value
