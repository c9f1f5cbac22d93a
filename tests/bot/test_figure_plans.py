"""Figures are counted in one pass that an index leads, on SQLite: it has no statistics to go by."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import literal
from sqlalchemy.orm import Session

from cases import breakdowns, figures
from cases.context import Context
from cases.search import Filter
from storage.engine import Store
from storage.models import Case
from tests.bot.test_list_plans import plans_of
from tests.bot.test_plans import NOW, fill
from tests.cast import open_estate

BY_TIME = "SEARCH case_ USING INDEX ix_case_created (created_at>? AND created_at<?)"
BY_PLACE = "SEARCH case_ USING INDEX ix_case_place_created (place_id=? AND created_at>? AND created_at<?)"
ANSWER = "SEARCH present USING INDEX sqlite_autoindex_rating_1 (case_id=? AND round=? AND person_id=?) LEFT-JOIN"


@pytest.mark.parametrize(("where", "index"), [("fengmei-street", BY_TIME), ("fengmei-3", BY_PLACE)])
async def test_a_month_is_found_by_its_index(store: Store, where: str, index: str) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    estate = await open_estate(store)
    node = estate.rules.tree.by_key(where)
    assert node is not None
    asked = Filter(since=NOW.date() - timedelta(days=29), until=NOW.date())

    def explain(session: Session) -> list[str]:
        context = Context(session, NOW, estate.rules)
        keys = (literal(0), Case.category, Case.steward_id, Case.late_place_id)
        found = [plans_of(session, partial(figures.by, context, asked, (node.id,), key)) for key in keys]
        course = plans_of(session, lambda: breakdowns.whole_and_course(context, asked, (node.id,)))
        assert len(course) == 1  # the course and the whole of it in one pass
        return [*(plan for one in found for plan in one), *course]

    await store.write(fill)
    for plan in await store.read(explain):
        assert plan.startswith(index)
        assert ANSWER in plan
        assert "SCAN case_" not in plan
        assert "SCAN rating" not in plan
        assert "ix_rating_person" not in plan  # a case has few answers, a person may have thousands
