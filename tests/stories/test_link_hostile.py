"""关联, by who should not: guessed codes, old ones, used ones, others' ones, in groups; on both databases."""

from datetime import timedelta

from sqlalchemy import select

from storage.link_models import LinkGuess
from tests.cast import Estate
from tests.stories.linking import AUNT, AUNT_THERE, UNCLE, UNCLE_THERE, code, join, people, person, rows


def another(shown: str, by: int = 1) -> str:
    return f"{(int(shown) + by) % 1_000_000:06}"


async def test_five_wrong_codes_and_then_the_right_one_is_not_taken_either(estate: Estate) -> None:
    shown = await code(estate, AUNT)
    for number in range(1, 6):
        await estate.says(UNCLE, f"/link {another(shown, number)}")
        assert "这个数字不对，或者已经过时了" in await estate.reads(UNCLE)
    await estate.says(UNCLE, f"/link {shown}")
    assert "试得太多次了" in await estate.reads(UNCLE)
    assert "是，都是我" not in await estate.labels(UNCLE)
    estate.clock.move(timedelta(minutes=61))
    await estate.says(UNCLE, f"/link {await code(estate, AUNT)}")
    assert "都是您本人吗" in await estate.reads(UNCLE)


async def test_many_who_guess_are_stopped_together(estate: Estate) -> None:
    shown = await code(estate, AUNT)
    for number in range(20):
        await estate.says(f"生人{number}", f"/link {another(shown, number + 1)}")
    await estate.says(UNCLE, f"/link {shown}")
    assert "这会儿办不了" in await estate.reads(UNCLE)
    estate.clock.move(timedelta(minutes=10, seconds=1))
    await estate.says(UNCLE, f"/link {await code(estate, AUNT)}")
    assert "都是您本人吗" in await estate.reads(UNCLE)


async def test_a_hundred_a_day_by_all_together(estate: Estate) -> None:
    for number in range(100):
        await estate.says(f"生人{number}", "/link 000000")
        if number % 20 == 19:
            estate.clock.move(timedelta(minutes=10, seconds=1))
    assert len(await rows(estate, select(LinkGuess.id))) == 100
    shown = await code(estate, AUNT)
    await estate.says(UNCLE, f"/link {shown}")
    assert "这会儿办不了" in await estate.reads(UNCLE)


async def test_a_code_holds_for_ten_minutes(estate: Estate) -> None:
    shown = await code(estate, AUNT)
    estate.clock.move(timedelta(minutes=10))
    await estate.says(AUNT_THERE, f"/link {shown}")
    assert "这个数字不对，或者已经过时了" in await estate.reads(AUNT_THERE)


async def test_the_question_holds_no_longer_than_the_code(estate: Estate) -> None:
    await estate.says(AUNT_THERE, f"/link {await code(estate, AUNT)}")
    estate.clock.move(timedelta(minutes=10))
    await estate.presses(AUNT_THERE, "是，都是我")
    assert "这个已经过时了" in await estate.reads(AUNT_THERE)
    assert await person(estate, AUNT) != await person(estate, AUNT_THERE)


async def test_the_own_code_in_the_same_chat_leads_nowhere(estate: Estate) -> None:
    await estate.says(AUNT, f"/link {await code(estate, AUNT)}")
    assert "这是本聊天自己的数字" in await estate.reads(AUNT)


async def test_a_new_code_ends_the_one_before(estate: Estate) -> None:
    old = await code(estate, AUNT)
    new = await code(estate, AUNT)
    await estate.says(AUNT_THERE, f"/link {old}")
    assert "这个数字不对" in await estate.reads(AUNT_THERE) or old == new
    for _ in range(3):
        await code(estate, AUNT)
    await estate.says(AUNT, "/link")
    assert "试得太多次了" in await estate.reads(AUNT)


async def test_in_a_group_no_code_is_shown_or_taken(estate: Estate) -> None:
    shown = await code(estate, AUNT)
    await estate.says(UNCLE, "/link", chat="5号楼群", group=True, mentioned=True)
    await estate.says(UNCLE, f"/link {shown}", chat="5号楼群", group=True, mentioned=True)
    told = await estate.reads("5号楼群")
    assert shown not in told
    assert "请点我的头像私聊我" in told
    await estate.says(UNCLE, "/link")
    await estate.says(UNCLE, shown, chat="5号楼群", group=True, mentioned=True)
    assert "都是您本人吗" not in await estate.reads("5号楼群")
    await estate.presses_data(UNCLE, "j:yes:1", chat="5号楼群", group=True)
    assert await person(estate, AUNT) != await person(estate, UNCLE)


async def test_a_code_is_used_once_and_by_who_typed_it_first(estate: Estate) -> None:
    shown = await code(estate, AUNT)
    await estate.says(AUNT_THERE, f"/link {shown}")
    await estate.says(UNCLE, f"/link {shown}")
    assert "这个数字不对" in await estate.reads(UNCLE)
    await estate.presses_data(UNCLE, "j:yes:1")
    assert "这个已经过时了" in await estate.reads(UNCLE)
    await estate.presses(AUNT_THERE, "是，都是我")
    await estate.says(UNCLE, f"/link {shown}")
    assert "这个数字不对" in await estate.reads(UNCLE)
    assert set(await people(estate)) == {AUNT, UNCLE}


async def test_nobody_is_joined_to_themselves(estate: Estate) -> None:
    await join(estate, AUNT, AUNT_THERE)
    await estate.says(AUNT, f"/link {await code(estate, AUNT_THERE)}")
    assert "这两边已经关联好了" in await estate.reads(AUNT)


async def test_two_codes_the_other_way_round_join_once(estate: Estate) -> None:
    one, other = await code(estate, AUNT), await code(estate, AUNT_THERE)
    await estate.says(AUNT_THERE, f"/link {one}")
    await estate.says(AUNT, f"/link {other}")
    await estate.presses(AUNT, "是，都是我")
    await estate.presses(AUNT_THERE, "是，都是我")
    assert "这两边已经关联好了" in await estate.reads(AUNT_THERE)
    assert len(await people(estate)) == 1


async def test_invented_buttons_and_words_change_nothing(estate: Estate) -> None:
    for data in ("j:yes:99", "j:yes:", "j:yes:９", "j:part:1", "j:no:7", "j:x", "j"):
        await estate.presses_data(UNCLE_THERE, data)
    for said in ("/link 12345", "/link 1234567", "/link 一二三四五六", "/link -123456", "/unlink 1"):
        await estate.says(UNCLE_THERE, said)
    assert "数字是六位的" in await estate.reads(UNCLE_THERE)
    assert await rows(estate, select(LinkGuess.id)) == []
