"""协办: the lead adds people to a case; the lead stays answerable."""

from cases import dispatch, life
from cases.given import Given
from cases.states import Action
from handlers import words
from handlers.announce import announce
from handlers.message import Choice, Message
from handlers.pages import number_of, page_of, turn
from handlers.talk import Talk
from storage.models import Case, CoHandler

PER_PAGE = 8


def choose(talk: Talk, case: Case, argument: str) -> None:
    """Show who could help; those who do already can be let go."""
    life.require(talk.context, case, Action.ADD_HELPER, talk.actor)
    t = talk.t
    may = {holder.person_id for holder in dispatch.choices(talk.context, case)}
    around = dispatch.holders(talk.context, case.place_id, "steward")
    found = [
        holder for holder in around
        if holder.person_id in may or (holder.person_id != case.steward_id and _helps(talk, case, holder.person_id))
    ]  # fmt: skip
    people, page, pages = page_of(found, number_of(argument), PER_PAGE)
    rows = [(_button(talk, case, holder.person_id, holder.title),) for holder in people]
    leave = (Choice(t("Never mind"), f"c:less:{case.id}"),)
    more = turn(page, pages, f"c:helpers:{case.id}:{{page}}", t)
    text = t("Who is to help? The lead stays answerable.")
    title = words.headline(talk.rules, case, t)
    talk.redraw(Message(text, title=title, choices=(*rows, *more, leave), card=f"more:{case.id}"), case_id=case.id)


def add(talk: Talk, case: Case, argument: str) -> None:
    """Ask somebody to help."""
    _change(talk, case, Action.ADD_HELPER, number_of(argument))


def drop(talk: Talk, case: Case, argument: str) -> None:
    """Go on without somebody."""
    _change(talk, case, Action.DROP_HELPER, number_of(argument))


def _change(talk: Talk, case: Case, action: Action, person_id: int) -> None:
    adds = action is Action.ADD_HELPER
    found = dispatch.choices(talk.context, case) if adds else dispatch.holders(talk.context, case.place_id, "steward")
    around = {holder.person_id for holder in found}
    given = Given(person_id=person_id if person_id in around else None)
    step = life.act(talk.context, case, action, talk.actor, given)
    text = talk.t("{name} helps.") if adds else talk.t("{name} helps no more.")
    text = text.format(name=words.name_of(talk, person_id, talk.t))
    title = words.headline(talk.rules, case, talk.t)
    talk.redraw(Message(text, title=title, card=f"more:{case.id}"), case_id=case.id)
    announce(talk, [step])


def _button(talk: Talk, case: Case, person_id: int, title: str) -> Choice:
    helps = _helps(talk, case, person_id)
    label = f"{'✓ ' if helps else ''}{words.name_of(talk, person_id, talk.t)}" + (f" · {title}" if title else "")
    return Choice(label, f"c:{'alone' if helps else 'helper'}:{case.id}:{person_id}")


def _helps(talk: Talk, case: Case, person_id: int) -> bool:
    return talk.session.get(CoHandler, (case.id, person_id)) is not None
