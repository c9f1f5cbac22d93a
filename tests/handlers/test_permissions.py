"""Who may do what: every command and every button of a case, tried by everybody, inside their place and outside.

`tests.handlers.permissions` has a line for each; one that is new and has none fails here.
"""

import asyncio
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from handlers.admin import places, presses, staff
from handlers.case_press import PRESSES, REASONS
from handlers.commands import ALL, NOT_FOR_YOU
from handlers.route import ONES_OWN
from handlers.texts import translator
from storage.engine import Store, open_store
from tests.handlers.permissions import (
    BUTTONS,
    COMMANDS,
    FIGURE_BUTTONS,
    OWN_BUTTONS,
    PLACES,
    STAFF_BUTTONS,
    WARNING_BUTTONS,
    WHO,
    Line,
)
from tests.handlers.stage import Stage, attempt, build, configuration

SAMPLE = ("accept", "urge", "to", "follow", "star", "anew", "/assign", "/merge", "/reopen", "/audit")  # on PostgreSQL
LINES = {
    **BUTTONS,
    **STAFF_BUTTONS,
    **FIGURE_BUTTONS,
    **WARNING_BUTTONS,
    **OWN_BUTTONS,
    **{f"/{name}": line for name, line in COMMANDS.items()},
    **{f"place:{name}": line for name, line in PLACES.items()},
}

_t = translator("zh")
PLAIN_WORDS = {
    *(_t(text) for text in REASONS.values()),
    *(_t(text) for text in (
        "This is not yours to do.", "There is no such case.", "Only an admin of that place can do this.",
        "You have as many open cases as you can take. Finish one first.",
        "That is for whoever leads where they are.", "You follow it already.",
        "You do not follow it.", "That is for whoever leads.", "That is for admins.",
        "That is for stewards and whoever leads.",
        "Only an admin of that place can do this, and nobody agrees to their own warning.",
    )),
}  # fmt: skip
PATTERNS = [
    *(re.escape(_t(text)).replace(re.escape("{command}"), "[a-z]+") for text in NOT_FOR_YOU.values()),
    re.escape(_t("There is no case #{number}.")).replace(re.escape("{number}"), "[0-9]+"),
    re.escape(_t("There is nobody called {name} here.")).replace(re.escape("{name}"), ".+"),
    re.escape(_t("{place} is not where you lead.")).replace(re.escape("{place}"), ".+"),
    "#[0-9]+ [^\n]+：[^\n]+（[^\n]+）",  # what is true now
    "这里没有叫[^\n]+的人。\n姓名写在前面：[^\n]+",  # nobody whom one may manage
]
REFUSAL = re.compile("|".join((*map(re.escape, PLAIN_WORDS), *PATTERNS)))


@pytest.fixture(scope="module")
def everybody(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Stage]]:
    """The stage on a database that every attempt leaves as it was."""
    path = tmp_path_factory.mktemp("permissions") / "desk.db"
    shutil.copy(sqlite_template, path)
    store = open_store(f"sqlite:///{path}")
    config = configuration(path.with_suffix(".yaml"))
    yield store, asyncio.run(store.write(lambda session: build(session, store, config)))
    store.close()


def deeds(stage: Stage, name: str, line: Line) -> tuple[str, ...]:
    """Return what is done one after the other."""
    said = stage.fill(line.said)
    if name.startswith("/"):
        last = f"{name} {said}".strip()
    elif name.startswith("place:"):
        last = f"{name}:{stage.place_id}:0"
    elif ":" in name:
        last = ":".join(filter(None, (name.removesuffix(":"), said))) + (":" if name.endswith(":") else "")
    else:
        last = f"c:{name}:{stage.scenes[line.scene]}" + (f":{said}" if said else "")
    return (*(stage.fill(deed) for deed in line.before), last)


def wrong(session: Session, stage: Stage, name: str, line: Line) -> Mapping[str, str]:
    """Try it as everybody; return for whom it does not come out as the line says, and how it does."""
    found = {}
    for who in WHO:
        outcome = attempt(session, stage, who, deeds(stage, name, line), in_group=line.in_group)
        refused = any(REFUSAL.fullmatch(text) for text in outcome.told)
        expected = (False, line.changes) if who in line.may.split() else (True, False)
        if not outcome.told or (refused, outcome.changed) != expected:
            found[who] = f"refused {refused}, changed {outcome.changed}: {outcome.told}"
    return found


@pytest.mark.parametrize("name", LINES)
async def test_only_who_may_does(everybody: tuple[Store, Stage], name: str) -> None:
    store, stage = everybody
    assert await store.write(lambda session: wrong(session, stage, name, LINES[name])) == {}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_on_postgresql_too(store: Store, tmp_path: Path) -> None:
    config = configuration(tmp_path / "config.yaml")
    stage = await store.write(lambda session: build(session, store, config))

    def sample(session: Session) -> dict[str, Mapping[str, str]]:
        return {name: found for name in SAMPLE if (found := wrong(session, stage, name, LINES[name]))}

    assert await store.write(sample) == {}


def test_every_command_and_every_button_has_its_line() -> None:
    assert set(COMMANDS) == {command.name for command in ALL}
    assert set(BUTTONS) == set(PRESSES)
    assert {name for name in STAFF_BUTTONS if name[0] == "s"} == {f"s:{verb}" for verb in staff.PRESSES}
    assert set(PLACES) == set(places.PRESSES)


def test_every_letter_of_a_button_has_a_line() -> None:
    tried = {name.partition(":")[0] for name in LINES if ":" in name}
    assert {*presses.PRESSES, *ONES_OWN, "m", "l", "g"} <= tried


def test_every_line_names_who_is_known() -> None:
    assert [name for name, line in LINES.items() if not set(line.may.split()) <= set(WHO)] == []
