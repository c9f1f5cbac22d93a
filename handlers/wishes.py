"""心愿: what is wished for near me, and the wall of fulfilled wishes."""

from sqlalchemy import Select, select

from cases import life, pool
from cases.context import Actor
from cases.refusal import Refused, Why
from cases.states import Action, State
from handlers import offers, proof, veil, words
from handlers.clean import cut
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
    rows = [_to_claim(talk, case) for case in shown if _may(talk, case, talk.actor)]
    rows += turn_list("wishes", page, t, more=len(near) > (page + 1) * PER_PAGE)
    rows.append((Choice(t("Fulfilled wishes"), "l:wall:0"), Choice(t("Make a wish"), "m:wish")))
    text = "\n\n".join(lines) or t("No wish is open near you.")
    _show(talk, Message(text, title=t("Wishes near you"), choices=tuple(rows), card="wishes"))


def show_wall(talk: Talk, page: int) -> None:
    """Show fulfilled wishes whose wishers agree, the newest first."""
    t = talk.t
    fulfilled: Select[Case] = select(Case).where(IS_WISH, Case.state == State.CLOSED, Case.publish.is_(True))
    found = talk.session.scalars(fulfilled.order_by(Case.id.desc()).offset(page * PER_PAGE).limit(PER_PAGE + 1)).all()
    shown = [case for case in found[:PER_PAGE] if not talk.rules.category(case).private]
    lines = [_fulfilled(talk, case) for case in shown]
    look = [(Choice(t("Photos of #{number}").format(number=case.id), f"c:shown:{case.id}"),) for case in shown
            if published_photos(talk, case)]  # fmt: skip
    elsewhere = (Choice(t("Wishes near you"), "l:wishes:0"), Choice(t("Make a wish"), "m:wish"))
    rows = (*look, *turn_list("wall", page, t, more=len(found) > PER_PAGE), elsewhere)
    text = "\n\n".join(lines) or t("The first fulfilled wish will stand here.")
    _show(talk, Message(text, title=t("Fulfilled wishes"), choices=rows, card="wishes"))


def show_photos(talk: Talk, case: Case, _argument: str) -> None:
    """Show the photos of a fulfilled wish that its wisher lets everybody see."""
    photos = published_photos(talk, case) if _is_on_wall(talk, case) else ()
    if not photos:
        raise Refused(Why.WRONG_STATE)
    talk.say(Message(words.headline(talk.rules, case, talk.t), photos=photos), case_id=case.id)


def published_photos(talk: Talk, case: Case) -> tuple[int, ...]:
    """Return the photos that the wisher has agreed to show: those, and none of a later result."""
    agreed = life.last_facts(talk.context, case, Action.PUBLISH).get("photos", ())
    return proof.of_step(talk.session, agreed)[0]


def _is_on_wall(talk: Talk, case: Case) -> bool:
    closed = case.kind == "wish" and case.state == State.CLOSED and case.publish is True
    return closed and not talk.rules.category(case).private


def _concerns(talk: Talk, case: Case) -> bool:
    """Tell whether the reader lives or serves within where the wish is offered; without a home, all are shown."""
    tree, within = talk.rules.tree, pool.area(talk.context, case)
    if case.visibility == "coordinator" or talk.rules.category(case).private:
        return False
    places = [role.place_id for role in talk.actor.roles] + ([talk.person.home_id] if talk.person.home_id else [])
    near = not places or any(tree.covers(within, place) or tree.covers(place, within) for place in places)
    return near and pool.has_room(talk.context, case)


def _may(talk: Talk, case: Case, actor: Actor) -> bool:
    return case.reporter_id != actor.person_id and any(pool.suits(talk.context, case, role) for role in actor.roles)


def _to_claim(talk: Talk, case: Case) -> tuple[Choice, ...]:
    claim = Choice(talk.t("Claim #{number}").format(number=case.id), f"c:claim:{case.id}")
    if not offers.photos_of(talk, case):
        return (claim,)
    return claim, Choice(talk.t("Photos of #{number}").format(number=case.id), f"c:look:{case.id}")


def _line(talk: Talk, case: Case) -> str:
    t = talk.t
    who = t("From: {name}").format(name=words.name_of(talk, case.reporter_id, t)) if case.visibility == "name" else ""
    what = cut(veil.public_words(talk, case), SHOWN_WORDS)[0]
    place = talk.rules.tree.short(veil.public_place(talk.rules.tree, case.place_id))
    lines = [f"{words.headline(talk.rules, case, t)} · {place}", what, who]
    if case.wish_by is not None and case.state != State.CLOSED:
        lines.append(t("By: {time}").format(time=words.time(talk, case.wish_by, t)))
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
