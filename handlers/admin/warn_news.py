"""Who hears how a warning stands: its maker on one card, the second admin who is asked."""

from cases import broadcast_figures, broadcasts
from cases.broadcast_figures import Figures
from cases.broadcasts import BEGUN, Stage
from cases.refusal import Why
from handlers.admin import warn_card
from handlers.desk import Desk
from handlers.message import Address, Message
from handlers.priority import ANSWER
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.admin_models import Broadcast


def show(desk: Desk, warning: Broadcast, found: Figures | None = None) -> None:
    """Change the maker's card; with `found` it was counted already."""
    address = Address(warning.made_channel, warning.made_chat, warning.made_by)
    if address.channel in desk.planners:
        t = desk.translator_for(desk.reach(warning.made_by).language)
        desk.post(address, standing(desk, warning, t, found), priority=ANSWER, in_place=True)


def standing(desk: Desk, warning: Broadcast, t: Translate, found: Figures | None = None) -> Message:
    """Return the card that says how a warning stands."""
    desk.session.flush()
    if warning.state not in BEGUN:
        return warn_card.stands(desk, warning, None, "", t)
    found = found or broadcast_figures.figures(desk.session, warning.id)
    over = warning.state in (Stage.DONE, Stage.STOPPED)
    lost = broadcast_figures.reasons(desk.session, warning.id) if over and found.planned > found.reached else []
    return warn_card.stands(desk, warning, found, warn_card.why_not(lost, t), t)


def ask_seconds(desk: Desk, warning: Broadcast) -> None:
    """Show it to every admin who may agree, as everybody will read it, and ask; the first answer counts."""
    for person in broadcasts.seconds(desk.context, warning):
        desk.tell(person, lambda t: warn_card.as_read(desk, warning, t), priority=ANSWER)
        desk.tell(person, lambda t: warn_card.second(desk, warning, t), priority=ANSWER)


def decided(talk: Talk, warning: Broadcast, *, agreed: bool) -> None:
    """Tell the maker, and show the second admin that it is done."""
    name = talk.person.name

    def say(t: Translate) -> Message:
        told = t("{name} agrees. It is being sent.") if agreed else t("{name} does not agree. Nothing is sent.")
        return Message(told.format(name=name))

    talk.tell(warning.made_by, say, priority=ANSWER)
    show(talk, warning)
    talk.redraw(standing(talk, warning, talk.t))


def refused(talk: Talk, number: int, why: Why) -> None:
    """Say why something was not done; where the warning has moved on, its card shows how it stands."""
    answer(talk, talk.t(REASONS.get(why, REASONS[Why.NOT_FOUND])))
    warning = talk.session.get(Broadcast, number) if why is Why.WRONG_STATE else None
    if warning is not None and broadcasts.may_warn(talk.context, talk.actor, warning.place_id):
        talk.redraw(standing(talk, warning, talk.t))


def answer(talk: Talk, text: str) -> None:
    """Answer a press with a short word, a message with another."""
    if talk.inbound.press is not None:
        talk.toast(text)
    else:
        talk.reply(text)


REASONS = {
    Why.NOT_FOUND: N_("There is no such warning."),
    Why.NOT_YOURS: N_("Only an admin of that place can do this, and nobody agrees to their own warning."),
    Why.WRONG_STATE: N_("This warning has moved on; see how it stands."),
    Why.TOO_LATE: N_("That was some time ago. If it is still needed, please write it anew: /broadcast"),
    Why.NO_ROOM: N_("A second admin has to agree, and there is no other one here whom we can ask."),
}
