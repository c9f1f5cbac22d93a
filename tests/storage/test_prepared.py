"""Statements that go to the driver: values, rows and defaults as SQLAlchemy itself would have them."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import cast

import pytest
from sqlalchemy import bindparam, false, insert, literal, select, update
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from storage.engine import Store
from storage.message_models import Dialogue, InboxEntry, Outgoing
from storage.models import Identity, Person
from storage.prepared import Prepared, insert_or_ignore, insert_or_update
from storage.upsert import table_of

AT = datetime(2026, 9, 30, 2, 0, 0, 123456, tzinfo=UTC)
PERSON = table_of(Person)


class Spelling(StrEnum):
    """A word of which constants are made."""

    ODD = "王 % 'a' :b %(c)s ?"


def _somebody(session: Session) -> int:
    row = insert(PERSON).values(name="李", created_at=AT, home_detail="", linked=False).returning(PERSON.c.id)
    number: int = session.execute(row).scalar_one()
    return number


async def test_values_come_back_as_they_were_given(store: Store) -> None:
    row = {"name": bindparam("name"), "created_at": bindparam("at"), "home_detail": "", "linked": False}
    add = Prepared(insert(PERSON).values(row)
                   .returning(PERSON.c.id))  # fmt: skip
    read = Prepared(select(Person.name, Person.created_at, Person.phone).where(Person.id == bindparam("number")))

    def work(session: Session) -> tuple[object, ...] | None:
        return read.first(session, number=add.scalar(session, name="王 % '阿姨", at=AT))

    assert await store.write(work) == ("王 % '阿姨", AT, None)


async def test_json_a_list_of_constants_and_a_limit(store: Store) -> None:
    person = await store.write(_somebody)
    keep = insert_or_update(table_of(Dialogue), ("person_id", "channel", "chat"),
                            "kind", "step", "version", "data", "expires_at")  # fmt: skip
    read = Prepared(
        select(Dialogue.data, Dialogue.step)
        .where(Dialogue.person_id == bindparam("who"), Dialogue.kind.in_(("a", "b")))
        .order_by(Dialogue.chat.desc()).limit(bindparam("most"))
    )  # fmt: skip
    row = {"person_id": person, "channel": "x", "kind": "a", "version": 1, "expires_at": AT}

    def work(session: Session) -> list[tuple[object, ...]]:
        keep.run(session, **row, chat="1", step="first", data={"words": ["灯", None]})
        keep.run(session, **row, chat="1", step="second", data={"words": ["灯", None]})
        keep.run(session, **{**row, "kind": "c"}, chat="2", step="other", data={})
        keep.run(session, **row, chat="0", step="third", data={})
        return read.all(session, who=person, most=1)

    assert await store.write(work) == [({"words": ["灯", None]}, "second")]


async def test_constants_stand_in_the_text(store: Store) -> None:
    odd = "王 % 'a' :b %(c)s ?"
    read = Prepared(
        select(literal(odd), Person.id).where(Person.name.in_((Spelling.ODD, "李")), Person.linked == false(),
                                              Person.id != -1, Person.id == bindparam("number"))
    )  # fmt: skip

    def work(session: Session) -> object:
        number = _somebody(session)
        return number, read.first(session, number=number)

    number, row = cast("tuple[int, object]", await store.write(work))
    assert row == (odd, number)


async def test_a_taken_key_is_told(store: Store) -> None:
    note = insert_or_ignore(table_of(InboxEntry), "channel", "key", "received_at")

    def work(session: Session) -> list[object]:
        return [note.run(session, channel="x", key="1", received_at=AT) for _ in range(2)]

    assert await store.write(work) == [1, 0]


async def test_what_was_changed_on_objects_is_there(store: Store) -> None:
    names = Prepared(select(Person.name).where(Person.id == bindparam("number")))

    def work(session: Session) -> object:
        person = Person(name="before", created_at=AT, home_detail="", linked=False)
        session.add(person)
        session.flush()
        person.name = "after"
        return names.scalar(session, number=person.id)

    assert await store.write(work) == "after"


async def test_what_failed_is_taken_back(store: Store) -> None:
    rename = Prepared(update(PERSON).where(PERSON.c.id == bindparam("number")).values(name=bindparam("to")))
    number = await store.write(_somebody)

    def work(session: Session) -> None:
        assert rename.run(session, number=number, to="after") == 1
        raise LookupError("no")

    with pytest.raises(LookupError):
        await store.write(work)
    assert await store.read(lambda session: session.get_one(Person, number).name) == "李"


async def test_it_takes_part_in_a_savepoint_of_the_session(store: Store) -> None:
    row = {"name": bindparam("name"), "created_at": AT, "home_detail": "", "linked": False}
    add = Prepared(insert(PERSON).values(row).returning(PERSON.c.id))

    def work(session: Session) -> list[str]:
        add.scalar(session, name="stays")
        savepoint = session.begin_nested()
        add.scalar(session, name="goes")
        savepoint.rollback()
        add.scalar(session, name="stays as well")
        return [str(name) for name in session.scalars(select(Person.name).order_by(Person.id))]

    assert await store.write(work) == ["stays", "stays as well"]


async def test_many_rows_at_once(store: Store) -> None:
    person = await store.write(_somebody)
    add = Prepared(insert(table_of(Identity)).values(
        person_id=person, channel="x", user=bindparam("user"), chat=bindparam("user")))  # fmt: skip
    await store.write(lambda session: add.run_many(session, [{"user": str(n)} for n in range(3)]))
    found = select(Identity.user).order_by(Identity.user)
    assert await store.read(lambda session: list(session.scalars(found))) == ["0", "1", "2"]


async def test_what_the_database_refuses_is_told_as_everywhere(store: Store) -> None:
    """And without the values, which may be a resident's."""
    person = await store.write(_somebody)
    add = Prepared(insert(table_of(Identity)).values(
        person_id=person, channel="x", user=bindparam("user"), chat=bindparam("user")))  # fmt: skip
    await store.write(lambda session: add.run(session, user="张"))
    with pytest.raises(IntegrityError) as one:
        await store.write(lambda session: add.run(session, user="张"))
    with pytest.raises(IntegrityError):
        await store.write(lambda session: add.run_many(session, [{"user": "李"}, {"user": "张"}]))
    assert "张" not in str(one.value.args[0]) or one.value.hide_parameters
    found = select(Identity.user)
    assert await store.read(lambda session: list(session.scalars(found))) == ["张"]


async def test_a_value_that_is_not_given_is_missed(store: Store) -> None:
    names = Prepared(select(Person.name).where(Person.id == bindparam("number")))
    with pytest.raises((ProgrammingError, KeyError)):
        await store.read(lambda session: names.scalar(session, nummer=1))


async def test_a_default_of_python_must_be_named(store: Store) -> None:
    add = Prepared(insert(table_of(Outgoing)).values(channel=bindparam("channel")))
    with pytest.raises(ValueError, match="attempts"):
        await store.write(lambda session: add.run(session, channel="x"))
