"""Who asks to be forgotten is: at once who they are, then every trace, whatever crashes; what is open goes on."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, inspect, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.attachments import Files
from bot.keeper import Keeper
from cases import erasing
from cases.context import Context
from storage.base import Base
from storage.channel_models import CardCode
from storage.link_models import Joining, LinkCode
from storage.message_models import (
    Attachment,
    CardMessage,
    ChatWindow,
    InboxEntry,
    NoticeGrant,
    Offered,
    Outgoing,
    WebLine,
)
from storage.models import Case, HistoryEntry, Identity, Person, Rating
from storage.privacy_models import Erasure, GoneFile
from tests.cast import PLAIN, Estate
from tests.stories.leading import AUNT_LI, HUANG, UNCLE_ZHANG, WANG, accepted, audit, closed, file, story
from tests.stories.linking import AUNT_THERE, join
from tests.stories.test_groups import GROUP, asks, bound, presses

NUMBER = "13812345678"


class Keeping:
    """The keeper beside the estate."""

    def __init__(self, estate: Estate, folder: Path) -> None:
        self.estate = estate
        self.files = Files(folder, estate.store, estate.clock)
        self.keeper = Keeper(estate.store, estate.rules_for, estate.clock, self.files)

    async def goes_round(self) -> None:
        """Send what waits, then remove what is to be removed."""
        sent = update(Outgoing).where(Outgoing.state == "pending").values(state="sent")
        await self.estate.store.write(lambda session: session.execute(sent))
        await self.keeper.go_round(pause=0)

    async def photo(self, name: str, token: str = "aa" + "b" * 41) -> Path:
        """Put the newest file on the disk, as the fetcher does."""
        path = self.files.root / token[:2] / token[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
        newest = select(Attachment.id).order_by(Attachment.id.desc()).limit(1).scalar_subquery()
        ready = {"state": "ready", "path": f"{token[:2]}/{token[2:]}", "token": token, "size": len(name)}
        changed = update(Attachment).where(Attachment.id == newest).values(**ready)
        await self.estate.store.write(lambda session: session.execute(changed))
        return path


@pytest.fixture
def keeping(estate: Estate, tmp_path: Path) -> Keeping:
    """The keeper, with a folder of its own."""
    return Keeping(estate, tmp_path / "files")


async def forget(estate: Estate, who: str) -> str:
    """Have somebody ask and press; return what they read last."""
    await estate.says(who, "/forgetme")
    await estate.presses(who, "确定删除")
    return await estate.reads(who)


def everything(session: Session) -> str:
    """Return all that is in the database, as text; of moments not the part of a second, which may be any number."""
    tables = [table for table in inspect(session.connection()).get_table_names() if table != "alembic_version"]
    assert set(tables) == set(Base.metadata.tables)
    rows = [str(row) for table in tables for row in session.execute(text(f'SELECT * FROM "{table}"'))]
    return re.sub(r"(\d\d:\d\d:\d\d)\.\d+|, \d+, tzinfo", r"\1", "\n".join(rows))


async def leaves_traces(estate: Estate, keeping: Keeping) -> Path:
    """Aunt Li tells, adds, rates with words, says no; wherever there is a place for words there are some of hers."""
    await estate.says(AUNT_LI, f"/phone {NUMBER}")
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.sends_photo(AUNT_LI, f"5栋501半夜太吵了，我是张丽华，电话{NUMBER}")
    path = await keeping.photo("a photo")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses_data(AUNT_LI, "c:add:1001")
    await estate.says(AUNT_LI, "张丽华补充：晚上在家")
    await estate.presses_if_asked(AUNT_LI, "补充完了")
    await estate.presses_data(AUNT_LI, "c:finish:1001")
    steward = await estate.steward()
    await estate.presses_data(steward, "c:accept:1001")
    await estate.presses_data(steward, "c:phone:1001")
    await estate.presses(steward, "办结")
    await estate.presses(steward, "已处理")
    await estate.presses_data(AUNT_LI, "c:solved:1001")
    await estate.presses_data(AUNT_LI, "c:star:1001:2")
    await estate.says(AUNT_LI, "张丽华不满意，来得太慢")
    await estate.says(UNCLE_ZHANG, "5栋的事同上")
    await estate.waits(days=4)
    return path


async def one(estate: Estate, column: Any, *where: Any) -> Any:
    """Return a value."""
    return await estate.store.read(lambda session: session.scalar(select(column).where(*where)))


async def write(estate: Estate, *statements: Any) -> None:
    """Write rows that a channel would have written."""
    await estate.store.write(lambda session: [session.execute(statement) for statement in statements])


async def test_it_is_asked_with_what_goes_and_what_stays(estate: Estate) -> None:
    await estate.says(AUNT_LI, "忘记我")
    words = await estate.reads(AUNT_LI)
    assert "会删掉：您的名字、电话" in words
    assert "会留下：事项在哪栋" in words
    assert "还没办完" not in words
    await estate.presses(AUNT_LI, "不删了")
    assert "什么都没删" in await estate.reads(AUNT_LI)
    assert await one(estate, Person.name, Person.name == AUNT_LI) == AUNT_LI


async def test_an_old_button_asks_anew(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/forgetme")
    old = (await estate.buttons(AUNT_LI))["确定删除"]
    await estate.waits(hours=2)
    await estate.presses_data(AUNT_LI, old)
    assert await one(estate, Person.name, Person.name == AUNT_LI) == AUNT_LI
    await estate.presses(AUNT_LI, "确定删除")
    assert await one(estate, Person.name, Person.name == AUNT_LI) is None


async def test_nothing_of_them_is_left_anywhere(estate: Estate, keeping: Keeping) -> None:
    path = await leaves_traces(estate, keeping)
    before = await estate.store.read(everything)
    for trace in (AUNT_LI, NUMBER, "张丽华"):
        assert trace in before, trace
    assert "删好了" in await forget(estate, AUNT_LI)
    assert path.exists()
    await keeping.goes_round()
    left = await estate.store.read(everything)
    found = {
        trace: [line for line in left.splitlines() if trace in line] for trace in (AUNT_LI, NUMBER, "张丽华", "501")
    }
    assert found == {AUNT_LI: [], NUMBER: [], "张丽华": [], "501": []}
    assert not path.exists()
    assert await one(estate, GoneFile.id) is None
    (erasure,) = await estate.store.read(lambda session: session.scalars(select(Erasure)).all())
    assert (erasure.done_at is not None, erasure.addresses) == (True, [])


async def test_of_two_who_were_joined_nothing_is_left(estate: Estate, keeping: Keeping) -> None:
    await estate.says(AUNT_THERE, f"/phone {NUMBER}")
    await estate.says(AUNT_THERE, "/start p_fengmei-5")
    await estate.sends_photo(AUNT_THERE, "5号楼路灯不亮，我是张丽华")
    path = await keeping.photo("a photo")
    await estate.presses(AUNT_THERE, "提交")
    await estate.says(UNCLE_ZHANG, "5栋漏水")
    await estate.presses(UNCLE_ZHANG, "提交")
    await join(estate, AUNT_LI, AUNT_THERE)
    steward = await estate.steward()
    await estate.presses_data(steward, "c:accept:1001")
    said = select(Outgoing.said).where(Outgoing.said.is_not(None))
    assert "接单" in str(await estate.store.read(lambda session: session.scalars(said).all()))
    now = estate.clock.now()
    await write(
        estate,
        insert(Offered).values(channel="other", chat=AUNT_THERE, choices={"1": ["c:add:1001", "张丽华"]}, at=now),
        insert(ChatWindow).values(channel="other", chat=AUNT_THERE, said_left=5),
        insert(NoticeGrant).values(channel="other", chat=AUNT_THERE, template="t", granted_at=now),
        insert(CardCode).values(channel="other", chat=AUNT_THERE, card="x", code="张丽华", until=now),
    )
    await forget(estate, AUNT_LI)
    await keeping.goes_round()
    left = await estate.store.read(everything)
    case = (await estate.cases())[0]
    assert (case.state, case.anonymised_at) == ("working", None)
    of_hers = [line for line in left.splitlines() if any(each in line for each in (AUNT_LI, NUMBER))]
    assert of_hers == []
    assert await estate.store.read(lambda session: session.scalars(said).all()) == []
    assert await one(estate, Joining.id) is None
    assert await one(estate, LinkCode.id) is None
    people = select(Person.id).where(Person.forgotten_at.is_not(None), Person.name == "", Person.phone.is_(None))
    assert len(await estate.store.read(lambda session: session.scalars(people).all())) == 2
    assert AUNT_LI not in await story(estate, steward)
    await estate.presses(steward, "办结")
    await estate.sends_photo(steward, "修好了")
    for _day in range(6):
        await estate.waits(days=1)
    await keeping.goes_round()
    assert "张丽华" not in await estate.store.read(everything)
    assert not path.exists()
    assert "漏水" in await estate.store.read(everything)


async def test_a_window_of_whoever_is_somebody_new_by_now_stays(estate: Estate, keeping: Keeping) -> None:
    await estate.says(AUNT_LI, "你好")
    await write(estate, insert(ChatWindow).values(channel=PLAIN, chat=AUNT_LI, said_left=5))
    await forget(estate, AUNT_LI)
    await estate.says(AUNT_LI, "你好")
    await keeping.goes_round()
    assert await one(estate, ChatWindow.said_left) == 5


async def test_the_case_stays_for_the_figures(estate: Estate, keeping: Keeping) -> None:
    await leaves_traces(estate, keeping)
    kept = (Case.state, Case.category, Case.place_id, Case.created_at, Case.resolved_at, Case.resolve_by)
    figures = select(*kept)
    before = await estate.store.read(lambda session: session.execute(figures).all())
    steps = await estate.history()
    stars = [(rating.stars, rating.solved) for rating in await estate.ratings()]
    await forget(estate, AUNT_LI)
    await keeping.goes_round()
    assert await estate.store.read(lambda session: session.execute(figures).all()) == before
    assert await estate.history() == steps
    assert [(rating.stars, rating.solved) for rating in await estate.ratings()] == stars
    shown = await story(estate, HUANG)
    assert "#1001" in shown
    assert AUNT_LI not in shown
    assert "一位居民" in shown


async def test_whoever_writes_again_is_new(estate: Estate, keeping: Keeping) -> None:
    await closed(estate)
    await forget(estate, AUNT_LI)
    await estate.says(AUNT_LI, "/mycases")
    assert "#1001" not in await estate.reads(AUNT_LI)
    await keeping.goes_round()
    await estate.says(AUNT_LI, "5栋路灯坏了")
    await estate.presses(AUNT_LI, "提交")
    first, second = await estate.cases()
    assert first.reporter_id != second.reporter_id
    assert (first.words, second.words) == ("", "5栋路灯坏了")
    await keeping.goes_round()
    assert (await estate.case()).words == "5栋路灯坏了"


async def test_an_open_case_goes_on_without_their_name(estate: Estate, keeping: Keeping) -> None:
    await estate.says(AUNT_LI, f"/phone {NUMBER}")
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    steward = await accepted(estate, f"5栋501太吵了，李阿姨 {NUMBER}")
    await estate.says(AUNT_LI, "/forgetme")
    words = await estate.reads(AUNT_LI)
    assert "还没办完的：#1001" in words
    assert "/mycases" in words
    await estate.presses(AUNT_LI, "确定删除")
    await keeping.goes_round()
    case = await estate.case()
    assert (case.state, case.anonymised_at) == ("working", None)
    assert "太吵" in case.words
    assert AUNT_LI not in case.words
    assert NUMBER not in case.words
    left = await estate.store.read(everything)
    assert [line for line in left.splitlines() if AUNT_LI in line or NUMBER in line] == []
    shown = await story(estate, steward)
    assert AUNT_LI not in shown
    await estate.presses(steward, "办结")
    await estate.presses(steward, "已处理")
    for _day in range(6):
        await estate.waits(days=1)
    assert (await estate.case()).state == "closed"
    await keeping.goes_round()
    case = await estate.case()
    assert (case.words, case.place_detail) == ("", "")
    assert case.anonymised_at is not None
    assert await one(estate, Erasure.done_at) is not None


async def test_an_open_emergency_is_not_dropped(estate: Estate, keeping: Keeping) -> None:
    await estate.says(AUNT_LI, "5号楼着火了，快来人")
    await estate.presses_if_asked(AUNT_LI, "提交")
    await forget(estate, AUNT_LI)
    await keeping.goes_round()
    case = await estate.case()
    assert (case.emergency, case.state, "着火" in case.words) == (True, "assigned", True)
    assert case.look_at is not None


async def test_who_has_a_role_hands_on_first(estate: Estate) -> None:
    await accepted(estate)
    await estate.says(WANG, "/forgetme")
    assert "您手上还有事：#1001" in await estate.reads(WANG)
    await estate.says(HUANG, "/forgetme")
    assert "您在这里有职务" in await estate.reads(HUANG)
    now = int(estate.clock.now().timestamp())
    for who in (WANG, HUANG):
        await estate.presses_data(who, f"y:forget:{now}")
    assert await one(estate, Erasure.id) is None
    assert await one(estate, Person.name, Person.key == HUANG) == "黄书记"


async def test_what_waited_to_be_sent_to_them_is_dropped(estate: Estate) -> None:
    await file(estate)
    waiting = select(Outgoing.id).where(Outgoing.chat == AUNT_LI, Outgoing.state == "pending")
    before = await estate.store.read(lambda session: session.scalars(waiting).all())
    assert len(before) > 1
    await forget(estate, AUNT_LI)
    after = await estate.store.read(lambda session: session.scalars(waiting).all())
    assert len(after) == 2  # the last words, and the answer to the press
    assert not set(before) & set(after)


async def test_the_last_words_are_not_taken_before_they_are_sent(estate: Estate, keeping: Keeping) -> None:
    await forget(estate, AUNT_LI)
    await keeping.keeper.go_round(pause=0)
    waiting = select(Outgoing.payload).where(Outgoing.chat == AUNT_LI, Outgoing.state == "pending")
    assert any(
        "删好了" in (row.get("text") or "") for row in await estate.store.read(lambda s: s.scalars(waiting).all())
    )
    assert await one(estate, Erasure.done_at) is None
    estate.clock.move(timedelta(minutes=6))
    await keeping.goes_round()
    assert await one(estate, Erasure.done_at) is not None


async def test_it_goes_on_after_a_crash_at_any_step(
    estate: Estate, keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await leaves_traces(estate, keeping)
    await forget(estate, AUNT_LI)
    whole, steps = erasing.go_on, [name for name, _step in erasing.STEPS]

    def dies(context: Context, number: int) -> bool:
        at = context.session.scalars(select(Erasure.step)).one()
        whole(context, number)
        if steps and at == steps[0]:
            steps.pop(0)
            raise OperationalError("UPDATE", {}, ConnectionError())
        return True

    monkeypatch.setattr(erasing, "go_on", dies)
    for _ in range(len(erasing.STEPS)):
        with pytest.raises(OperationalError):
            await keeping.goes_round()
    monkeypatch.setattr(erasing, "go_on", whole)
    await keeping.goes_round()
    left = await estate.store.read(everything)
    assert [trace for trace in (AUNT_LI, NUMBER, "张丽华") if trace in left] == []
    assert not path.exists()


async def test_a_file_is_off_the_disk_after_a_crash_between_commit_and_removal(
    estate: Estate, keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await leaves_traces(estate, keeping)
    await forget(estate, AUNT_LI)

    def dies(_paths: list[str]) -> None:
        raise OSError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(keeping.files, "remove", dies)
        with pytest.raises(OSError, match="killed"):
            await keeping.goes_round()
    assert path.exists()
    await keeping.goes_round()
    assert not path.exists()
    assert await one(estate, GoneFile.id) is None


async def test_a_file_that_is_just_being_fetched_goes_as_well(estate: Estate, keeping: Keeping) -> None:
    await estate.sends_photo(AUNT_LI, "5栋路灯坏了")
    await forget(estate, AUNT_LI)
    await keeping.goes_round()
    token = await one(estate, Attachment.token)
    path = keeping.files.root / token[:2] / token[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"came too late")
    estate.clock.move(timedelta(hours=1))
    await keeping.goes_round()
    assert not path.exists()


async def test_the_lines_and_keys_of_a_web_chat_go(estate: Estate, keeping: Keeping) -> None:
    await estate.says(AUNT_LI, "5栋路灯坏了")
    me, other = "a" * 32, "b" * 32
    now = estate.clock.now()

    def write(session: Session) -> None:
        person = session.scalars(select(Person.id).where(Person.name == AUNT_LI)).one()
        session.execute(insert(Identity).values(person_id=person, channel="web", user=me, chat=me))
        for who in (me, other):
            session.execute(insert(WebLine).values(chat=who, mine=True, said=f"{who}:1", body={"text": "hi"}, at=now))
            session.execute(insert(InboxEntry).values(channel="web", key=f"{who}:1", received_at=now))
            session.execute(insert(CardMessage).values(channel="web", chat=who, card="draft:1", message="1"))

    await estate.store.write(write)
    await forget(estate, AUNT_LI)
    await keeping.goes_round()
    chats = await estate.store.read(lambda s: s.scalars(select(WebLine.chat)).all())
    cards = await estate.store.read(lambda s: s.scalars(select(CardMessage.chat)).all())
    keys = await estate.store.read(lambda s: s.scalars(select(InboxEntry.key).where(InboxEntry.channel == "web")).all())
    assert (chats, cards, keys) == ([other], [other], [f"{other}:1"])


async def test_words_in_the_cases_of_neighbours_go_and_the_rest_of_those_stays(
    estate: Estate, keeping: Keeping
) -> None:
    await file(estate, "5栋漏水")
    await estate.says(UNCLE_ZHANG, "5栋漏水漏水了")
    await estate.presses(UNCLE_ZHANG, next(label for label in await estate.labels(UNCLE_ZHANG) if "1001" in label))
    await forget(estate, UNCLE_ZHANG)
    await keeping.goes_round()
    left = await estate.store.read(lambda s: s.scalars(select(HistoryEntry.words)).all())
    assert "5栋漏水漏水了" not in left
    assert "5栋漏水" in left
    assert (await estate.case()).words == "5栋漏水"


async def test_a_card_in_a_group_loses_their_words(estate: Estate, keeping: Keeping) -> None:
    await bound(estate)
    for said in ("5栋漏水，找李阿姨", "5栋路灯坏了，找李阿姨"):
        await asks(estate, AUNT_LI, said)
        await presses(estate, AUNT_LI, "提交")
    await estate.presses_data(AUNT_LI, "c:really:1001")
    for case in await estate.cases():
        card = {"channel": PLAIN, "chat": GROUP, "card": f"draft:{case.draft}", "message": str(case.id)}
        await estate.store.write(lambda s, card=card: s.execute(insert(CardMessage).values(**card)))  # type: ignore[misc]
    await estate.reads(GROUP)
    await forget(estate, AUNT_LI)
    over, still = (await estate.told(GROUP))[::-1][:2]
    assert over["text"] == "丰美小区5号楼\n这里说的话已经不再保留。"
    assert "路灯" in still["text"]
    assert AUNT_LI not in still["text"]
    await keeping.goes_round()
    left = await estate.store.read(everything)
    assert AUNT_LI not in left


async def test_nobody_is_asked_to_call_back_whoever_is_not_there_any_more(estate: Estate, keeping: Keeping) -> None:
    await leaves_traces(estate, keeping)
    asked = select(Rating.id).where(Rating.caller_id.is_not(None), Rating.called_at.is_(None))
    assert await estate.store.read(lambda s: s.scalar(asked)) is not None
    await forget(estate, AUNT_LI)
    await keeping.goes_round()
    assert await estate.store.read(lambda s: s.scalar(asked)) is None
    assert (await estate.cases())[0].look_at is None


async def test_it_is_in_the_audit_without_a_name(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/mycases")
    await forget(estate, AUNT_LI)
    assert await audit(estate) == ["forgotten"]
    await estate.says("zheng", "/audit")
    shown = await estate.reads("zheng")
    assert "已注销的住户" in shown
    assert AUNT_LI not in shown


def test_every_column_that_may_hold_words_is_known() -> None:
    """Where a table gains words, forgetting must learn of them: who adds one adds it here and to `cases.erasing`."""
    free = {"TEXT", "JSON"}
    columns = {
        f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns
        if str(column.type).upper().split("(")[0] in free
    }  # fmt: skip
    assert PLAIN
    assert columns == {
        "place.aliases", "place.working_hours", "place.lunch", "role.skills",
        "case_.words", "history.words", "history.data", "rating.tags", "rating.words", "rating.outcome", "rating.reply",
        "audit.words", "audit.data", "broadcast.words", "broadcast.buttons", "kept_search.data", "dialogue.data",
        "outgoing.payload", "outgoing.said", "web_line.body", "commission.data", "erasure.addresses", "offered.choices",
        "joining.moved", "card_code.code",
        "place.told", "chat_sent.spans", "access_token.token",  # nobody's words
    }  # fmt: skip
