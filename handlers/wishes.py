"""心愿: what is wished for near me, and the wall of fulfilled wishes."""

from sqlalchemy import Select, select

from cases import pool
from cases.context import Actor
from cases.states import State
from handlers import words
from handlers.clean import cut
from handlers.mask import mask
from handlers.message import Choice, Message
from handlers.pages import turn_list
from handlers.talk import Talk
from storage.models import IS_WISH, Case

PER_PAGE = 5
SHOWN_WORDS = 80  # characters of a wish in a list
NEWEST = 200  # open wishes that are looked through


def show_list(talk: Talk, page: int) -> None:
    """Show the public wishes near the reader that somebody may still take on; stewards claim them here."""
    t = talk.t
    newest = select(Case).where(IS_WISH, Case.state.in_((State.POOL, State.WORKING))).order_by(Case.id.desc())
    near = [case for case in talk.session.scalars(newest.limit(NEWEST)) if _concerns(talk, case)]
    shown = near[page * PER_PAGE : (page + 1) * PER_PAGE]
    lines = [_line(talk, case) for case in shown]
    rows: list[tuple[Choice, ...]]
    rows = [(Choice(t("Claim #{number}").format(number=case.id), f"c:claim:{case.id}"),) for case in shown
            if _may(talk, case, talk.actor)]  # fmt: skip
    rows += turn_list("wishes", page, t, more=len(near) > (page + 1) * PER_PAGE)
    rows.append((Choice(t("Fulfilled wishes"), "l:wall:0"), Choice(t("Make a wish"), "m:wish")))
    text = "\n\n".join(lines) or t("No wish is open near you.")
    _show(talk, Message(text, title=t("Wishes near you"), choices=tuple(rows), card="wishes"))


def show_wall(talk: Talk, page: int) -> None:
    """Show fulfilled wishes whose wishers agree, the newest first."""
    t = talk.t
    fulfilled: Select[Case] = select(Case).where(IS_WISH, Case.state == State.CLOSED, Case.publish.is_(True))
    found = talk.session.scalars(fulfilled.order_by(Case.id.desc()).offset(page * PER_PAGE).limit(PER_PAGE + 1)).all()
    lines = [_fulfilled(talk, case) for case in found[:PER_PAGE]]
    elsewhere = (Choice(t("Wishes near you"), "l:wishes:0"), Choice(t("Make a wish"), "m:wish"))
    rows = (*turn_list("wall", page, t, more=len(found) > PER_PAGE), elsewhere)
    text = "\n\n".join(lines) or t("The first fulfilled wish will stand here.")
    _show(talk, Message(text, title=t("Fulfilled wishes"), choices=rows, card="wishes"))


def _concerns(talk: Talk, case: Case) -> bool:
    """Tell whether the reader lives or serves within where the wish is offered; without a home, all are shown."""
    tree, within = talk.rules.tree, pool.area(talk.context, case)
    if case.visibility == "coordinator" or not pool.has_room(talk.context, case):
        return False
    places = [role.place_id for role in talk.actor.roles] + ([talk.person.home_id] if talk.person.home_id else [])
    return not places or any(tree.covers(within, place) or tree.covers(place, within) for place in places)


def _may(talk: Talk, case: Case, actor: Actor) -> bool:
    return case.reporter_id != actor.person_id and any(pool.suits(talk.context, case, role) for role in actor.roles)


def _line(talk: Talk, case: Case) -> str:
    t = talk.t
    who = t("From: {name}").format(name=words.name_of(talk, case.reporter_id, t)) if case.visibility == "name" else ""
    what = cut(mask(case.words), SHOWN_WORDS)[0]
    lines = [f"{words.headline(talk.rules, case, t)} · {talk.rules.tree.short(case.place_id)}", what, who]
    return "\n".join(line for line in lines if line)


def _fulfilled(talk: Talk, case: Case) -> str:
    t = talk.t
    names = [words.name_of(talk, each.person_id, t) for each in pool.claims(talk.context, case)]
    names = names or [words.name_of(talk, case.steward_id, t)]
    thanks = t("Fulfilled by: {names}").format(names=t(", ").join(names))
    return f"{_line(talk, case)}\n{thanks}"


def _show(talk: Talk, message: Message) -> None:
    if talk.inbound.press is not None and talk.inbound.press.data.startswith("l:"):
        talk.redraw(message)
    else:
        talk.say(message)
