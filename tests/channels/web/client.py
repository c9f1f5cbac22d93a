"""A page without a browser: it speaks the frames over a real socket and notes what comes."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bot.channels.web.sessions import COOKIE, user_of

AUNT, NEIGHBOUR = "aunt-zhang".ljust(43, "0"), "uncle-li".ljust(43, "0")  # session cookies
PATIENCE = 20.0  # seconds until a frame that does not come is given up


@dataclass
class Page:
    """Somebody's open page."""

    socket: ClientConnection
    user: str
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self.socket.send(json.dumps(frame))

    async def say(self, text: str, client: str = "1") -> None:
        """Say something and wait until it is accepted."""
        await self.send(type="text", id=client, text=text)
        await self.until("accepted", id=client)

    async def next(self) -> dict[str, Any]:
        """Return the next frame."""
        async with asyncio.timeout(PATIENCE):
            frame: dict[str, Any] = json.loads(await self.socket.recv())
        self.seen.append(frame)
        return frame

    async def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Return the first frame of a kind (with those fields) that is there or comes."""
        for frame in self.seen:
            if _fits(frame, kind, fields):
                return frame
        while not _fits(frame := await self.next(), kind, fields):
            pass
        return frame

    async def reply(self) -> dict[str, Any]:
        """Return the next line that the desk says."""
        return await self.until("line", mine=False)


def _fits(frame: dict[str, Any], kind: str, fields: dict[str, Any]) -> bool:
    return frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items())


async def closed(page: Page) -> int:
    """Read on until the socket is closed; returns the code."""
    try:
        while True:
            await page.next()
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else 0


@contextlib.asynccontextmanager
async def opened(
    host: str, cookie: str | None = AUNT, *, query: str = "", origin: str | None = None
) -> AsyncIterator[Page]:
    """Open a page's socket."""
    headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
    url = f"ws://{host}/chat/ws{query}"
    async with connect(url, additional_headers=headers, origin=origin or f"http://{host}", max_size=None) as socket:  # type: ignore[arg-type]
        yield Page(socket, user_of(cookie) if cookie else "")


@contextlib.asynccontextmanager
async def browsing(host: str, cookie: str | None = AUNT, origin: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Return an HTTP client with somebody's cookie that claims to come from our page (or from `origin`)."""
    headers = {"Origin": origin or f"http://{host}"} | ({"Cookie": f"{COOKIE}={cookie}"} if cookie else {})
    async with httpx.AsyncClient(base_url=f"http://{host}", headers=headers, trust_env=False) as client:
        yield client
