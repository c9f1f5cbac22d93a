"""From what a page sent to what the inbox takes, and back: accepted, or why not."""

import structlog
from sqlalchemy.orm import Session

from bot.channels.base import Accept
from bot.channels.web import attachments, group_lines, lines
from bot.channels.web.frames import BadFrame, Located, Photos, Pressed, Said, Text
from bot.channels.web.hub import Hub
from bot.channels.web.lines import Line
from bot.channels.web.rate import Rate
from bot.channels.web.relay import Relay
from bot.channels.web.sessions import Visitor
from bot.clock import Clock
from handlers.inbound import Inbound, IncomingFile, Press
from storage.engine import Store

log = structlog.get_logger(__name__)


class Intake:
    """Hands frames to the inbox, and keeps the person's own words as lines of their chat."""

    def __init__(self, store: Store, clock: Clock, hub: Hub, relay: Relay, rate: Rate) -> None:
        self._store = store
        self._clock = clock
        self._hub = hub
        self._relay = relay
        self._rate = rate
        self.accept: Accept | None = None

    async def take(self, visitor: Visitor, said: Said) -> None:
        """Take one thing in; returns once the inbox has it. Raises BadFrame when it does not."""
        if not self._rate.allows(visitor.user):
            raise BadFrame("too_many", said.id)
        inbound = await self._inbound(visitor, said)
        if inbound.group and inbound.press is None:
            await self._share(inbound, said)
        else:
            await self._accept(inbound, said)
            await self._keep(inbound)

    async def _share(self, inbound: Inbound, said: Said) -> None:
        """Take in what is said in a group. Its line has an id before the inbox hears of it, but is seen only after."""
        line_id, heard = await self._store.write(lambda session: group_lines.hold(session, inbound))
        await self._accept(heard, said)
        line = await self._store.write(lambda session: self._reveal(session, inbound.chat, line_id))
        self._hub.push(inbound.chat, line.frame())

    def _reveal(self, session: Session, chat: str, line_id: int) -> Line:
        line = group_lines.reveal(session, chat, line_id)
        self._relay.tell_line(session, chat, line.id)
        return line

    async def _accept(self, inbound: Inbound, said: Said) -> None:
        if self.accept is None:
            raise BadFrame("trouble", said.id)
        try:
            await self.accept(inbound)
        except Exception:
            # Whatever kept the inbox from committing: the page still has the words and sends them again.
            log.exception("web.not_accepted", key=inbound.key)
            raise BadFrame("trouble", said.id) from None

    async def _keep(self, inbound: Inbound) -> None:
        """Write the person's line in a transaction of its own, after the inbox's.

        A crash in between costs nothing: the page was not told "accepted", sends again, and both are idempotent.
        """
        press = inbound.press
        if press is None:
            line = await self._store.write(lambda session: self._say(session, inbound))
            self._hub.push(inbound.chat, line.frame())
        elif press.message is not None:
            chat, user, shown, data = inbound.chat, inbound.user, int(press.message), press.data
            await self._store.write(lambda session: lines.mark_pressed(session, chat, user, shown, data))

    def _say(self, session: Session, inbound: Inbound) -> Line:
        line = lines.say(session, inbound)
        self._relay.tell_line(session, inbound.chat, line.id)
        return line

    async def _inbound(self, visitor: Visitor, said: Said) -> Inbound:
        files = await self._files(visitor, said) if isinstance(said, Photos) else ()
        return Inbound(
            channel=attachments.CHANNEL,
            key=f"{visitor.user}:{said.id}",
            chat=visitor.chat,
            user=visitor.user,
            name=visitor.name,
            at=self._clock.now(),
            text=said.text if isinstance(said, Text | Photos) else "",
            press=Press(said.data, str(said.line), query=visitor.user) if isinstance(said, Pressed) else None,
            files=files,
            location=(said.latitude, said.longitude) if isinstance(said, Located) else None,
            reply_to=_answered(said) if visitor.in_group else None,
            group=visitor.in_group,
            language=visitor.language,
        )

    async def _files(self, visitor: Visitor, said: Photos) -> tuple[IncomingFile, ...]:
        found = await self._store.read(lambda session: attachments.to_send(session, visitor.user, said.tokens))
        if found is None:
            raise BadFrame("not_yours", said.id)
        return found


def _answered(said: Said) -> str | None:
    return str(said.reply) if isinstance(said, Text | Photos) and said.reply is not None else None
