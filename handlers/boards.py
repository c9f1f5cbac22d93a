"""Groups in which the bot can speak and hears nothing: new public matters, what is to be claimed, warnings."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import select

from cases.states import State
from handlers import groups
from handlers.desk import Desk
from handlers.message import Address, Message
from handlers.priority import NOTICE
from handlers.texts import Translate
from storage.message_models import GroupChat
from storage.models import Case
from storage.prepared import Prepared


class Board(NamedTuple):
    """A group in which the bot can only speak."""

    channel: str
    chat: str
    place_id: int
    language: str | None


_BOARDS = Prepared(
    select(*(getattr(GroupChat, name) for name in Board._fields)).where(
        GroupChat.write_only, GroupChat.lost_at.is_(None)
    )
)


def tell_new(desk: Desk, case: Case) -> None:
    """Say in the groups around a new matter that it is there; what is offered is said there with how to claim it.

    Such a group has no way to say things without a sound: at night all but an emergency waits for the morning.
    """
    if case.kind != "issue" or case.state == State.POOL or desk.rules.category(case).private:
        return
    around = {node.id for node in desk.rules.tree.ancestors(case.place_id)}
    said = len(desk.tray)
    _say(desk, [each for each in _all(desk) if each.place_id in around], lambda t: groups.group_card(desk, case, t))
    for row in desk.tray[said:] if not case.emergency else ():
        row["not_before"] = desk.rules.deadlines.not_in_the_night(desk.context.now)


def warn(desk: Desk, place_id: int, say: Callable[[Translate], Message], priority: int) -> None:
    """Say a warning in the groups of its place and below."""
    covered = [each for each in _all(desk) if desk.rules.tree.covers(place_id, each.place_id)]
    _say(desk, covered, say, priority)


def _all(desk: Desk) -> list[Board]:
    """Return all such groups: one a place at the most, they are few."""
    found = map(Board._make, _BOARDS.all(desk.session))
    return [each for each in found if each.channel in desk.planners]


def _say(desk: Desk, chats: Sequence[Board], say: Callable[[Translate], Message], priority: int = NOTICE) -> None:
    for chat in chats:
        desk.post(Address(chat.channel, chat.chat), say(desk.translator_for(chat.language)), priority=priority)
