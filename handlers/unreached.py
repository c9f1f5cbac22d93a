"""未送达: what a resident has to know of their case did not arrive. Who handles it hears so, and may call.

The rating question is none of it: nobody is called to rate. At most once a day and case.
"""

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from cases.states import OPEN, State
from handlers import words
from handlers.desk import Desk
from handlers.message import Choice, Message
from handlers.texts import Translate
from storage.message_models import Outgoing
from storage.models import Case

AT_ONCE = 50  # rows looked at in one transaction
_MISSED = text("outgoing.matters AND outgoing.state = 'not_reached'")  # literal, for the partial index


def waits(session: Session) -> bool:
    """Tell whether there is anything to say."""
    return session.scalar(select(Outgoing.id).where(_MISSED).limit(1)) is not None


def tell_some(desk: Desk) -> int:
    """Tell who handles the cases of some messages that did not arrive; return how many messages that were."""
    missed = select(Outgoing.id, Outgoing.case_id, Outgoing.person_id).where(_MISSED).order_by(Outgoing.id)
    rows = desk.session.execute(missed.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    if rows:
        done = update(Outgoing).where(Outgoing.id.in_([row.id for row in rows]))
        desk.session.execute(done.values(matters=False))
    for number in sorted({row.case_id for row in rows if row.case_id is not None}):
        case = desk.session.get(Case, number, with_for_update=True)
        if case is not None and not _told_today(desk, case):
            _tell(desk, case)
    return len(rows)


def _told_today(desk: Desk, case: Case) -> bool:
    zone = desk.rules.deadlines.zone
    told = case.unreached_at
    return told is not None and told.astimezone(zone).date() == desk.context.now.astimezone(zone).date()


def _tell(desk: Desk, case: Case) -> None:
    reader = case.steward_id or case.answerable_id
    if reader == case.reporter_id:
        return
    case.unreached_at = desk.context.now
    hidden = State(case.state) not in OPEN or words.is_neighbour(desk, case, reader)
    phone = desk.reach(case.reporter_id).phone is not None and not hidden

    def say(t: Translate) -> Message:
        said = [t("Our message did not reach the resident on any channel.")]
        said.append(t("Please call them.") if phone else t("We have no number to show you. Perhaps you can knock?"))
        rows = ((Choice(t("Telephone number"), f"c:phone:{case.id}", "primary"),),) if phone else ()
        title = words.headline(desk.rules, case, t)
        see = ((Choice(t("See its story"), f"c:story:{case.id}"),),)
        return Message("\n".join(said), title=title, choices=(*rows, *see), card=f"unreached:{case.id}")

    desk.tell(reader, say, case_id=case.id)
