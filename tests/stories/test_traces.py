"""After a case was emptied by the clock, no row of any table leads from it to somebody who told or followed it."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from cases.retention import JOBS
from storage.base import Base
from storage.message_models import Outgoing
from storage.models import Case, HistoryEntry, Identity, Person, Rating
from tests.cast import Estate
from tests.stories.leading import AUNT_LI, UNCLE_ZHANG, closed
from tests.stories.linking import AUNT_THERE, join
from tests.stories.test_forgetme import Keeping
from tests.stories.test_retention import night
from tests.stories.warned import Sending

GRANNY = "王奶奶"
RESIDENTS = (AUNT_LI, UNCLE_ZHANG, GRANNY)


@pytest.fixture
def keeping(estate: Estate, tmp_path: Path) -> Keeping:
    """The keeper, with a folder of its own."""
    return Keeping(estate, tmp_path / "files")


async def a_full_life(estate: Estate) -> None:
    """A case with photos, a follower who rates it too, told by somebody with two chats; and a call for help."""
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_THERE, "/start p_fengmei-5")
    await closed(estate)
    await estate.says(AUNT_LI, "来得真快")
    await estate.says(UNCLE_ZHANG, "/start p_fengmei-5")
    await estate.sends_photo(AUNT_THERE, "5栋半夜太吵了")
    await estate.presses(AUNT_THERE, "提交")
    await join(estate, AUNT_LI, AUNT_THERE)
    await estate.presses_data(UNCLE_ZHANG, "c:follow:1002")
    steward = await estate.steward_now()
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.presses(steward, "已处理")
    await estate.waits(minutes=5)
    await estate.presses(UNCLE_ZHANG, "解决了")
    await estate.presses(AUNT_THERE, "解决了")
    await estate.presses(AUNT_THERE, "5 非常满意")
    await estate.says(GRANNY, "/start p_fengmei-5")
    estate.clock.move(timedelta(minutes=1))
    await estate.says(AUNT_LI, "/mycases")  # where she is written to from now on
    sending = Sending(estate)
    await sending.is_made()
    await sending.ends()
    await estate.presses(GRANNY, "需要帮助")
    await estate.presses_data(GRANNY, f"c:really:{(await estate.case()).id}")
    await estate.says(AUNT_LI, "/unlink")
    await estate.presses(AUNT_LI, next(label for label in await estate.labels(AUNT_LI) if "分开" in label))


def leads(session: Session, cases: set[int], people: set[int], names: set[str]) -> Iterator[str]:
    """Yield each row that names a case and one of these people."""
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)).mappings():
            if _names_case(table, row, cases) and _names_person(table, row, people, names):
                yield f"{table.name}: {dict(row)}"


def _references(table: Table, row: Any, other: str) -> Iterator[int]:
    for column in table.columns:
        if any(key.column.table.name == other for key in column.foreign_keys):
            yield row[column.name]
    if table.name == other:
        yield row["id"]


def _said(row: Any) -> str:
    return json.dumps([value for value in row.values() if isinstance(value, str | list | dict)], ensure_ascii=False)


def _names_case(table: Table, row: Any, cases: set[int]) -> bool:
    if not cases.isdisjoint(_references(table, row, "case_")):
        return True
    return any(re.search(rf"(?<![0-9]){number}(?![0-9])", _said(row)) for number in cases)


def _names_person(table: Table, row: Any, people: set[int], names: set[str]) -> bool:
    return not people.isdisjoint(_references(table, row, "person")) or any(name in _said(row) for name in names)


async def look(estate: Estate) -> tuple[list[str], set[int]]:
    """Return what leads from the cases to residents, and the cases that were emptied."""
    found = select(Identity.person_id, Identity.own_person_id).where(Identity.user.like("%") & Identity.chat.in_(
        [*RESIDENTS, AUNT_THERE]))  # fmt: skip

    def read(session: Session) -> tuple[list[str], set[int]]:
        people = {number for row in session.execute(found) for number in row if number is not None}
        people |= set(session.scalars(select(Person.id).where(Person.name.in_(RESIDENTS))))
        cases = set(session.scalars(select(Case.id)))
        emptied = set(session.scalars(select(Case.id).where(Case.anonymised_at.is_not(None))))
        return list(leads(session, cases, people, set(RESIDENTS))), emptied

    return await estate.store.read(read)


async def test_no_row_leads_from_an_emptied_case_to_a_resident(estate: Estate, keeping: Keeping) -> None:
    await a_full_life(estate)
    before, _none = await look(estate)
    assert {line.partition(":")[0] for line in before} >= {
        "case_", "history", "rating", "follower", "outgoing", "attachment", "broadcast_answer", "joining",
    }  # fmt: skip
    steps = await estate.history()
    await night(keeping, 380)
    for _ in range(len(JOBS)):
        await keeping.goes_round()
    left, emptied = await look(estate)
    assert left == []
    assert len(emptied) == len(await estate.cases()) == 3
    assert await estate.history() == steps, "the steps stay, the figures are made of them"


async def test_whoever_dealt_with_it_stays_in_its_history(estate: Estate, keeping: Keeping) -> None:
    await a_full_life(estate)
    await night(keeping, 380)
    did = select(HistoryEntry.action, Person.key).join(Person, Person.id == HistoryEntry.actor_id)
    rows = await estate.store.read(lambda session: session.execute(did).all())
    keys = {row.action: row.key for row in rows}
    assert keys["accept"] not in (None, "#nobody")
    assert keys["file"] == keys["rate"] == "#nobody"
    stars = select(Rating.stars).where(Rating.stars.is_not(None))
    assert await estate.store.read(lambda session: session.scalars(stars).all()) == [5, 5]


async def test_a_warning_keeps_how_many_called_for_help_but_not_when(estate: Estate, keeping: Keeping) -> None:
    await a_full_life(estate)
    called = await moments(estate)
    await night(keeping, 380)
    assert set(await moments(estate)).isdisjoint(called)
    await estate.says("huang", "/broadcast")
    label = next(label for label in await estate.labels("huang") if "已发完" in label)
    await estate.presses("huang", label)
    assert "需要帮助1人" in await estate.reads("huang")


async def moments(estate: Estate) -> list[datetime]:
    """Return when calls for help were answered."""
    answer = Base.metadata.tables["broadcast_answer"]
    return list(await estate.store.read(lambda s: s.scalars(select(answer.c.at)).all()))


async def test_what_went_out_names_nobody_after_a_month_but_warnings(estate: Estate, keeping: Keeping) -> None:
    await a_full_life(estate)
    await night(keeping, 40)
    named = select(Outgoing.id, Outgoing.card, Outgoing.created_at, Outgoing.chat).where(
        Outgoing.person_id.is_not(None), Outgoing.broadcast_id.is_(None),
                                       Outgoing.created_at < estate.clock.now() - timedelta(days=30))  # fmt: skip
    assert await estate.store.read(lambda session: session.execute(named).all()) == []
