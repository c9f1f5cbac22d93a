"""What is done by virtue of a role, and each look at contact details, is in the audit: tried command by command."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.admin.audit import NAMES
from handlers.commands import ALL
from handlers.mycases import ACTIONS
from storage.engine import Store, open_store
from tests.handlers.permissions import BUTTONS, COMMANDS, EFFECTS, UNAUDITED, Line
from tests.handlers.stage import NOW, Outcome, Stage, attempt, build, configuration
from tests.handlers.test_permissions import deeds

LED = {
    name: line for name, line in {**BUTTONS, **{f"/{name}": line for name, line in COMMANDS.items()}}.items()
    if line.changes and "admin" in line.may.split()
}  # fmt: skip
"""What a leader changes of somebody else's case."""


@pytest.fixture(scope="module")
def everybody(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Stage]]:
    """The stage on a database that every attempt leaves as it was."""
    path = tmp_path_factory.mktemp("audited") / "desk.db"
    shutil.copy(sqlite_template, path)
    store = open_store(f"sqlite:///{path}")
    config = configuration(path.with_suffix(".yaml"))
    yield store, asyncio.run(store.write(lambda session: build(session, store, config)))
    store.close()


@pytest.mark.parametrize("name", LED)
async def test_whoever_leads_is_written_down(everybody: tuple[Store, Stage], name: str) -> None:
    store, stage = everybody
    outcome = await store.write(lambda session: attempt(session, stage, "admin", deeds(stage, name, LED[name])))
    assert outcome.changed, outcome.told
    assert outcome.audited, outcome.told
    assert all(is_named(action) for action in outcome.audited), outcome.audited


@pytest.mark.parametrize("name", EFFECTS)
async def test_what_has_an_effect_beside_a_case_is_written_down(everybody: tuple[Store, Stage], name: str) -> None:
    store, stage = everybody
    who, said, action = EFFECTS[name]
    filled = tuple(stage.fill(deed.replace("{now}", str(int(NOW.timestamp())))) for deed in said)

    def tried(in_group: bool) -> Outcome:
        return asyncio.run(store.write(lambda session: attempt(session, stage, who, filled, in_group=in_group)))

    outcome = await asyncio.to_thread(tried, "group" in name)
    assert outcome.audited == (action,), outcome.told
    assert is_named(action)


def is_named(action: str) -> bool:
    """Tell whether /audit has words for it."""
    return action in NAMES or action.removeprefix("case.") in ACTIONS


def test_every_command_is_tried_or_said_to_need_none() -> None:
    tried = {deed.split()[0].removeprefix("/") for _who, said, _action in EFFECTS.values() for deed in said}
    led = {name.removeprefix("/") for name in LED if name.startswith("/")}
    own = {name for name, line in COMMANDS.items() if line.changes and "admin" not in line.may.split()}  # in its story
    assert {command.name for command in ALL} - tried - led - own - set(UNAUDITED) == set()


def test_nothing_that_changes_a_case_is_said_to_need_none() -> None:
    changing = {name for name, line in COMMANDS.items() if isinstance(line, Line) and line.changes}
    assert changing & set(UNAUDITED) == set()
