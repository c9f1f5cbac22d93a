"""Which web pages may talk to us: a browser names the page in the Origin header, and other sites' pages are refused."""

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers


def normal(origins: Iterable[str]) -> frozenset[str]:
    """Return the origins of the configuration as browsers spell them."""
    return frozenset(origin.strip().rstrip("/").lower() for origin in origins if origin.strip())


def trusted(headers: Headers, origins: Collection[str]) -> bool:
    """Tell whether the request comes from a page of this host or of a configured origin.

    Every browser sends Origin with a WebSocket and with a POST; without one it is no page of ours.
    """
    origin = headers.get("origin", "").lower()
    if origin in origins:
        return True
    scheme, host = _split(origin)
    return scheme in ("http", "https") and host != "" and host == headers.get("host", "").lower()


def https(headers: Headers, origins: Collection[str]) -> bool:
    """Tell whether people reach this host by https although a proxy speaks http to us."""
    return f"https://{headers.get('host', '').lower()}" in origins


def _split(origin: str) -> tuple[str, str]:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc
