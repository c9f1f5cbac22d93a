"""What people find in their lists: the tasks they share with a lead, the cases they follow."""

from tests.cast import Estate

AUNT_LI, UNCLE_ZHANG, GRANNY = "李阿姨", "张叔", "王奶奶"
LIN = "lin"
VOLUNTEER = "zhou"


async def report(estate: Estate, who: str, text: str) -> int:
    """Have somebody report, whatever is like it; return the number."""
    await estate.says(who, text)
    await estate.presses_if_asked(who, "不是，继续上报")
    await estate.presses(who, "提交")
    return (await estate.case()).id


async def asks_for_help(estate: Estate, lead: str, number: int) -> None:
    """Have the lead of a case ask the volunteer to help."""
    await estate.presses_data(lead, f"c:accept:{number}")
    await estate.presses_data(lead, f"c:helpers:{number}")
    await estate.presses(lead, next(label for label in await estate.labels(lead) if label.startswith("周小燕")))


async def tasks(estate: Estate, who: str) -> list[str]:
    """Return the cases in somebody's list of tasks."""
    await estate.says(who, "/tasks")
    return await listed(estate, who)


async def mine(estate: Estate, who: str) -> list[str]:
    """Return the cases in the list of what somebody has told and follows."""
    await estate.says(who, "/mycases")
    return await listed(estate, who)


async def listed(estate: Estate, who: str) -> list[str]:
    """Return the cases on the page that somebody sees."""
    buttons = await estate.buttons(who)
    return [label for label in await estate.labels(who) if buttons[label].startswith(("c:card:", "c:story:"))]


async def claimed_by_two(estate: Estate) -> None:
    """Have a wish for two that the volunteer leads and Wang shares."""
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, "我家奶奶想要一辆轮椅出门晒太阳，能不能帮忙")
    await estate.presses(AUNT_LI, "几个人")
    await estate.presses(AUNT_LI, "2人")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses("feng", "通过")
    for who in (VOLUNTEER, "wang"):
        await estate.presses(who, "认领")


async def test_who_has_claimed_it_with_others_finds_it_in_the_tasks(estate: Estate) -> None:
    await claimed_by_two(estate)
    (lead,) = await tasks(estate, VOLUNTEER)
    (other,) = await tasks(estate, "wang")
    assert "一起办" not in lead
    assert other == f"{lead} · 和周小燕一起办"
    await estate.presses(VOLUNTEER, lead)
    await estate.presses_data(VOLUNTEER, "c:unclaim:1001")  # the other leads from now on
    assert await tasks(estate, VOLUNTEER) == []
    (now,) = await tasks(estate, "wang")
    assert "一起办" not in now


async def test_a_co_handler_finds_it_in_the_tasks_until_it_is_done(estate: Estate) -> None:
    number = await report(estate, AUNT_LI, "5栋路灯坏了")
    lead = await estate.steward()
    await asks_for_help(estate, lead, number)
    (task,) = await tasks(estate, VOLUNTEER)
    assert task.startswith("#1001")
    assert task.endswith("协办，王建国牵头")
    await estate.presses(VOLUNTEER, task)
    assert "加照片或补充" in await estate.labels(VOLUNTEER)
    assert "协办" not in str(await tasks(estate, lead))
    await estate.presses_data(lead, f"c:done:{number}")
    await estate.sends_photo(lead, "换好了")
    assert await tasks(estate, VOLUNTEER) == []


async def test_who_is_no_longer_needed_does_not_find_it(estate: Estate) -> None:
    number = await report(estate, AUNT_LI, "5栋路灯坏了")
    lead = await estate.steward()
    await asks_for_help(estate, lead, number)
    await estate.presses_data(lead, f"c:helpers:{number}")
    await estate.presses(lead, next(label for label in await estate.labels(lead) if label.startswith("✓ 周小燕")))
    card = (await estate.told(VOLUNTEER))[-1]
    assert (card["edit"], card["text"], card["labels"]) == (True, "这件事已经不用您办了。", [])
    assert await tasks(estate, VOLUNTEER) == []


async def test_who_helps_hears_that_it_was_withdrawn(estate: Estate) -> None:
    number = await report(estate, AUNT_LI, "5栋路灯坏了")
    lead = await estate.steward()
    await asks_for_help(estate, lead, number)
    await estate.presses_data(AUNT_LI, f"c:really:{number}")
    for who in (lead, VOLUNTEER):
        assert "撤回" in await estate.reads(who)
        assert await estate.labels(who) == ["看进展"]
    assert await tasks(estate, VOLUNTEER) == []


async def test_a_co_handler_who_is_given_the_case_finds_it_once_as_their_own(estate: Estate) -> None:
    number = await report(estate, AUNT_LI, "5栋路灯坏了")
    lead = await estate.steward()
    await asks_for_help(estate, lead, number)
    await estate.presses_data(LIN, f"c:transfer:{number}")
    await estate.presses(LIN, "周小燕 · 邻里互助 · 志愿者")
    (task,) = await tasks(estate, VOLUNTEER)
    assert "协办" not in task
    assert await tasks(estate, lead) == []


async def test_own_and_shared_tasks_are_one_list_by_deadline(estate: Estate) -> None:
    bins, light = "5栋楼下垃圾桶满了", "5栋路灯坏了"
    for number in range(5):
        helped = await report(estate, f"甲{number}", light)
        await asks_for_help(estate, await estate.steward_now(), helped)
        own = await report(estate, f"乙{number}", bins)
        await estate.presses_data(LIN, f"c:transfer:{own}")
        await estate.presses(LIN, "周小燕 · 邻里互助 · 志愿者")
    first = await tasks(estate, VOLUNTEER)
    await estate.presses(VOLUNTEER, "下一页 ›")
    second = await listed(estate, VOLUNTEER)
    assert (len(first), len(second)) == (8, 2)
    due = {f"#{case.id}": (case.resolve_by, case.id) for case in await estate.cases()}
    assert [label.split()[0] for label in (*first, *second)] == sorted(due, key=lambda number: due[number])
    assert sum("协办" in label for label in (*first, *second)) == 5


async def test_the_morning_names_what_is_shared(estate: Estate) -> None:
    number = await report(estate, GRANNY, "5栋路灯坏了")
    lead = await estate.steward()
    await asks_for_help(estate, lead, number)
    for who in (VOLUNTEER, lead):
        await estate.reads(who)
    await estate.lives_until("2026-10-08 08:29")
    assert "早上好" not in await estate.reads(VOLUNTEER)
    await estate.lives_until("2026-10-08 08:31")
    told = await estate.reads(VOLUNTEER)
    assert "另有1件和别人一起办" in told
    assert "您手上" not in told
    (label,) = await estate.labels(VOLUNTEER)
    assert label.startswith("#1001")
    assert label.endswith("协办，王建国牵头")
    told = await estate.reads(lead)
    assert "您手上1件" in told
    assert "一起办" not in told


async def test_the_morning_names_a_joint_claim_beside_ones_own(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 10:00")
    await claimed_by_two(estate)
    await report(estate, GRANNY, "5栋路灯坏了")
    await estate.presses("wang", "接单")
    await estate.reads("wang")
    await estate.lives_until("2026-10-09 08:31")
    told = await estate.reads("wang")
    assert "您手上1件" in told
    assert "另有1件和别人一起办" in told
    own, shared = await estate.labels("wang")
    assert own.startswith("#1002")
    assert shared.startswith("#1001")
    assert shared.endswith("和周小燕一起办")


async def test_what_one_follows_stands_beneath_ones_own(estate: Estate) -> None:
    await report(estate, AUNT_LI, "5栋路灯坏了")
    await estate.says(UNCLE_ZHANG, "5栋楼下的路灯坏了")
    await estate.presses(UNCLE_ZHANG, "是，关注 #1001")
    assert await mine(estate, UNCLE_ZHANG) == ["关注：#1001 路灯与楼道灯 · 待红管家接单"]
    await report(estate, UNCLE_ZHANG, "5栋楼下垃圾桶满了")
    own, followed = await mine(estate, UNCLE_ZHANG)
    assert own.startswith("#1002")
    assert followed.startswith("关注：#1001")
    (only,) = await mine(estate, AUNT_LI)
    assert only.startswith("#1001")


async def test_own_and_followed_are_paged_as_one_list(estate: Estate) -> None:
    await estate.says(GRANNY, "/start p_fengmei-5")
    theirs = [await report(estate, f"邻居{number}", "5栋路灯坏了") for number in range(9)]
    for number in theirs:
        await estate.presses_data(GRANNY, f"c:follow:{number}")
    own = [await report(estate, GRANNY, text) for text in ("5栋楼下垃圾桶满了", "5栋下水道堵了", "5栋有狗乱叫")]
    first = await mine(estate, GRANNY)
    await estate.presses(GRANNY, "下一页 ›")
    second = await listed(estate, GRANNY)
    assert "下一页 ›" not in await estate.labels(GRANNY)
    assert (len(first), len(second)) == (6, 6)
    assert [label.startswith("关注：") for label in (*first, *second)] == [False] * 3 + [True] * 9
    numbers = [int(label.removeprefix("关注：").split()[0].removeprefix("#")) for label in (*first, *second)]
    assert numbers == sorted(own, reverse=True) + sorted(theirs, reverse=True)
    await estate.presses(GRANNY, "‹ 上一页")
    assert await listed(estate, GRANNY) == first


async def test_of_two_joined_cases_the_list_has_ones_own_and_the_one_that_goes_on(estate: Estate) -> None:
    await report(estate, AUNT_LI, "5栋路灯坏了")
    await report(estate, UNCLE_ZHANG, "5栋楼下路灯不亮")
    await estate.says(GRANNY, "/start p_fengmei-5")
    await estate.presses_data(GRANNY, "c:follow:1002")
    await estate.presses_data(LIN, "c:mergeto:1002:1001")
    own, followed = await mine(estate, UNCLE_ZHANG)
    assert own.endswith("已合并")
    assert followed.startswith("关注：#1001")
    (only,) = await mine(estate, GRANNY)
    assert only.startswith("关注：#1001")


async def test_who_has_nothing_is_told_how_to_begin(estate: Estate) -> None:
    await estate.says(GRANNY, "/mycases")
    assert "还没有" in await estate.reads(GRANNY)
