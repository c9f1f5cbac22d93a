"""Buttons invented, buttons of somebody else, numbers guessed: nothing changes, nothing is shown, nothing breaks."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.case_press import PRESSES
from handlers.commands import ALL
from storage.engine import Store
from storage.models import Case, HistoryEntry
from tests.cast import Estate, open_estate
from tests.security.evil import FORMULAS, INVISIBLE, MARKUP, NUMBERS

SECRET_WORDS = "4号楼1单元302的水管漏了，敲门找赵阿姨"
DATA = (
    "", ":", "::::::::", "c", "c:", "c::", "c:accept", "c:accept:", "c:accept:1001:a:b:c:d", "c:nothing:1001",
    "c:__init__:1001", "C:ACCEPT:1001", "c:accept:1001 ", "c:accept:" + "9" * 50, "c:to:1001:999999", "c:to:1001:-1",
    "c:mergeto:1001:1001",
    "c:mergeto:1001:" + "9" * 30, "c:kind:1001:../../etc", "c:until:1001:99999999", "c:star:1001:6", "c:star:1001:-5",
    "c:tag:1001:9999", "r:", "r:x:submit", "r:" + "0" * 12 + ":submit", "r:x:kind:__class__", "h:", "h:home:1e9",
    "h:p:999999999",
    "a:back", "a:cover:999999", "l:tasks:-1", "l:tasks:99999999999999999999", "m:nothing", "g:xx", "g:../../zh",
    "u:1:2:3", "u:::",
    "k:::", "k:zzzz:0:0", "x:999999999999", "x:", "b:1", "b:send:1", "b:send:999999999999999999999999", "b:stop:-1",
    "?:x", "\x00",
    "c:accept:1001\x00", "c:story:1001\n", "💣:1", "c:💣:1001", "c:accept:１００１", "' OR 1=1 --",
    "c:accept:1001' --", "%s%s%n",
    "{0}", "../../../etc/passwd", "<b>", "c:phone:1001", "c:see:1001", "c:note:1001", "c:outcome:1001", "c:call:1001",
)  # fmt: skip


@pytest.fixture
async def filed(estate: Estate) -> Estate:
    """A private matter of one resident, in the hands of a steward; somebody else is about."""
    await estate.says("aunt", "/phone 13800138000")
    await estate.says("aunt", SECRET_WORDS)
    await estate.presses("aunt", "提交")
    await estate.presses(await estate.steward(), "接单")
    await estate.says("stranger", "/start")
    return estate


async def marks(estate: Estate) -> tuple[Any, ...]:
    def look(session: Session) -> tuple[Any, ...]:
        cases = session.execute(select(Case.id, Case.state, Case.steward_id, Case.resolve_by, Case.category)).all()
        return (session.scalar(select(func.count()).select_from(HistoryEntry)), tuple(map(tuple, cases)))

    found: tuple[Any, ...] = await estate.store.read(look)
    return found


async def told(estate: Estate, who: str) -> str:
    return str(await estate.told(who))


async def test_an_invented_button_does_nothing(filed: Estate) -> None:
    before, changed = await marks(filed), []
    for data in DATA:
        await filed.presses_data("stranger", data)
        if await marks(filed) != before:
            changed.append(data)
    assert changed == []
    shown = await told(filed, "stranger")
    assert "302" not in shown
    assert "13800138000" not in shown


async def test_every_button_of_others_does_nothing_for_a_stranger(filed: Estate) -> None:
    """Whatever was ever shown to the resident, the steward, the coordinator and the admin, pressed by somebody else."""
    before = await marks(filed)
    for who in ("aunt", await filed.steward(), "lin", "huang"):
        for row in await filed.told(who):
            for data in row.get("buttons", {}).values():
                if data.startswith(("c:", "r:", "u:", "x:", "b:")):
                    await filed.presses_data("stranger", data)
    assert await marks(filed) == before
    assert "302" not in await told(filed, "stranger")


async def test_every_verb_with_every_number_says_the_same_to_a_stranger(filed: Estate) -> None:
    """A case of somebody else is answered like one that there is not, or with words that tell nothing of it."""
    before = await marks(filed)
    for verb in sorted(PRESSES):
        if verb not in ("follow",):
            for number in ("1001", "1002", "999999999999999"):
                await filed.presses_data("stranger", f"c:{verb}:{number}")
    assert await marks(filed) == before
    shown = await told(filed, "stranger")
    for word in ("302", "赵阿姨", "敲门", "13800138000"):
        assert word not in shown


async def test_a_guessed_number_opens_nothing(filed: Estate) -> None:
    before = await marks(filed)
    for number in NUMBERS:
        for command in ("/case", "/assign", "/reopen", "/reject", "事项", "/merge 1001"):
            await filed.says("stranger", f"{command} {number}")
        filed.clock.move(timedelta(minutes=1))  # else it is a flood
    assert "302" not in await told(filed, "stranger")
    assert (await marks(filed))[1][0] == before[1][0]


async def test_no_word_breaks_the_desk(filed: Estate) -> None:
    """Said by everybody, plainly and behind commands, to whoever may be listening."""
    for evil in (*MARKUP, *FORMULAS, *INVISIBLE):
        for who in ("stranger", "aunt", "wang", "lin", "huang"):
            for said in (evil, f"/find {evil}", f"/note 1001 {evil}", "/cancel"):
                await filed.says(who, said)
        filed.clock.move(timedelta(minutes=1))
    assert (await filed.cases())[0].id == 1001


words = st.one_of(
    st.text(max_size=200),
    st.sampled_from([*MARKUP, *FORMULAS, *INVISIBLE]),
    st.builds(
        lambda command, argument: f"/{command} {argument}",
        st.sampled_from([command.name for command in ALL]),
        st.one_of(st.text(max_size=60), st.sampled_from(NUMBERS), st.sampled_from(MARKUP)),
    ),
)
parts = st.one_of(st.sampled_from([*NUMBERS, *sorted(PRESSES), "1001", "x", ""]), st.text(max_size=12))
buttons = st.builds(
    lambda letter, rest: ":".join((letter, *rest))[:64],
    st.sampled_from("craulmghkxb?"),
    st.lists(parts, max_size=5),
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(said=words, pressed=buttons, who=st.sampled_from(("stranger", "wang", "huang")))
def test_nothing_at_all_raises(said: str, pressed: str, who: str) -> None:
    """Each is taken in and committed: one that raised would come again for ever, and hold its chat up."""
    runner, estate = FUZZED[0]
    runner.run(estate.says(who, said))
    runner.run(estate.presses_data(who, pressed))


FUZZED: list[Any] = []


@pytest.fixture(autouse=True)
def _fuzzed(request: pytest.FixtureRequest) -> Any:
    if request.node.name != "test_nothing_at_all_raises":
        yield
        return
    store: Store = request.getfixturevalue("lone_store")
    runner = asyncio.Runner()
    FUZZED[:] = [(runner, runner.run(open_estate(store)))]
    yield
    FUZZED.clear()
    runner.close()
