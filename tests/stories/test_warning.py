"""群发: a warning is written, looked at, changed and sent by whom it is for, on both databases."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import delete

from handlers.inbound import IncomingFile
from storage.models import Role
from tests.cast import Estate
from tests.stories.warned import HUANG, ZHENG, Sending, drafts, settle

AUNT_LI, UNCLE_ZHANG, GRANNY, ANNA = "李阿姨", "张叔", "王奶奶", "Anna"
FENG = "feng"  # lives in building 5 and leads it


@pytest.fixture
async def sending(estate: Estate) -> Sending:
    """Two neighbours of building 5, one of a unit of it, and one of building 6."""
    await settle(estate, "fengmei-5", [AUNT_LI, UNCLE_ZHANG])
    await settle(estate, "fengmei-5-2", [GRANNY])
    await settle(estate, "fengmei-6", ["邻楼"])
    return Sending(estate)


async def test_a_building_is_warned(sending: Sending) -> None:
    estate = sending.estate
    await estate.says(HUANG, "群发")
    assert list(await estate.buttons(HUANG)) == ["丰美社区", "只发给其中一处"]
    await estate.says(HUANG, "5号楼")
    assert "发给丰美小区5号楼的所有人" in await estate.reads(HUANG)
    await estate.says(HUANG, "台风今晚到，请到社区礼堂。")
    asked = await estate.reads(HUANG)
    assert asked.index("⚠ 丰美小区红管家紧急通知\n台风今晚到") < asked.index("共4人。 不到1分钟发完。")
    assert {"发送", "改内容或照片", "改地点", "取消"} < set(await estate.labels(HUANG))
    await estate.presses(HUANG, "发送")
    await sending.ends()
    assert sorted(await sending.copies()) == sorted([FENG, AUNT_LI, UNCLE_ZHANG, GRANNY])
    assert await estate.labels(GRANNY) == ["我已转移", "需要帮助"]
    told = await estate.reads(HUANG)
    assert "已发完 · 丰美小区5号楼" in told
    assert "已送到：4人" in told


async def test_everybody_reads_their_language(sending: Sending) -> None:
    await settle(sending.estate, "fengmei-5", [ANNA], language="en")
    await sending.is_made()
    await sending.ends()
    assert "⚠ Warning from 丰美小区红管家\n台风今晚到" in await sending.estate.reads(ANNA)
    assert await sending.estate.labels(ANNA) == ["I am safe", "I need help"]


async def test_before_it_is_sent_everything_can_be_changed(sending: Sending) -> None:
    estate = sending.estate
    await estate.says(HUANG, "/broadcast 5号楼")
    await estate.sends_photo(HUANG)
    assert "照片收到了" in await estate.reads(HUANG)
    await estate.says(HUANG, "台风今晚到")
    assert (await estate.told(HUANG))[-2]["photos"] == [1]
    await estate.presses(HUANG, "☑ 我已转移")
    assert {"☐ 我已转移", "☑ 需要帮助"} < set(await estate.labels(HUANG))
    await estate.presses(HUANG, "改内容或照片")
    await estate.says(HUANG, "台风明早到")
    await estate.presses(HUANG, "不要照片")
    await estate.presses(HUANG, "改地点")
    await estate.says(HUANG, "6号楼")
    shown, asked = (await estate.told(HUANG))[-2:]
    assert shown["text"].startswith("台风明早到")
    assert (shown["photos"], list(shown["buttons"])) == ([], ["需要帮助"])
    assert "发给丰美小区6号楼的住户和工作人员，共1人" in asked["text"]
    await estate.presses(HUANG, "发送")
    await sending.ends()
    assert await sending.copies("台风明早到") == ["邻楼"]


async def test_a_photo_goes_along_once_it_is_here(sending: Sending) -> None:
    estate = sending.estate
    await estate.says(HUANG, "/broadcast 6号楼")
    photo = IncomingFile("photo", remote="map", size=1000)
    for number in range(2):
        await estate.says(HUANG, "" if number else "台风今晚到，路线见图", files=(photo,), album="a")
    assert "只附一张照片" in await estate.reads(HUANG)
    await estate.presses(HUANG, "发送")
    await sending.goes_round()
    rows = [row for row in await estate.told("邻楼") if row["photos"]]
    assert [row["photos"] for row in rows] == [[1]]
    assert await estate.cases() == []


async def test_what_is_too_long_or_no_photo_is_declined(sending: Sending) -> None:
    estate = sending.estate
    await estate.says(HUANG, "/broadcast 5号楼")
    await estate.says(HUANG, "急" + "😀" * 400)
    assert "太长了，有801个字" in await estate.reads(HUANG)
    await estate.says(HUANG, "台风", files=(IncomingFile("video", remote="film", size=1000),))
    assert "群发只能用文字，加一张照片" in await estate.reads(HUANG)
    await estate.presses(HUANG, "取消")
    await estate.says(HUANG, "3栋路灯坏了")
    assert "没错就按“提交”" in await estate.reads(HUANG)
    assert await drafts(estate) == []


async def test_places_that_are_not_there_or_not_theirs(sending: Sending) -> None:
    estate = sending.estate
    await estate.says(HUANG, "/broadcast 99号楼")
    assert "这里没有99号楼" in await estate.reads(HUANG)
    await estate.says(HUANG, "98号楼")
    assert "这里没有98号楼" in await estate.reads(HUANG)
    await estate.says(HUANG, "丰美街道")
    assert "只有该地点的管理员" in await estate.reads(HUANG)
    await estate.presses(HUANG, "只发给其中一处")
    await estate.presses(HUANG, "丰美小区7号楼")
    assert "发给丰美小区7号楼的所有人" in await estate.reads(HUANG)
    await estate.says(HUANG, "/broadcast")
    await estate.says(HUANG, "3栋路灯坏了")  # not a place alone: a report
    assert "没错就按“提交”" in await estate.reads(HUANG)


async def test_only_admins_and_only_their_own_drafts(sending: Sending) -> None:
    estate = sending.estate
    for who in (AUNT_LI, "wang", FENG):
        await estate.says(who, "/broadcast 5号楼")
        assert "是管理员用的" in await estate.reads(who)
    await estate.says(HUANG, "/broadcast 5号楼")
    await estate.says(HUANG, "台风今晚到")
    for who in (AUNT_LI, "wang", ZHENG):
        for verb in ("send", "cancel", "plain", "asksafe", "words", "place", "agree"):
            await estate.presses_data(who, f"b:{verb}:1")
    for data in ("b:send:99", "b:agree:1", "b:stop:1", "b:nothing:1", "b:show:x", "b:at:1", "b"):
        await estate.presses_data(HUANG, data)
    await estate.presses_data(AUNT_LI, "b:safe:1")
    assert "这只是预览" in await estate.reads(AUNT_LI)
    assert await drafts(estate) == ["draft"]
    estate.clock.move(timedelta(hours=13))
    await estate.presses(HUANG, "发送")
    assert "这是很久以前的了" in await estate.reads(HUANG)
    assert await drafts(estate) == ["draft"]


async def test_a_button_that_has_been_overtaken_says_how_it_stands(sending: Sending) -> None:
    estate = sending.estate
    await estate.says(HUANG, "/broadcast 5号楼")
    await estate.says(HUANG, "台风今晚到")
    await estate.presses(HUANG, "取消")
    assert "已取消，一条也没有发出" in await estate.reads(HUANG)
    await estate.presses_data(HUANG, "b:send:1")
    told = await estate.reads(HUANG)
    assert "这条通知的情况已经变了" in told
    assert "已取消，一条也没有发出 · 丰美小区5号楼" in told
    await sending.is_made()
    await estate.presses_data(HUANG, "b:send:2")
    await sending.ends()
    assert Counter(await sending.copies()).most_common(1)[0][1] == 1


async def test_who_takes_too_long_or_is_admin_no_more_is_told(sending: Sending) -> None:
    estate = sending.estate
    await estate.says(HUANG, "/broadcast 5号楼")
    await estate.says(HUANG, "台风今晚到")
    await estate.presses(HUANG, "改内容或照片")
    estate.clock.move(timedelta(hours=13))
    await estate.says(HUANG, "台风明早到")
    assert "这是很久以前的了" in await estate.reads(HUANG)
    await estate.says(HUANG, "/broadcast 5号楼")
    await estate.store.write(lambda session: session.execute(delete(Role).where(Role.role == "admin")))
    await estate.says(HUANG, "台风今晚到")
    assert "只有该地点的管理员" in await estate.reads(HUANG)
    assert await drafts(estate) == ["draft"]


async def test_words_that_begin_like_a_command_are_the_warning(sending: Sending) -> None:
    estate = sending.estate
    await estate.says(HUANG, "群发 5号楼")
    await estate.says(HUANG, "预警 台风今晚到，请到社区礼堂")
    assert "预警 台风今晚到" in await estate.reads(HUANG)
    await estate.presses(HUANG, "发送")
    await sending.ends()
    assert len(await sending.copies("预警 台风今晚到")) == 4


async def test_a_place_alone_is_no_warning(sending: Sending) -> None:
    estate = sending.estate
    await estate.says(HUANG, "群发 5号楼")
    await estate.reads(HUANG)
    await estate.says(HUANG, location=(23.1, 113.2))
    assert "群发只能用文字" in await estate.reads(HUANG)


async def test_the_list_of_places_is_for_admins_and_waits_for_one(sending: Sending) -> None:
    estate = sending.estate
    await estate.presses_data(AUNT_LI, "b:places:0")
    assert "只有该地点的管理员" in await estate.reads(AUNT_LI)
    await estate.presses_data(HUANG, "b:places:0")
    await estate.says(HUANG, "5号楼")
    assert "发给丰美小区5号楼的所有人" in await estate.reads(HUANG)
