"""关联: a code from one chat, typed in the other, makes one person of both; on both databases."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from storage.admin_models import AuditEntry
from storage.link_models import LinkCode
from storage.models import Case, Person
from storage.people import reach
from tests.cast import Estate
from tests.stories.linking import AUNT, AUNT_THERE, UNCLE, UNCLE_THERE, code, join, person, reported, rows

LIFT = "3号楼2单元电梯坏了"


async def test_two_chats_become_one_person_with_all_cases(estate: Estate) -> None:
    case = await reported(estate, AUNT, LIFT)
    await estate.says(AUNT_THERE, "你好")
    told = await join(estate, AUNT, AUNT_THERE)
    assert "现在是一个人" in told
    assert await person(estate, AUNT) == await person(estate, AUNT_THERE)
    await estate.says(AUNT_THERE, "/mycases")
    assert f"#{case.id}" in str(await estate.buttons(AUNT_THERE))
    assert "这边已经和other（李阿姨）关联成一个人。如果不是您本人做的，请发 /unlink" in await estate.reads(AUNT)


async def test_it_is_asked_first_and_names_both_sides(estate: Estate) -> None:
    await estate.says(UNCLE_THERE, "你好")
    await estate.says(UNCLE_THERE, f"/link {await code(estate, AUNT)}")
    assert "这边的other（张叔），和那边的plain（李阿姨），都是您本人吗" in await estate.reads(UNCLE_THERE)
    assert await person(estate, AUNT) != await person(estate, UNCLE_THERE)
    await estate.presses(UNCLE_THERE, "不是我")
    assert "没有关联，一切照旧" in await estate.reads(UNCLE_THERE)
    await estate.presses(UNCLE_THERE, "是，都是我")
    assert "这个已经过时了" in await estate.reads(UNCLE_THERE)
    assert await person(estate, AUNT) != await person(estate, UNCLE_THERE)


@pytest.mark.parametrize("written", ["{0}", "{1}-{2}", "{1} {2}", "full"])
async def test_after_link_the_digits_alone_are_enough(estate: Estate, written: str) -> None:
    shown = await code(estate, AUNT)
    await estate.says(AUNT_THERE, "/link")
    full = shown.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    await estate.says(AUNT_THERE, full if written == "full" else written.format(shown, shown[:3], shown[3:]))
    await estate.presses(AUNT_THERE, "是，都是我")
    assert await person(estate, AUNT) == await person(estate, AUNT_THERE)


async def test_a_report_in_the_middle_of_it_is_a_report_and_goes_on_after_it(estate: Estate) -> None:
    await estate.says(AUNT_THERE, LIFT)
    shown = await code(estate, AUNT)
    await estate.says(AUNT_THERE, f"/link {shown}")
    await estate.presses(AUNT_THERE, "是，都是我")
    await estate.presses(AUNT_THERE, "提交")
    assert (await estate.case()).reporter_id == await person(estate, AUNT)
    await estate.says(AUNT, "/link")
    await estate.says(AUNT, "5号楼路灯不亮")
    await estate.presses(AUNT, "提交")
    assert len(await estate.cases()) == 2


async def test_news_goes_where_she_wrote_last_once(estate: Estate) -> None:
    await reported(estate, AUNT, LIFT)
    await join(estate, AUNT, AUNT_THERE)
    await estate.reads(AUNT)
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    assert "电梯" in await estate.reads(AUNT_THERE)
    assert await estate.reads(AUNT) == ""
    await estate.says(AUNT, "/mycases")
    await estate.reads(AUNT)
    await estate.presses(steward, "问居民")
    await estate.says(steward, "几层停了？")
    assert "几层停了" in await estate.reads(AUNT)
    assert await estate.reads(AUNT_THERE) == ""
    await estate.says(AUNT_THERE, "五层")
    assert (await estate.case()).state == "working"


async def test_where_she_joined_them_is_where_she_wrote_last(estate: Estate) -> None:
    await estate.says(AUNT_THERE, "你好")
    estate.clock.move(timedelta(seconds=20))
    shown = await code(estate, AUNT)
    estate.clock.move(timedelta(seconds=20))
    await estate.says(AUNT_THERE, f"/link {shown}")
    await estate.presses(AUNT_THERE, "是，都是我")
    who = await person(estate, AUNT)
    found = await estate.store.read(lambda session: reach(session, [who])[who].addresses)
    assert [channel for channel, _chat in found] == ["other", "plain"]


async def test_a_button_works_in_either_chat_and_the_stale_one_is_refreshed(estate: Estate) -> None:
    case = await reported(estate, AUNT, LIFT)
    await join(estate, AUNT, AUNT_THERE)
    await estate.presses_data(AUNT_THERE, f"c:really:{case.id}")
    assert (await estate.case()).state == "withdrawn"
    await estate.reads(AUNT)
    await estate.presses_data(AUNT, f"c:urge:{case.id}")
    assert "已撤回" in await estate.reads(AUNT)


async def test_whoever_the_settings_name_stays_and_keeps_the_roles(estate: Estate) -> None:
    await reported(estate, "王师傅@other", LIFT)
    before = await person(estate, "wang")
    await join(estate, "王师傅@other", "wang")
    assert await person(estate, "王师傅@other") == before
    await estate.says("王师傅@other", "/tasks")
    assert "没有待办的了" in await estate.reads("王师傅@other")


async def test_two_whom_the_settings_name_are_two_people(estate: Estate) -> None:
    told = await join(estate, "wang", "chen")
    assert "社区登记的是两个人" in told
    assert await person(estate, "wang") != await person(estate, "chen")


async def test_what_was_not_known_is_taken_over(estate: Estate) -> None:
    await estate.says(AUNT_THERE, "/phone 13800138000")
    await estate.says(AUNT_THERE, "/home")
    await estate.says(AUNT_THERE, "5号楼")
    await estate.says(AUNT, "你好")
    await join(estate, AUNT, AUNT_THERE)
    now = await rows(estate, select(Person.phone, Person.home_id).where(Person.id == await person(estate, AUNT)))
    assert now[0].phone == "13800138000"
    assert now[0].home_id is not None


async def test_it_is_in_the_audit(estate: Estate) -> None:
    await join(estate, AUNT, AUNT_THERE)
    await estate.says(AUNT, "/unlink")
    await estate.presses(AUNT, "分开other（李阿姨）")
    assert [row.action for row in await rows(estate, select(AuditEntry.action))] == ["link", "unlink"]
    await estate.says("zheng", "/audit")
    assert "关联了自己的两个聊天" in await estate.reads("zheng")


async def test_only_a_hash_of_the_code_is_kept(estate: Estate) -> None:
    shown = await code(estate, AUNT)
    (row,) = await rows(estate, select(LinkCode.salt, LinkCode.digest))
    assert shown not in row.salt + row.digest
    assert re.fullmatch("[0-9a-f]{64}", row.digest)


async def test_nothing_is_left_with_who_was_joined(estate: Estate) -> None:
    await reported(estate, AUNT, LIFT)
    await reported(estate, AUNT_THERE, "5号楼路灯不亮")
    await join(estate, AUNT, AUNT_THERE)
    left = await rows(
        estate, select(Case.id).join(Person, Person.id == Case.reporter_id).where(Person.merged_into.is_not(None))
    )
    assert left == []
    assert UNCLE not in (await estate.reads(AUNT))
