"""What people do all day: they report, accept, finish, rate, wish, claim, send photos, warn everybody."""

import asyncio
import io
import re
import time

from PIL import Image

from bench.town import ANOTHER, RESIDENT_ID, SUBMIT, labels
from cases.states import Action
from tests.faults.town import Town
from tests.simulators.telegram import Resident

PATIENCE = 300.0  # seconds: the desk may have to be started again meanwhile, many times, on a busy machine
SOON = 15.0
NEWEST = 120  # messages that somebody looks through: a steward's chat has thousands in the end
NUMBER = re.compile(r"#(\d+)")
ACCEPT, DONE, TOLD, SOLVED, STARS, CLAIM, VET = (
    "接单", "办结", "已向居民说明", "解决了", "5 非常满意", "认领", "通过"
)  # fmt: skip

TROUBLES = ("楼道灯坏了", "垃圾没人收", "楼上太吵了", "下水道堵了", "车乱停堵住了门", "电梯坏了")


async def sees(person: Resident, *wanted: str) -> str:
    """Wait for one of the buttons; return which."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        shown = labels(await person.screen(newest=NEWEST))
        if found := next((label for label in wanted if label in shown), None):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{person} never saw {wanted}: {[str(each) for each in await person.screen(newest=NEWEST)]}")


async def reads(person: Resident, words: str) -> str:
    """Wait until the chat shows these words; return the newest message that has them."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for shown in reversed(await person.screen(newest=NEWEST)):
            if shown.by_bot and words in shown.text:
                return shown.text
        await asyncio.sleep(0.05)
    raise AssertionError(f"{person} never read {words!r}: {[str(each) for each in await person.screen(newest=NEWEST)]}")


async def files(town: Town, words: str, photo: bytes | None = None) -> tuple[Resident, int]:
    """Have a new resident report; return who and the number of the case."""
    number = town.next()
    person = town.telegram.user(f"居民{number}", id=RESIDENT_ID + number)
    words = f"{words}，编号{number}号"
    town.checker.expected.begun.add(words)
    if photo is None:
        await person.sends(words)
    else:
        await person.sends_photo(photo, words)
    if await sees(person, SUBMIT, ANOTHER) == ANOTHER:
        await person.presses(ANOTHER)
        await sees(person, SUBMIT)
    await person.presses(SUBMIT)
    town.checker.expected.filed.add(words)
    return person, await number_of(person)


async def lives(town: Town) -> None:
    """A case from its report to its mark."""
    aunt, number = await files(town, f"楼上{town.count % 18 + 1}栋太吵了")
    steward = await accepted(town, number)
    async with town.hands[steward.id]:  # they are asked what they did, of one case at a time
        town.checker.expected.pressed.append((number, Action.RESOLVE))
        await _finishes(town, steward, number, aunt)
    await aunt.presses(SOLVED)
    await sees(aunt, STARS)
    await aunt.presses(STARS)
    town.checker.expected.pressed.append((number, Action.RATE))
    await town.telegram.send_again(town.telegram.last_update_id)


async def _finishes(town: Town, steward: Resident, number: int, aunt: Resident) -> None:
    """Have a steward finish a case: they press once more where nothing comes of it, and answer each question once."""
    end, again, answered = time.monotonic() + PATIENCE, 0.0, set[int]()
    while time.monotonic() < end:
        if await shows(aunt, None, SOLVED, 0.0):
            return
        if time.monotonic() > again and await shows(steward, number, DONE, 0.0):
            await press_on(town, steward, number, DONE)
            again = time.monotonic() + SOON
        for shown in await steward.screen(newest=NEWEST):
            if TOLD in shown.labels and shown.message_id not in answered:
                answered.add(shown.message_id)
                await steward.presses_old(shown, TOLD)
        await asyncio.sleep(0.1)
    await sees(aunt, SOLVED)


async def shows(person: Resident, number: int | None, label: str, seconds: float) -> bool:
    """Tell whether a button, of a case where one is named, is there in so many seconds."""
    end, words = time.monotonic() + seconds, "" if number is None else f"#{number}"
    while True:
        seen = await person.screen(newest=NEWEST)
        if any(words in each.text and label in each.labels for each in seen):
            return True
        if time.monotonic() >= end:
            return False
        await asyncio.sleep(0.1)


async def accepted(town: Town, number: int) -> Resident:
    """Have a steward accept a case; who waited for hours finds that it was offered to another. Return who has it."""
    town.checker.expected.pressed.append((number, Action.ACCEPT))
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        steward = await has_task(town, number)
        await press_on(town, steward, number, ACCEPT)
        if await shows(steward, number, DONE, SOON):
            return steward
    raise AssertionError(f"nobody could accept #{number}")


async def has_task(town: Town, number: int) -> Resident:
    """Wait until a steward has the case; return who."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for person in town.staff.values():
            for shown in await person.screen(newest=NEWEST):
                if f"#{number}" in shown.text and ACCEPT in shown.labels:
                    return person
        await asyncio.sleep(0.05)
    raise AssertionError(f"nobody got #{number}")


async def press_on(town: Town, who: Resident, number: int, label: str, action: Action | None = None) -> None:
    """Press a button of one case's card as soon as it is there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for shown in reversed(await who.screen(newest=NEWEST)):
            if f"#{number}" in shown.text and label in shown.labels:
                await who.presses_old(shown, label)
                if action is not None:
                    town.checker.expected.pressed.append((number, action))
                return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{who} never saw {label} of #{number}")


async def reports(town: Town) -> None:
    """Three neighbours at once, one with a photo; nobody works on it yet."""
    lamps = [files(town, f"{town.count % 18 + 1}栋楼道灯坏了") for _ in range(2)]
    await asyncio.gather(*lamps, files(town, f"{town.count % 18 + 1}栋垃圾没人收", picture(town)))


async def asks(town: Town) -> None:
    """Somebody new asks what there is to say, and is answered."""
    number = town.next()
    person = town.telegram.user(f"居民{number}", id=RESIDENT_ID + number)
    await person.sends("/help")
    await reads(person, "/mycases")


async def one_report(town: Town) -> None:
    """A neighbour reports; what is reported is not the same each time, so that it is not always the same steward's."""
    told = TROUBLES[town.count % len(TROUBLES)]
    await files(town, f"{town.count % 18 + 1}栋{told}")


async def wishes(town: Town) -> None:
    """A wish that two volunteers claim at once: one of them has it."""
    number = town.next()
    person = town.telegram.user(f"居民{number}", id=RESIDENT_ID + number)
    await person.sends("/start p_fengmei-5")
    words = f"我家奶奶想要一辆轮椅出门晒太阳，能不能帮忙，编号{number}号"
    town.checker.expected.begun.add(words)
    await person.sends(words)
    await sees(person, SUBMIT)
    await person.presses(SUBMIT)
    town.checker.expected.filed.add(words)
    case = await number_of(person)
    await press_on(town, town.staff["feng"], case, VET)
    claims = (press_on(town, town.staff[key], case, CLAIM) for key in ("zhou0", "wang0"))
    await asyncio.gather(*claims)
    town.checker.expected.pressed.append((case, Action.CLAIM))


async def number_of(person: Resident) -> int:
    """Wait until somebody reads the number of their case."""
    found = NUMBER.search(await reads(person, "#"))
    assert found is not None
    return int(found[1])


async def mixed(town: Town) -> None:
    """Several at once."""
    await asyncio.gather(lives(town), reports(town))


def picture(town: Town) -> bytes:
    """Return a photo that no other is like."""
    file = io.BytesIO()
    shade = town.next() % 200
    Image.new("RGB", (320, 240), (shade, 60, 200 - shade)).save(file, "JPEG")
    return file.getvalue()


async def warned(town: Town) -> None:
    """An admin warns everybody who works here."""
    admin = town.staff["huang"]
    async with town.hands[admin.id]:  # one warning after the other
        await admin.sends("/broadcast 丰美社区")
        await reads(admin, "请把通知写成一条消息")
        words = f"第{town.next()}次演练：今晚停水。"
        await admin.sends(words)
        await _confirms(admin, town.staff["wang0"], words)
    await reads(town.staff["lin"], words)


async def _confirms(admin: Resident, other: Resident, words: str) -> None:
    """Confirm each question once, those of the warnings before as well, until somebody else has read this one."""
    end, pressed = time.monotonic() + PATIENCE, set[int]()
    while time.monotonic() < end:
        if any(words in each.text for each in await other.screen(newest=NEWEST)):
            return
        for shown in await admin.screen(newest=NEWEST):
            if "确认发送吗" in shown.text and "发送" in shown.labels and shown.message_id not in pressed:
                pressed.add(shown.message_id)
                await admin.presses_old(shown, "发送")
        await asyncio.sleep(0.1)
    await reads(other, words)
