"""群发: who agrees to a warning, how it is sent and stopped, who is not reached, on both databases."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from bot import outrows
from bot.channels.base import Delivered, Delivery, Outcome, Refused
from bot.in_hand import AT_ONCE
from bot.outrows import WARNINGS
from handlers.priority import WARNING
from storage.admin_models import AuditEntry
from storage.message_models import Outgoing
from storage.models import Person
from tests.bot.test_outbox import Post
from tests.cast import Estate
from tests.stories.warned import HUANG, ZHENG, Sending, drafts, leaves_the_chat, settle, shuts_the_door

AUNT_LI, UNCLE_ZHANG, GRANNY = "李阿姨", "张叔", "王奶奶"
FENG = "feng"  # lives in building 5 and leads it


@pytest.fixture
async def sending(estate: Estate) -> Sending:
    """Three neighbours of building 5."""
    await settle(estate, "fengmei-5", [AUNT_LI, UNCLE_ZHANG])
    await settle(estate, "fengmei-5-2", [GRANNY])
    return Sending(estate)


async def test_whom_nobody_reaches_is_counted_with_the_reason(sending: Sending) -> None:
    estate = sending.estate
    await shuts_the_door(estate, UNCLE_ZHANG)
    await leaves_the_chat(estate, AUNT_LI)
    sending.post = Gone({GRANNY})
    sending.__post_init__()
    await sending.is_made()
    await sending.ends()
    told = await estate.reads(HUANG)
    assert await sending.copies() == [FENG, GRANNY]
    assert "已送到：1人" in told
    assert "没送到：3人" in told
    assert told.index("· 2人：对方关闭了消息") < told.index("· 1人：还没有用过本服务")


class Gone(Post):
    """Some have shut the door and we do not know it yet."""

    def __init__(self, who: set[str]) -> None:
        super().__init__(name="plain")
        self.who = who

    async def deliver(self, delivery: Delivery) -> Outcome:
        found = await super().deliver(delivery)
        return Refused("bot was blocked by the user", gone=True) if delivery.chat in self.who else found


async def many(estate: Estate, count: int = 600) -> None:
    """Have more people live in building 5 than one admin may warn alone."""
    await settle(estate, "fengmei-5", [f"住户{number}" for number in range(count)])


async def test_for_many_people_a_second_admin_agrees(sending: Sending) -> None:
    estate = sending.estate
    await many(estate)
    await sending.is_made()
    told = await estate.reads(HUANG)
    assert "超过500人，要另一位管理员同意后才发" in told
    assert "等另一位管理员同意 · 丰美小区5号楼" in told
    await estate.presses_data(HUANG, "b:agree:1")
    assert "自己发起的通知，要由别人来同意" in await estate.reads(HUANG)
    asked = await estate.reads(ZHENG)
    assert asked.index("台风今晚到") < asked.index("黄书记要把上面这条发给大家，您同意吗？")
    assert "共604人" in asked
    assert await sending.copies() == []
    await estate.presses(ZHENG, "同意发送")
    assert "郑主任同意了" in await estate.reads(HUANG)
    await estate.presses_data(ZHENG, "b:refuse:1")
    assert "这条通知的情况已经变了" in await estate.reads(ZHENG)
    await sending.ends()
    assert len(await sending.copies()) == len(set(await sending.copies())) == 604
    assert await audit(estate) == [("broadcast.made", HUANG, 604), ("broadcast.confirmed", ZHENG, 604)]


async def audit(estate: Estate) -> list[tuple[str, str, int]]:
    """Return what is in the audit: action, who, how many people."""
    found = select(AuditEntry.action, Person.key, AuditEntry.data).join(Person, Person.id == AuditEntry.actor_id)
    rows = await estate.store.read(lambda session: session.execute(found.order_by(AuditEntry.id)).all())
    return [(row[0], str(row[1]), int(row[2]["people"])) for row in rows]


async def test_the_second_admin_does_not_agree_or_not_in_time(sending: Sending) -> None:
    estate = sending.estate
    await many(estate)
    await sending.is_made()
    await estate.presses(ZHENG, "不同意")
    assert "郑主任没有同意，一条也没有发出" in await estate.reads(HUANG)
    await sending.is_made()
    estate.clock.move(timedelta(hours=3))
    await estate.presses(ZHENG, "同意发送")
    assert "这是很久以前的了" in await estate.reads(ZHENG)
    await sending.ends()
    assert await drafts(estate) == ["refused", "second"]
    assert await sending.copies() == []
    assert [what for what, _, _ in await audit(estate)] == ["broadcast.made", "broadcast.refused", "broadcast.made"]


async def test_without_a_second_admin_it_is_not_sent(sending: Sending) -> None:
    estate = sending.estate
    await many(estate)
    await shuts_the_door(estate, ZHENG)
    await sending.is_made()
    assert "没有联系得上的另一位管理员" in await estate.reads(HUANG)
    assert await drafts(estate) == ["draft"]


async def test_it_can_be_stopped(sending: Sending) -> None:
    estate = sending.estate
    await many(estate, 480)
    await sending.is_made()
    await sending.goes_round()
    await sending.outbox.send_due()  # as many as are in hand at once
    had = len(await sending.copies())
    assert 0 < had < 100
    await estate.presses(HUANG, "停止群发")
    await sending.ends()
    told = await estate.reads(HUANG)
    assert len(await sending.copies()) == had
    assert f"已停止 · 丰美小区5号楼\n“台风今晚到，请到社区礼堂。”\n已送到：{had}人\n不再发送：{484 - had}人" in told
    assert [what for what, _, _ in await audit(estate)] == ["broadcast.made", "broadcast.stopped"]
    await estate.presses_data(HUANG, "b:stop:1")
    assert "这条通知的情况已经变了" in await estate.reads(HUANG)


async def test_what_is_on_its_way_when_it_is_stopped_is_counted(sending: Sending) -> None:
    estate = sending.estate
    await many(estate, 100)
    await sending.is_made()
    await sending.goes_round()
    now = estate.clock.now()
    claimed = await estate.store.write(lambda s: outrows.claim(s, ["plain"], now, warnings=AT_ONCE[WARNINGS]))
    on_its_way = [each for each in claimed if each.priority == WARNING]
    await estate.presses(HUANG, "停止群发")
    await sending.goes_round()
    assert await sending.state() == "stopping"
    for each in on_its_way:
        await estate.store.write(partial(outrows.book, claimed=each, outcome=Delivered("1"), now=now))
    await sending.goes_round()
    assert await sending.state() == "stopped"
    assert f"已送到：{len(on_its_way)}人\n不再发送：{104 - len(on_its_way)}人" in await estate.reads(HUANG)


async def test_the_card_says_how_far_it_is_but_not_all_the_time(sending: Sending) -> None:
    estate = sending.estate
    await many(estate, 480)
    await sending.is_made()
    shown = await cards(estate)
    for _ in range(8):
        await sending.goes_round()
        await sending.outbox.send_due()
    new = (await cards(estate))[len(shown) :]
    assert len(new) == 2  # at once, and seven seconds later
    assert all("还没发：" in text for text in new)


async def cards(estate: Estate) -> list[str]:
    """Return what the maker's card said, oldest first."""
    return [row["text"] for row in await estate.told(HUANG) if row.get("edit")]


async def test_two_processes_write_each_copy_once(sending: Sending) -> None:
    estate = sending.estate
    await many(estate, 480)
    await sending.is_made()
    others = [Sending(estate) for _ in range(3)]
    await asyncio.gather(*(each.broadcaster.go_round() for each in (sending, *others)))
    copies = select(Outgoing.person_id, func.count()).where(Outgoing.broadcast_id.is_not(None))
    rows = await estate.store.read(lambda session: session.execute(copies.group_by(Outgoing.person_id)).all())
    assert len(rows) == 484
    assert {row[1] for row in rows} == {1}


async def test_at_night_it_rings_all_the_same(sending: Sending) -> None:
    estate = sending.estate
    estate.clock.move(timedelta(hours=13, minutes=30))  # 23:30
    await sending.is_made()
    await sending.goes_round()
    estate.clock.move(timedelta(hours=1))
    await sending.ends()
    assert len(await sending.copies()) == 4


async def test_what_could_not_be_sent_for_hours_is_no_warning_any_more(sending: Sending) -> None:
    estate = sending.estate
    await sending.is_made()
    await sending.goes_round()
    estate.clock.move(timedelta(hours=13))
    await sending.ends()
    assert await sending.copies() == []
    assert "· 4人：一直没发出去，已经过时" in await estate.reads(HUANG)


async def test_the_last_ones_are_shown_with_the_figures_of_now(sending: Sending) -> None:
    estate = sending.estate
    await sending.is_made()
    await sending.ends()
    await estate.presses(AUNT_LI, "我已转移")
    await estate.says(HUANG, "/broadcast")
    label = next(label for label in await estate.labels(HUANG) if "已发完" in label)
    await estate.reads(HUANG)
    await estate.presses(HUANG, label)
    assert "已转移1人 · 需要帮助0人 · 还没回复3人" in await estate.reads(HUANG)
    await estate.presses(GRANNY, "我已转移")
    await estate.presses(HUANG, "刷新数字")
    assert "已转移2人" in await estate.reads(HUANG)
    await estate.presses_data(AUNT_LI, "b:show:1")
    assert "只有该地点的管理员" in await estate.reads(AUNT_LI)
