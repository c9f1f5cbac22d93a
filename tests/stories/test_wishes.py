"""微心愿, from telling to thanks."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.states import State
from storage.models import Claim, Identity, Person, Place, Role
from tests.cast import PLAIN, Estate

AUNT_LI, UNCLE_ZHANG = "李阿姨", "张叔"
LIN, HUANG = "lin", "huang"
VOLUNTEER = "zhou"
WISH = "我家奶奶想要一辆轮椅出门晒太阳，能不能帮忙"


async def wish(estate: Estate, who: str = AUNT_LI, text: str = WISH) -> None:
    """Tell a wish at building 5 and submit it."""
    await estate.says(who, "/start p_fengmei-5")
    await estate.says(who, text)
    await estate.presses(who, "提交")


async def test_a_wish_from_telling_to_thanks(estate: Estate) -> None:
    await wish(estate)
    case = await estate.case()
    assert (case.kind, case.state, case.category, case.visibility) == ("wish", State.REVIEW, "wish_things", "anonymous")
    assert "轮椅" in await estate.reads("feng")  # who leads building 5
    await estate.presses("feng", "通过")
    assert "正在等人认领" in await estate.reads(AUNT_LI)
    offer = await estate.reads(VOLUNTEER)
    assert "待认领" in offer
    assert AUNT_LI not in offer
    await estate.presses(VOLUNTEER, "认领")
    assert "周小燕认领了" in await estate.reads(AUNT_LI)
    assert "已认领：周小燕" in await estate.reads("wang")
    assert AUNT_LI in await estate.reads(VOLUNTEER)  # the task itself names her
    await estate.presses_data(VOLUNTEER, "c:done:1001")
    await estate.says(VOLUNTEER, "轮椅送到了")
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")
    assert "谢谢您的服务" in await estate.reads(VOLUNTEER)
    await estate.presses(AUNT_LI, "可以放上去")
    await estate.says(UNCLE_ZHANG, "心愿墙")
    await estate.presses(UNCLE_ZHANG, "心愿墙")
    wall = await estate.reads(UNCLE_ZHANG)
    assert "轮椅" in wall
    assert "周小燕" in wall
    assert AUNT_LI not in wall


async def test_a_coordinator_asks_and_declines_kindly(estate: Estate) -> None:
    await wish(estate)
    await estate.presses("feng", "问居民")
    await estate.says("feng", "奶奶自己能坐起来吗？")
    assert "能坐起来吗" in await estate.reads(AUNT_LI)
    await estate.presses_data(AUNT_LI, "c:add:1001")
    await estate.says(AUNT_LI, "可以的")
    assert "可以的" in await estate.reads("feng")
    await estate.presses_data("feng", "c:decline:1001")
    await estate.says("feng", "街道辅具站免费借轮椅，电话在楼下公告栏")
    assert "辅具站" in await estate.reads(AUNT_LI)
    case = await estate.case()
    assert (case.state, case.look_at) == (State.REJECTED, None)


async def test_what_is_really_a_report_becomes_one_and_back(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, "我的心愿是楼道灯能亮起来")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses_data("feng", "c:toissue:1001")
    case = await estate.case()
    assert (case.kind, case.category, case.state) == ("issue", "lights", State.ASSIGNED)
    await estate.presses_data(LIN, "c:towish:1001")
    case = await estate.case()
    assert (case.kind, case.state, case.steward_id, case.visibility) == ("wish", State.REVIEW, None, "anonymous")


async def test_the_teller_corrects_what_was_understood(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, WISH)
    await estate.presses(AUNT_LI, "是上报")
    await estate.presses(AUNT_LI, "是微心愿")
    await estate.presses(AUNT_LI, "提交")
    assert (await estate.case()).kind == "wish"


async def test_for_a_neighbour_only_with_consent(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, "/wish")
    await estate.says(AUNT_LI, "楼上陈伯想有人陪他下棋")
    await estate.presses(AUNT_LI, "给谁")
    await estate.presses(AUNT_LI, "替邻居说")
    await estate.says(AUNT_LI, "5栋301陈伯")
    await estate.presses(AUNT_LI, "还没问")
    await estate.presses(AUNT_LI, "提交")
    assert await estate.cases() == []
    assert "请先问过" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "给谁")
    await estate.presses(AUNT_LI, "替邻居说")
    await estate.says(AUNT_LI, "5栋301陈伯")
    await estate.presses(AUNT_LI, "本人同意")
    await estate.presses(AUNT_LI, "提交")
    case = await estate.case()
    assert (case.beneficiary, case.consent, case.category) == ("5栋301陈伯", True, "wish_company")


async def test_only_for_the_coordinator_is_never_offered(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, WISH)
    await estate.presses(AUNT_LI, "公开方式")
    await estate.presses(AUNT_LI, "只给负责人看")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses_data("feng", "c:vet:1001")
    assert (await estate.case()).state == State.REVIEW
    await estate.presses_data("feng", "c:give:1001")
    await estate.presses("feng", "周小燕 · 邻里互助 · 志愿者")
    assert (await estate.case()).state == State.ASSIGNED
    await estate.says(UNCLE_ZHANG, "心愿墙")
    assert "轮椅" not in await estate.reads(UNCLE_ZHANG)


async def test_a_joint_wish_with_three(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, WISH)
    await estate.presses(AUNT_LI, "几个人")
    await estate.presses(AUNT_LI, "3人")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses("feng", "通过")
    for who in ("zhou", "wang", "chen"):
        await estate.presses(who, "认领")
    assert "人手够了" in await _late_claim(estate, "wu")
    case = await estate.case()
    assert case.state == State.WORKING
    assert await estate.steward() == "zhou"
    await estate.presses_data("zhou", "c:unclaim:1001")  # the lead leaves, the next leads
    assert await estate.steward() == "wang"
    await estate.presses_data("wang", "c:unclaim:1001")
    await estate.presses_data("chen", "c:unclaim:1001")
    case = await estate.case()
    assert (case.state, case.steward_id) == (State.POOL, None)
    await estate.presses("wu", "认领")
    assert await estate.steward() == "wu"


async def _late_claim(estate: Estate, who: str) -> str:
    await estate.reads(who)
    await estate.presses_data(who, "c:claim:1001")
    return await estate.reads(who)


async def test_not_claimed_it_is_offered_more_widely_and_then_decided(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    await wish(estate)
    await estate.presses("feng", "通过")
    await estate.lives_until("2026-10-11 09:05")
    case = await estate.case()
    assert (case.state, case.widened) == (State.POOL, 1)
    await estate.lives_until("2026-10-14 09:10")
    case = await estate.case()
    assert case.state == State.NEW
    assert case.look_at is not None
    assert "#1001" in await estate.reads("feng")


async def test_twenty_at_once_and_one_has_it(estate: Estate) -> None:
    await wish(estate)
    await estate.presses("feng", "通过")
    everybody = ["wang", "chen", "liu", "zhao", "sun", "zhou", "wu", "he", "xu", "gao"]
    await asyncio.gather(*(estate.presses_data(who, "c:claim:1001") for who in everybody))
    claims = await estate.store.read(lambda session: session.scalar(select(func.count()).select_from(Claim)))
    assert claims == 1
    assert (await estate.history()).count("claim") == 1


async def test_who_has_their_hands_full_claims_nothing_more(estate: Estate) -> None:
    await estate.cap(VOLUNTEER, 1)
    for who in (AUNT_LI, UNCLE_ZHANG):
        await wish(estate, who)
        await estate.presses("feng", "通过")
    await estate.presses_data(VOLUNTEER, "c:claim:1001")
    await estate.reads(VOLUNTEER)
    await estate.presses_data(VOLUNTEER, "c:claim:1002")
    assert "任务已满" in await estate.reads(VOLUNTEER)
    assert (await estate.case()).state == State.POOL


async def test_a_stranger_and_the_wisher_claim_nothing(estate: Estate) -> None:
    await wish(estate)
    await estate.presses("feng", "通过")
    for who in (UNCLE_ZHANG, AUNT_LI):
        await estate.presses_data(who, "c:claim:1001")
    assert (await estate.case()).state == State.POOL


async def test_who_gave_a_wish_back_sees_nothing_of_the_wisher(estate: Estate) -> None:
    await wish(estate)
    await estate.presses("feng", "通过")
    await estate.presses(VOLUNTEER, "认领")
    await estate.reads(VOLUNTEER)
    await estate.presses_data(VOLUNTEER, "c:unclaim:1001")
    await estate.presses_data(VOLUNTEER, "c:card:1001")
    assert AUNT_LI not in await estate.reads(VOLUNTEER)


async def test_an_emergency_is_heard_in_the_middle_of_a_wish(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, WISH)
    await estate.presses(AUNT_LI, "给谁")
    await estate.presses(AUNT_LI, "替邻居说")
    await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "5栋着火了！快来人")
    assert "119" in await estate.reads(AUNT_LI)


FEW, MANY = 30, 200  # races, each by twenty stewards


async def twenty_stewards(estate: Estate) -> list[str]:
    """Return ten stewards of the example, and ten more beside them."""
    known = ["wang", "chen", "liu", "zhao", "sun", "zhou", "wu", "he", "xu", "gao"]
    more = [f"管家{number}" for number in range(20 - len(known))]

    def hire(session: Session) -> None:
        estate_id = session.scalars(select(Place.id).where(Place.key == "fengmei")).one()
        for name in more:
            person = Person(name=name, home_detail="", created_at=estate.clock.now())
            session.add(person)
            session.flush()
            session.add(Identity(person_id=person.id, channel=PLAIN, user=name, chat=name))
            session.add(Role(person_id=person.id, place_id=estate_id, role="steward", partner="red_steward"))

    await estate.store.write(hire)
    return [*known, *more]


async def test_every_race_for_a_claim_has_one_winner(estate: Estate, long: bool) -> None:
    rounds, everybody = MANY if long else FEW, await twenty_stewards(estate)
    for number in range(1001, 1001 + rounds):
        await wish(estate, f"居民{number}")
        await estate.presses("feng", "通过")
        estate.clock.move(timedelta(minutes=2))  # nobody may press more than sixty times a minute
        await asyncio.gather(*(estate.presses_data(who, f"c:claim:{number}") for who in everybody))
    assert (await estate.history()).count("claim") == rounds
    owners = await estate.store.read(
        lambda s: s.execute(select(Claim.case_id, func.count()).group_by(Claim.case_id)).all()
    )
    assert [count for _case, count in owners] == [1] * rounds
