"""What the resident hears: every step of their case, without asking."""

import re

from cases import filing
from cases.life import Step
from cases.states import Action
from handlers import draft, proof, words
from handlers.desk import Desk
from handlers.follow_card import unfollow_row
from handlers.mask import mask
from handlers.message import Choice, Message, Rows
from handlers.priority import EMERGENCY, NOTICE
from handlers.rate_card import rate_card
from handlers.texts import N_, Translate
from storage.models import Case, Follower

OPENED_AGAIN = (Action.REOPEN, Action.REVIVE, Action.REVIEW_AGAIN)
HAS_NUMBER = re.compile("[0-9]{3}")  # of a telephone: the words say where to turn instead
TEXTS = {
    Action.ASSIGN: "{who}",
    Action.TRANSFER: "{who}",
    Action.ACCEPT: N_("{name} is on it. It should be done by {time}."),
    Action.RETURN: N_("We are looking for somebody else for this."),
    Action.ASK: N_("{name} asks: {words}"),
    Action.SUPPLEMENT: N_("{name} adds: {words}"),
    Action.CLOSE: N_("The case is closed. If it is not solved after all, open it again."),
    Action.REOFFER: "{who}",
    Action.RULING: N_("Nobody could take it yet. {answerable} decides who does it."),
    Action.HOLD: N_("{name} waits for somebody else: {words}"),
    Action.GIVE_TIME: N_("It takes until {time}: {words}"),
    Action.RECLASSIFY: N_("It is now handled as {kind}. It should be done by {time}."),
    Action.REPLY: N_("{name} answers your rating: {words}"),
    Action.WITHDRAW: N_("Who reported it has withdrawn it. If it is still there, please report it yourself."),
    Action.VET: N_("Your wish is accepted. Now somebody can take it on; you hear from us."),
    Action.QUESTION: N_("{name} asks: {words}"),
    Action.DECLINE: N_("We are sorry, this cannot be done here: {words}"),
    Action.TO_ISSUE: N_("It is now handled as a report. It should be done by {time}."),
    Action.CLAIM: N_("{name} takes it on. It should be done by {time}."),
    Action.BRING: N_("{name} leaves a note: {words}"),
    Action.LEAVE: N_("{name} cannot go on with it. The others do."),
    Action.UNCLAIM: N_("We are looking for somebody else for this."),
    Action.RELIEVE: N_("We are looking for somebody else for this."),
    Action.UNCLAIMED: N_("Nobody could take it yet. {answerable} decides who does it."),
    Action.MERGE: N_("This is joined with #{other}, which says the same. You hear every step of that one."),
    Action.EASE: N_("It is not handled as urgent any more. It should be done by {time}."),
    **dict.fromkeys(OPENED_AGAIN, N_("{name} has opened the case again.")),
}


PUBLIC = {
    Action.ASSIGN, Action.TRANSFER, Action.ACCEPT, Action.RETURN, Action.REOFFER, Action.RULING, Action.HOLD,
    Action.GIVE_TIME, Action.RECLASSIFY, Action.RESOLVE, Action.CLOSE, Action.CLAIM, Action.UNCLAIM, Action.MERGE,
    Action.DECLINE, Action.WITHDRAW, Action.EASE, Action.RELIEVE, *OPENED_AGAIN,
}  # fmt: skip
"""Steps that followers hear of as well; what concerns the reporter alone stays with the reporter."""


MATTERS = {Action.ASK, Action.QUESTION, Action.DECLINE}
"""Steps that the reporter has to know of: where the message does not arrive, who handles the case hears so."""


def tell(desk: Desk, step: Step) -> None:
    """Tell the resident about a step that somebody else took; their own they see at once."""
    case = step.case
    if step.action is Action.FILE:
        desk.show(case.reporter_id, lambda t: filed_card(desk, case, t), case_id=case.id, priority=_rank(case))
        return
    if step.action is Action.SUPPLEMENT and step.actor.person_id != case.steward_id:
        return  # one voice: what others add goes to the lead
    _tell_one(desk, step, case.reporter_id, follows=False)
    for person in listeners(desk, case) if step.action in PUBLIC else ():
        _tell_one(desk, step, person, follows=True)
    if step.action is Action.RECLASSIFY and words.is_private(desk.rules, case):
        for person in filing.followers(desk.context, case):
            desk.tell(person, lambda t: _private_from_now(case, t), case_id=case.id)


def listeners(desk: Desk, case: Case) -> list[int]:
    """Return the followers, who hear every public step; nobody where the matter has turned out to be private."""
    return [] if words.is_private(desk.rules, case) else filing.followers(desk.context, case)


def _private_from_now(case: Case, t: Translate) -> Message:
    return Message(t("This is dealt with in private."), title=f"#{case.id}", choices=unfollow_row(case, t))


def _tell_one(desk: Desk, step: Step, person: int, *, follows: bool) -> None:
    case = step.case
    if step.action is Action.RESOLVE:
        desk.tell(
            person, lambda t: _resolved(desk, step, t, follows=follows), case_id=case.id, matters=not follows
        )  # fmt: skip
    elif step.action in TEXTS and step.actor.person_id != person:
        desk.tell(
            person, lambda t: _note(desk, step, person, t, follows=follows), case_id=case.id, priority=_rank(case),
            matters=not follows and step.action in MATTERS,
        )  # fmt: skip


def tell_late(desk: Desk, case: Case) -> None:
    """Tell the resident that it takes longer: once, not at every rung."""

    def say(t: Translate) -> Message:
        text = t("It takes longer than promised. The coordinator has been told.")
        return Message(text, title=words.headline(desk.rules, case, t))

    desk.tell(case.reporter_id, say, case_id=case.id, priority=_rank(case))


def filed_card(desk: Desk, case: Case, t: Translate) -> Message:
    """Return what a resident reads after 提交: the number, the steward (亮身份) and the promise with its time."""
    lines = [words.where(desk.rules, case.place_id, case.place_detail), words.who(desk, case, t)]
    lines.append(t("You hear from us by {time}.").format(time=words.time(desk, case.accept_by, t)))
    if case.emergency:
        lines = [*draft.emergency_lines(desk.rules.category(case), t), "", *lines]
    title = t("{case}: received").format(case=words.headline(desk.rules, case, t))
    rows = _filed_buttons(desk, case, t)
    return Message("\n".join(lines), title=title, choices=rows, card=draft.card_key(case.draft), occasion="filed",
                   ask_label=t("To hear when it is done, tap here and agree:"))  # fmt: skip


def _filed_buttons(desk: Desk, case: Case, t: Translate) -> Rows:
    rows: list[tuple[Choice, ...]] = [
        (Choice(t("Add photo or words"), f"c:add:{case.id}"), Choice(t("Urge"), f"c:urge:{case.id}")),
        (Choice(t("See its story"), f"c:story:{case.id}"), Choice(t("Withdraw"), f"c:withdraw:{case.id}")),
    ]
    if words.has_no_home(desk, case.reporter_id) and desk.rules.tree.get(case.place_id).kind in ("building", "unit"):
        rows.append((Choice(t("I live here, remember it"), f"h:at:{case.place_id}"),))
    return tuple(rows)


def _note(desk: Desk, step: Step, person: int, t: Translate, *, follows: bool) -> Message:
    case = step.case
    text = t(TEXTS[step.action]).format(
        name=words.name_of(desk, step.actor.person_id, t), words=_said(step, follows=follows),
        time=words.time(desk, case.resolve_by, t), who=words.who(desk, case, t),
        other=case.merged_into, answerable=words.name_of(desk, case.answerable_id, t),
        kind=words.category_name(desk.rules.category(case), t),
    )  # fmt: skip
    if step.action in OPENED_AGAIN and step.given.words:
        text += "\n" + _said(step, follows=follows)
    elif step.action is Action.DECLINE and not HAS_NUMBER.search(step.given.words):
        text += "\n" + t("The hotline 12345 can tell you who can help.")
    rows = unfollow_row(case, t) if follows else _next_steps(step, t)
    if step.action is Action.MERGE:
        rows = _joined_rows(desk, case, person, t)
    photos, files = proof.of_step(desk.session, step.given.attachments)
    return Message(text, title=words.headline(desk.rules, case, t), choices=rows, photos=photos, files=files)


def _next_steps(step: Step, t: Translate) -> Rows:
    """Return what the reporter may do now."""
    number = step.case.id
    if step.action is Action.ASK:
        return ((Choice(t("Answer"), f"c:answer:{number}", "primary"),),)
    if step.action is Action.QUESTION:
        return ((Choice(t("Answer"), f"c:explain:{number}", "primary"),),)
    if step.action is Action.CLOSE:
        return ((Choice(t("Not solved after all"), f"c:reopen:{number}"),),)
    return ()


def _joined_rows(desk: Desk, case: Case, person: int, t: Translate) -> Rows:
    """Return the way to the case that this one was joined to, and the end of following that where the person does."""
    into = filing.joined_to(desk.context, case)
    see = ((Choice(t("See #{number}").format(number=into.id), f"c:story:{into.id}"),),)
    follows = desk.session.get(Follower, (into.id, person)) is not None
    return (*see, *unfollow_row(into, t)) if follows else see


def _said(step: Step, *, follows: bool) -> str:
    """Return the words; no numbers of people for those who only follow."""
    return mask(step.given.words) if follows else step.given.words


def _resolved(desk: Desk, step: Step, t: Translate, *, follows: bool) -> Message:
    name = words.name_of(desk, step.actor.person_id, t)
    text = t("{name} says it is done: {words}").format(name=name, words=_said(step, follows=follows))
    shown = proof.of_step(desk.session, step.given.attachments)
    return rate_card(desk, step.case, t, text, shown, follows=follows)


def _rank(case: Case) -> int:
    return EMERGENCY if case.emergency else NOTICE
