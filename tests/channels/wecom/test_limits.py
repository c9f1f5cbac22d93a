"""A member gets no more than WeCom delivers: it drops the rest without a word."""

import asyncio
from datetime import timedelta

from bot.channels.base import Delivered, Later
from bot.channels.wecom import WecomChannel
from bot.channels.wecom.plan import ROBOT
from bot.channels.wecom.quota import Quota
from bot.clock import Clock
from handlers.message import Message
from storage.engine import Store
from tests.channels.wecom.conftest import ROBOT_KEY, Desk, settings
from tests.simulators.wecom import WecomServer

WANG = "wang"


async def test_two_processes_together_keep_a_members_limits(wecom: WecomServer, store: Store) -> None:
    member, clock = wecom.member(WANG), Clock()
    replicas = [Desk(WecomChannel(settings(wecom), store, clock, {}), clock) for _ in range(2)]
    left, passed = 90, 0
    while left:
        found = await asyncio.gather(*(replicas[each % 2].say(WANG, Message(f"{each}")) for each in range(left)))
        outcomes = [one for several in found for one in several]
        waits = [one.seconds or 0 for one in outcomes if isinstance(one, Later)]
        assert len(waits) + sum(isinstance(one, Delivered) for one in outcomes) == left
        assert len(member.screen) <= 28 * (passed // 60 + 1)
        left = len(waits)
        if waits:
            assert 0 < min(waits) <= 71
            clock.move(timedelta(seconds=min(waits)))
            wecom.limits.ahead += min(waits)
            passed += int(min(waits))
    assert (len(member.screen), wecom.limits.dropped) == (90, {})
    for replica in replicas:
        await replica.channel.stop()


async def test_the_limit_of_an_hour(store: Store) -> None:
    clock = Clock()
    quota, sent = Quota(store, clock), 0
    for _ in range(42):
        waits = [await quota.take(WANG) for _ in range(25)]
        sent += waits.count(0)
        clock.move(timedelta(seconds=71))
    assert sent == 998
    assert 0 < min(wait for wait in waits if wait) <= 3600


async def test_who_gets_much_keeps_nobody_else_waiting(desk: Desk, wecom: WecomServer) -> None:
    wecom.member(WANG)
    other = wecom.member("chen")
    for number in range(40):
        await desk.say(WANG, Message(f"{number}"))
    assert await desk.say("chen", Message("x")) == [Delivered()]
    assert len(other.screen) == 1


async def test_two_processes_together_keep_a_robots_limit(wecom: WecomServer, store: Store) -> None:
    clock, group = Clock(), f"{ROBOT}fengmei"
    replicas = [
        Desk(WecomChannel(settings(wecom), store, clock, {"fengmei": ROBOT_KEY}), clock) for _ in range(2)
    ]  # fmt: skip
    told = await asyncio.gather(*(replicas[each % 2].say(group, Message(f"{each}")) for each in range(30)))
    waits = [one.seconds or 0 for (one,) in told if isinstance(one, Later)]
    assert (len(wecom.robots[ROBOT_KEY]), len(waits), wecom.refused) == (20, 10, {})
    clock.move(timedelta(seconds=min(waits)))
    wecom.limits.ahead += min(waits)
    assert await replicas[0].say(group, Message("later")) == [Delivered()]
    for replica in replicas:
        await replica.channel.stop()
