"""What fails in the background takes the desk down with a clear word: an answer would be given again and again."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.died import part_died
from storage.engine import Store
from tests.channels.wechat.yard import yard

SQLITE = (
    "CREATE TRIGGER no_mark BEFORE UPDATE ON outgoing WHEN NEW.state = 'sent' BEGIN SELECT RAISE(ABORT, 'words'); END",
)
POSTGRES = (
    "CREATE FUNCTION no_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'words'; END $$",
    "CREATE TRIGGER no_mark BEFORE UPDATE ON outgoing FOR EACH ROW WHEN (NEW.state = 'sent')"
    " EXECUTE FUNCTION no_mark()",
)


async def test_an_answer_that_can_never_be_marked_ends_the_desk(store: Store) -> None:
    async with yard(store) as place:
        watching = asyncio.create_task(place.channel.watch())
        assert place.text_of(await place.tells()) != ""
        assert not watching.done()  # what goes well is no reason to end
        for statement in SQLITE if store.url.get_backend_name() == "sqlite" else POSTGRES:
            await store.write(lambda session, told=statement: session.execute(text(told)))  # type: ignore[misc]
        assert place.text_of(await place.tells(MsgId=2, Content="您好")) != ""  # given, whatever becomes of the mark
        async with asyncio.timeout(30):
            with pytest.raises(DBAPIError) as caught:
                await watching
    told = str(part_died("channel wechat", caught.value))
    assert told.startswith("the channel wechat died: ")
    assert "Error in prepared.py" in told
    assert "words" not in told
