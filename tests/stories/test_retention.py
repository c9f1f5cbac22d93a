"""What is over leads to nobody after a while: every night, a few rows at a time, and the figures stay as they were."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from cases import jobs, retention
from cases.context import Context
from cases.retention import JOBS
from storage.admin_models import AuditEntry, KeptSearch
from storage.message_models import (
    Attachment,
    Commission,
    Dialogue,
    InboxEntry,
    JobRun,
    Outgoing,
    WebLine,
)
from storage.models import Case, Follower, HistoryEntry, Person, Rating
from tests.cast import Estate
from tests.stories.leading import AUNT_LI, HUANG, UNCLE_ZHANG, closed, file, story
from tests.stories.test_forgetme import Keeping, one

NIGHT = timedelta(hours=16)  # from ten in the morning to two in the night


@pytest.fixture
def keeping(estate: Estate, tmp_path: Path) -> Keeping:
    """The keeper, with a folder of its own."""
    return Keeping(estate, tmp_path / "files")


async def night(keeping: Keeping, days: int) -> None:
    """Let so many days pass and the night after them come."""
    now = keeping.estate.clock.now()
    ahead = timedelta(days=days + 1)
    there = (now + ahead).replace(hour=18, minute=0)  # two in the morning of the day after, in Shanghai
    keeping.estate.clock.move(there - now)
    await keeping.goes_round()


async def count(estate: Estate, table: Any) -> int:
    """Return how many rows a table has."""
    return await estate.store.read(lambda s: s.scalar(select(func.count()).select_from(table))) or 0


async def rows(estate: Estate, statement: Any) -> Sequence[Any]:
    """Return what is asked for."""
    return await estate.store.read(lambda s: s.execute(statement).all())


async def test_a_case_leads_to_nobody_a_year_after_it_is_over(estate: Estate, keeping: Keeping) -> None:
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await closed(estate)
    await estate.says(AUNT_LI, "来得真快，我是张丽华")
    figures = select(Case.state, Case.category, Case.place_id, Case.created_at, Case.resolved_at, Case.steward_id)
    marks = select(Rating.stars, Rating.solved, Rating.answered_at)
    before, marked, steps = await rows(estate, figures), await rows(estate, marks), await estate.history()
    await night(keeping, 363)
    assert (await estate.case()).words == "楼上5栋太吵了"
    await night(keeping, 2)
    case = await estate.case()
    assert (case.words, case.place_detail, case.reporter_chat) == ("", "", "")
    assert case.anonymised_at is not None
    assert await rows(estate, figures) == before
    assert await rows(estate, marks) == marked
    assert await estate.history() == steps
    assert set(await rows(estate, select(HistoryEntry.words))) == {("",)}
    assert await one(estate, Person.name, Person.id == case.reporter_id) == ""
    assert await one(estate, Person.name, Person.name == AUNT_LI) == AUNT_LI  # who is still with us stays
    await estate.says(AUNT_LI, "/mycases")
    assert "#1001" not in await estate.reads(AUNT_LI)
    shown = await story(estate, HUANG)
    assert "#1001" in shown
    assert AUNT_LI not in shown


async def test_the_mark_of_the_reporter_stays_with_the_case(estate: Estate, keeping: Keeping) -> None:
    await closed(estate)
    await night(keeping, 370)
    theirs = select(Rating.stars).join(Case, (Case.id == Rating.case_id) & (Case.reporter_id == Rating.person_id))
    assert await rows(estate, theirs) == [(5,)]


async def test_an_open_case_is_never_touched(estate: Estate, keeping: Keeping) -> None:
    await estate.sends_photo(AUNT_LI, "5栋漏水")
    path = await keeping.photo("a photo")
    await estate.presses(AUNT_LI, "提交")
    await night(keeping, 800)
    case = await estate.case()
    assert (case.words, case.anonymised_at) == ("5栋漏水", None)
    assert path.exists()


async def test_photos_go_after_half_a_year(estate: Estate, keeping: Keeping) -> None:
    await estate.sends_photo(AUNT_LI, "5栋漏水")
    path = await keeping.photo("a photo")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses_data(AUNT_LI, "c:really:1001")
    await night(keeping, 178)
    assert path.exists()
    await night(keeping, 2)
    assert not path.exists()
    assert (await estate.case()).words == "5栋漏水"
    assert await rows(estate, select(Attachment.state, Attachment.path, Attachment.remote)) == [("refused", None, None)]
    await estate.presses_data(AUNT_LI, "c:photos:1001")  # a button that is left is answered


async def test_messages_and_what_belongs_to_them_go_after_a_month(estate: Estate, keeping: Keeping) -> None:
    await file(estate)
    now = estate.clock.now()

    def write(session: Session) -> None:
        person = session.scalars(select(Person.id).where(Person.name == AUNT_LI)).one()
        session.execute(insert(WebLine).values(chat="a", mine=True, body={"text": "hi"}, at=now))
        session.execute(insert(KeptSearch).values(person_id=person, data={"words": "x"}, made_at=now))
        row = {"kind": "export", "person_id": person, "channel": "plain", "chat": "a", "data": {}, "state": "done",
               "created_at": now}  # fmt: skip
        session.execute(insert(Commission).values(**row))
        row = {"person_id": person, "channel": "plain", "chat": "a", "kind": "report", "step": "words", "version": 1,
               "data": {"words": "x"}, "expires_at": now}  # fmt: skip
        session.execute(insert(Dialogue).values(**row))

    await estate.store.write(write)
    sent = len(await rows(estate, select(Outgoing.id)))
    await night(keeping, 28)
    assert (await count(estate, WebLine), await count(estate, Commission), await count(estate, KeptSearch)) == (1, 1, 0)
    assert {} not in [row.payload for row in await rows(estate, select(Outgoing.payload).where(Outgoing.chat != ""))]
    await night(keeping, 2)
    for table in (WebLine, Commission, Dialogue):
        assert await count(estate, table) == 0, table
    kept = await rows(estate, select(Outgoing.payload, Outgoing.chat, Outgoing.state).order_by(Outgoing.id).limit(sent))
    assert set(map(str, kept)) == {str(({}, "", "sent"))}
    assert await count(estate, InboxEntry) == 0


async def test_an_offer_that_still_stands_is_found_by_its_chat(estate: Estate, keeping: Keeping) -> None:
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, "我的心愿是有人教我用智能手机")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses("feng", "通过")
    await night(keeping, 40)
    shown = select(Outgoing.chat).where(Outgoing.card == "offer:1001").distinct()
    assert {row.chat for row in await rows(estate, shown)} >= {"zhou", "wang"}
    await estate.reads("wang")
    await estate.presses_data("zhou", "c:claim:1001")
    assert "周小燕" in await estate.reads("wang")


async def test_sheets_go_after_a_week(estate: Estate, keeping: Keeping) -> None:
    await file(estate)
    values = {"token": "c" * 43, "kind": "file", "state": "ready", "channel": "made", "path": "cc/dd",
              "created_at": estate.clock.now(), "attempts": 0}  # fmt: skip
    await estate.store.write(lambda s: s.execute(insert(Attachment).values(**values)))
    path = keeping.files.root / "cc" / "dd"
    path.parent.mkdir()
    path.write_bytes(b"names and numbers")
    await night(keeping, 5)
    assert path.exists()
    await night(keeping, 2)
    assert not path.exists()


async def test_reasons_in_the_audit_go_after_years_and_entries_stay(estate: Estate, keeping: Keeping) -> None:
    row = {"at": estate.clock.now(), "action": "export.phones", "words": "回访王奶奶", "data": {}}
    await estate.store.write(lambda s: s.execute(insert(AuditEntry).values(**row)))
    first = select(AuditEntry.action, AuditEntry.words).order_by(AuditEntry.id).limit(1)
    await night(keeping, 1820)
    assert await rows(estate, first) == [("export.phones", "回访王奶奶")]
    await night(keeping, 10)
    assert await rows(estate, first) == [("export.phones", "")]


async def test_it_runs_once_a_night_and_says_so_in_the_audit(estate: Estate, keeping: Keeping) -> None:
    await closed(estate)
    keys = await count(estate, InboxEntry)
    await night(keeping, 370)
    await keeping.goes_round()
    told = select(AuditEntry.actor_id, AuditEntry.data).where(AuditEntry.action == "retention")
    ((actor, facts),) = await rows(estate, told)
    assert actor is None
    assert (facts["removed"]["cases"], facts["removed"]["keys"]) == (1, keys)
    await estate.says("zheng", "/audit")
    assert "清理了到期的资料" in await estate.reads("zheng")
    await night(keeping, 1)
    assert len(await rows(estate, told)) == 1  # a night in which nothing was to be removed is not worth an entry


async def test_by_day_nothing_is_removed(estate: Estate, keeping: Keeping) -> None:
    await closed(estate)
    estate.clock.move(timedelta(days=400))
    await keeping.goes_round()
    assert (await estate.case()).words == "楼上5栋太吵了"


async def test_after_a_crash_it_goes_on_where_it_was(
    estate: Estate, keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    await closed(estate)
    (first,) = await estate.cases()
    columns = {c.name: getattr(first, c.key) for c in Case.__table__.columns if c.name != "id"}
    more = [columns | {"draft": f"d{number}"} for number in range(5)]
    await estate.store.write(lambda s: s.execute(insert(Case), more))
    monkeypatch.setattr(retention, "CASES", 2)
    whole, left = retention.go_on, [2]

    def dies(context: Context, job: str, period: str) -> int | None:
        found = whole(context, job, period)
        if job == "keep.cases" and found is not None:
            left[0] -= 1
            if left[0] == 0:
                raise OperationalError("UPDATE", {}, ConnectionError())
        return found

    monkeypatch.setattr(retention, "go_on", dies)
    with pytest.raises(OperationalError):
        await night(keeping, 370)
    assert [case.anonymised_at is not None for case in await estate.cases()].count(True) == 2
    monkeypatch.setattr(retention, "go_on", whole)
    await keeping.goes_round()
    assert [case.words for case in await estate.cases()] == [""] * 6
    (run,) = await rows(estate, select(JobRun.up_to, JobRun.done_at).where(JobRun.job == "keep.cases"))
    assert run.up_to == 6
    assert run.done_at is not None


async def test_a_transaction_takes_few_rows(estate: Estate, keeping: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is over, what others write waits for one small step only."""
    monkeypatch.setattr(retention, "SOME", 10)
    keys = [{"channel": "plain", "key": f"k{number}", "received_at": estate.clock.now()} for number in range(35)]
    await estate.store.write(lambda s: s.execute(insert(InboxEntry), keys))
    estate.clock.move(timedelta(days=40) + NIGHT)
    removed = []
    while (step := await estate.store.write(lambda s: _step(estate, s, "keep.keys"))) is not None:
        removed.append(step)
    assert removed == [10, 10, 10, 5]


def _step(estate: Estate, session: Session, job: str) -> int | None:
    context = Context(session, estate.clock.now(), estate.rules)
    period = jobs.nightly(context)
    assert period is not None
    return retention.go_on(context, job, period)


async def test_followers_and_what_was_joined_are_emptied_as_well(estate: Estate, keeping: Keeping) -> None:
    await file(estate, "5栋漏水，找李阿姨")
    await file(estate, "6栋路灯坏了", UNCLE_ZHANG)
    await file(estate, "5栋又漏水了，张叔说的", UNCLE_ZHANG)
    await estate.says("lin", "/merge 1003 1001")
    assert (await estate.cases())[2].state == "merged"
    await night(keeping, 370)
    first, _second, third = await estate.cases()
    assert (third.words, first.words) == ("", "5栋漏水，找李阿姨")  # the one that goes on is open still
    told = [row.words for row in await rows(estate, select(HistoryEntry.words))]
    assert "5栋又漏水了，张叔说的" not in told
    assert await one(estate, Follower.person_id, Follower.case_id == 1003) is None
    assert await one(estate, Follower.person_id, Follower.case_id == 1001) is not None


async def test_every_job_asks_only_for_what_is_due(estate: Estate, keeping: Keeping) -> None:
    """Where nothing is due, nothing is changed but the notes of the jobs themselves."""
    await closed(estate)
    changed: list[str] = []

    def watched(session: Session) -> None:
        connection = session.connection()

        def note(_c: Any, _u: Any, statement: str, *_more: Any) -> None:
            if not statement.startswith(("SELECT", "SAVEPOINT", "RELEASE")) and "job_run" not in statement:
                changed.append(statement)

        event.listen(connection, "before_cursor_execute", note)
        for job in JOBS:
            _step(estate, session, job)
        event.remove(connection, "before_cursor_execute", note)

    estate.clock.move(NIGHT)
    await estate.store.write(watched)
    assert changed == []
