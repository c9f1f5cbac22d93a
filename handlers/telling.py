"""How somebody is told of a case: its card, or a sentence with the names and words that they may have."""

from collections.abc import Callable, Sequence

from sqlalchemy import and_, bindparam, select

from cases import life, privacy
from cases.dispatch import holders
from cases.life import Step
from handlers import words
from handlers.desk import Desk
from handlers.message import Message
from handlers.priority import EMERGENCY, NOTICE
from handlers.proof import Shown
from handlers.task_card import task_card
from handlers.texts import Translate
from storage.message_models import CardMessage
from storage.models import Case, Identity
from storage.prepared import Prepared

LEADING = ("coordinator", "admin")
_READERS = Prepared(
    select(Identity.person_id)
    .join(CardMessage, and_(Identity.channel == CardMessage.channel, Identity.chat == CardMessage.chat))
    .where(CardMessage.card == bindparam("card")).distinct()
)  # fmt: skip


def show_task(desk: Desk, case: Case, person_id: int, *, fresh: bool, shown: Shown = ((), ())) -> None:
    """Show somebody the card of a case: a new message, or a change in place."""
    say = desk.tell if fresh else desk.show
    say(
        person_id, lambda t: task_card(desk, case, person_id, t, *shown),
        case_id=case.id, priority=EMERGENCY if case.emergency else NOTICE,
    )  # fmt: skip


def note(
    desk: Desk, case: Case, person_id: int, text: Callable[[Translate], str], shown: Shown = ((), ())
) -> None:  # fmt: skip
    """Tell somebody a sentence about a case."""

    def say(t: Translate) -> Message:
        return Message(text(t), title=words.headline(desk.rules, case, t), photos=shown[0], files=shown[1])

    desk.tell(person_id, say, case_id=case.id, priority=EMERGENCY if case.emergency else NOTICE)


def tell_step(desk: Desk, step: Step, person_id: int, text: str, shown: Shown = ((), ())) -> None:
    """Tell somebody what a step came to, with the names and words that they may have."""
    note(desk, step.case, person_id, lambda t: fill(desk, step, person_id, t(text), t), shown)


def fill(desk: Desk, step: Step, reader_id: int, text: str, t: Translate) -> str:
    """Return `text` with what a step came to in its blanks, as far as the reader may know it."""
    case, stars = step.case, (step.given.data or {}).get("stars", "")
    return text.format(
        name=words.doer(desk, case, step.actor.person_id, reader_id, t), stars=stars,
        words=words.said(desk, case, reader_id, step.given.words, t), time=words.time(desk, case.resolve_by, t),
    )  # fmt: skip


def readers_of(desk: Desk, case: Case) -> Sequence[int]:
    """Return in whose chats the card of the case stands."""
    if life.files_of_new(desk.context, case) is not None:
        return ()
    return [person for (person,) in _READERS.all(desk.session, card=f"task:{case.id}")]


def coordinators(desk: Desk, case: Case) -> list[int]:
    """Return the nearest coordinators of a case, or the admins where it has none: nobody for their own."""
    around = holders(desk.context, case.place_id, *LEADING)
    allowed = privacy.preferred(desk.context, case, dict.fromkeys(holder.person_id for holder in around))
    found = [holder for holder in around if holder.person_id in allowed]
    nearest = [(holder.role, holder.place_id) for holder in found[:1]]
    return [holder.person_id for holder in found if (holder.role, holder.place_id) in nearest]
