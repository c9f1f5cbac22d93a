"""A member of the organisation: writes, presses, sends pictures; sees what the app says."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from tests.simulators.wecom.contract import Json

if TYPE_CHECKING:
    from tests.simulators.wecom.server import WecomServer

PATIENCE = 15.0  # seconds a member waits for an answer


@dataclass(slots=True)
class Shown:
    """One message on the member's screen."""

    kind: str
    text: str = ""
    card: Json | None = None
    task_id: str = ""
    media: bytes = b""
    changed: int = 0  # how often the card was changed

    @property
    def buttons(self) -> dict[str, str]:
        """Label and key of what can be pressed."""
        if self.card is None or "replace_text" in self.card:
            return {}
        return {button["text"]: button["key"] for button in self.card["button_list"]}

    @property
    def words(self) -> str:
        """Everything that can be read on it."""
        if self.card is None:
            return self.text
        return "\n".join([self.card["main_title"]["title"], self.card.get("sub_title_text", "")])


@dataclass(slots=True)
class Member:
    """One member; `screen` is the chat with the app, the oldest message first."""

    server: "WecomServer"
    userid: str
    screen: list[Shown] = field(default_factory=list)
    seen: int = 0

    async def says(self, text: str, *, number: str | None = None) -> None:
        """Write something."""
        await self._sends("text", f"<Content>{cdata(text)}</Content>", number)

    async def sends_photo(self, content: bytes) -> None:
        """Send a picture."""
        media = self.server.keep_media(content, "image/jpeg")
        await self._sends("image", f"<PicUrl>{cdata('http://p.example/1')}</PicUrl><MediaId>{cdata(media)}</MediaId>")

    async def sends_voice(self, content: bytes) -> None:
        """Say something."""
        media = self.server.keep_media(content, "audio/amr")
        await self._sends("voice", f"<MediaId>{cdata(media)}</MediaId><Format>{cdata('amr')}</Format>")

    async def sends_location(self, latitude: float, longitude: float, label: str = "") -> None:
        """Send where they are."""
        where = f"<Location_X>{latitude}</Location_X><Location_Y>{longitude}</Location_Y><Scale>16</Scale>"
        await self._sends("location", f"{where}<Label>{cdata(label)}</Label><AppType>{cdata('wxwork')}</AppType>")

    async def enters(self) -> None:
        """Open the app."""
        await self._does("enter_agent", f"<EventKey>{cdata('')}</EventKey>")

    async def presses(self, label: str) -> None:
        """Press the newest button of that label."""
        await self.presses_on(self.card_with(label), label)

    async def presses_on(self, shown: Shown, label: str) -> None:
        """Press a button of one message, however old."""
        assert shown.card is not None
        key = {button["text"]: button["key"] for button in shown.card["button_list"]}[label]
        code = self.server.give_code(self, shown)
        await self._does(
            "template_card_event",
            f"<EventKey>{cdata(key)}</EventKey><TaskId>{cdata(shown.task_id)}</TaskId>"
            f"<CardType>{cdata('button_interaction')}</CardType><ResponseCode>{cdata(code)}</ResponseCode>",
        )

    async def pause(self) -> None:
        """Look away for a moment."""
        await asyncio.sleep(0.05)

    def card_with(self, label: str) -> Shown:
        """Return the newest message that has a button."""
        for shown in reversed(self.screen):
            if label in shown.buttons:
                return shown
        raise AssertionError(f"{self.userid} sees no button {label!r}: {[each.words for each in self.screen]}")

    async def sees_button(self, label: str) -> Shown:
        """Wait until a button is there."""
        for _ in range(int(PATIENCE / 0.05)):
            if any(label in shown.buttons for shown in self.screen):
                break
            await asyncio.sleep(0.05)
        return self.card_with(label)

    async def reads(self, part: str) -> Shown:
        """Wait until something with `part` in it is on the screen; return the newest such message."""
        for _ in range(int(PATIENCE / 0.05)):
            for shown in reversed(self.screen):
                if part in shown.words:
                    return shown
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.userid} never read {part!r}: {[each.words for each in self.screen]}")

    def number_of(self, label: str) -> str:
        """Return the number that stands before a choice in the newest text that has it."""
        for shown in reversed(self.screen):
            for line in shown.text.splitlines():
                number, _, words = line.partition(" ")
                if number.isdecimal() and words == label:
                    return number
        raise AssertionError(f"{self.userid} reads no choice {label!r}: {[each.words for each in self.screen]}")

    async def _sends(self, kind: str, fields: str, number: str | None = None) -> None:
        number = number or str(self.server.next_number())
        await self.server.call_back(self._xml(kind, f"{fields}<MsgId>{number}</MsgId>"))

    async def _does(self, event: str, fields: str) -> None:
        await self.server.call_back(self._xml("event", f"<Event>{cdata(event)}</Event>{fields}"))

    def _xml(self, kind: str, fields: str) -> str:
        return (
            f"<xml><ToUserName>{cdata(self.server.corp_id)}</ToUserName><FromUserName>{cdata(self.userid)}"
            f"</FromUserName><CreateTime>{int(self.server.clock())}</CreateTime><MsgType>{cdata(kind)}</MsgType>{fields}"
            f"<AgentID>{self.server.agent_id}</AgentID></xml>"
        )


def cdata(text: str) -> str:
    """Return the text as the platform writes it."""
    return escape(text) if "]]>" in text else f"<![CDATA[{text}]]>"
