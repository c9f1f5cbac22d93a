"""When somebody was last heard: as exact as it has to be."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import people
from storage.engine import Store
from storage.models import Identity, Person

AT = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=5)


@pytest.mark.parametrize(("later", "changed", "noted"), [
    (MOMENT, {}, False),
    (people.SEEN_AGAIN, {}, True),
    (-MOMENT, {}, True),  # the clock was set back
    (MOMENT, {"unreachable": "blocked"}, True),
    (MOMENT, {"linked": True}, True),
])  # fmt: skip
async def test_who_writes_again_at_once_is_noted_where_it_matters(
    store: Store, later: timedelta, changed: dict[str, object], noted: bool
) -> None:
    def work(session: Session) -> tuple[datetime | None, str | None] | None:
        people.create(session, "x", "aunt", "aunt", "李", AT)
        for table in (Identity, Person):
            values = {name: value for name, value in changed.items() if hasattr(table, name)}
            if values:
                session.execute(update(table).values(values))
        found = people.find(session, "x", "aunt", "aunt")
        assert found is not None
        people.seen(session, found, AT + later)
        row = session.execute(select(Identity.last_seen_at, Identity.unreachable)).one()
        return row[0], row[1]

    assert await store.write(work) == (AT + later if noted else AT, None)
