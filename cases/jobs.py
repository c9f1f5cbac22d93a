"""Daily and weekly jobs: once a period on however many processes, a few people at a time, going on where they stopped.

A row of `job_run` is the claim and the mark of how far the job has come; it is written in the transaction that writes
what the job says, so that a crash neither loses nor repeats anything.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from cases.context import Context
from cases.deadlines import Deadlines
from cases.settings import Times
from storage.message_models import JobRun
from storage.upsert import insert_or_ignore, insert_or_update

DAY = timedelta(days=1)
LONGEST_HOLIDAY = 30  # days without a working day
EVER = ""  # the period of a job that goes on and on
NIGHT, NOON = (time(3), time(5)), time(12)


def morning(context: Context) -> str | None:
    """Return the local day on a working day from `times.digest_at` until work ends; later it would be stale."""
    times, due = context.rules.settings.times, context.rules.deadlines
    there = context.now.astimezone(due.zone)
    if not due.is_workday(context.now) or not times.digest_at <= there.time() < times.working_hours[1]:
        return None
    return there.date().isoformat()


def next_morning(now: datetime, due: Deadlines, times: Times) -> datetime:
    """Return the next working day's `times.digest_at` after `now`."""
    there = now.astimezone(due.zone)
    days = (datetime.combine(there.date() + ahead * DAY, times.digest_at, due.zone) for ahead in range(LONGEST_HOLIDAY))
    return next((day for day in days if day > there and due.is_workday(day)), there + LONGEST_HOLIDAY * DAY)


def weekly(context: Context) -> str | None:
    """Return the local week on its first working day from `times.weekly_at`; a week without one has no digest."""
    due = context.rules.deadlines
    there = context.now.astimezone(due.zone)
    monday = there - there.weekday() * DAY
    first = next((monday + ahead * DAY for ahead in range(7) if due.is_workday(monday + ahead * DAY)), None)
    if first is None or due.decent(context.now) != context.now:
        return None
    return _this_week(context, first.date(), context.rules.settings.times.weekly_at)


def report(context: Context) -> str | None:
    """Return the local week on its Monday, holiday or not, from `times.report_at`: an admin can rely on it."""
    there = context.now.astimezone(context.rules.deadlines.zone)
    return _this_week(context, there.date() - there.weekday() * DAY, context.rules.settings.times.report_at)


def _this_week(context: Context, day: date, begins: time) -> str | None:
    """Return the local week on a day of it, from a time of day on; not when it would disturb."""
    due = context.rules.deadlines
    there = context.now.astimezone(due.zone)
    if there.date() != day or there.time() < begins or due.is_quiet(context.now):
        return None
    year, week, _day = there.isocalendar()
    return f"{year}-W{week:02}"


def claim(context: Context, job: str, period: str) -> JobRun | None:
    """Return the row of a job that is not done and that nobody else works on, locked; None otherwise."""
    row = {"job": job, "period": period, "up_to": 0, "done_at": None}
    insert_or_ignore(context.session, JobRun, row)
    mine = select(JobRun).where(JobRun.job == job, JobRun.period == period, JobRun.done_at.is_(None))
    return context.session.scalar(mine.with_for_update(skip_locked=True))


def is_done(context: Context, job: str, period: str) -> bool:
    """Tell whether the job is through for the period."""
    done = select(JobRun.done_at).where(JobRun.job == job, JobRun.period == period)
    return context.session.scalar(done) is not None


def went_on(run: JobRun, up_to: int | None, now: datetime) -> None:
    """Note how far the job has come; None: everybody is served."""
    if up_to is None:
        run.done_at = now
    else:
        run.up_to = up_to


def mark(context: Context, job: str) -> int:
    """Return how far a job has come that goes on over all periods."""
    return context.session.scalar(select(JobRun.up_to).where(JobRun.job == job, JobRun.period == EVER)) or 0


def set_mark(context: Context, job: str, up_to: int) -> None:
    """Note how far such a job has come."""
    row = {"job": job, "period": EVER, "up_to": up_to, "done_at": None}
    insert_or_update(context.session, JobRun, row, ("job", "period"))


def nightly(context: Context) -> str | None:
    """Return the local day in the quiet hours after midnight; where there are none, from three to five."""
    there, due = context.now.astimezone(context.rules.deadlines.zone), context.rules.deadlines
    quiet = due.is_quiet(context.now) if due.quiet_hours else NIGHT[0] <= there.time() < NIGHT[1]
    return there.date().isoformat() if quiet and there.time() < NOON else None
