"""Residents who report one after the other: what they do next when the bot has said what they wait for.

They look at the body of a call, a form or JSON (`bench.api_server`), so that many of them cost little.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import unquote_plus

from bench.api_server import BotApi

TROUBLES = (
    "路灯不亮", "厨房漏水", "下水道堵了", "垃圾没人收", "楼上太吵", "门禁坏了", "树枝挡了路", "地砖松动",
    "自行车乱停", "水压太低", "墙皮掉了", "井盖响", "健身器材坏了", "快递柜打不开", "车位被占",
)  # fmt: skip
DETAILS = (
    "昨晚", "早上", "门口", "邻居", "楼道", "周末", "三天", "右边", "转角", "孩子", "老人", "下班", "绿色", "白色",
    "声音", "两处", "靠墙", "花坛", "台阶", "窗下", "雨后", "半夜", "每天", "旁边", "西侧", "北面", "顶层", "信箱",
    "长椅", "超市", "公交", "篮球", "菜园", "亭子", "石桌", "晾衣", "雨棚", "车库", "围栏", "草坪",
)  # fmt: skip


def pressed(pattern: str) -> re.Pattern[bytes]:
    """Return what finds the data of buttons in an encoded form or in JSON; a colon is `:` in the pattern."""
    told = pattern.replace(":", "(?:%3A|:)").encode()
    return re.compile(rb'callback_data(?:%22%3A(?:\+|%20)?%22|":")((?:(?!%22|").)*?' + told + rb')(?:%22|")')


@dataclass(frozen=True, slots=True)
class Step:
    """What a resident does once the form of a call shows `waits_for`: say `says`, or press what was found."""

    waits_for: re.Pattern[bytes]
    says: str = ""


ANYTHING = re.compile(rb'text(?:=|":)')
FILED = re.compile(rb"(?:%23|#)\d+")  # "#1001"
FOLLOW, ANYWAY = pressed(":follow:[0-9]+"), pressed(":card")  # "the same trouble?" - "no"

WORDS, PLACE_AND_WORDS = "{trouble}", "{building}号楼{unit}单元{trouble}"
RIVAL = (
    Step(ANYTHING, "/report"), Step(ANYTHING, WORDS), Step(pressed("place:[0-9]+")),
    Step(pressed("kind:[a-z0-9]+")), Step(pressed("submit")), Step(FILED),
)  # fmt: skip
OURS_FIVE = (
    Step(ANYTHING, "/report"), Step(ANYTHING, WORDS), Step(pressed(":at:[0-9]+")), Step(pressed(":kinds")),
    Step(pressed(":cat:[a-z_]+")), Step(pressed(":submit")), Step(FILED),
)  # fmt: skip
OURS_IN_TOWN = (Step(ANYTHING, "丰美小区" + PLACE_AND_WORDS), Step(pressed(":submit")), Step(FILED))  # of many estates
OURS_TWO = (Step(ANYTHING, PLACE_AND_WORDS), Step(pressed(":submit")), Step(FILED))


@dataclass(slots=True)
class Seen:
    """What was seen while it was looked at."""

    answers: list[float] = field(default_factory=list)  # seconds from handing an update out to the first answer
    finished: int = 0
    begun: int = 0
    detours: int = 0


@dataclass(slots=True)
class _Turn:
    step: int = 0
    pending: bool = True  # the last update has no answer yet


class Crowd:
    """So many residents at once, each of a population in turn, so that nobody is found to flood."""

    def __init__(self, api: BotApi, script: Sequence[Step], people: Sequence[int], seed: int = 1) -> None:
        self.seen = Seen()
        self._api = api
        self._script = script
        self._people: Iterator[int] = cycle(people)
        self._turns: dict[int, _Turn] = {}
        self._chance = random.Random(seed)
        self._goes_on = True
        self._again = False
        self.ended = asyncio.Event()
        api.heard = self.heard

    def closed_loop(self, at_once: int) -> None:
        """Have so many at work all the time: one begins when another is done."""
        self._again = True
        for _ in range(at_once):
            self.begin()

    async def open_loop(self, count: int, a_second: float) -> None:
        """Have so many begin, evenly, however long the others take."""
        start = time.perf_counter()
        for number in range(count):
            await asyncio.sleep(max(0.0, start + number / a_second - time.perf_counter()))
            self.begin()

    def begin(self) -> None:
        """Have the next resident begin."""
        person = next(self._people)
        while person in self._turns:
            person = next(self._people)
        self._turns[person] = _Turn()
        self.seen.begun += 1
        self._say(person, self._script[0].says)

    def stop(self) -> None:
        """Have nobody do anything more."""
        self._goes_on = False

    @property
    def under_way(self) -> int:
        """How many are not done yet."""
        return len(self._turns)

    def heard(self, chat: int, method: str, form: bytes, now: float) -> None:
        """Take what the bot says."""
        turn = self._turns.get(chat)
        if turn is None or not self._goes_on:
            return
        if turn.pending and chat in self._api.handed:
            turn.pending = False
            self.seen.answers.append(now - self._api.handed.pop(chat))
        if method != "answerCallbackQuery":
            self._go_on(chat, turn, form)

    def _go_on(self, chat: int, turn: _Turn, form: bytes) -> None:
        step = self._script[turn.step + 1]
        shown = step.waits_for.findall(form)
        if not shown:
            if FOLLOW.search(form) and (other := ANYWAY.findall(form)):
                self.seen.detours += 1
                turn.pending = True
                self._press(chat, other[0])
            return
        turn.step += 1
        if turn.step == len(self._script) - 1:
            self._done(chat)
            return
        turn.pending = True
        if step.says:
            self._say(chat, step.says)
        else:
            self._press(chat, self._chance.choice(shown))

    def _done(self, chat: int) -> None:
        del self._turns[chat]
        self.seen.finished += 1
        if self._again:
            self.begin()
        elif not self._turns:
            self.ended.set()

    def _say(self, chat: int, words: str) -> None:
        chance = self._chance
        trouble = chance.choice(TROUBLES) + "，" + "".join(chance.sample(DETAILS, 6))
        text = words.format(trouble=trouble, building=chance.randint(1, 18), unit=chance.randint(1, 2))
        command = b',"entities":[{"type":"bot_command","offset":0,"length":%d}]' % len(text) if text[0] == "/" else b""
        self._api.push(chat, b'"message":{"message_id":%d,%s,"date":%d,"text":%s%s}' % (
            self._api.next_message(), _who(chat), int(time.time()), json.dumps(text).encode(), command))  # fmt: skip

    def _press(self, chat: int, data: bytes) -> None:
        said = json.dumps(unquote_plus(data.decode())).encode()
        number = self._api.next_message()
        self._api.push(chat, b'"callback_query":{"id":"%dx%d","from":%s,"message":%s,"chat_instance":"1","data":%s}' % (
            chat, number, _person(chat), self._api.message(chat), said))  # fmt: skip


def _person(chat: int) -> bytes:
    return b'{"id":%d,"is_bot":false,"first_name":"R%d","language_code":"zh-hans"}' % (chat, chat)


def _who(chat: int) -> bytes:
    return b'"from":%s,"chat":{"id":%d,"type":"private","first_name":"R%d"}' % (_person(chat), chat, chat)
