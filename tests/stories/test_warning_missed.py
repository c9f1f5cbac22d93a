"""群发: whom a warning missed is told by name and door to whoever may warn there, and each look is written down."""

import pytest
from sqlalchemy import select, update

from bot.channels.base import Delivered, Delivery, Outcome, Refused
from handlers.admin.warn_missed import PER_PAGE
from storage.admin_models import AuditEntry
from storage.models import Identity, Person
from tests.bot.test_outbox import Post
from tests.cast import PLAIN, Estate
from tests.stories.warned import HUANG, ZHENG, Sending, leaves_the_chat, settle, shuts_the_door

AUNT_LI, UNCLE_ZHANG, GRANNY = "李阿姨", "张叔", "王奶奶"
PHONE = "13812345678"


@pytest.fixture
async def sending(estate: Estate) -> Sending:
    """Three neighbours of building 5; two of them are on no platform that reaches them."""
    await settle(estate, "fengmei-5", [AUNT_LI, UNCLE_ZHANG])
    await settle(estate, "fengmei-5-2", [GRANNY])
    await keep(estate, GRANNY, phone=PHONE, home_detail="501")
    await shuts_the_door(estate, GRANNY)
    await leaves_the_chat(estate, UNCLE_ZHANG)
    return Sending(estate)


async def keep(estate: Estate, name: str, **values: str) -> None:
    """Have something known of a neighbour."""
    them = update(Person).where(Person.name == name)
    await estate.store.write(lambda session: session.execute(them.values(**values)))


async def looks(estate: Estate) -> list[tuple[str, str | None]]:
    """Return what was looked at: action, and whose number."""
    found = (
        select(AuditEntry.action, Person.name).outerjoin(Person, Person.id == AuditEntry.person_id)
        .where(AuditEntry.action.in_(("broadcast.missed", "broadcast.phones"))).order_by(AuditEntry.id)
    )  # fmt: skip
    return [(row[0], row[1]) for row in await estate.store.read(lambda session: session.execute(found).all())]


async def shown(estate: Estate, who: str = HUANG) -> str:
    """Return the newest text that somebody was told."""
    return str([row for row in await estate.told(who) if row.get("title")][-1]["text"])


async def test_who_was_missed_stands_there_by_name_and_door_with_the_reason(sending: Sending) -> None:
    estate = sending.estate
    await sending.is_made()
    await sending.ends()
    assert "没送到：2人" in await estate.reads(HUANG)
    await estate.presses(HUANG, "看看谁没收到")
    told = await estate.reads(HUANG)
    assert "通知没送到：2人\n" in told
    assert "· 张叔 丰美小区5号楼 · 还没有用过本服务，联系不上\n· 王奶奶 丰美小区5号楼2单元501 · 对方关闭了消息" in told
    assert AUNT_LI not in told
    assert PHONE not in told
    assert await looks(estate) == [("broadcast.missed", None)]


async def test_numbers_are_shown_when_asked_for_and_whose_they_are_finds_the_look(sending: Sending) -> None:
    estate = sending.estate
    await sending.is_made()
    await sending.ends()
    await estate.presses(HUANG, "看看谁没收到")
    await estate.presses(HUANG, "看电话号码")
    assert "· 张叔 丰美小区5号楼 · 没留电话 · " in await shown(estate)
    assert f"· 王奶奶 丰美小区5号楼2单元501 · {PHONE} · 对方关闭了消息" in await shown(estate)
    assert [row for row in await estate.told(HUANG) if row.get("title")][-1]["edit"]
    assert await looks(estate) == [
        ("broadcast.missed", None), ("broadcast.missed", None), ("broadcast.phones", GRANNY),
    ]  # fmt: skip
    await estate.presses(HUANG, "不看电话")
    assert PHONE not in await shown(estate)
    await estate.says(HUANG, "/audit")
    assert "黄书记 查看没收到通知的人的电话 王奶奶 丰美小区5号楼" in await estate.reads(HUANG)


async def test_several_hundred_are_paged_on_one_message(sending: Sending) -> None:
    estate = sending.estate
    names = [f"住户{number:03}" for number in range(300)]
    await settle(estate, "fengmei-5-1", names)
    here = (Identity.channel == PLAIN, Identity.chat.in_(names))
    await estate.store.write(lambda s: s.execute(update(Identity).where(*here).values(unreachable="bot was blocked")))
    await sending.is_made()
    await sending.ends()
    await estate.presses(HUANG, "看看谁没收到")
    seen: list[str] = []
    for page in range(1, 32):
        row = [row for row in await estate.told(HUANG) if row.get("title")][-1]
        assert row["title"] == f"通知没送到：302人（第{page}页，共31页）"
        assert bool(row.get("edit")) == (page > 1)
        people = [line.split()[1] for line in row["text"].splitlines() if line.startswith("· ")]
        assert len(people) == (PER_PAGE if page < 31 else 2)
        seen += people
        if page < 31:
            await estate.presses(HUANG, "下一页 ›")
    assert seen == [UNCLE_ZHANG, *names, GRANNY]
    await estate.presses_data(HUANG, "b:missed:1:999999999")
    assert "（第31页，共31页）" in await estate.reads(HUANG)


async def test_nobody_else_may_look(sending: Sending) -> None:
    estate = sending.estate
    await sending.is_made()
    await sending.ends()
    for who in ("feng", "wang", AUNT_LI):  # who leads the building, a steward, a neighbour
        for data in ("b:missed:1", "b:missed:1:0", "b:phones:1:0"):
            await estate.presses_data(who, data)
            told = await estate.reads(who)
            assert "只有该地点的管理员" in told
            assert GRANNY not in told
    await estate.presses_data(ZHENG, "b:missed:1")  # admin of the street above
    assert GRANNY in await estate.reads(ZHENG)
    assert await looks(estate) == [("broadcast.missed", None)]


async def test_whom_a_stop_held_back_was_not_missed(sending: Sending) -> None:
    estate = sending.estate
    await sending.is_made()
    await sending.goes_round()
    await estate.presses(HUANG, "停止群发")
    await sending.ends()
    await estate.presses(HUANG, "看看谁没收到")
    told = await estate.reads(HUANG)
    assert "通知没送到：2人" in told
    assert AUNT_LI not in told


class OneHouse(Post):
    """The platform refuses somebody in the middle of sending."""

    async def deliver(self, delivery: Delivery) -> Outcome:
        found: Outcome = await super().deliver(delivery)
        return Refused("bot was blocked by the user", gone=True) if delivery.chat == AUNT_LI else found or Delivered("")


async def test_while_it_is_being_sent_who_was_missed_so_far_can_be_seen(sending: Sending) -> None:
    estate = sending.estate
    sending.post = OneHouse(name=PLAIN)
    sending.__post_init__()
    await sending.is_made()
    await sending.goes_round()
    assert "看看谁没收到" in await estate.labels(HUANG)
    await estate.presses(HUANG, "看看谁没收到")
    assert AUNT_LI not in await shown(estate)
    await sending.ends()
    await estate.presses_data(HUANG, "b:missed:1:0")
    assert f"· {AUNT_LI} 丰美小区5号楼 · 对方关闭了消息" in await shown(estate)
