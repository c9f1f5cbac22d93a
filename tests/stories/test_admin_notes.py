"""What staff alone may read, and what a leader may do from the story of a case."""

from cases.states import State
from tests.cast import Estate
from tests.stories.leading import AUNT_LI, CHEN, FENG, GRANNY_WANG, HUANG, LIN, accepted, audit, file, story


async def test_a_note_is_for_staff_alone(estate: Estate) -> None:
    steward = await accepted(estate)
    await estate.says(GRANNY_WANG, "/start p_fengmei-5")
    await estate.presses_data(GRANNY_WANG, "c:follow:1001")
    for reader in (AUNT_LI, GRANNY_WANG):
        await estate.reads(reader)
    await estate.says(LIN, "备注 1001 住户 Mr Li 脾气急，先打电话。")
    assert "住户 Mr Li 脾气急，先打电话。" in await estate.reads(steward)
    for reader in (AUNT_LI, GRANNY_WANG):
        assert await estate.reads(reader) == ""
        assert "脾气" not in await story(estate, reader)
    for reader in (steward, FENG, HUANG):
        assert "林楼长 内部备注：“住户 Mr Li 脾气急，先打电话。”" in await story(estate, reader)
    assert await audit(estate) == ["case.note"]


async def test_a_note_is_no_news_of_the_week(estate: Estate) -> None:
    await file(estate, "5栋的楼房质量问题咨询")
    await estate.lives_until("2026-10-11 12:00")
    await estate.reads(AUNT_LI)
    await estate.says(LIN, "/note 1001 在等开发商")
    await estate.lives_until("2026-10-12 12:00")
    assert "开发商" not in await estate.reads(AUNT_LI)


async def test_a_steward_who_reported_it_reads_no_note_on_it(estate: Estate) -> None:
    await file(estate, "5栋漏水", CHEN)
    await estate.says(LIN, "派单 1001 陈秀英")
    await estate.reads(CHEN)
    await estate.says(LIN, "备注 1001 她报了很多次")
    assert await estate.reads(CHEN) == ""
    assert "很多次" not in await story(estate, CHEN)


async def test_words_of_a_note_may_come_after(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "/note 1001")
    assert "居民看不到" in await estate.reads(LIN)
    await estate.says(LIN, "钥匙在门卫")
    assert "钥匙在门卫" in await story(estate, HUANG)


async def test_a_photo_with_a_command_is_not_kept_and_that_is_said(estate: Estate) -> None:
    await file(estate)
    await estate.sends_photo(LIN, "/note 1001 看照片")
    assert "照片或文件没有保存" in await estate.reads(LIN)


async def test_the_story_has_what_a_leader_may_do_now(estate: Estate) -> None:
    await accepted(estate)
    await story(estate, LIN)
    await estate.presses(LIN, "更多…")
    assert {"催办，告知上一级", "加急", "内部备注", "不受理"} < set(await estate.labels(LIN))
    await estate.presses(LIN, "不受理")
    await estate.says(LIN, "请打 12345")
    await story(estate, LIN)
    assert set(await estate.labels(LIN)) == {"内部备注"}
    await story(estate, HUANG)
    await estate.presses(HUANG, "重新打开")
    await estate.presses(HUANG, "上次结束错了")
    assert (await estate.case()).state == State.ASSIGNED


async def test_the_buttons_do_as_the_commands(estate: Estate) -> None:
    await accepted(estate)
    for label in ("催办，告知上一级", "加急", "改回普通"):
        await estate.presses_data(LIN, "c:more:1001")
        await estate.presses(LIN, label)
    await estate.presses_data(LIN, "c:more:1001")
    await estate.presses(LIN, "内部备注")
    await estate.says(LIN, "钥匙在门卫")
    assert (await estate.history())[-4:] == ["escalate", "hasten", "ease", "note"]
