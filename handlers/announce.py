"""Tells everybody concerned what happened to a case: the resident every step, the steward their card, the leaders."""

from collections.abc import Callable, Sequence

from cases import hands, life, rungs
from cases.effects import THIRD_PARTY
from cases.life import Step
from cases.ratings import LOW_STARS
from cases.states import Action, State
from handlers import boards, claim_news, groups, offers, proof, resident_notes, words
from handlers.desk import Desk
from handlers.task_card import SHOWN_WORDS
from handlers.telling import coordinators, note, readers_of, show_task, tell_step
from handlers.texts import N_, Translate
from storage.models import Case

MAY_END_OFFER = {Action.TO_ISSUE, Action.RECLASSIFY}  # steps by which a case may cease to be one that is offered
SHOW_OFFER = {Action.VET, Action.OFFER, Action.WIDEN, Action.UNCLAIM}  # steps whose tellers see to the offer themselves
ASKS_LEADER = {
    Action.FILE, Action.RETURN, Action.RULING, Action.UNCLAIMED, Action.TO_ISSUE, Action.TO_WISH, Action.REVIVE,
    Action.REVIEW_AGAIN, Action.RELIEVE, Action.ENTRUST,
}  # fmt: skip
"""Steps after which somebody who leads has to decide what becomes of a case that nobody has."""
TOLD_ONCE = {Action.ASSIGN: (Action.FILE,), Action.RELIEVE: (Action.ASSIGN,)}
"""Steps that the resident does not hear of where another one of the same transaction says it."""
FILES_SHOWN = 10  # with a new task; the rest are behind the button


def announce(desk: Desk, steps: Sequence[Step]) -> None:
    """Tell what the steps of one transaction came to, in their order; nobody hears of one thing twice."""
    taken = {step.action for step in steps}
    for step in steps:
        if not taken.issuperset(TOLD_ONCE.get(step.action, (None,))):
            resident_notes.tell(desk, step)
        tell = STAFF.get(step.action, _refresh)
        tell(desk, step)
        for person, say in claim_news.of(desk, step):
            note(desk, step.case, person, say, proof.of_step(desk.session, step.given.attachments))
    case = steps[-1].case
    if Action.FILE in taken:
        boards.tell_new(desk, case)
    groups.show(desk, case)
    offered = claim_news.claimable(desk, case) or any(step.action in MAY_END_OFFER for step in steps)
    if offered and steps[-1].action not in SHOW_OFFER:
        offers.refresh(desk, case)
    if case.steward_id is None and case.state in (State.NEW, State.REVIEW) and steps[-1].action in ASKS_LEADER:
        show_task(desk, case, case.answerable_id, fresh=True)


def _filed(desk: Desk, step: Step) -> None:
    """An emergency goes to the coordinators at once, beside the steward."""
    case = step.case
    if case.emergency:
        for leader in coordinators(desk, case):
            if leader != case.steward_id and not (case.steward_id is None and leader == case.answerable_id):
                show_task(desk, case, leader, fresh=True)


def _assigned(desk: Desk, step: Step) -> None:
    case = step.case
    if case.steward_id is not None:
        _hand_over(desk, case, case.steward_id)
    _refresh(desk, step, case.steward_id)


def _hand_over(desk: Desk, case: Case, steward: int) -> None:
    """Give the steward all there is. In an emergency the card goes first: photos may have to be fetched."""
    bare = life.files_of_new(desk.context, case) == ()
    shown = ((), ()) if bare else proof.of_case(desk.session, case.id, FILES_SHOWN)
    if len(case.words) > SHOWN_WORDS:  # the card has their beginning
        note(desk, case, steward, lambda t: words.said(desk, case, steward, case.words, t))
    if not case.emergency:
        show_task(desk, case, steward, fresh=True, shown=shown)
        return
    show_task(desk, case, steward, fresh=True)
    if any(shown):
        note(desk, case, steward, lambda t: t("Photos and files of the report"), shown)


def _refresh(desk: Desk, step: Step, *but: int | None) -> None:
    """The cards change in place, for whoever had or has the case, alone or with others, and for who was shown it."""
    case = step.case
    holders = {step.steward_before, case.steward_id, *claim_news.claimers(desk, case), *claim_news.relieved(step)}
    for person in {*holders, *readers_of(desk, case)} - {None, *but}:
        if person is not None:
            show_task(desk, case, person, fresh=False)


def _news(text: str, *, leaders: bool = False) -> Callable[[Desk, Step], None]:
    """Return a teller that says `text` to whoever has the case (and its coordinators), and refreshes the card."""

    def tell(desk: Desk, step: Step) -> None:
        case = step.case
        told = {case.steward_id or case.answerable_id, *(coordinators(desk, case) if leaders else ())}
        for person in told - {step.actor.person_id}:
            tell_step(desk, step, person, text, proof.of_step(desk.session, step.given.attachments))
        _refresh(desk, step)

    return tell


def _over(text: str) -> Callable[[Desk, Step], None]:
    """Return a teller that says why to whoever works on it, or was to find somebody; their cards lose their buttons."""

    def tell(desk: Desk, step: Step) -> None:
        case, working = step.case, hands.at_work(desk.context, step.case)
        for person in (working or {case.answerable_id}) - {step.actor.person_id}:
            note(desk, case, person, lambda t: t(text).format(number=case.id, other=case.merged_into))
        for person in working.union(readers_of(desk, case)):
            show_task(desk, case, person, fresh=False)

    return tell


def _supplemented(desk: Desk, step: Step) -> None:
    """What the steward adds goes to the resident (`resident_notes`), what the resident adds to the steward."""
    if step.actor.person_id != step.case.steward_id:
        _news(N_("{name} adds: {words}"))(desk, step)
    else:
        _refresh(desk, step)


def _no_answer(desk: Desk, step: Step) -> None:
    party = (step.given.data or {}).get("waited_for") == THIRD_PARTY
    told = (
        N_("The time to wait is over. Please go on.") if party else N_("The resident has not answered. Please go on.")
    )
    _news(told)(desk, step)


def _explained(desk: Desk, step: Step) -> None:
    """The wisher has answered, or not: who asked and who answers for the wish get its card anew, to go on with."""
    case, shown = step.case, proof.of_step(desk.session, step.given.attachments)
    answered, silent = N_("{name} answers: {words}"), N_("The resident has not answered. Please go on.")
    vetting = {case.answerable_id, life.last_actor(desk.context, case, Action.QUESTION)} - {None}
    now = {desk.now(person) for person in vetting if person is not None}
    told = [p for p in now if life.handles(desk.context, case, desk.actor_for(p))]
    for person in told:
        tell_step(desk, step, person, answered if step.action is Action.EXPLAIN else silent, shown)
        show_task(desk, case, person, fresh=True)
    _refresh(desk, step, *told)


def _reopened(desk: Desk, step: Step) -> None:
    said = N_("{name} has opened the case again: {words}")
    _news(said if step.given.words else N_("{name} has opened the case again."), leaders=True)(desk, step)


def _noted(desk: Desk, step: Step) -> None:
    """What is for staff alone does not go to a steward who has reported it."""
    if step.case.steward_id != step.case.reporter_id:
        _news(N_("{name} notes, for staff only: {words}"))(desk, step)


def _rated(desk: Desk, step: Step) -> None:
    """A good mark is worth a word to the steward; a low one the coordinator hears of first."""
    stars = int((step.given.data or {}).get("stars", 0))
    if stars > LOW_STARS:
        _news(N_("{name} gives {stars} of 5. Thank you!"))(desk, step)
        return
    for person in set(coordinators(desk, step.case)) - {step.case.steward_id}:
        tell_step(desk, step, person, N_("{name} gives only {stars} of 5."))
    _refresh(desk, step)


def _reoffered(desk: Desk, step: Step) -> None:
    """The next steward gets the card, the one before sees that it is gone, and the coordinators hear of it."""
    case = step.case
    late = (step.given.data or {}).get("from")
    for person in set(coordinators(desk, case)) - {case.steward_id, late}:
        note(desk, case, person, lambda t: _not_accepted(desk, case, late, t))
    _assigned(desk, step)


def _not_accepted(desk: Desk, case: Case, late: int | None, t: Translate) -> str:
    names = {"late": words.name_of(desk, late, t), "name": words.name_of(desk, case.steward_id, t)}
    return t("{late} has not accepted in time. {name} has it now.").format(**names)


def _time_wanted(desk: Desk, step: Step) -> None:
    """The nearest leaders who did not ask themselves decide."""
    case = step.case
    for person in rungs.deciders(desk.context, case, case.steward_id):
        show_task(desk, case, person, fresh=True)
    _refresh(desk, step)


def _reclassified(desk: Desk, step: Step) -> None:
    """A steward who changes the kind asks for the later date that comes with it; leaders hear of it in any case."""
    if step.case.wanted_by is not None:
        _time_wanted(desk, step)
    else:
        text = N_("{name} has changed the kind. It should be done by {time}.")
        _news(text, leaders=step.actor.person_id == step.case.steward_id)(desk, step)


def _offered(desk: Desk, step: Step) -> None:
    offers.offer(desk, step.case)
    _refresh(desk, step)


def _claimed(desk: Desk, step: Step) -> None:
    """Whoever claimed it gets everything there is; the offer says who has it."""
    case, claimer = step.case, step.actor.person_id
    if claimer is not None:
        _hand_over(desk, case, claimer)
    _refresh(desk, step, claimer)


def _given_back(desk: Desk, step: Step) -> None:
    offers.offer_again(desk, step.case, step.actor.person_id)
    _refresh(desk, step)


def _helper(desk: Desk, step: Step) -> None:
    """A co-handler gets the card, or hears that it goes on without them."""
    person = step.given.person_id
    if person is not None and step.action is Action.ADD_HELPER:
        tell_step(desk, step, person, N_("{name} asks you to help with this."))
        show_task(desk, step.case, person, fresh=True)
    elif person is not None:
        if step.actor.person_id is not None:  # else they hear once of all that they have in hand
            note(desk, step.case, person, lambda t: t("You are no longer needed here. Thank you!"))
        show_task(desk, step.case, person, fresh=False)


def _nothing(_desk: Desk, _step: Step) -> None:
    """Whoever must know has been told."""


STAFF: dict[Action, Callable[[Desk, Step], None]] = {
    Action.FILE: _filed,
    Action.ASSIGN: _assigned,
    Action.TRANSFER: _assigned,
    Action.SUPPLEMENT: _supplemented,
    Action.ANSWER: _news(N_("{name} answers: {words}")),
    Action.NO_ANSWER: _no_answer,
    Action.REOFFER: _reoffered,
    Action.WANT_TIME: _time_wanted,
    Action.GIVE_TIME: _news(N_("{name} gives you time until {time}.")),
    Action.DENY_TIME: _news(N_("{name} does not give more time. It stays with {time}.")),
    Action.RECLASSIFY: _reclassified,
    Action.HASTEN: _news(N_("{name} has made it urgent. It should be done by {time}.")),
    Action.EASE: _news(N_("{name} says: it is not urgent any more. It should be done by {time}.")),
    Action.NOTE: _noted,
    Action.URGE: _news(N_("{name} asks you to hurry.")),
    Action.UNSOLVED: _news(N_("{name} says: not solved. The case is open again."), leaders=True),
    Action.REOPEN: _reopened,
    Action.RATE: _rated,
    Action.WITHDRAW: _over(N_("The resident has withdrawn it.")),
    **dict.fromkeys((Action.VET, Action.OFFER, Action.WIDEN), _offered),
    **dict.fromkeys((Action.EXPLAIN, Action.UNEXPLAINED), _explained),
    Action.DECLINE: _news(N_("{name} has declined it: {words}")),
    Action.CLAIM: _claimed,
    Action.UNCLAIM: _given_back,
    Action.MERGE: _over(N_("#{number} was joined to #{other}; nothing more to do on it.")),
    Action.MERGE_IN: _news(N_("{name} has joined another report to it: {words}")),
    **dict.fromkeys((Action.ADD_HELPER, Action.DROP_HELPER), _helper),
    **dict.fromkeys((Action.CALL_BACK, Action.CALLED, Action.REPLY, Action.CONTACT), _nothing),
}
