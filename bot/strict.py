"""No request that a proxy before us may read in another way than we do."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class OneLength:
    """Refuses what says its length twice, by Content-Length and Transfer-Encoding: RFC 9112, section 6.1.

    Behind a proxy that goes by the other one, the rest of it would be read as somebody else's request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 400 and hang up, or pass the request on."""
        names = {name for name, _ in scope.get("headers", ())}
        if scope["type"] == "http" and {b"content-length", b"transfer-encoding"} <= names:
            refusal = PlainTextResponse("two lengths", 400, headers={"Connection": "close"})
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)
