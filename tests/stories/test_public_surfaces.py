"""A telephone, identity card or bank card number in anybody's words stands nowhere where others read them."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cases.folding import fold
from tests.cast import Estate
from tests.stories.leading import AUNT_LI, HUANG, LIN, UNCLE_ZHANG, make_admin
from tests.stories.office import Office
from tests.stories.test_groups import GROUP, TASKS, asks, bound, presses

VOLUNTEER, OTHER = "zhou", "he"
NUMBERS = {
    "13812345678": "1234567", "138 - 6666 - 5678": "66665", "１３８７７７７５６７８": "77775",
    "+86 139 8765 4321": "98765",
    "020-83335555": "83335", "（０２０）84446666": "84446", "440102195001011234": "19500101",
    "44010219600202123X": "19600202", "440102700303123": "700303", "6222 0213 3333 4567": "33334",
    "6222021399999567890": "99999",
}  # fmt: skip
"""A number as it is written, and what of it must not be read."""
ALL = "，".join(NUMBERS)

Scene = Callable[[Estate, Path], Awaitable[str]]


async def draft_in_a_group(estate: Estate, _folder: Path) -> str:
    await bound(estate)
    await asks(estate, AUNT_LI, f"5栋路灯坏了，{ALL}")
    return await estate.reads(GROUP)


async def card_in_a_group(estate: Estate, folder: Path) -> str:
    await draft_in_a_group(estate, folder)
    await presses(estate, AUNT_LI, "提交")
    await estate.presses(await estate.steward(), "接单")
    return await estate.reads(GROUP)


async def wish_in_a_group(estate: Estate, _folder: Path) -> str:
    await bound(estate)
    await asks(estate, AUNT_LI, f"我的心愿是有人教我用智能手机，{ALL}")
    await presses(estate, AUNT_LI, "提交")
    return await estate.reads(GROUP)


async def hint_of_the_same(estate: Estate, _folder: Path) -> str:
    await estate.says(AUNT_LI, f"{ALL} 5栋路灯坏了")
    await estate.presses(AUNT_LI, "提交")
    await estate.says(UNCLE_ZHANG, f"5栋路灯坏了 {ALL}")
    words = (await estate.told(UNCLE_ZHANG))[-1]
    assert "1001" in str(words), words
    return str(words["text"])


async def _followed(estate: Estate) -> str:
    await estate.says(AUNT_LI, f"5栋路灯坏了，{ALL}")
    await estate.presses(AUNT_LI, "提交")
    await estate.says(UNCLE_ZHANG, "/start p_fengmei-5")
    await estate.presses_data(UNCLE_ZHANG, "c:follow:1001")
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    await estate.presses_data(AUNT_LI, "c:add:1001")
    await estate.says(AUNT_LI, f"再补充 {ALL}")
    await estate.presses_data(AUNT_LI, "c:finish:1001")
    return steward


async def story_of_what_is_followed(estate: Estate, _folder: Path) -> str:
    await _followed(estate)
    await estate.reads(UNCLE_ZHANG)
    await estate.presses_data(UNCLE_ZHANG, "c:story:1001")
    words = await estate.reads(UNCLE_ZHANG)
    assert "路灯" in words
    return words


async def what_followers_are_told(estate: Estate, _folder: Path) -> str:
    steward = await _followed(estate)
    await estate.presses_data(steward, "c:hold:1001")
    await estate.says(steward, f"等配件，联系 {ALL}")
    await estate.presses_data(steward, "c:resume:1001")
    await estate.presses_data(steward, "c:done:1001")
    await estate.says(steward, f"修好了，找我 {ALL}")
    await estate.presses_if_asked(steward, "完成")
    await estate.presses_data(steward, "c:finish:1001")
    words = await estate.reads(UNCLE_ZHANG)
    assert "等配件" in words
    return words


async def _vetted(estate: Estate) -> None:
    await bound(estate)
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, f"我的心愿是有人教我用智能手机，{ALL}")
    await estate.presses(AUNT_LI, "公开方式")
    await estate.presses(AUNT_LI, "公开，写名字")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses("feng", "通过")


async def offer_in_the_task_group(estate: Estate, _folder: Path) -> str:
    await _vetted(estate)
    return await estate.reads(TASKS)


async def offer_to_a_steward(estate: Estate, _folder: Path) -> str:
    await _vetted(estate)
    return await estate.reads(VOLUNTEER)


async def what_a_claimer_brings(estate: Estate, _folder: Path) -> str:
    await _vetted(estate)
    await estate.reads(TASKS)
    await estate.presses(VOLUNTEER, "认领")
    await estate.presses_data(VOLUNTEER, "c:bring:1001")
    await estate.says(VOLUNTEER, f"我教 {ALL}")
    words = await estate.reads(TASKS) + await estate.reads(OTHER)
    assert "周小燕" in words
    return words


async def wishes_nearby(estate: Estate, _folder: Path) -> str:
    await _vetted(estate)
    await estate.says(UNCLE_ZHANG, "/wishes")
    return await estate.reads(UNCLE_ZHANG)


async def wall_of_wishes(estate: Estate, _folder: Path) -> str:
    await _vetted(estate)
    await estate.presses(VOLUNTEER, "认领")
    await estate.presses_data(VOLUNTEER, "c:done:1001")
    await estate.says(VOLUNTEER, f"教会了 {ALL}")
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")
    await estate.presses(AUNT_LI, "可以放上去")
    await estate.reads(UNCLE_ZHANG)
    await estate.says(UNCLE_ZHANG, "心愿墙")
    await estate.presses(UNCLE_ZHANG, "心愿墙")
    words = await estate.reads(UNCLE_ZHANG)
    assert "智能手机" in words
    return words


async def choice_of_what_to_join(estate: Estate, _folder: Path) -> str:
    for who in (AUNT_LI, UNCLE_ZHANG):
        await estate.says(who, f"{ALL} 5栋路灯坏了")
        await estate.presses_if_asked(who, "不是，继续上报")
        await estate.presses(who, "提交")
    await estate.presses_data(LIN, "c:more:1002")
    await estate.presses(LIN, "与另一件相同")
    labels = " ".join(await estate.labels(LIN))
    assert "#1001" in labels
    return labels


async def sheet_without_a_reason(estate: Estate, folder: Path) -> str:
    await make_admin(estate, LIN, "fengmei")
    await estate.says(AUNT_LI, "/phone 13812345678")
    await estate.says(AUNT_LI, f"5栋路灯坏了，{ALL}")
    await estate.presses(AUNT_LI, "提交")
    (row,) = await Office(estate, folder).sheet(HUANG, "/export 今天")
    assert "路灯" in row["内容"]
    return "\n".join(str(value) for value in row.values())


SURFACES: list[Scene] = [
    draft_in_a_group, card_in_a_group, wish_in_a_group, hint_of_the_same, story_of_what_is_followed,
    what_followers_are_told, offer_in_the_task_group, offer_to_a_steward, what_a_claimer_brings, wishes_nearby,
    wall_of_wishes, choice_of_what_to_join, sheet_without_a_reason,
]  # fmt: skip


@pytest.mark.parametrize("surface", SURFACES, ids=lambda scene: scene.__name__)
async def test_no_number_of_a_person_is_read_by_others(estate: Estate, tmp_path: Path, surface: Scene) -> None:
    words = await surface(estate, tmp_path)
    assert words.strip()
    bare = re.sub(r"[\s.·()（）-]", "", fold(words))
    read = [number for number, secret in NUMBERS.items() if secret in bare]
    assert read == [], words
