"""What of an emptied case still leads to those who told or followed it, table by table, and is cut.

Who dealt with it in a role stays: that is what the figures are made of.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, or_, select, update

from cases.context import Context
from cases.states import Action
from storage.channel_models import CardCode
from storage.link_models import Joining
from storage.message_models import Attachment, CardMessage, Outgoing
from storage.models import Case, Claim, Follower, HistoryEntry, Rating
from storage.people import all_of

UNSEEN = {"synchronize_session": False}
OF_RESIDENTS = (
    Action.FILE, Action.ANSWER, Action.SUPPLEMENT, Action.URGE, Action.WITHDRAW, Action.CONFIRM, Action.RATE,
    Action.UNSOLVED, Action.REOPEN, Action.EXPLAIN, Action.PUBLISH, Action.FOLLOW, Action.UNFOLLOW, Action.CALL_BACK,
)  # fmt: skip
"""Steps whose words are a resident's own. What somebody did for others in a role stays in those cases."""
DROPPED = "dropped"  # in `Joining.moved`, see `cases.joined_rows`
BY_CASE = ("rating.person_id", "follower.person_id", "claim.person_id", "co_handler.person_id")
"""Lists in `Joining.moved` whose keys begin with the number of a case."""


def cut(context: Context, case: Case, tellers: Sequence[int], nobody: int) -> None:
    """Cut its history, its marks, who followed it and what went along when people joined. `tellers`: its reporter."""
    session = context.session
    followers = list(session.scalars(select(Follower.person_id).where(Follower.case_id == case.id)))
    raters = list(session.scalars(select(Rating.person_id).where(Rating.case_id == case.id)))
    people = {number for each in {*followers, *raters} for number in all_of(session, each)}
    _cut_history(context, case, tellers, nobody)
    others = delete(Rating).where(Rating.case_id == case.id, Rating.person_id != case.reporter_id)
    session.execute(others, execution_options=UNSEEN)
    session.execute(delete(Follower).where(Follower.case_id == case.id), execution_options=UNSEEN)
    _cut_joinings(context, case.id, sorted({*tellers, *people}))


def _cut_history(context: Context, case: Case, tellers: Sequence[int], nobody: int) -> None:
    """Put what residents did to nobody; the words are empty already, the steps and their moments stay."""
    session, mine = context.session, HistoryEntry.case_id == case.id
    staff = {case.steward_id, *session.scalars(select(Claim.person_id).where(Claim.case_id == case.id))}
    staff |= set(session.scalars(select(HistoryEntry.actor_id).where(mine, HistoryEntry.action.not_in(OF_RESIDENTS))))
    others = sorted(number for number in staff - set(tellers) if number is not None)
    theirs = and_(HistoryEntry.action.in_(OF_RESIDENTS), HistoryEntry.actor_id.not_in(others))
    of_residents = update(HistoryEntry).where(mine, or_(HistoryEntry.actor_id.in_(tellers), theirs))
    session.execute(of_residents.values(actor_id=nobody, words=""), execution_options=UNSEEN)


def _cut_joinings(context: Context, number: int, people: Sequence[int]) -> None:
    """Take the case out of what is noted for parting people again."""
    theirs = or_(Joining.person_id.in_(people), Joining.joined_id.in_(people))
    for joining in context.session.scalars(select(Joining).where(theirs).order_by(Joining.id).with_for_update()):
        moved: dict[str, Any] = dict(joining.moved)
        moved["case_.reporter_id"] = [each for each in moved.get("case_.reporter_id", ()) if each != number]
        for name in BY_CASE:
            moved[name] = [key for key in moved.get(name, ()) if key[0] != number]
        moved[DROPPED] = [row for row in moved.get(DROPPED, ()) if row["row"].get("case_id") != number]
        joining.moved = moved
    context.session.flush()


def cut_cards(context: Context, case: Case) -> None:
    """Forget which messages in whose chats show the case: they are not changed any more."""
    shown = select(Outgoing.card).where(Outgoing.case_id == case.id, Outgoing.card.is_not(None)).distinct()
    cards = [*context.session.scalars(shown), f"draft:{case.draft}"]
    for table in (CardMessage, CardCode):
        context.session.execute(delete(table).where(table.card.in_(cards)), execution_options=UNSEEN)


def cut_sent(context: Context, case: Case) -> None:
    """What was said about it stays as sent or not, to nobody."""
    nowhere = {"person_id": None, "chat": "", "card": None, "matters": None}
    sent = update(Outgoing).where(Outgoing.case_id == case.id).values(**nowhere)
    context.session.execute(sent, execution_options=UNSEEN)


def cut_files(context: Context, case: Case) -> None:
    """Of the files only that there were some stays."""
    files = update(Attachment).where(Attachment.case_id == case.id).values(person_id=None)
    context.session.execute(files, execution_options=UNSEEN)
