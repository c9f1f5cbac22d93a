"""我的事项: a resident's list, the whole story of a case, and withdrawing."""

from datetime import datetime

from sqlalchemy import select

from cases import life
from cases.context import at_hand, parties
from cases.effects import THIRD_PARTY
from cases.given import Given
from cases.refusal import Refused, Why
from cases.states import MOVES, OPEN, Action, Party, State
from handlers import proof, words
from handlers.announce import announce
from handlers.clean import cut
from handlers.mask import mask
from handlers.message import Choice, Message, Rows
from handlers.pages import turn_list
from handlers.talk import Talk
from handlers.task_card import buttons_for
from handlers.texts import N_
from storage.models import Case, HistoryEntry

PER_PAGE = 6
STORY_STEPS = 40  # the newest steps shown; the history keeps all
FILES_SHOWN = 20  # of a case, when somebody asks for them
STORY_WORDS = 300  # characters of one step's words

ACTIONS = {
    Action.FILE: N_("reported"),
    Action.ASSIGN: N_("given to a steward"),
    Action.ACCEPT: N_("accepted"),
    Action.TRANSFER: N_("handed on"),
    Action.RETURN: N_("returned"),
    Action.ASK: N_("asked"),
    Action.ANSWER: N_("answered"),
    Action.NO_ANSWER: N_("no answer"),
    Action.RESOLVE: N_("done"),
    Action.SUPPLEMENT: N_("added"),
    Action.URGE: N_("urged"),
    Action.WITHDRAW: N_("withdrawn"),
    Action.RATE: N_("rated"),
    Action.UNSOLVED: N_("not solved"),
    Action.CLOSE: N_("closed without a rating"),
    Action.REOPEN: N_("opened again"),
    Action.LATE: N_("overdue, told {names}"),
    Action.REMIND: N_("reminded {names}"),
    Action.REOFFER: N_("not accepted in time, offered to {names}"),
    Action.RULING: N_("not accepted in time, to be decided"),
    Action.HOLD: N_("waits for somebody else"),
    Action.RESUME: N_("goes on"),
    Action.WANT_TIME: N_("asked for more time"),
    Action.GIVE_TIME: N_("gave more time"),
    Action.DENY_TIME: N_("did not give more time"),
    Action.RECLASSIFY: N_("changed the kind"),
    Action.HASTEN: N_("made it urgent"),
    Action.CALL_BACK: N_("is to be called back"),
    Action.CALLED: N_("called"),
    Action.REPLY: N_("answered the rating"),
    Action.CONTACT: N_("looked up the telephone number"),
    Action.VET: N_("accepted the wish, it is offered"),
    Action.QUESTION: N_("asked"),
    Action.EXPLAIN: N_("answered"),
    Action.UNEXPLAINED: N_("no answer"),
    Action.DECLINE: N_("declined"),
    Action.TO_ISSUE: N_("made it a report"),
    Action.TO_WISH: N_("made it a wish"),
    Action.OFFER: N_("offered it to be claimed"),
    Action.CLAIM: N_("claimed it"),
    Action.LEAVE: N_("gave it back"),
    Action.UNCLAIM: N_("gave it back"),
    Action.BRING: N_("left a note"),
    Action.WIDEN: N_("offered it more widely"),
    Action.UNCLAIMED: N_("claimed by nobody, to be decided"),
    Action.PUBLISH: N_("said what may be shown"),
    Action.FOLLOW: N_("has the same trouble"),
    Action.UNFOLLOW: N_("follows it no more"),
    Action.MERGE: N_("joined it with another"),
    Action.MERGE_IN: N_("joined another to it"),
    Action.ADD_HELPER: N_("asked {names} to help"),
    Action.DROP_HELPER: N_("goes on without {names}"),
}
STAFF_ONLY = {Action.REMIND, Action.CONTACT, Action.CALLED}  # steps that the resident's own story leaves out


def show_list(talk: Talk, page: int) -> None:
    """Show a page of the person's own cases, the newest first, on one message."""
    t = talk.t
    mine = (
        select(Case).where(Case.reporter_id == talk.person.person_id)
        .order_by(Case.id.desc()).offset(page * PER_PAGE).limit(PER_PAGE + 1)
    )  # fmt: skip
    found = talk.session.scalars(mine).all()
    if not found and page == 0:
        talk.say(Message(t("You have no cases yet. Just write what is the matter."), choices=(
            (Choice(t("Report"), "m:report", "primary"),),)))  # fmt: skip
        return
    rows = [(Choice(_line(talk, case), f"c:story:{case.id}"),) for case in found[:PER_PAGE]]
    message = Message(
        t("Tap one to see its story."), title=t("My cases"),
        choices=(*rows, *turn_list("mine", page, t, more=len(found) > PER_PAGE)), card="mycases",
    )  # fmt: skip
    if talk.inbound.press is not None and talk.inbound.press.data.startswith("l:"):
        talk.redraw(message)
    else:
        talk.say(message)


def story(talk: Talk, case: Case, _argument: str) -> None:
    """Tell the whole story of a case to whom it concerns."""
    if not life.concerns(talk.context, case, talk.actor):
        raise Refused(Why.NOT_YOURS)
    t = talk.t
    shown, shortened = cut(case.words, STORY_WORDS * 4)
    stranger = case.reporter_id != talk.person.person_id and not life.handles(talk.context, case, talk.actor)
    hides = stranger or words.is_neighbour(talk, case, talk.person.person_id)
    shown = mask(shown) if stranger else shown
    lines = [
        words.where(talk.rules, case.place_id, "" if hides else case.place_detail),
        shown + ("…" if shortened else ""),
        "",
    ]
    lines += [_step(talk, case, entry) for entry in _history(talk, case)]
    title = f"{words.headline(talk.rules, case, t)} · {words.state(case, t)}"
    talk.say(Message("\n".join(lines), title=title, choices=_buttons(talk, case)), case_id=case.id)


def photos(talk: Talk, case: Case, _argument: str) -> None:
    """Show the photos of a case."""
    if not life.concerns(talk.context, case, talk.actor):
        raise Refused(Why.NOT_YOURS)
    photos, files = proof.of_case(talk.session, case.id, FILES_SHOWN)
    title = words.headline(talk.rules, case, talk.t)
    talk.say(Message(title, photos=photos, files=files), case_id=case.id)


def ask_withdraw(talk: Talk, case: Case, _argument: str) -> None:
    """Ask once more before a case is withdrawn."""
    life.require(talk.context, case, Action.WITHDRAW, talk.actor)
    t = talk.t
    text = t("Withdraw {case}? Then nobody works on it any more.")
    rows = ((Choice(t("Yes, withdraw"), f"c:really:{case.id}", "danger"), Choice(t("No"), f"c:story:{case.id}")),)
    text = text.format(case=words.headline(talk.rules, case, t))
    talk.say(Message(text, choices=rows, card=withdraw_key(case)), case_id=case.id)


def withdrawn(talk: Talk, case: Case, _argument: str) -> None:
    """Withdraw the case; the question gives way to the answer."""
    step = life.act(talk.context, case, Action.WITHDRAW, talk.actor, Given())
    title = words.headline(talk.rules, case, talk.t)
    talk.redraw(Message(talk.t("Withdrawn."), title=title, card=withdraw_key(case)), case_id=case.id)
    announce(talk, [step])


def withdraw_key(case: Case) -> str:
    """Return the key of the card that asks whether to withdraw."""
    return f"withdraw:{case.id}"


def _line(talk: Talk, case: Case) -> str:
    return f"{words.headline(talk.rules, case, talk.t)} · {words.state(case, talk.t)}"


def _history(talk: Talk, case: Case) -> list[HistoryEntry]:
    hidden = set() if life.handles(talk.context, case, talk.actor) else STAFF_ONLY
    newest = (
        select(HistoryEntry).where(HistoryEntry.case_id == case.id, HistoryEntry.action.not_in(hidden))
        .order_by(HistoryEntry.id.desc()).limit(STORY_STEPS)
    )  # fmt: skip
    return list(reversed(talk.session.scalars(newest).all()))


def _step(talk: Talk, case: Case, entry: HistoryEntry) -> str:
    t = talk.t
    what = t(ACTIONS[Action(entry.action)]).format(names=_names(talk, entry))
    who = words.name_of(talk, entry.actor_id, t)
    if entry.actor_id == case.reporter_id:
        who = words.reporter(talk, case, talk.person.person_id, t)
    elif entry.action in (Action.FOLLOW, Action.UNFOLLOW) and not life.handles(talk.context, case, talk.actor):
        who = t("a resident")
    said = "" if entry.action == Action.FILE else cut(entry.words, STORY_WORDS)[0]
    tail = t(": “{promise}”").format(promise=said) if said else ""
    if "due" in entry.data:
        due = datetime.fromisoformat(entry.data["due"])
        tail += t(" (due {time})").format(time=words.time(talk, due, t))
    return f"· {words.time(talk, entry.at, t)} {who} {what}{tail}"


def _names(talk: Talk, entry: HistoryEntry) -> str:
    """Return to whom the clock turned."""
    people = entry.data.get("told") or [entry.data.get("steward") or entry.data.get("person")]
    return talk.t(", ").join(words.name_of(talk, person, talk.t) for person in people if person is not None)


def _buttons(talk: Talk, case: Case) -> Rows:
    """Return what the reader may press now; each is checked again when it is."""
    t = talk.t
    rows: list[tuple[Choice, ...]] = []
    if Party.REPORTER in parties(talk.context, case, talk.actor):
        if case.state == State.WAITING and case.waiting_for != THIRD_PARTY:
            rows.append((Choice(t("Answer"), f"c:answer:{case.id}", "primary"),))
        if case.state == State.REVIEW and words.waits(case):
            rows.append((Choice(t("Answer"), f"c:explain:{case.id}", "primary"),))
        if case.state == State.RESOLVED:
            rows.append((Choice(t("Solved"), f"c:solved:{case.id}", "primary"),
                         Choice(t("Not solved"), f"c:unsolved:{case.id}")))  # fmt: skip
        elif State(case.state) in OPEN:
            more = [Choice(t("Add photo or words"), f"c:add:{case.id}")]
            if State(case.state) in MOVES[Action.URGE].sources:
                more.append(Choice(t("Urge"), f"c:urge:{case.id}"))
            rows.append(tuple(more))
            rows.append((Choice(t("Withdraw"), f"c:withdraw:{case.id}"),))
        if case.state == State.CLOSED:
            rows.append((Choice(t("Not solved after all"), f"c:reopen:{case.id}"),))
    else:
        found = parties(talk.context, case, talk.actor) | at_hand(talk.context, case, talk.actor)
        rows += buttons_for(case, found, t)
    if any(proof.of_case(talk.session, case.id, 1)):
        rows.append((Choice(t("Photos"), f"c:photos:{case.id}"),))
    return tuple(rows)
