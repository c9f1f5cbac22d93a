"""A callback with the desk behind it, and the platform's own requests, without any network."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import select
from starlette.applications import Starlette

from bot.channels.wechat import WeChatChannel
from bot.clock import Clock
from bot.inbox import Inbox
from bot.seed import sync
from cases.wechat_settings import WeChatSettings
from storage.engine import Store
from storage.message_models import Outgoing
from tests.cast import example
from tests.simulators.wechat import WeChatServer
from tests.simulators.wechat.server import Mode
from tests.simulators.wechat.wire import Wire, read_answer

OPENID = "oAbCdEfGhIjKlMnOpQrStUvWx-1_"
ADDRESS = "/wechat/callback"


@dataclass
class Yard:
    """Call it as the platform does, or nearly so."""

    platform: WeChatServer
    store: Store
    clock: Clock
    client: httpx.AsyncClient
    channel: WeChatChannel
    rung: list[str]  # who woke the outbox: "inbox", "channel"

    def fields(self, **more: Any) -> dict[str, Any]:
        """Return the fields of a text message, changed as wanted; None leaves one out."""
        said = {"ToUserName": self.platform.account, "FromUserName": OPENID,
                "CreateTime": int(self.clock.now().timestamp()), "MsgType": "text", "Content": "3号楼漏水",
                "MsgId": 23_000_000_000_000_001, **more}  # fmt: skip
        return {name: value for name, value in said.items() if value is not None}

    def request(self, fields: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        return Wire(self.platform).request(fields)

    async def post(self, query: Mapping[str, str], body: bytes) -> httpx.Response:
        return await self.client.post(ADDRESS, params=query, content=body)

    async def tells(self, **more: Any) -> httpx.Response:
        return await self.post(*self.request(self.fields(**more)))

    def text_of(self, response: httpx.Response) -> str:
        """Return what an answer says; empty for "success"."""
        assert response.status_code == 200, response.text
        if response.text == "success":
            return ""
        return read_answer(Wire(self.platform).opened(response.text), OPENID, self.platform.account)

    async def rows(self) -> list[Outgoing]:
        return list(
            await self.store.read(lambda session: session.scalars(select(Outgoing).order_by(Outgoing.id)).all())
        )


@asynccontextmanager
async def yard(store: Store, mode: Mode = "encrypted", like: Yard | None = None) -> AsyncIterator[Yard]:
    """Open the channel over the example community; `like`: another process of the same desk."""
    clock = like.clock if like is not None else Clock()
    platform = like.platform if like is not None else WeChatServer(mode=mode, clock=lambda: clock.now().timestamp())
    told = example()
    settings = WeChatSettings(
        enabled=True, app_id=platform.app_id, secret=platform.secret, token=platform.token, mode=mode,
        aes_key="" if mode == "plain" else platform.aes_key, api_base="http://127.0.0.1:9",
    )  # fmt: skip
    rung: list[str] = []
    channel = WeChatChannel(
        settings, store, clock, zone=told.desk.timezone, desk=told.desk.name, ring=lambda: rung.append("channel")
    )
    rules = await store.write(lambda session: sync(session, told, clock.now()))
    planners = {"wechat": channel.planner}
    inbox = Inbox(store, lambda _session: rules, planners, clock, lambda _inbound: rung.append("inbox"))
    await channel.start(inbox.accept)
    transport = httpx.ASGITransport(Starlette(routes=channel.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        yield Yard(platform, store, clock, client, channel, rung)
    await channel.stop()
