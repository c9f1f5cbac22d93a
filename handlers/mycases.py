"""我的事项: a resident's list, the whole story of a case, and withdrawing."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, select

from cases import filing, life
from cases.context import at_hand, parties
from cases.effects import THIRD_PARTY
from cases.given import Given
from cases.refusal import Refused, Why
from cases.states import MOVES, OPEN, Action, Party, State
from handlers import words
from handlers.announce import announce
from handlers.clean import cut
from handlers.follow_card import unfollow_row
from handlers.mask import mask
from handlers.message import Choice, Message, Rows
from handlers.pages import turn_list
from handlers.reading import Reader, reader_of
from handlers.talk import Talk
from handlers.task_card import buttons_for
from handlers.texts import N_, Translate
from storage.models import Case, Follower, HistoryEntry
from storage.prepared import Prepared

PER_PAGE = 6
STORY_STEPS = 40  # the newest steps shown; the history keeps all
FILES_SHOWN = 20  # of a case, when somebody asks for them
STORY_WORDS = 1200  # characters of the case's own words

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
    Action.CONFIRM: N_("says it is solved"),
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
    Action.MERGE: N_("joined it to #{other}"),
    Action.MERGE_IN: N_("joined #{other} to it"),
    Action.ADD_HELPER: N_("asked {names} to help"),
    Action.DROP_HELPER: N_("goes on without {names}"),
    Action.ESCALATE: N_("urged, told {names}"),
    Action.EASE: N_("made it ordinary again"),
    Action.REVIVE: N_("opened again"),
    Action.REVIEW_AGAIN: N_("opened again"),
    Action.NOTE: N_("noted, for staff only"),
    Action.RELIEVE: N_("looks for somebody else, the steward is no longer there"),
    Action.ENTRUST: N_("put it into the hands of {names}"),
}


def show_list(talk: Talk, page: int) -> None:
    """Show a page of the person's own cases on one message, the newest first, and then of those they follow."""
    t, me = talk.t, talk.person.person_id
    found = _listed(talk, page * PER_PAGE, PER_PAGE + 1)
    if not found and page == 0:
        talk.say(Message(t("You have no cases yet. Just write what is the matter."), choices=(
            (Choice(t("Report"), "m:report", "primary"),),)))  # fmt: skip
        return
    rows = [(Choice(_line(talk, case, follows=case.reporter_id != me), f"c:story:{case.id}"),) for case in found]
    message = Message(
        t("Tap one to see its story."), title=t("My cases"),
        choices=(*rows[:PER_PAGE], *turn_list("mine", page, t, more=len(found) > PER_PAGE)), card="mycases",
    )  # fmt: skip
    if talk.inbound.press is not None and talk.inbound.press.data.startswith("l:"):
        talk.redraw(message)
    else:
        talk.say(message)


def followed(person: Any) -> Select[Any]:
    """Return the query for what somebody follows, the newest first; `person` is a number, or a blank for one.

    Of cases that were joined only the one that goes on: who told or followed the other follows it.
    """
    theirs = (Follower.person_id == person, Case.state != State.MERGED.value, Case.reporter_id != person)
    return select(Case.id).join(Follower, Follower.case_id == Case.id).where(*theirs).order_by(Case.id.desc())


_ME = bindparam("me", type_=Case.reporter_id.type)
_START, _COUNT = bindparam("start", type_=BigInteger), bindparam("count", type_=BigInteger)
_OWN = Prepared(
    select(Case.id).where(Case.reporter_id == _ME).order_by(Case.id.desc()).offset(_START).limit(_COUNT)
)  # fmt: skip
_HOW_MANY = Prepared(select(func.count()).select_from(Case).where(Case.reporter_id == _ME))
_FOLLOWED = Prepared(followed(_ME).offset(_START).limit(_COUNT))


def _listed(talk: Talk, start: int, count: int) -> list[Case]:
    """Return so many cases of the list from a place in it on: one's own come first, the newest first of each."""
    me, session = talk.person.person_id, talk.session
    rows = _OWN.all(session, me=me, start=start, count=count)
    if len(rows) < count:
        before = start + len(rows) if rows or not start else _HOW_MANY.scalar(session, me=me)
        rows += _FOLLOWED.all(session, me=me, start=max(0, start - before), count=count - len(rows))
    if not rows:
        return []
    numbers = [number for (number,) in rows]
    found = {case.id: case for case in session.scalars(select(Case).where(Case.id.in_(numbers)))}
    return [found[number] for number in numbers]


def story(talk: Talk, case: Case, _argument: str) -> None:
    """Tell the story of a case to whom it concerns, each as much as is their business."""
    if not life.concerns(talk.context, case, talk.actor):
        raise Refused(Why.NOT_YOURS)
    t, reader = talk.t, reader_of(talk, case)
    if reader.follows_only and words.is_private(talk.rules, case):
        text = t("This is dealt with in private.")
        talk.say(Message(text, title=f"#{case.id}", choices=unfollow_row(case, t)), case_id=case.id)
        return
    shown, shortened = cut(words.said(talk, case, talk.person.person_id, case.words, t), STORY_WORDS)
    hides = reader.follows_only or words.is_neighbour(talk, case, talk.person.person_id)
    shown = mask(shown) if reader.follows_only else shown
    lines = [
        words.where(talk.rules, case.place_id, "" if hides else case.place_detail),
        shown + ("…" if shortened else ""),
        "",
    ]
    newest = reader.steps().order_by(HistoryEntry.id.desc()).limit(STORY_STEPS)
    lines += [step_line(reader, entry) for entry in reversed(talk.session.scalars(newest).all())]
    title = f"{words.headline(talk.rules, case, t)} · {words.state(case, t)}"
    talk.say(Message("\n".join(lines), title=title, choices=_buttons(reader)), case_id=case.id)


def photos(talk: Talk, case: Case, _argument: str) -> None:
    """Show the photos of a case to whom it concerns, to a follower those of its result."""
    if not life.concerns(talk.context, case, talk.actor):
        raise Refused(Why.NOT_YOURS)
    me = talk.person.person_id
    if words.is_neighbour(talk, case, me) and not words.is_in_charge(talk, case, me):
        raise Refused(Why.KEPT_PRIVATE)
    photos, files = reader_of(talk, case).files(FILES_SHOWN)
    if not (photos or files):
        raise Refused(Why.WRONG_STATE)
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


def _line(talk: Talk, case: Case, *, follows: bool) -> str:
    name = words.headline(talk.rules, case, talk.t)
    if follows:
        shown = f"#{case.id}" if words.is_private(talk.rules, case) else name
        name = talk.t("Followed: {case}").format(case=shown)
    return f"{name} · {words.state(case, talk.t)}"


def step_line(reader: Reader, entry: HistoryEntry, at: str = "") -> str:
    """Return a step of the story in a line, as the reader may have it; `at`: when it was, else as people say it now."""
    talk, t = reader.talk, reader.talk.t
    what = t(ACTIONS[Action(entry.action)]).format(names=_names(talk, entry), other=entry.data.get("other", ""))
    said = reader.said(entry)
    tail = t(": “{promise}”").format(promise=said) if said else ""
    if "due" in entry.data:
        due = datetime.fromisoformat(entry.data["due"])
        tail += t(" (due {time})").format(time=words.time(talk, due, t))
    return f"· {at or words.time(talk, entry.at, t)} {reader.who(entry)} {what}{tail}"


def _names(talk: Talk, entry: HistoryEntry) -> str:
    """Return to whom the clock turned."""
    people = entry.data.get("told") or [entry.data.get("steward") or entry.data.get("person")]
    return talk.t(", ").join(words.name_of(talk, person, talk.t) for person in people if person is not None)


def _buttons(reader: Reader) -> Rows:
    """Return what the reader may press now; each is checked again when it is."""
    talk, case, t = reader.talk, reader.case, reader.talk.t
    found = at_hand(talk.context, case, talk.actor)
    if reader.reports:
        rows = _reporters(case, t)
    else:
        rows = list(buttons_for(case, parties(talk.context, case, talk.actor) | found, t))
    if Party.FOLLOWER in found:
        rows += unfollow_row(case, t)
    into = filing.joined_to(talk.context, case)
    if into is not case and life.concerns(talk.context, into, talk.actor):
        rows.append((Choice(t("See #{number}").format(number=into.id), f"c:story:{into.id}"),))
    if any(reader.files(1)):
        rows.append((Choice(t("Photos"), f"c:photos:{case.id}"),))
    return tuple(rows)


def _reporters(case: Case, t: Translate) -> list[tuple[Choice, ...]]:
    rows: list[tuple[Choice, ...]] = []
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
    return rows
