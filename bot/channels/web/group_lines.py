"""The lines of a group: whose they are stands in them. Functions over a session, run in a transaction of the store."""

from dataclasses import replace

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.channels.web import lines
from bot.channels.web.groups import HELD, cut_mention
from bot.channels.web.lines import Line
from bot.channels.web.quotes import of_desk, quote
from handlers.inbound import Inbound
from storage.message_models import WebLine


def hold(session: Session, inbound: Inbound) -> tuple[int, Inbound]:
    """Write what somebody said where nobody sees it yet; return the line's id, and what the inbox is to take in.

    A repeat finds its own line, seen or not. Were it seen at once, a crash before the inbox has it would lose it: the
    page would find it in the history and stop sending it.
    """
    answered = quote(session, inbound.chat, inbound.reply_to)
    body = lines.said(session, inbound) | {"author": {"user": inbound.user, "name": inbound.name}}
    body |= {"quote": answered} if answered else {}
    line = lines.write_said(session, HELD + inbound.chat, inbound, body)
    text, named = cut_mention(inbound.text)
    reply_to = inbound.reply_to if answered else None
    heard = named or of_desk(answered)
    return line.id, replace(inbound, text=text, message=str(line.id), reply_to=reply_to, mentioned=heard)


def reveal(session: Session, chat: str, line_id: int) -> Line:
    """Show a held line to the group and return it."""
    session.execute(update(WebLine).where(WebLine.id == line_id, WebLine.chat == HELD + chat).values(chat=chat))
    return lines.one(session, line_id)
