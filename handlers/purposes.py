"""What words and photos on a case are collected for: what is asked, who may, and what then happens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cases import filing, leading, leaving, life, own_cases
from cases.effects import RESIDENT
from cases.given import Given
from cases.life import Step
from cases.refusal import Refused, Why
from cases.states import Action, State
from handlers import call_back, claims, words
from handlers.talk import Talk
from handlers.texts import N_
from storage.models import Case

RESULTS = (N_("Repaired"), N_("Dealt with"), N_("Explained to the resident"))
RETURNS = (N_("Not my trade"), N_("Not my place"), N_("I cannot make it in time"))
PARTIES = (N_("Waiting for a spare part"), N_("Waiting for a contractor"), N_("Waiting for an office"))
DECLINED = (
    N_("That is beyond what neighbours can do; please ask the civil affairs office, 12345"),
    N_("That is not for us; the hotline 12345 can help"),
)
OPENED_AGAIN = (N_("It was ended by mistake"), N_("It is not settled after all"))
DELAYS = (N_("A spare part is missing"), N_("Bad weather"), N_("More work than it looked"))


@dataclass(frozen=True, slots=True)
class Purpose:
    """What words are collected for. `usual`: words that one tap gives."""

    ask: str
    thanks: str
    may: Callable[[Talk, Case], None]
    carry_out: Callable[[Talk, Case, Given], list[Step]]
    usual: tuple[str, ...] = ()
    needs_words: bool = True


def answering(case: Case) -> str:
    """Return for what purpose the reporter's answer is taken: for a steward, or for whoever vets the wish."""
    return "explain" if case.state == State.REVIEW else "answer"


def _may(action: Action) -> Callable[[Talk, Case], None]:
    """Return the check whether a move could be made now."""

    def may(talk: Talk, case: Case) -> None:
        life.require(talk.context, case, action, talk.actor)
        if action is Action.ANSWER and case.waiting_for != RESIDENT:
            raise Refused(Why.WRONG_STATE)

    return may


def _move(action: Action, ask: str, thanks: str, usual: tuple[str, ...] = (), *, needs_words: bool = True) -> Purpose:
    """Return the purpose of a plain move."""

    def carry_out(talk: Talk, case: Case, given: Given) -> list[Step]:
        return [life.act(talk.context, case, action, talk.actor, given)]

    return Purpose(ask, thanks, _may(action), carry_out, usual, needs_words)


def _adds(talk: Talk, case: Case) -> Action:
    """Return what it is that somebody adds: while a coordinator waits for the wisher's answer, theirs is the answer."""
    asked = case.state == State.REVIEW and case.waiting_for == RESIDENT
    return Action.EXPLAIN if asked and case.reporter_id == talk.person.person_id else Action.SUPPLEMENT


def _may_add(talk: Talk, case: Case) -> None:
    life.require(talk.context, case, _adds(talk, case), talk.actor)


def _add(talk: Talk, case: Case, given: Given) -> list[Step]:
    return [life.act(talk.context, case, _adds(talk, case), talk.actor, given)]


def _give_back(talk: Talk, case: Case, given: Given) -> list[Step]:
    return filing.give_back(talk.context, case, talk.actor, given.words)


def _want_time(talk: Talk, case: Case, given: Given) -> list[Step]:
    assert talk.standing is not None  # noqa: S101 - the date was chosen in this dialogue
    until = datetime.fromisoformat(talk.standing.data["until"])
    wanted = Given(given.words, given.attachments, until=until)
    return [life.act(talk.context, case, Action.WANT_TIME, talk.actor, wanted)]


def _open_again(talk: Talk, case: Case, given: Given) -> list[Step]:
    steps = own_cases.reopen(talk.context, case, talk.actor, given.words, talk.t(words.OWN_CASE))
    return [*steps, *leaving.settle(talk.context, case)]


def _may_open_again(talk: Talk, case: Case) -> None:
    life.require(talk.context, case, leading.opens_again(case), talk.actor)


PURPOSES: dict[str, Purpose] = {
    "return": Purpose(
        N_("Why do you return it? Tap, or write it."), N_("Returned."), _may(Action.RETURN), _give_back, RETURNS
    ),
    "ask": _move(Action.ASK, N_("Write your question to the resident."), N_("The resident has been asked.")),
    "done": _move(
        Action.RESOLVE, N_("What was done? Tap, or write it."), N_("Done. The resident has been told."), RESULTS
    ),
    "add": Purpose(
        N_("Send photos or write what you want to add."), N_("Added to the case."), _may_add, _add, needs_words=False
    ),
    "answer": _move(
        Action.ANSWER, N_("Write your answer, or send a photo."), N_("Passed on to the steward. Thank you!"),
        needs_words=False,
    ),
    "explain": Purpose(
        N_("Write your answer, or send a photo."), N_("Passed on to the coordinator. Thank you!"), _may_add, _add,
        needs_words=False,
    ),
    "hold": _move(
        Action.HOLD, N_("What are you waiting for? Tap, or write it."), N_("Noted. The time stands still meanwhile."),
        PARTIES,
    ),
    "extend": Purpose(
        N_("Why does it take longer? Tap, or write it."), N_("Asked. The coordinator decides."), _may(Action.WANT_TIME),
        _want_time, DELAYS,
    ),
    "question": _move(Action.QUESTION, N_("Write your question to the resident."), N_("The resident has been asked.")),
    "decline": _move(
        Action.DECLINE, N_("Why, and where can they turn instead? Tap, or write it."), N_("Declined, with your words."),
        DECLINED,
    ),
    "bring": Purpose(
        N_("What do you bring, or what should the others know? At most 200 characters."),
        N_("Noted. The others and the resident read it."), _may(Action.BRING), claims.carry_out_note,
    ),
    "outcome": Purpose(
        N_("How did the call go?"), N_("Written down."), call_back.may_call, call_back.carry_out_call,
        call_back.OUTCOMES,
    ),
    "reply": Purpose(
        N_("Write your answer to the resident."), N_("Passed on to the resident."), call_back.may_reply,
        call_back.carry_out_reply,
    ),
    "note": _move(Action.NOTE, N_("Write your note. The resident does not see it."), N_("Noted, for staff only.")),
    "anew": Purpose(
        N_("Why is it opened again? The resident and the steward read it. Tap, or write it."), N_("It is open again."),
        _may_open_again, _open_again, OPENED_AGAIN,
    ),
}  # fmt: skip
