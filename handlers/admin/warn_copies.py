"""The sending of a warning, step by step: copies into the outbox, what is stopped out of it, figures on the card."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, TextClause, func, or_, select, text, update

from cases import broadcasts
from cases.broadcast_figures import STOPPED, Figures
from cases.broadcasts import Stage
from handlers import boards
from handlers.admin import warn_card, warn_news
from handlers.desk import NO_CHANNEL, Desk
from handlers.message import Message
from handlers.priority import WARNING
from handlers.texts import Translate
from storage.admin_models import Broadcast
from storage.message_models import Outgoing
from storage.models import Identity

AHEAD = 1000  # copies that wait in the outbox at the most: half a minute's work, and a stop drops them at once
SHOW_EVERY = timedelta(seconds=7)  # on the card; people read no faster, and each change is a call of its own
REASON = 200  # characters of a reason that are kept

_WAITS = text("outgoing.state = 'pending'")  # literal, so that both databases use the partial index


def write_some(desk: Desk, number: int) -> bool:
    """Write the copies of the next people; return whether there is more to write at once."""
    warning = broadcasts.claim(desk.session, number)
    if warning is None or warning.state != Stage.SENDING or warning.up_to >= broadcasts.EVERYBODY:
        return False
    if _waiting(desk, number) >= AHEAD:
        return False
    if warning.up_to == 0:
        boards.warn(desk, warning.place_id, lambda t: warn_card.as_read(desk, warning, t), WARNING)
    _write(desk, warning, broadcasts.next_people(desk.context, warning))
    return warning.up_to < broadcasts.EVERYBODY


def go_on(desk: Desk, number: int, found: Figures, *, news: bool) -> bool:
    """Show how far it is, and end it when nothing is left to send; return whether the card was changed.

    `found` was counted just before; `news`: it is not what the card says.
    """
    warning = broadcasts.claim(desk.session, number)
    if warning is None:
        return False
    if warning.state == Stage.STOPPING:
        _drop(desk, number)
    if _is_over(desk, warning, found):
        broadcasts.finish(desk.context, warning)
        warn_news.show(desk, warning)  # counted anew: this once it must be right
        return True
    if not news or (warning.shown_at is not None and warning.shown_at + SHOW_EVERY > desk.context.now):
        return False
    warning.shown_at = desk.context.now
    said = len(desk.tray)
    warn_news.show(desk, warning, found)
    for row in desk.tray[said:]:  # with the platform out of reach, a thousand old figures must not pile up
        row["expires_at"] = desk.context.now + SHOW_EVERY
    return True


def _is_over(desk: Desk, warning: Broadcast, found: Figures) -> bool:
    if warning.state == Stage.STOPPING:
        return _waiting(desk, warning.id) == 0
    return found.written and found.waiting == 0


def _write(desk: Desk, warning: Broadcast, people: Sequence[int]) -> None:
    """Say it to each in their language where they were last seen."""
    desk.expect(people)
    said = len(desk.tray)
    known: dict[str, Message] = {}

    def say(t: Translate) -> Message:
        if t.language not in known:
            known[t.language] = warn_card.as_read(desk, warning, t)
        return known[t.language]

    for person in people:
        desk.tell(person, say, priority=WARNING, expires=desk.context.now + broadcasts.LASTS)
    lost = _why_not(desk, [row["person_id"] for row in desk.tray[said:] if row["channel"] == NO_CHANNEL])
    for row in desk.tray[said:]:
        row["broadcast_id"] = warning.id
        row["error"] = lost.get(row["person_id"], row["error"])


def _why_not(desk: Desk, people: list[int]) -> dict[int, str]:
    """Return what the platforms last said of people whom none of them reaches."""
    if not people:
        return {}
    known = select(Identity.person_id, Identity.unreachable).where(
        Identity.person_id.in_(people), Identity.unreachable.is_not(None)
    )
    return {person: (why or "")[:REASON] for person, why in desk.session.execute(known)}


def waiting(number: int) -> Select[int]:
    """Return the query for how many copies wait in the outbox."""
    return select(func.count()).select_from(Outgoing).where(*_copies(number))


def _waiting(desk: Desk, number: int) -> int:
    return desk.session.scalar(waiting(number)) or 0


def _copies(number: int) -> tuple[ColumnElement[bool] | TextClause, ...]:
    """Return the condition for copies that wait: by the index of what is to be sent next."""
    # An expression keeps the databases from reading all copies that were ever written.
    return _WAITS, Outgoing.priority == WARNING, Outgoing.broadcast_id + 0 == number


def _drop(desk: Desk, number: int) -> None:
    """Drop the copies that are not on their way."""
    free = or_(Outgoing.claimed_until.is_(None), Outgoing.claimed_until <= desk.context.now)
    done = {"state": "dropped", "error": STOPPED, "done_at": desk.context.now}
    desk.session.execute(update(Outgoing).where(*_copies(number), free).values(**done))
