"""People who press and say anything at any time, while the time moves: what must hold all the same.

A Hypothesis machine over the whole desk: a resident, her neighbour, two stewards, a coordinator and an admin. After
each deed the invariants are looked up in the database, in words of their own rather than by the rules under test.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.inbox import Inbox
from bot.rulebook import Rulebook
from cases.states import MOVES, Action, State
from handlers.case_press import PRESSES
from storage.engine import Store, open_store
from storage.message_models import Outgoing
from storage.models import Case, HistoryEntry, Identity, Person
from tests.cast import PLAIN, PLANNERS, Estate, example
from tests.stories.ground import Ground

MORNING = datetime(2026, 9, 30, 2, tzinfo=UTC)  # 10:00, a Wednesday
PHONES = {"aunt": "13800138000", "uncle": "13900139000"}
STAFF = ("wang", "chen", "lin", "huang")
PEOPLE = (*PHONES, *STAFF)
FIRST = 1001
OVER = {State.CLOSED, State.REJECTED, State.WITHDRAWN, State.MERGED}
OF_LEADERS = {
    Action.VET, Action.QUESTION, Action.DECLINE, Action.TO_ISSUE, Action.TO_WISH, Action.MERGE, Action.MERGE_IN,
    Action.ESCALATE, Action.EASE, Action.NOTE, Action.GIVE_TIME, Action.DENY_TIME, Action.REVIVE, Action.REVIEW_AGAIN,
    Action.CALLED,
}  # fmt: skip
OF_STEWARDS = {
    Action.ACCEPT, Action.TRANSFER, Action.RETURN, Action.ASK, Action.RESOLVE, Action.HOLD, Action.RESUME,
    Action.WANT_TIME, Action.REPLY, Action.RECLASSIFY, Action.ADD_HELPER, Action.DROP_HELPER,
}  # fmt: skip
CLAIMERS_TOO = {Action.ASK, Action.RESOLVE, Action.HOLD, Action.RESUME, Action.RETURN, Action.TRANSFER,
                Action.WANT_TIME, Action.REPLY, Action.RECLASSIFY, Action.ADD_HELPER, Action.DROP_HELPER}  # fmt: skip

SAYINGS = (
    "3号楼2单元电梯坏了", "5号楼的路灯不亮", "3号楼着火了，快来人", "楼上天天吵架，3号楼2单元501", "我想要一个轮椅",
    "心愿：陪奶奶去医院", "有", "好的，修好了", "还是没修好", "取消", "不是这里，是5号楼", "3号楼", "11号楼1单元302",
    "😀", "/start", "/help", "/mycases", "/tasks", "/wishes", "/phone", "/home", "/wish", "/report", "/cancel",
    "/away 3d", "/back", "/cases", "/cases 超时", "/find 电梯", "/audit", "/broadcast", "/export 本月",
    "我的事项", "13700137000 是我的电话",
)  # fmt: skip
COMMANDS = (
    "/case {0}", "/assign {0} 王师傅", "/transfer {0} 陈姐", "/escalate {0}", "/priority {0} 加急",
    "/priority {0} 普通", "/merge {0} {1}", "/reject {0} 不归我们管", "/note {0} 记一下", "/reopen {0}",
    "派单 {0} 王师傅", "{0}",
)  # fmt: skip
ARGUMENTS = ("", "0", "1", "5", "-1", "lift", "wish", "x", str(FIRST), "999999999999999999999", "：", "a:b:c")


class StillClock(Clock):
    """A clock that only moves when it is moved, so that a sequence can be played again."""

    def __init__(self) -> None:
        super().__init__()
        self._at = MORNING

    def now(self) -> datetime:
        """Return the moment."""
        return self._at

    def move(self, step: timedelta) -> None:
        """Set it on."""
        self._at += step


def seeded(session: Session) -> None:
    """Give the two residents a home and a number."""
    for who, phone in PHONES.items():
        person = Person(name=who, phone=phone, created_at=MORNING)
        session.add(person)
        session.flush()
        session.add(Identity(person_id=person.id, channel=PLAIN, user=who, chat=who))


@dataclass
class Seen:
    """What was there after the last deed."""

    history: list[tuple[Any, ...]] = field(default_factory=list)
    told: int = 0


class Anything(RuleBasedStateMachine):
    """One sequence."""

    ground: ClassVar[Ground]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.url = self.ground.fresh()
        self.store: Store = open_store(self.url)
        clock = StillClock()
        book = Rulebook(example())
        inbox = Inbox(self.store, book.at, PLANNERS, clock)
        self.estate = Estate(self.store, self.ask(book.at), inbox, clock, book, PLANNERS)
        self.estate.inbox = Inbox(self.store, self.estate.rules_for, PLANNERS, clock)
        self.seen = Seen()
        self.ids: dict[str, int] = dict(self.ask(lambda s: s.execute(
            select(Identity.chat, Identity.person_id)).all()))  # fmt: skip

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.store.close()
        self.runner.close()
        self.ground.drop(self.url)

    def ask(self, question: Callable[[Session], Any]) -> Any:
        """Read something."""
        return self.runner.run(self.store.read(question))

    @rule(who=st.sampled_from(PEOPLE), text=st.sampled_from(SAYINGS))
    def says(self, who: str, text: str) -> None:
        """Somebody says something."""
        self.runner.run(self.estate.says(who, text))

    @rule(who=st.sampled_from(("aunt", "uncle")), text=st.sampled_from(SAYINGS[:6]))
    def reports(self, who: str, text: str) -> None:
        """A resident reports, all the way."""
        self.runner.run(self.estate.says(who, text))
        for label in ("不是，继续上报", "提交", "送去审核"):
            self.runner.run(self._press_if_there(who, label))

    @rule(
        who=st.sampled_from(PEOPLE), text=st.sampled_from(COMMANDS), first=st.integers(0, 3), second=st.integers(0, 3)
    )
    def commands(self, who: str, text: str, first: int, second: int) -> None:
        """Somebody writes a command about a case, theirs or not."""
        self.runner.run(self.estate.says(who, text.format(FIRST + first, FIRST + second)))

    @rule(who=st.sampled_from(PEOPLE))
    def photo(self, who: str) -> None:
        """Somebody sends a photo."""
        self.runner.run(self.estate.sends_photo(who))

    @rule(who=st.sampled_from(PEOPLE), back=st.integers(0, 3), which=st.integers(0, 11))
    def presses(self, who: str, back: int, which: int) -> None:
        """Somebody presses a button of one of their newest messages."""
        self._press_of(who, who, back, which)

    @rule(who=st.sampled_from(PEOPLE), back=st.integers(0, 60), which=st.integers(0, 11))
    def presses_old(self, who: str, back: int, which: int) -> None:
        """Somebody presses a button from long ago."""
        self._press_of(who, who, back, which)

    @rule(who=st.sampled_from(PEOPLE), other=st.sampled_from(PEOPLE), back=st.integers(0, 20), which=st.integers(0, 11))
    def presses_of_another(self, who: str, other: str, back: int, which: int) -> None:
        """Somebody replays the button of another person."""
        self._press_of(who, other, back, which)

    @rule(
        who=st.sampled_from(PEOPLE), verb=st.sampled_from(sorted(PRESSES)), number=st.integers(0, 4),
        argument=st.sampled_from(ARGUMENTS),
    )  # fmt: skip
    def invents(self, who: str, verb: str, number: int, argument: str) -> None:
        """Somebody makes a button up."""
        data = f"c:{verb}:{FIRST + number}" + (f":{argument}" if argument else "")
        self.runner.run(self.estate.presses_data(who, data[:64]))

    @rule(minutes=st.sampled_from((1, 20, 61, 240, 720, 1500, 4400, 12_000)))
    def time_passes(self, minutes: int) -> None:
        """Time passes, and the clock looks at what is due."""
        self.runner.run(self.estate.waits(minutes=minutes))

    @invariant()
    def holds(self) -> None:
        """Hold what must hold after whatever anybody did."""
        cases, history, told = self.ask(self._look)
        self._history_only_grows(history)
        self._every_move_is_legal(history)
        self._everybody_kept_to_their_part(cases, history)
        _open_cases_have_owner_and_moment(cases)
        _state_is_the_last_entry(cases, history)
        self._numbers_stay_private(told, cases, history)
        self.seen.history = history

    def _look(self, session: Session) -> tuple[Sequence[Case], list[tuple[Any, ...]], Sequence[Any]]:
        entry = HistoryEntry
        columns = (entry.id, entry.case_id, entry.at, entry.actor_id, entry.action, entry.from_state, entry.to_state,
                   entry.words, entry.data)  # fmt: skip
        history = [tuple(row) for row in session.execute(select(*columns).order_by(entry.id))]
        told = session.execute(
            select(Outgoing.id, Outgoing.chat, Outgoing.payload)
            .where(Outgoing.id > self.seen.told)
            .order_by(Outgoing.id)
        ).all()
        self.seen.told = told[-1].id if told else self.seen.told
        return session.scalars(select(Case).order_by(Case.id)).all(), history, told

    def _history_only_grows(self, history: list[tuple[Any, ...]]) -> None:
        assert history[: len(self.seen.history)] == self.seen.history

    def _every_move_is_legal(self, history: list[tuple[Any, ...]]) -> None:
        at: dict[int, str] = {}
        for _, case, _, _, action, before, after, _, _ in history:
            assert at.get(case) == before, f"case {case}: {action} from {before}, but it was {at.get(case)}"
            if action != Action.FILE:
                move = MOVES[Action(action)]
                assert State(before) in move.sources, f"{action} is not allowed in {before}"
                target = after if move.target is None else move.target
                assert after == target, f"{action} leads to {move.target}, not to {after}"
                assert move.target is not None or before == after
            at[case] = after

    def _everybody_kept_to_their_part(self, cases: Sequence[Case], history: list[tuple[Any, ...]]) -> None:
        staff = {self.ids[who] for who in STAFF}
        leaders = {self.ids["lin"], self.ids["huang"]}
        reporter = {case.id: case.reporter_id for case in cases}
        claimed: set[tuple[int, int]] = set()
        for _, case, _, actor, action, *_ in history:
            if action == Action.CLAIM:
                claimed.add((case, actor))
            if actor is None:
                continue
            if action in OF_LEADERS:
                assert actor in leaders, f"{actor} did {action}"
            if action in OF_STEWARDS:
                assert actor in staff or (action in CLAIMERS_TOO and (case, actor) in claimed), f"{actor} did {action}"
            if action in (Action.WITHDRAW, Action.RATE, Action.UNSOLVED, Action.ANSWER, Action.EXPLAIN, Action.PUBLISH):
                assert actor == reporter[case], f"{actor} did {action} on {case}"

    def _numbers_stay_private(self, told: Sequence[Any], cases: Sequence[Case], history: list[tuple[Any, ...]]) -> None:
        """A number is read by its owner, and by who has just looked at it by the rules, which is written down."""
        looked = {(actor, case) for _, case, _, actor, action, *_ in history if action == Action.CONTACT}
        for row in told:
            shown = str(row.payload)
            for who, phone in PHONES.items():
                if phone in shown and row.chat != who:
                    theirs = {case.id for case in cases if case.reporter_id == self.ids[who]}
                    reader = self.ids[row.chat]
                    assert any((reader, case) in looked for case in theirs), f"{row.chat} reads the number of {who}"

    def _press_of(self, who: str, other: str, back: int, which: int) -> None:
        rows = [row for row in self.runner.run(self.estate.told(other)) if row.get("buttons")]
        if back < len(rows):
            labels = rows[-1 - back]["labels"]
            data = rows[-1 - back]["buttons"][labels[which % len(labels)]]
            self.runner.run(self.estate.presses_data(who, data))

    async def _press_if_there(self, who: str, label: str) -> None:
        rows = [row for row in await self.estate.told(who) if row.get("buttons")]
        if rows and label in rows[-1]["buttons"]:
            await self.estate.presses_data(who, rows[-1]["buttons"][label])


def _open_cases_have_owner_and_moment(cases: Sequence[Case]) -> None:
    for case in cases:
        if State(case.state) not in OVER:
            assert case.answerable_id, f"case {case.id} ({case.state}) has nobody"
            assert case.look_at, f"case {case.id} ({case.state}) is never looked at again"
            assert case.look_kind, f"case {case.id} ({case.state}): nobody knows what for"


def _state_is_the_last_entry(cases: Sequence[Case], history: list[tuple[Any, ...]]) -> None:
    last = {case: after for _, case, _, _, _, _, after, _, _ in history}
    assert {case.id: case.state for case in cases} == last
