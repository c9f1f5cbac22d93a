"""After a low mark with words: a leader calls the resident back, and the steward may answer."""

from dataclasses import replace

from cases import life, looks, ratings, rungs
from cases.given import Given
from cases.life import Step
from cases.refusal import Refused, Why
from cases.states import OPEN, Action, State
from handlers import proof, words
from handlers.alerts import Alerts
from handlers.announce import announce
from handlers.clean import cut
from handlers.desk import Desk
from handlers.message import Choice, Message, Rows
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.models import Case, Rating

SHOWN = 600  # characters of the resident's words

OUTCOMES = (N_("Spoke with the resident, it is settled"), N_("Could not reach the resident"))


def begin(desk: Desk, case: Case, rating: Rating, step: Step | None) -> None:
    """Hand the call to the leader, and let the steward read and answer what was said."""
    shown = proof.of_step(desk.session, step.given.attachments) if step is not None else ((), ())
    if step is not None and rating.caller_id is not None:
        caller = rating.caller_id
        desk.tell(caller, lambda t: _with(shown, call_card(desk, case, caller, t, "")), case_id=case.id)
    steward = rating.steward_id
    if steward is not None and steward != rating.caller_id:
        desk.tell(steward, lambda t: _with(shown, _reply_card(desk, case, rating, steward, t)), case_id=case.id)


def _with(shown: proof.Shown, message: Message) -> Message:
    return replace(message, photos=shown[0], files=shown[1])


def ask_again(desk: Desk, case: Case, alerts: Alerts) -> None:
    """Nobody has called yet: ask the caller again, and the next rung with them."""
    rating = ratings.uncalled(desk.context, case)
    if rating is None or rating.caller_id is None:
        looks.set_look(desk.context, case, None)
        return
    rung = rungs.upward(desk.context, case, rating.caller_id)
    case.rung = rung.number if rung is not None else case.rung
    people = dict.fromkeys((rating.caller_id, *(rung.people if rung is not None else ())))
    told = [person for person in people if person != rating.steward_id]
    alerts.note(Action.REMIND, case, {"look": case.look_kind, "told": told})
    for person in told:
        alerts.add(person, case, lambda t: t("⏰ The resident has not been called yet."), call_card, "call")
    looks.set_look(desk.context, case, looks.to_call(desk.context, case))


def call_card(desk: Desk, case: Case, person_id: int, t: Translate, alert: str) -> Message:
    """Return the card of the call: what was said, whom to call, and how it went as buttons."""
    rating = ratings.uncalled(desk.context, case)
    if rating is None:
        return Message(t("The resident has been called."), title=_title(desk, case, t), card=_key(case))
    lines = [
        alert,
        _said(desk, case, rating, person_id, t),
        t("From: {name}").format(name=words.reporter(desk, case, person_id, t)),
        t("Steward: {name}").format(name=words.name_of(desk, rating.steward_id, t)),
    ]
    rows: Rows = tuple((Choice(t(outcome), f"c:called:{case.id}:{n}"),) for n, outcome in enumerate(OUTCOMES))
    more = (Choice(t("Write how it went"), f"c:outcome:{case.id}"), Choice(t("See its story"), f"c:story:{case.id}"))
    known = _phone(desk, case) is not None and not words.is_neighbour(desk, case, person_id)
    phone = ((Choice(t("Telephone number"), f"c:phone:{case.id}", "primary"),),) if known else ()
    text = "\n".join(line for line in lines if line)
    return Message(text, title=_title(desk, case, t), choices=(*phone, *rows, more), card=_key(case))


def show(talk: Talk, case: Case, _argument: str) -> None:
    """Show the card of the call anew."""
    may_call(talk, case)
    talk.say(call_card(talk, case, talk.person.person_id, talk.t, ""), case_id=case.id)


def called(talk: Talk, case: Case, argument: str) -> None:
    """Take one of the usual outcomes."""
    if argument not in ("0", "1"):
        raise Refused(Why.WRONG_STATE)
    announce(talk, carry_out_call(talk, case, Given(talk.t(OUTCOMES[int(argument)])), reached=argument == "0"))


def carry_out_call(talk: Talk, case: Case, given: Given, *, reached: bool = True) -> list[Step]:
    """Write down how the call went, and take the card's buttons away; not reached, it is asked for again."""
    step = ratings.called(talk.context, case, talk.actor, given.words, reached=reached)
    text = talk.t("You called: {words}").format(words=given.words)
    talk.redraw(Message(text, title=_title(talk, case, talk.t), card=_key(case)), case_id=case.id)
    return [step]


def carry_out_reply(talk: Talk, case: Case, given: Given) -> list[Step]:
    """Pass the steward's answer to the resident."""
    return [ratings.reply(talk.context, case, talk.actor, given.words)]


def may_call(talk: Talk, case: Case) -> None:
    """Raise Refused where there is no call to write about."""
    life.require(talk.context, case, Action.CALLED, talk.actor)
    ratings.check_caller(talk.context, case, talk.actor)


def may_reply(talk: Talk, case: Case) -> None:
    """Raise Refused where there is nothing to answer."""
    life.require(talk.context, case, Action.REPLY, talk.actor)
    if ratings.unanswered(talk.context, case, talk.actor) is None:
        raise Refused(Why.WRONG_STATE)


def show_phone(talk: Talk, case: Case, _argument: str) -> None:
    """Show the resident's telephone number to who handles the case; each look is written down."""
    if State(case.state) not in OPEN:  # it is nobody's any more but theirs who are to call
        may_call(talk, case)
    life.act(talk.context, case, Action.CONTACT, talk.actor)
    phone = _phone(talk, case)
    text = talk.t("Telephone: {number}").format(number=phone) if phone else talk.t("No telephone number is known.")
    talk.say(Message(text, title=words.headline(talk.rules, case, talk.t)), case_id=case.id)


def _phone(desk: Desk, case: Case) -> str | None:
    return desk.reach(case.reporter_id).phone


def _reply_card(desk: Desk, case: Case, rating: Rating, steward: int, t: Translate) -> Message:
    may = t("You may answer; the resident reads it. The coordinator calls them.")
    text = f"{_said(desk, case, rating, steward, t)}\n{may}"
    rows = ((Choice(t("Answer the resident"), f"c:reply:{case.id}"),),)
    return Message(text, title=words.headline(desk.rules, case, t), choices=rows, card=f"reply:{case.id}")


def _said(desk: Desk, case: Case, rating: Rating, reader_id: int, t: Translate) -> str:
    said, shortened = cut(words.said(desk, case, reader_id, rating.words, t), SHOWN)
    text = t("The resident says ({stars} of 5): {words}")
    return text.format(stars=rating.stars, words=said + ("…" if shortened else ""))


def _title(desk: Desk, case: Case, t: Translate) -> str:
    return t("Please call back: {case}").format(case=words.headline(desk.rules, case, t))


def _key(case: Case) -> str:
    return f"call:{case.id}"
