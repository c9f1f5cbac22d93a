"""The evening of a typhoon over Telegram's wire format: a warning, answers, calls for help, and two stewards go down.

Telegram takes 30 messages a second; 2,000 people would take more than a minute. So both sides are told the same larger
number, the strict simulator and the desk alike: the same windows are kept and counted, only wider. What one chat takes,
one message a second, stays as it is. `bench/broadcast.py` runs the same evening at 30.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import yaml
from sqlalchemy import func, select

from bench.broadcast import NEIGHBOUR_ID, WORDS, greeted, make, neighbours, settle
from bench.town import open_doors, write_config
from bot.app import App
from bot.clock import Clock
from bot.config import load
from bot.seed import sync
from cases.states import HELD, OPEN
from storage.admin_models import Broadcast, BroadcastAnswer
from storage.engine import Store
from storage.message_models import Outgoing
from storage.models import Case, HistoryEntry, Identity, Person
from tests.simulators.telegram import Resident, TelegramServer
from tests.simulators.telegram.limits import Limits

PER_SECOND = 120
STEWARDS = 3  # of each partner type
WORKERS = 6  # neighbours who tap at the same time
PATIENCE = 90.0  # seconds for one step


@dataclass
class Evening:
    """Who is there, and what becomes of it."""

    telegram: TelegramServer
    store: Store
    staff: dict[str, Resident]
    people: list[Resident]
    gone: list[int] = field(default_factory=list)  # ids of the stewards who went down

    async def until(self, ready: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is so in the database."""
        async with asyncio.timeout(PATIENCE):
            while not await ready():  # noqa: ASYNC110 - another thread works on the database
                await asyncio.sleep(0.1)

    async def count(self, statement: object) -> int:
        """Return what a query counts."""
        return await self.store.read(lambda session: session.scalar(statement) or 0)  # type: ignore[call-overload]


async def test_the_evening_of_a_typhoon(store: Store, database_url: str, tmp_path: Path) -> None:
    """A part of it: one building's worth of people."""
    await evening(store, database_url, tmp_path, people=200, answers=30, calls=8)


async def test_two_thousand_people(store: Store, database_url: str, tmp_path: Path) -> None:
    """A warning to 2,000 people, 300 say that they are safe, 40 call for help; two stewards go down meanwhile."""
    await evening(store, database_url, tmp_path, people=2000, answers=300, calls=40)


async def evening(store: Store, url: str, folder: Path, *, people: int, answers: int, calls: int) -> None:
    """Live through it and look what is left."""
    async with TelegramServer(limits=Limits(per_second=PER_SECOND)) as telegram:
        there, app = await gather(telegram, store, url, folder, people)
        lost = there.people[:: people // 20]  # who has shut the door, or left Telegram
        left = [person for person in there.people if person not in lost]
        safe, helped = left[:answers], left[-calls:]
        try:
            await greeted(list(there.staff.values()))
            for number, person in enumerate(lost):
                await (person.blocks() if number % 2 else person.leaves_telegram())
            await warn(there)
            async with asyncio.TaskGroup() as tasks:
                for worker in range(WORKERS):
                    tasks.create_task(answer(there, safe[worker::WORKERS], "我已转移", "您已转移"))
                for worker in range(2):
                    tasks.create_task(answer(there, helped[worker::2], "需要帮助", "您的求助"))
                tasks.create_task(two_go_down(there, calls // 2))
            await there.until(lambda: is_over(there))
            await figures(there, lost, answers, calls)
        finally:
            await app.stop()
        everybody_has_it_once(there, lost)
        await every_call_is_looked_after(there, calls)
        assert await there.count(answered("safe")) == answers
        assert await there.count(answered("help")) == calls
        assert telegram.pending == 0
        assert (telegram.refused_429, [str(each) for each in telegram.violations]) == (0, [])


async def gather(
    telegram: TelegramServer, store: Store, url: str, folder: Path, people: int
) -> tuple[Evening, App]:  # fmt: skip
    """Let everybody live in the estate, and the desk begin."""
    told = write_config(telegram, folder, url, STEWARDS, times={"quiet_hours": None})
    path = folder / "config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["broadcast"]["second_admin_above"] = 100
    config["channels"]["telegram"]["per_second"] = PER_SECOND
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    settings = load(path, {"TELEGRAM_TOKEN": telegram.token})
    homes = neighbours(telegram, people)
    await store.write(lambda session: sync(session, settings, datetime.now(UTC)))
    await store.write(lambda session: settle(session, homes))
    residents = await open_doors(telegram, told)
    staff = {str(person.info["first_name"]): person for person in residents}
    app = App(settings, Clock())
    await app.start()
    return Evening(telegram, store, staff, homes), app


async def warn(there: Evening) -> None:
    """One admin writes it, another agrees."""
    await make(there.staff["黄书记"])
    await there.staff["黄书记"].presses("发送")
    await there.staff["郑主任"].reads("您同意吗", timeout=PATIENCE)
    await there.staff["郑主任"].presses("同意发送")


async def answer(there: Evening, people: Sequence[Resident], label: str, told: str) -> None:
    """Tap as soon as the warning is there, twice as people do."""
    for person in people:
        async with asyncio.timeout(PATIENCE):
            while not there.telegram.sent.get(person.id):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        for _ in range(2):
            await person.presses(label)
            await person.sees_toast(told, timeout=PATIENCE)


async def two_go_down(there: Evening, calls: int) -> None:
    """When half of the calls are there: one steward's role is taken, another is away; both have cases in hand."""
    rescues = select(func.count()).select_from(Case)
    await there.until(lambda: enough(there, calls))
    assert await there.count(rescues) >= calls
    (first, name), (second, other) = await busiest(there)
    await there.staff[name].presses("接单")
    admin = there.staff["黄书记"]
    await admin.sends(f"/remove {name}")
    await admin.reads("收回", timeout=PATIENCE)
    await admin.presses("是的，收回")
    await admin.reads("已转交", timeout=PATIENCE)
    there.gone.append(first)
    await admin.sends(f"/away {other} 1d")
    await admin.reads("请假到", timeout=PATIENCE)
    await admin.presses("转给别人")
    await admin.reads("已转给别人", timeout=PATIENCE)
    there.gone.append(second)


async def enough(there: Evening, calls: int) -> bool:
    """Tell whether so many calls for help were filed, and two stewards have some of them."""
    filed = await there.count(select(func.count()).select_from(Case))
    return filed >= calls and len(await busiest(there)) == 2


async def busiest(there: Evening) -> list[tuple[int, str]]:
    """Return the two stewards with the most in hand: number and name."""
    held = select(Person.id, Person.name).join(Case, Case.steward_id == Person.id).where(Case.state.in_(HELD))
    most = held.group_by(Person.id, Person.name).order_by(func.count().desc(), Person.id).limit(2)
    return [(row.id, row.name) for row in await there.store.read(lambda s: s.execute(most).all())]


async def is_over(there: Evening) -> bool:
    """Tell whether everything is sent."""
    done = await there.store.read(lambda s: s.scalar(select(Broadcast.state))) == "done"
    waiting = select(func.count()).select_from(Outgoing).where(Outgoing.state == "pending")
    return done and await there.count(waiting) == 0


async def figures(there: Evening, lost: Sequence[Resident], answers: int, calls: int) -> None:
    """What the admin reads agrees with what the simulator has seen, names too."""
    admin = there.staff["黄书记"]
    warned = len(there.people) + len(there.staff) - 1  # the admin of the street above has no role in the community
    reached = warned - len(lost)
    await admin.presses("刷新数字")  # the answers may have come after its last look
    told = f"已转移{answers}人 · 需要帮助{calls}人 · 还没回复{reached - answers - calls}人"
    card = await shown(admin, told)
    assert "已发完" in card
    assert f"已送到：{reached}人" in card
    assert f"没送到：{len(lost)}人" in card
    await admin.presses("看看谁没收到")
    page = await admin.reads(f"通知没送到：{len(lost)}人", timeout=PATIENCE)
    names = {str(person.info["first_name"]) for person in lost}
    missed = [line.split()[1] for line in page.text.splitlines() if line.startswith("· ")]
    assert len(missed) == 10
    assert set(missed) <= names


async def shown(person: Resident, words: str) -> str:
    """Wait until a message of somebody's chat, as it stands, has these words; return it."""
    async with asyncio.timeout(PATIENCE):
        while not (found := [each.text for each in await person.screen() if words in each.text]):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found[-1]


def everybody_has_it_once(there: Evening, lost: Sequence[Resident]) -> None:
    """Each neighbour's chat shows the warning once, of whom Telegram refuses none."""
    got = Counter({
        chat: sum("紧急通知" in message.text and WORDS in message.text for message in sent)
        for chat, sent in there.telegram.sent.items() if chat >= NEIGHBOUR_ID
    })  # fmt: skip
    assert +got == Counter({person.id: 1 for person in there.people if person not in lost})


async def every_call_is_looked_after(there: Evening, calls: int) -> None:
    """Each call is one emergency in the hands of somebody who is there and was told of it, and has a next moment."""
    cases = list(await there.store.read(lambda s: s.scalars(select(Case)).all()))
    assert len(cases) == calls
    assert await there.count(select(func.count()).where(HistoryEntry.action == "file")) == calls
    handed = select(func.count()).where(HistoryEntry.action.in_(("relieve", "transfer")))
    assert await there.count(handed) >= 2
    chats = select(Identity.person_id, Identity.chat)
    chat_of = {row.person_id: int(row.chat) for row in await there.store.read(lambda s: s.execute(chats).all())}
    assert len(set(there.gone)) == 2
    for case in cases:
        assert (case.category, case.emergency) == ("rescue", True)
        assert case.state in OPEN
        assert case.look_at is not None
        holder = case.steward_id or case.answerable_id
        assert holder not in there.gone
        told = "\n".join(message.text for message in there.telegram.sent[chat_of[holder]])
        assert f"#{case.id} " in told


def answered(what: str) -> object:
    """Return the query for how many gave this answer."""
    return select(func.count()).select_from(BroadcastAnswer).where(BroadcastAnswer.answer == what)
