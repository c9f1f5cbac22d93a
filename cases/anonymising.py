"""A case without anything that leads to a person: its place, kind, times, states and marks stay for the figures."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update

from cases import traces
from cases.context import Context
from cases.states import Action
from storage.admin_models import Broadcast, BroadcastAnswer
from storage.message_models import Attachment, Outgoing
from storage.models import HAS_WORDS, Case, HistoryEntry, Person, Rating
from storage.people import all_of
from storage.privacy_models import GoneFile
from storage.upsert import insert_or_ignore

NOBODY = "#nobody"  # the key of whom old cases are put to; no person of `config.yaml` can have it
FETCHED_BY = timedelta(minutes=30)  # a file that is fetched just now is on the disk by then
JOINED = (Action.MERGE, Action.MERGE_IN)  # steps whose words are those of another case
CALL_FOR_HELP = re.compile(r"w([0-9]+)p([0-9]+)")  # the draft of one, see `handlers.admin.warn_answers`
NOTHING_SAID: dict[str, Any] = {"payload": {}, "said": None, "answers": None}
"""What is left of a call that went out: of its words, the same for another channel, the update that it answers."""


def anonymise(context: Context, case: Case, *, keep_reporter: bool = False) -> int:
    """Empty a case that is over, and the copies of its words; return how many files are to be removed.

    Its reporter becomes nobody, but where their own row leads to nobody any more (`keep_reporter`).
    """
    session = context.session
    tellers = all_of(session, case.reporter_id)
    if not keep_reporter:
        _put_to_nobody(context, case)
    case.words, case.place_detail, case.beneficiary, case.reporter_chat = "", "", "", ""
    case.publish = None if case.publish is None else False
    case.group_channel = case.group_chat = None
    if (call := CALL_FOR_HELP.fullmatch(case.draft)) is not None:
        _leave_answer(context, int(call[1]), case.id)
    traces.cut_cards(context, case)
    case.draft = f"#{case.id}"
    case.anonymised_at = context.now
    session.flush()
    _empty_joined(context, case)
    empty(context, HistoryEntry.case_id == case.id)
    case.look_kind = case.look_at = None  # there is nobody left to call back
    uncalled = update(Rating).where(Rating.case_id == case.id, Rating.called_at.is_(None))
    session.execute(uncalled.values(caller_id=None), execution_options={"synchronize_session": False})
    session.execute(
        update(Rating).where(Rating.case_id == case.id).values(words="", outcome="", reply=""),
        execution_options={"synchronize_session": False},
    )
    traces.cut(context, case, tellers, nobody(context))
    empty_sent(context, Outgoing.case_id == case.id)
    traces.cut_sent(context, case)
    count = discard(context, Attachment.case_id == case.id)
    traces.cut_files(context, case)
    return count


def _leave_answer(context: Context, warning: int, case_id: int) -> None:
    """The answer to a warning no longer names the case; nor does its moment, which was that of the case."""
    begun = select(Broadcast.created_at).where(Broadcast.id == warning).scalar_subquery()
    mine = (BroadcastAnswer.broadcast_id == warning, BroadcastAnswer.case_id == case_id)
    left = update(BroadcastAnswer).where(*mine).values(case_id=None, at=begun)
    context.session.execute(left, execution_options={"synchronize_session": False})


def empty(context: Context, which: ColumnElement[bool]) -> int:
    """Empty the words of entries of the history; return of how many."""
    emptied = update(HistoryEntry).where(which, HAS_WORDS).values(words="")
    unseen = {"synchronize_session": False}
    return len(context.session.execute(emptied.returning(HistoryEntry.id), execution_options=unseen).all())


def empty_sent(context: Context, which: ColumnElement[bool]) -> None:
    """Empty calls that are not waiting any more, and drop those that are."""
    unseen = {"synchronize_session": False}
    waiting = update(Outgoing).where(which, Outgoing.state == "pending")
    dropped = {"state": "dropped", "done_at": context.now, "error": "no longer kept"}
    context.session.execute(waiting.values(**dropped), execution_options=unseen)
    context.session.execute(update(Outgoing).where(which).values(**NOTHING_SAID), execution_options=unseen)


def discard(context: Context, which: ColumnElement[bool]) -> int:
    """Let go of files: no row names them any more, and they are removed after the commit. Return how many."""
    wanted = select(Attachment.id, Attachment.token, Attachment.path, Attachment.state).where(which)
    rows = context.session.execute(wanted.where((Attachment.path.is_not(None)) | (Attachment.state == "waiting"))).all()
    if not rows:
        return 0
    later = context.now + FETCHED_BY
    gone = [
        {"path": row.path or f"{row.token[:2]}/{row.token[2:]}", "due_at": context.now if row.path else later}
        for row in rows
    ]
    context.session.execute(insert(GoneFile), gone)
    nothing = {"state": "refused", "error": "no longer kept", "path": None, "remote": None, "name": None,
               "retry_at": None}  # fmt: skip
    forgotten = update(Attachment).where(Attachment.id.in_([row.id for row in rows])).values(**nothing)
    context.session.execute(forgotten, execution_options={"synchronize_session": False})
    return len(rows)


def _put_to_nobody(context: Context, case: Case) -> None:
    other = nobody(context)
    theirs = (Rating.case_id == case.id, Rating.person_id == case.reporter_id)
    moved = update(Rating).where(*theirs).values(person_id=other)
    context.session.execute(moved, execution_options={"synchronize_session": False})
    case.reporter_id = other


def nobody(context: Context) -> int:
    """Return the person that old cases are put to; made where there is none yet."""
    known = context.session.scalar(select(Person.id).where(Person.key == NOBODY))
    if known is None:
        row = {"key": NOBODY, "name": "", "home_detail": "", "created_at": context.now, "forgotten_at": context.now}
        insert_or_ignore(context.session, Person, row)
        known = context.session.scalars(select(Person.id).where(Person.key == NOBODY)).one()
    return known


def _empty_joined(context: Context, case: Case) -> None:
    """Empty the words of this case where they stand in the story of one that it was joined with."""
    steps = select(HistoryEntry.action, HistoryEntry.data).where(
        HistoryEntry.case_id == case.id, HistoryEntry.action.in_(JOINED)
    )
    others = {row.data.get("other") for row in context.session.execute(steps)} - {None}
    for other in sorted(others):
        entries = select(HistoryEntry.id, HistoryEntry.data).where(
            HistoryEntry.case_id == other, HistoryEntry.action.in_(JOINED)
        )
        theirs = [row.id for row in context.session.execute(entries) if row.data.get("other") == case.id]
        if theirs:
            empty(context, HistoryEntry.id.in_(theirs))


def empty_many(context: Context, cases: Iterable[Case], *, keep_reporter: bool = False) -> int:
    """Empty cases; return how many."""
    count = 0
    for case in cases:
        anonymise(context, case, keep_reporter=keep_reporter)
        count += 1
    return count
