"""What is removed when its time is over (`privacy` in `config.yaml`): every night, a few rows in a transaction.

Each kind is a job of its own in `job_run`, with the number removed that night as its `up_to`. What has no index to be
found by is walked through by its number: a mark says up to where it is done.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, not_, or_, select, text, tuple_, update

from cases import anonymising, audit, jobs
from cases.context import CLOCK, Context
from cases.erasing import SENT
from cases.states import OPEN
from storage.admin_models import AuditEntry, KeptSearch
from storage.message_models import Attachment, Commission, Dialogue, InboxEntry, JobRun, Offered, Outgoing, WebLine
from storage.models import IS_KEPT, IS_UNDER_WAY, Case

CASES = 20  # in one transaction: each has a story, cards and photos
SOME = 200  # rows of anything else
SEARCHES = timedelta(days=2)  # as long as a list's buttons work
RUNS = timedelta(days=60)
UNSEEN = {"synchronize_session": False}
IS_MADE = text("attachment.channel = 'made' AND attachment.path IS NOT NULL")
HAS_FILE = text("attachment.path IS NOT NULL")
OFFERS = "offer:%"  # cards that are found by the row that sent them, see `handlers.offers`

Job = Callable[[Context], int]


def due_cases(before: datetime) -> Any:
    """Return the query for cases that are over since before then and still lead to somebody."""
    kept = select(Case).where(IS_KEPT, Case.changed_at < before).order_by(Case.changed_at, Case.id)
    return kept.limit(CASES).with_for_update(skip_locked=True)


def due_files(before: datetime) -> Any:
    """Return the query for files that came before then and hang on no open case."""
    needed = exists().where(Case.id == Attachment.case_id, Case.state.in_(OPEN))
    kept = select(Attachment.id).where(HAS_FILE, Attachment.created_at < before, not_(needed))
    return kept.order_by(Attachment.created_at, Attachment.id).limit(SOME)


def due_sheets(before: datetime) -> Any:
    """Return the query for files that we made before then."""
    made = select(Attachment.id).where(IS_MADE, Attachment.created_at < before)
    return made.order_by(Attachment.created_at, Attachment.id).limit(SOME)


def due_keys(before: datetime) -> Any:
    """Return the query for updates that were taken in before then."""
    return select(InboxEntry.channel, InboxEntry.key).where(InboxEntry.received_at < before).limit(SOME)


def _cases(context: Context) -> int:
    before = context.now - context.rules.settings.privacy.closed_cases_after.delta
    return anonymising.empty_many(context, context.session.scalars(due_cases(before)).all())


def _files(context: Context) -> int:
    return _discard(context, due_files(context.now - context.rules.settings.privacy.attachments_after.delta))


def _sheets(context: Context) -> int:
    return _discard(context, due_sheets(context.now - context.rules.settings.privacy.sheets_after.delta))


def _discard(context: Context, wanted: Any) -> int:
    found = context.session.scalars(wanted).all()
    return anonymising.discard(context, Attachment.id.in_(found)) if found else 0


def _keys(context: Context) -> int:
    found = [tuple(row) for row in context.session.execute(due_keys(_messages(context)))]
    if found:
        these = tuple_(InboxEntry.channel, InboxEntry.key).in_(found)
        context.session.execute(delete(InboxEntry).where(these), execution_options=UNSEEN)
    return len(found)


def _sent(context: Context) -> int:
    """What went out keeps how it ended; words, chat and person go, but to whom a warning went, for its figures.

    An offer that still stands is found by its chat, see `handlers.offers`.
    """
    found = _walked(context, SENT, Outgoing, _messages(context))
    if found:
        these, session = Outgoing.id.in_(found), context.session
        late = update(Outgoing).where(these, Outgoing.state == "pending")
        dropped = {"state": "dropped", "done_at": context.now, "error": "no longer true"}
        session.execute(late.values(**dropped), execution_options=UNSEEN)
        stands = and_(Outgoing.card.like(OFFERS), exists().where(Case.id == Outgoing.case_id, IS_UNDER_WAY))
        session.execute(update(Outgoing).where(these).values(**anonymising.NOTHING_SAID), execution_options=UNSEEN)
        over = or_(Outgoing.card.is_(None), not_(stands))
        session.execute(update(Outgoing).where(these, over).values(chat=""), execution_options=UNSEEN)
        nobody = update(Outgoing).where(these, over, Outgoing.broadcast_id.is_(None))
        session.execute(nobody.values(person_id=None), execution_options=UNSEEN)
    return len(found)


def _lines(context: Context) -> int:
    found = _walked(context, "kept.lines", WebLine, _messages(context))
    if found:
        context.session.execute(delete(WebLine).where(WebLine.id.in_(found)), execution_options=UNSEEN)
    return len(found)


def _commissions(context: Context) -> int:
    found = _walked(context, "kept.commissions", Commission, _messages(context))
    if found:
        context.session.execute(delete(Commission).where(Commission.id.in_(found)), execution_options=UNSEEN)
    return len(found)


def _reasons(context: Context) -> int:
    before = context.now - context.rules.settings.privacy.audit_words_after.delta
    found = _walked(context, "kept.audit", AuditEntry, before)
    if found:
        words = update(AuditEntry).where(AuditEntry.id.in_(found), AuditEntry.words != "")
        context.session.execute(words.values(words=""), execution_options=UNSEEN)
    return len(found)


def _walked(context: Context, job: str, table: Any, before: datetime) -> list[int]:
    """Return the next rows by number that are from before then, and note that they were walked through."""
    at = table.created_at if hasattr(table, "created_at") else table.at
    following = select(table.id, at).where(table.id > jobs.mark(context, job)).order_by(table.id).limit(SOME)
    found: list[int] = []
    for number, moment in context.session.execute(following):
        if moment >= before:
            break
        found.append(number)
    if found:
        jobs.set_mark(context, job, found[-1])
    return found


def _searches(context: Context) -> int:
    found = context.session.scalars(
        select(KeptSearch.id).where(KeptSearch.made_at < context.now - SEARCHES).limit(SOME)
    ).all()
    if found:
        context.session.execute(delete(KeptSearch).where(KeptSearch.id.in_(found)), execution_options=UNSEEN)
    return len(found)


def _dialogues(context: Context) -> int:
    """Conversations that were left. There is no more than one for each person and chat: they are gone through."""
    key = tuple_(Dialogue.person_id, Dialogue.channel, Dialogue.chat)
    left = select(Dialogue.person_id, Dialogue.channel, Dialogue.chat).where(Dialogue.expires_at < _messages(context))
    found = [tuple(row) for row in context.session.execute(left.limit(SOME))]
    if found:
        context.session.execute(delete(Dialogue).where(key.in_(found)), execution_options=UNSEEN)
    return len(found)


def _offered(context: Context) -> int:
    """What numbers stood for in chats without buttons: there is one row a chat, they are gone through."""
    old = select(Offered.channel, Offered.chat).where(Offered.at < _messages(context))
    found = [tuple(row) for row in context.session.execute(old.limit(SOME))]
    if found:
        these = tuple_(Offered.channel, Offered.chat).in_(found)
        context.session.execute(delete(Offered).where(these), execution_options=UNSEEN)
    return len(found)


def _runs(context: Context) -> int:
    """The notes of these jobs themselves."""
    before = (context.now - RUNS).date().isoformat()
    old = and_(JobRun.job.in_(JOBS), JobRun.period < before, JobRun.period != jobs.EVER)
    context.session.execute(delete(JobRun).where(old), execution_options=UNSEEN)
    return 0


def _messages(context: Context) -> datetime:
    return context.now - context.rules.settings.privacy.messages_after.delta


JOBS: dict[str, Job] = {
    "keep.cases": _cases, "keep.files": _files, "keep.sheets": _sheets, "keep.sent": _sent, "keep.lines": _lines,
    "keep.keys": _keys, "keep.searches": _searches, "keep.commissions": _commissions, "keep.dialogues": _dialogues,
    "keep.offered": _offered,
    "keep.reasons": _reasons, "keep.runs": _runs,
}  # fmt: skip
DONE = "keep.done"  # the job that says in the audit what was removed, when all the others are through


def go_on(context: Context, job: str, period: str) -> int | None:
    """Remove the next of a kind; return how many, None where it is through for that night or another works on it."""
    run = jobs.claim(context, job, period)
    if run is None:
        return None
    count = JOBS[job](context)
    run.up_to += count
    if count == 0:
        run.done_at = context.now
        return None
    return count


def finish(context: Context, period: str) -> dict[str, int] | None:
    """Return what was removed in a night, once, and write it into the audit; None where it is not all through."""
    runs = context.session.scalars(select(JobRun).where(JobRun.job.in_(JOBS), JobRun.period == period)).all()
    if sum(run.done_at is not None for run in runs) < len(JOBS):
        return None
    run = jobs.claim(context, DONE, period)
    if run is None:
        return None
    run.done_at = context.now
    counts = {each.job.removeprefix("keep."): each.up_to for each in runs if each.up_to}
    if counts:
        audit.record(context, CLOCK, "retention", removed=counts)
    return counts
