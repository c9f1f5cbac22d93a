"""When somebody was last heard: as exact as it has to be."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import people
from storage.engine import Store
from storage.models import Identity

AT = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=5)


@pytest.mark.parametrize(("later", "unreachable", "several", "noted"), [
    (MOMENT, None, False, False),
    (people.SEEN_AGAIN, None, False, True),
    (-MOMENT, None, False, True),  # the clock was set back
    (MOMENT, "blocked", False, True),
    (MOMENT, None, True, True),
])  # fmt: skip
async def test_who_writes_again_at_once_is_noted_where_it_matters(
    store: Store, later: timedelta, unreachable: str | None, several: bool, noted: bool
) -> None:
    def work(session: Session) -> tuple[datetime | None, str | None]:
        person = people.create(session, "x", "aunt", "aunt", "李", AT).person_id
        if several:
            session.add(Identity(person_id=person, channel="y", user="aunt", chat="aunt", last_seen_at=AT))
        session.execute(update(Identity).where(Identity.channel == "x").values(unreachable=unreachable))
        found = people.find(session, "x", "aunt", "aunt")
        assert found is not None
        people.seen(session, found, AT + later)
        row = session.execute(
            select(Identity.last_seen_at, Identity.unreachable).where(Identity.channel == "x")
        ).one()  # fmt: skip
        return row[0], row[1]

    assert await store.write(work) == (AT + later if noted else AT, None)


async def test_who_has_two_channels_is_reached_where_they_wrote_last(store: Store) -> None:
    def work(session: Session) -> tuple[tuple[str, str], ...]:
        person = people.create(session, "x", "aunt", "there", "李", AT).person_id
        session.add(Identity(person_id=person, channel="y", user="aunt", chat="here"))
        for number, channel in enumerate("xyx", start=1):
            found = people.find(session, channel, "aunt", "")
            assert found is not None
            people.seen(session, found, AT + number * MOMENT)
        return people.reach(session, [person])[person].addresses

    assert await store.write(work) == (("x", "there"), ("y", "here"))
