"""A case as its steward or leader sees it: one card with everything on it and the next step as a button."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy import bindparam, func, select

from cases import life
from cases.context import Actor, at_hand, parties
from cases.states import HELD, Action, Party, State
from handlers import claim_news, offers, words
from handlers.clean import cut
from handlers.desk import Desk
from handlers.message import Choice, Message, Rows
from handlers.texts import N_, Translate
from storage.models import Case, HistoryEntry
from storage.prepared import Prepared

SHOWN_WORDS = 1200  # characters; the story of the case has them whole
NEWS, NEWS_WORDS = 3, 200  # what was said later: so many entries, so many characters of each

Entry = tuple[str, int | None, str]
"""Action, who, what was said."""

SAID = {
    Action.SUPPLEMENT: N_("{name} adds: {words}"),
    Action.ANSWER: N_("{name} answers: {words}"),
    Action.RETURN: N_("{name} returned it: {words}"),
    Action.ASK: N_("{name} asked: {words}"),
    Action.QUESTION: N_("{name} asked: {words}"),
    Action.EXPLAIN: N_("{name} answers: {words}"),
    Action.HOLD: N_("{name} waits: {words}"),
    Action.MERGE_IN: N_("{name} has joined another report to it: {words}"),
    Action.REOPEN: N_("{name} has opened the case again: {words}"),
    Action.REVIVE: N_("{name} has opened the case again: {words}"),
    Action.REVIEW_AGAIN: N_("{name} has opened the case again: {words}"),
}

_NEWS = Prepared(
    select(HistoryEntry.action, HistoryEntry.actor_id, HistoryEntry.words)
    .where(HistoryEntry.case_id == bindparam("case"), HistoryEntry.action.in_(SAID), HistoryEntry.words != "")
    .order_by(HistoryEntry.id.desc())
    .limit(NEWS)
)


def task_card(
    desk: Desk, case: Case, person_id: int, t: Translate, photos: tuple[int, ...] = (), files: tuple[int, ...] = (),
    *, alert: str = "",
) -> Message:  # fmt: skip
    """Return the card for one reader under an alert; its buttons are those the reader may press now."""
    if not life.handles(desk.context, case, desk.actor_for(person_id)):
        return _outside(desk, case, t)
    kept = words.is_neighbour(desk, case, person_id)
    shown, shortened = cut(words.said(desk, case, person_id, case.words, t) if kept else case.words, SHOWN_WORDS)
    reporter = words.reporter(desk, case, person_id, t) if kept else words.name_of(desk, case.reporter_id, t)
    lines = [
        *((alert,) if alert else ()),
        words.where(desk.rules, case.place_id, "" if kept else case.place_detail),
        shown + ("…" if shortened else ""),
        *_said_later(desk, case, person_id, t),
        t("From: {name}").format(name=reporter),
        *_wish_facts(desk, case, t),
        *_by_when(desk, case, t),
        *_more_facts(desk, case, person_id, t),
    ]
    title = f"{words.headline(desk.rules, case, t)} · {words.state(case, t)}"
    actor = desk.actor_for(person_id)
    found = _parties(desk, case, actor)
    rows = (*buttons_for(case, found, t), (Choice(t("See its story"), f"c:story:{case.id}"),))
    details = Choice(t("Details"), f"c:card:{case.id}")
    return Message(
        "\n".join(lines), title=title, choices=rows, photos=photos, files=files, card=f"task:{case.id}", details=details
    )


def _by_when(desk: Desk, case: Case, t: Translate) -> list[str]:
    """Return the deadlines that still matter: who has it need not accept it any more, what is over has none."""
    match State(case.state):
        case State.NEW | State.ASSIGNED:
            text = t("Accept by {accept}, done by {resolve}")
        case State.REVIEW:
            text = t("To be checked by {accept}, done by {resolve}")
        case State.POOL:
            text = t("To be claimed by {accept}, done by {resolve}")
        case State.WORKING | State.WAITING:
            text = t("Done by {resolve}")
        case _:
            return []
    accept, resolve = (words.time(desk, at, t) for at in (case.accept_by, case.resolve_by))
    return [text.format(accept=accept, resolve=resolve)]


def _outside(desk: Desk, case: Case, t: Translate) -> Message:
    """Return what is left of the card for who has nothing to do with the case any more."""
    title = f"{words.headline(desk.rules, case, t)} · {words.state(case, t)}"
    return Message(t("You have nothing more to do here."), title=title, card=f"task:{case.id}")


def _parties(desk: Desk, case: Case, actor: Actor) -> frozenset[Party]:
    """Return what a reader is to the case; claims, helpers and followers are only looked up where they matter."""
    found = parties(desk.context, case, actor)
    sure = bool(found & {Party.STEWARD, Party.COORDINATOR, Party.ADMIN}) and not claim_news.claimable(desk, case)
    return found if sure or State(case.state) not in HELD else found | at_hand(desk.context, case, actor)


def buttons_for(case: Case, found: AbstractSet[Party], t: Translate) -> Rows:
    """Return the next steps a reader may take who is this to the case; each is checked again when it is pressed."""

    def choice(label: str, verb: str) -> Choice:
        return Choice(label, f"c:{verb}:{case.id}", "primary" if verb in PRIMARY else "plain")

    if Party.STEWARD in found and (rows := _stewards(case, Party.CLAIMER in found, choice, t)):
        return rows
    joins = Party.CLAIMER in found and State(case.state) in (State.WORKING, State.WAITING)
    note, away = choice(t("Leave a note"), "bring"), choice(t("Give back"), "unclaim")
    if found & {Party.COORDINATOR, Party.ADMIN}:
        return (*_leaders(case, Party.ADMIN in found, choice, t), *(((note, away),) if joins else ()))
    if joins:
        return ((note, choice(t("Add photo or words"), "add")), (choice(t("Telephone number"), "phone"), away))
    if Party.HELPER in found and State(case.state) in (State.ASSIGNED, State.WORKING, State.WAITING):
        return ((choice(t("Add photo or words"), "add"),),)
    return ()


PRIMARY = ("accept", "done", "give", "grant", "vet")
Maker = Callable[[str, str], Choice]


def _stewards(case: Case, claimed: bool, choice: Maker, t: Translate) -> Rows:
    """Return the buttons of who has the case; what was claimed is given back, not returned."""
    away = choice(t("Give back"), "unclaim") if claimed else choice(t("Return"), "return")
    beside = (choice(t("Leave a note"), "bring"),) if claimed else (choice(t("Hand on"), "transfer"),)
    more = choice(t("More…"), "more")
    match State(case.state):
        case State.ASSIGNED:
            return ((choice(t("Accept"), "accept"),), (*beside, away, more))
        case State.WORKING:
            return ((choice(t("Done"), "done"),), (choice(t("Ask the resident"), "ask"), more), (*beside, away))
        case State.WAITING:
            back = (away,) if claimed else ()
            return ((choice(t("Done"), "done"),), (choice(t("Go on"), "resume"), *beside, *back))
        case _:
            return ()


def _leaders(case: Case, admin: bool, choice: Maker, t: Translate) -> Rows:
    more = choice(t("More…"), "more")
    match State(case.state):
        case State.REVIEW:
            first = choice(t("Assign"), "give") if case.visibility == "coordinator" else choice(t("Accept it"), "vet")
            return ((first,), (choice(t("Ask the resident"), "question"), choice(t("Decline"), "decline")), (more,))
        case State.NEW | State.POOL:
            return ((choice(t("Assign"), "give"), choice(t("Decline"), "decline")), (more,))
        case State.ASSIGNED | State.WORKING | State.WAITING:
            wanted = (choice(t("Grant more time"), "grant"), choice(t("No, keep it"), "deny"))
            return (*((wanted,) if case.wanted_by else ()), (choice(t("Hand on"), "transfer"), more))
        case State.RESOLVED:
            return ((more,),)
        case _:
            again = (choice(t("Open again"), "anew"),) if admin else ()
            return ((*again, choice(t("Internal note"), "note")),)


VISIBILITY = {
    "name": N_("public, with the name"),
    "anonymous": N_("public, without the name"),
    "coordinator": N_("only for the coordinator"),
}


def _wish_facts(desk: Desk, case: Case, t: Translate) -> list[str]:
    """Return for whom a wish is, by when, who may read it, and who has claimed a case with what."""
    if case.kind != "wish":
        return _claimed_by(desk, case, t)
    found = [t(VISIBILITY[case.visibility or "coordinator"])]
    if case.beneficiary:
        agrees = t("agrees") if case.consent else t("has not been asked")
        found.append(t("For: {name} ({agrees})").format(name=case.beneficiary, agrees=agrees))
    if case.people_wanted != 1:
        found.append(
            t("Wanted: {count} people").format(count=case.people_wanted) if case.people_wanted else t("Whoever can")
        )
    if case.wish_by is not None:
        found.append(t("By: {time}").format(time=words.time(desk, case.wish_by, t)))
    return [*found, *_claimed_by(desk, case, t)]


def _claimed_by(desk: Desk, case: Case, t: Translate) -> list[str]:
    held = State(case.state) in HELD and claim_news.claimable(desk, case)
    return offers.claimers(desk, case, t) if held else []


def _more_facts(desk: Desk, case: Case, reader_id: int, t: Translate) -> list[str]:
    """Return that it is urgent, what it waits for, and what later date is asked for."""
    found = []
    if case.urgent:
        found.append(t("Urgent"))
    if case.wanted_by is not None:
        reason = life.last_words(desk.context, case, Action.WANT_TIME) or t("the kind has changed")
        reason = words.said(desk, case, reader_id, reason, t)
        text = t("{name} asks for time until {time}: {words}")
        name = words.name_of(desk, case.steward_id, t)
        found.append(text.format(name=name, time=words.time(desk, case.wanted_by, t), words=reason))
    return found


def expect(desk: Desk, cases: Sequence[Case]) -> None:
    """Look up at once what was said later on all these cases."""
    rank = func.row_number().over(partition_by=HistoryEntry.case_id, order_by=HistoryEntry.id.desc()).label("rank")
    told = (HistoryEntry.action.in_(SAID), HistoryEntry.words != "")
    ranked = (
        select(HistoryEntry.case_id, HistoryEntry.action, HistoryEntry.actor_id, HistoryEntry.words, rank)
        .where(HistoryEntry.case_id.in_([case.id for case in cases]), *told)
        .subquery()
    )
    found: dict[int, list[Entry]] = {case.id: [] for case in cases}
    newest = select(ranked).where(ranked.c.rank <= NEWS).order_by(ranked.c.case_id, ranked.c.rank.desc())
    for number, action, actor, said, _rank in desk.session.execute(newest):
        found[number].append((action, actor, said))
    desk.context.known.update({("said", number): entries for number, entries in found.items()})


def _said_later(desk: Desk, case: Case, reader_id: int, t: Translate) -> list[str]:
    """Return what was added, answered, asked or given as a reason since, the newest entries."""
    entries: Sequence[Entry] | None = desk.context.known.pop(("said", case.id), None)
    return [
        t(SAID[Action(action)]).format(
            name=words.doer(desk, case, actor, reader_id, t),
            words=cut(words.said(desk, case, reader_id, said, t), NEWS_WORDS)[0],
        )
        for action, actor, said in (_entries(desk, case) if entries is None else entries)
    ]


def _entries(desk: Desk, case: Case) -> list[Entry]:
    if life.files_of_new(desk.context, case) is not None:
        return []
    return [(action, actor, said) for action, actor, said in reversed(_NEWS.all(desk.session, case=case.id))]
