"""The number at which somebody can be called: given by themselves, seen by who handles their case, each look kept."""

import pytest
from sqlalchemy import select

from storage.models import Person
from tests.cast import Estate
from tests.stories.test_groups import GROUP, bound

AUNT_LI, WANG, FENG = "李阿姨", "wang", "feng"
NUMBER = "13812345678"


async def number_of(estate: Estate, name: str) -> str | None:
    """Return the number that is kept."""
    return await estate.store.read(lambda session: session.scalar(select(Person.phone).where(Person.name == name)))


async def fulfilled_by_wang(estate: Estate) -> None:
    """Aunt Li tells a wish, Feng lets it pass, Wang claims it."""
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, "我的心愿是有人教我用智能手机")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses_data(FENG, "c:vet:1001")
    await estate.presses_data(WANG, "c:claim:1001")


async def test_who_claims_a_wish_finds_the_number_that_the_wisher_gave(estate: Estate) -> None:
    await fulfilled_by_wang(estate)
    assert "打哪个电话能找到您" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "138 1234 5678")
    assert NUMBER in await estate.reads(AUNT_LI)
    assert len(await estate.cases()) == 1  # a number alone is no report
    await estate.presses_data(WANG, "c:phone:1001")
    assert NUMBER in await estate.reads(WANG)
    assert (await estate.history()).count("contact") == 1
    await estate.presses_data(WANG, "c:unclaim:1001")
    await estate.reads(WANG)
    await estate.presses_data(WANG, "c:phone:1001")
    assert NUMBER not in await estate.reads(WANG)
    assert (await estate.history()).count("contact") == 1


async def test_a_number_that_the_platform_vouches_for(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼路灯坏了")
    submit = (await estate.buttons(AUNT_LI))["提交"]
    await estate.says(AUNT_LI, phone="+44 7700 900123")
    assert await number_of(estate, AUNT_LI) == "+44 7700 900123"
    await estate.presses_data(AUNT_LI, submit)
    assert len(await estate.cases()) == 1  # the report under way went on


async def test_shown_changed_and_removed(estate: Estate) -> None:
    await estate.says(AUNT_LI, f"/phone {NUMBER}")
    await estate.says(AUNT_LI, "我的电话")
    assert f"现在留的电话：{NUMBER}" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "/phone 很多")
    assert "不像电话号码" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "我的电话 020-87654321")
    assert await number_of(estate, AUNT_LI) == "02087654321"
    await estate.says(AUNT_LI, "/phone 删除")
    assert await number_of(estate, AUNT_LI) is None


@pytest.mark.parametrize("said", ["12345", "1042", "3-2-501", "440102195001011234", "路灯坏了，电话13812345678"])
async def test_what_is_no_number_of_ones_own_is_not_kept(estate: Estate, said: str) -> None:
    await estate.says(AUNT_LI, said)
    assert await number_of(estate, AUNT_LI) is None


async def test_a_number_that_a_steward_asked_for_is_the_answer(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼路灯坏了")
    await estate.presses(AUNT_LI, "提交")
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    await estate.presses(steward, "问居民")
    await estate.says(steward, "您的电话是多少？")
    await estate.says(AUNT_LI, NUMBER)
    assert NUMBER in await estate.reads(steward)
    assert (await estate.history())[-1] == "answer"


async def test_nobody_is_asked_for_a_number_in_a_group(estate: Estate) -> None:
    await bound(estate)
    await estate.says(AUNT_LI, "我的心愿是有人教我用智能手机", chat=GROUP, group=True, mentioned=True)
    data = next(
        row["buttons"]["提交"] for row in reversed(await estate.told(GROUP)) if "提交" in row.get("buttons", {})
    )
    await estate.presses_data(AUNT_LI, data, chat=GROUP, group=True)
    assert len(await estate.cases()) == 1
    assert "电话" not in await estate.reads(GROUP)
