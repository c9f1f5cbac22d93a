"""A simulator and a bare client of it, for the simulator's own tests."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.simulators.telegram import Group, Limits, Resident, TelegramServer


class BareBot:
    """Calls the Bot API without any library."""

    def __init__(self, telegram: TelegramServer, session: aiohttp.ClientSession) -> None:
        self.telegram = telegram
        self.session = session
        self.offset = 0

    async def post(self, method: str, *, token: str | None = None, **body: Any) -> tuple[int, dict[str, Any]]:
        """Post a request as aiohttp takes it; returns the status and the JSON."""
        url = f"{self.telegram.base_url}{token or self.telegram.token}/{method}"
        async with self.session.post(url, **body) as response:
            return response.status, await response.json()

    async def call(self, method: str, **params: Any) -> Any:
        """Return the result of a call that must succeed."""
        status, body = await self.post(method, json=params)
        assert (status, body["ok"]) == (200, True), body
        return body["result"]

    async def refused(self, method: str, **params: Any) -> str:
        """Return code and description of a call that must fail."""
        status, body = await self.post(method, json=params)
        assert body["ok"] is False
        assert body["error_code"] == status
        return f"{status} {body['description']}"

    async def takes(self, **params: Any) -> list[dict[str, Any]]:
        """Take updates in and confirm those taken before."""
        found: list[dict[str, Any]] = await self.call("getUpdates", offset=self.offset, **params)
        if found:
            self.offset = found[-1]["update_id"] + 1
        return found


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    """A server without flood limits."""
    async with TelegramServer(limits=Limits.off()) as server:
        yield server


@pytest.fixture
async def bot(telegram: TelegramServer) -> AsyncIterator[BareBot]:
    """A bot of it."""
    async with aiohttp.ClientSession() as session:
        yield BareBot(telegram, session)


@pytest.fixture
async def li(telegram: TelegramServer) -> Resident:
    """Li lives in building 3."""
    return telegram.user("李阿姨", username="liayi")


@pytest.fixture
async def wang(telegram: TelegramServer) -> Resident:
    """Wang is her neighbour."""
    return telegram.user("王大爷")


@pytest.fixture
async def group(telegram: TelegramServer, li: Resident, wang: Resident) -> Group:
    """Their group; the bot is a member and does not know yet."""
    return telegram.group("3号楼群", [li, wang], quiet=True)
