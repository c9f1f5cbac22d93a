"""What people say: texts, photos, voices, files, places."""

from typing import TYPE_CHECKING

from tests.simulators.telegram.chats import Chat
from tests.simulators.telegram.errors import Json
from tests.simulators.telegram.files import TINY, UNREADABLE, measure, media_fields
from tests.simulators.telegram.html import utf16
from tests.simulators.telegram.person import Person
from tests.simulators.telegram.privacy import reaches_bot
from tests.simulators.telegram.screen import Shown
from tests.simulators.telegram.texts import TEXT_LIMIT, said

if TYPE_CHECKING:
    from tests.simulators.telegram.groups import Group


class Speaker(Person):
    """A person who writes and sends; with `reply_to` as the answer to a message of that chat."""

    async def sends(self, text: str, *, in_: "Group | None" = None, reply_to: Shown | None = None) -> Shown:
        """Send a text; a longer one than Telegram takes would be cut up by the app."""
        if utf16(text) > TEXT_LIMIT:
            raise ValueError(f"nobody can send more than {TEXT_LIMIT} characters at once")
        return self._says(in_, said(text).fields("text", "entities"), reply_to)

    async def starts(self, payload: str = "") -> Shown:
        """Press Start, perhaps after following a link with a payload."""
        return await self.sends(f"/start {payload}".strip())

    async def replies(self, to: Shown, text: str, *, in_: "Group | None" = None) -> Shown:
        """Answer a message."""
        return await self.sends(text, in_=in_, reply_to=to)

    async def answers(self, text: str, *, in_: "Group | None" = None) -> Shown:
        """Write into the answer field that opened by itself."""
        field = self.answer_field(in_=in_)
        if field is None:
            raise AssertionError(f"no answer field is open for {self}")
        asking = self._chat(in_).messages[field.message_id]
        return await self.sends(text, in_=in_, reply_to=Shown.of(asking.body, by_bot=True))

    async def forwards(self, text: str, *, author: str = "王大爷", in_: "Group | None" = None) -> Shown:
        """Forward somebody's text."""
        origin = {"type": "hidden_user", "date": self.world.now() - 60, "sender_user_name": author}
        return self._says(in_, {**said(text).fields("text", "entities"), "forward_origin": origin})

    async def edits(self, message: Shown, text: str) -> Shown:
        """Correct an own text, or an own caption."""
        chat = self.world.chats[message.chat_id]
        stored = chat.messages[message.message_id]
        names = ("text", "entities") if "text" in stored.body else ("caption", "caption_entities")
        rest = {name: value for name, value in stored.body.items() if name not in names}
        stored.body = {**rest, **said(text).fields(*names), "edit_date": self.world.now()}
        if reaches_bot(self.world, chat, stored.body):
            self.world.queue.add("edited_message", stored.body)
        return Shown.of(stored.body, by_bot=False)

    async def sends_photo(self, data: bytes, caption: str = "", *, size: int | None = None,
                          in_: "Group | None" = None, reply_to: Shown | None = None) -> Shown:  # fmt: skip
        """Send a photo. `size`: what the server says it has, in bytes."""
        return self._says(in_, self._media("photo", data, caption, size=size), reply_to)

    async def sends_album(self, photos: list[bytes], caption: str = "", *, in_: "Group | None" = None,
                          reply_to: Shown | None = None) -> list[Shown]:  # fmt: skip
        """Send several photos at once; the caption hangs on the first."""
        album = {"media_group_id": str(13_500_000_000_000_000 + self.world.files.count)}
        words = [caption, *[""] * (len(photos) - 1)]
        contents = [self._media("photo", data, each) for data, each in zip(photos, words, strict=True)]
        return [self._says(in_, {**content, **album}, reply_to) for content in contents]

    async def sends_voice(self, data: bytes, *, seconds: int = 3, size: int | None = None,
                          in_: "Group | None" = None, reply_to: Shown | None = None) -> Shown:  # fmt: skip
        """Send a voice message."""
        return self._says(in_, self._media("voice", data, mime="audio/ogg", size=size, duration=seconds), reply_to)

    async def sends_document(self, data: bytes, name: str = "file.pdf", mime: str = "", caption: str = "", *,
                             size: int | None = None, in_: "Group | None" = None,
                             reply_to: Shown | None = None) -> Shown:  # fmt: skip
        """Send a file."""
        return self._says(in_, self._media("document", data, caption, name=name, mime=mime, size=size), reply_to)

    async def sends_video(self, data: bytes, caption: str = "", *, size: int | None = None,
                          in_: "Group | None" = None, reply_to: Shown | None = None) -> Shown:  # fmt: skip
        """Send a video."""
        return self._says(in_, self._media("video", data, caption, size=size), reply_to)

    async def sends_location(self, latitude: float, longitude: float, *, in_: "Group | None" = None,
                             reply_to: Shown | None = None) -> Shown:  # fmt: skip
        """Send a place on the map."""
        return self._says(in_, {"location": {"latitude": latitude, "longitude": longitude}}, reply_to)

    async def sends_sticker(self, emoji: str = "👍", *, in_: "Group | None" = None) -> Shown:
        """Send a sticker."""
        file = self.world.files.add("sticker", TINY)
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._says(in_, {"sticker": {**file.fields(), **shape, "emoji": emoji}})

    async def sends_contact(self, phone: str, *, own: bool = True) -> Shown:
        """Send a phone number: the own one, as the button for it does, or somebody else's."""
        owner = {"user_id": self.id, "first_name": self.info["first_name"]} if own else {"first_name": "物业"}
        return self._says(None, {"contact": {"phone_number": phone, **owner}})

    def _says(self, in_: "Group | None", content: Json, reply_to: Shown | None = None) -> Shown:
        chat = self._chat(in_)
        if chat.blocked or chat.migrated_to is not None:
            raise AssertionError(f"{self} can't write here: the bot is blocked, or the group has moved")
        chat.started = True
        content = {**content, **self._answered(chat, reply_to)}
        body = self.world.hear(chat, self.info, content, visible=reaches_bot(self.world, chat, content))
        return Shown.of(body, by_bot=False)

    def _answered(self, chat: Chat, message: Shown | None) -> Json:
        if message is None:
            return {}
        stored = chat.living(message.message_id) if message.chat_id == chat.id else None
        if stored is None:
            raise AssertionError(f"{self} can't answer what is not in this chat: {message}")
        return stored.answered()

    def _media(self, kind: str, data: bytes, caption: str = "", *, name: str = "", mime: str = "",
               size: int | None = None, **more: int) -> Json:  # fmt: skip
        pixels = measure(data) if kind == "photo" else None
        file = self.world.files.add(kind, data, name, mime, size, pixels or UNREADABLE)
        words = said(caption).fields("caption", "caption_entities")
        return {**media_fields(self.world.files, file, more), **words}
