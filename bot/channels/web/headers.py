"""Headers that keep a browser from doing with our pages what they are not for."""

import re
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
    "connect-src 'self'{sockets}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=()",
}


def secure(response: Response, host: str = "") -> Response:
    """Add the headers. Safari before 15.4 does not count sockets as 'self', so the host's are named."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    response.headers.update(_FIXED)
    response.headers["Content-Security-Policy"] = _POLICY.format(sockets=sockets)
    return response


class Assets(StaticFiles):
    """Our scripts and styles: asked for anew each time, answered "not modified" as long as they are the same."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file with our headers."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return secure(response, Headers(scope=scope).get("host", ""))


def page(text: str, headers: Headers) -> Response:
    """Return a page of ours; it is never kept, so that a new version is seen at once."""
    options: dict[str, Any] = {"media_type": "text/html", "headers": {"Cache-Control": "no-store"}}
    return secure(Response(text, **options), headers.get("host", ""))
