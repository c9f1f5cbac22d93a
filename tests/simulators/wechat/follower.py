"""Somebody with WeChat: what they do in the account's chat, and what they see there."""

import asyncio
import secrets
from typing import Any

from tests.simulators.wechat.chat import Chat
from tests.simulators.wechat.server import WeChatServer

SAID = (48 * 3600.0, 5)  # seconds, messages
TAPPED = (60.0, 3)


class Follower:
    """A person; `name` is for messages of the test, the account never learns it."""

    def __init__(self, server: WeChatServer, name: str) -> None:
        self.server = server
        self.name = name
        self.openid = "o" + secrets.token_urlsafe(20)[:27].replace("-", "x").replace("_", "y")
        server.chats[self.openid] = Chat(self.openid)
        self.read_up_to = 0
        self.last: dict[str, Any] = {}

    @property
    def chat(self) -> Chat:
        return self.server.chats[self.openid]

    async def follows(self, scene: str | None = None) -> None:
        """Follow the account, by a poster's code where there is a scene."""
        self.chat.follows = True
        self.server.opens(self.chat, *TAPPED)
        more = {"EventKey": f"qrscene_{scene}", "Ticket": secrets.token_hex(8)} if scene else {"EventKey": ""}
        await self._event("subscribe", **more)

    async def unfollows(self) -> None:
        self.chat.follows = False
        self.chat.windows.clear()
        await self._event("unsubscribe", EventKey="")

    async def scans(self, scene: str) -> None:
        """Scan a poster's code as somebody who follows already."""
        self.server.opens(self.chat, *TAPPED)
        await self._event("SCAN", EventKey=scene, Ticket=secrets.token_hex(8))

    async def taps(self, label: str) -> None:
        """Tap the menu below the chat."""
        assert self.server.menu is not None, "there is no menu"
        keys = {button["name"]: button["key"] for button in self.server.menu["button"]}
        self.server.opens(self.chat, *TAPPED)
        await self._event("CLICK", EventKey=keys[label])

    async def chooses(self, label: str) -> None:
        """Tap a line of the newest menu inside a message."""
        line = next(line for line in self.chat.menu if label in line)
        self.server.opens(self.chat, *TAPPED)
        await self._message("text", Content=line, bizmsgmenuid=self.chat.menu[line])

    async def says(self, text: str) -> None:
        await self._said("text", Content=text)

    async def sends_photo(self, content: bytes) -> None:
        media = self.server.keep("image", content)
        await self._said("image", PicUrl=f"http://mmbiz.qpic.cn/{media[:8]}/0", MediaId=media)

    async def sends_voice(self, content: bytes) -> None:
        await self._said("voice", MediaId=self.server.keep("voice", content), Format="amr", Recognition="")

    async def sends_location(self, latitude: float, longitude: float) -> None:
        await self._said("location", Location_X=latitude, Location_Y=longitude, Scale=16, Label="丰美路")

    async def agrees(self, template: str) -> None:
        """Agree to one notice."""
        self.chat.consents[template] = self.chat.consents.get(template, 0) + 1
        await self._popup(template, "accept")

    async def refuses(self, template: str) -> None:
        await self._popup(template, "reject")

    async def answers(self, label: str) -> None:
        """Answer with the number that stands before a choice in the newest message that has it."""
        for _, text in reversed(self.chat.screen):
            for line in text.split("\n"):
                number, _, words = line.partition(" ")
                if number.isdecimal() and label in (words, line):
                    await self.says(number)
                    return
        raise AssertionError(f"{self.name} sees no choice {label!r}: {self.chat.screen}")

    async def reads(self, text: str, within: float = 15.0) -> str:
        """Wait until something new says this; return it."""
        for _ in range(int(within / 0.05)):
            for number, (_, shown) in enumerate(self.chat.screen[self.read_up_to :], self.read_up_to):
                if text in shown:
                    self.read_up_to = number + 1
                    return shown
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.name} never read {text!r}: {self.chat.screen[self.read_up_to :]}")

    async def repeats(self) -> None:
        """Have the platform tell the last thing once more, as when the answer had got lost."""
        await self.server.call(self.last)

    async def _said(self, kind: str, **more: Any) -> None:
        self.server.opens(self.chat, *SAID)
        await self._message(kind, **more)

    async def _message(self, kind: str, **more: Any) -> None:
        await self._tell(MsgType=kind, **more, MsgId=20_000_000_000_000_000 + secrets.randbelow(10**15))

    async def _event(self, event: str, **more: Any) -> None:
        await self._tell(MsgType="event", Event=event, **more)

    async def _popup(self, template: str, status: str) -> None:
        told = {"TemplateId": template, "SubscribeStatusString": status, "PopupScene": 0}
        await self._event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": told})

    async def _tell(self, **fields: Any) -> None:
        head = {"ToUserName": self.server.account, "FromUserName": self.openid, "CreateTime": int(self.server.clock())}
        self.last = {**head, **fields}
        await self.server.call(self.last)
