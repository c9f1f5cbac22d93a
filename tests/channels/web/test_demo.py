"""The demo: personas and a clock that moves, on this page only."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.attachments import Files
from bot.channels.web import WebChannel
from bot.clock import Clock
from bot.demo import connect, demo_routes, personas_of
from bot.demo.groups import groups_of
from bot.seed import sync
from cases.settings import PlaceSettings
from storage.engine import Store
from storage.message_models import GroupChat
from storage.models import Identity, Person, Place
from storage.people import find
from tests.cast import example
from tests.channels.web.client import browsing, opened
from tests.channels.web.desk import ParrotDesk
from tests.channels.web.serve import serving

SETTINGS = example()
PERSONAS = personas_of(SETTINGS)


@pytest.fixture
async def played(web_store: Store, tmp_path: Path) -> AsyncIterator[ParrotDesk]:
    """A desk whose chat anybody may play."""
    clock = Clock()
    files = Files(tmp_path / "files", web_store, clock)
    await web_store.write(lambda session: sync(session, SETTINGS, clock.now()))
    await web_store.write(lambda session: connect(session, PERSONAS.values(), clock.now()))
    desk = ParrotDesk(web_store, WebChannel(web_store, clock, (), files, PERSONAS), clock, files)
    await desk.channel.start(desk.accept)
    yield desk
    await desk.channel.stop()
    await desk.finish()


@pytest.fixture
async def demo(played: ParrotDesk) -> AsyncIterator[str]:
    """Where the demo is served."""
    routes = [*demo_routes(played.clock, PERSONAS, store=played.store), *played.channel.routes()]
    async with serving(routes) as host:
        yield host


def members(chat: str) -> list[str]:
    return [key for key, persona in PERSONAS.items() if chat in persona.groups]


def test_everybody_with_a_role_can_be_played_where_they_belong() -> None:
    assert [PERSONAS[key].name for key in ("resident", "neighbour")] == ["张阿姨", "李叔"]
    assert PERSONAS["resident"].pane == PERSONAS["neighbour"].pane == "resident"
    for person in SETTINGS.people:
        assert PERSONAS[person.key].pane == person.roles[0].role
        assert PERSONAS[person.key].name == person.name
    assert {persona.pane for persona in PERSONAS.values()} == {"resident", "steward", "coordinator", "admin"}


def test_neighbours_and_stewards_have_a_group_each() -> None:
    assert members("group:fengmei-5") == ["resident", "neighbour", "feng"]
    assert members("group:tasks") == [key for key, persona in PERSONAS.items() if persona.pane == "steward"]


def test_a_group_needs_its_place() -> None:
    elsewhere = SETTINGS.model_copy(update={"places": (PlaceSettings(key="yard", name="院子", kind="estate"),)})
    assert groups_of(elsewhere) == ()
    assert not any(persona.groups for persona in personas_of(elsewhere).values())


async def test_groups_are_tied_to_their_places(played: ParrotDesk) -> None:
    again = played.clock.now() + timedelta(hours=1)
    await played.store.write(lambda session: connect(session, PERSONAS.values(), again))
    tied = select(GroupChat.channel, GroupChat.chat, Place.key, GroupChat.kind).join(Place).order_by(GroupChat.chat)
    rows = await played.store.read(lambda session: [tuple(row) for row in session.execute(tied)])
    assert rows == [
        ("web", "group:fengmei-5", "fengmei-5", "building"),
        ("web", "group:tasks", "fengmei", "task"),
    ]
    bound = await played.store.read(lambda session: session.scalars(select(GroupChat.bound_at)).all())
    assert all(moment < again for moment in bound)


@pytest.mark.parametrize("resident", ["resident", "neighbour"])
async def test_residents_live_in_the_building_of_the_group(played: ParrotDesk, resident: str) -> None:
    home = select(Place.key).join(Person, Person.home_id == Place.id).where(Person.key == resident)
    assert await played.store.read(lambda session: session.scalar(home)) == "fengmei-5"


async def test_a_persona_is_the_person_of_the_configuration(played: ParrotDesk) -> None:
    wang = await played.store.read(lambda session: find(session, "web", "demo:wang", "demo:wang"))
    assert wang is not None
    assert wang.name == PERSONAS["wang"].name
    await played.store.write(lambda session: connect(session, PERSONAS.values(), played.clock.now()))
    users = await played.store.read(lambda session: session.scalars(select(Identity.user)).all())
    assert sorted(users) == sorted(persona.user for persona in PERSONAS.values())


async def test_the_root_shows_the_demo_with_everybody_in_it(demo: str) -> None:
    async with browsing(demo, None) as client:
        page, again = await client.get("/"), await client.get("/demo")
        state = (await client.get("/demo/state")).json()
    assert page.text == again.text
    assert "demo.js" in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert [persona["key"] for persona in state["personas"]] == list(PERSONAS)
    assert [persona["groups"] for persona in state["personas"][:2]] == [["group:fengmei-5"]] * 2
    assert state["zone"] == "Asia/Shanghai"


async def test_one_speaks_as_whom_one_plays(demo: str, played: ParrotDesk) -> None:
    async with opened(demo, None, query="?as=wang") as page:
        await page.say("我来了")
        await page.reply()
    (heard,) = played.heard
    assert (heard.user, heard.chat, heard.name, heard.key) == (
        "demo:wang",
        "demo:wang",
        PERSONAS["wang"].name,
        "demo:wang:1",
    )
    async with opened(demo, None, query="?as=wang") as page:
        assert [line.get("client") for line in (await page.next())["lines"]] == ["1", None]


async def test_the_clock_moves_on(demo: str, played: ParrotDesk) -> None:
    told: list[datetime] = []
    played.clock.on_move(lambda: told.append(played.clock.now()))
    before = played.clock.now()
    async with browsing(demo, None) as client:
        moved = await client.post("/demo/clock", json={"minutes": 60})
    assert timedelta(minutes=60) <= told[0] - before < timedelta(minutes=61)
    assert datetime.fromisoformat(moved.json()["now"]) >= told[0].replace(microsecond=0)


@pytest.mark.parametrize(
    "body", [{"minutes": n} for n in (0, -5, 1.5, "60", None, True, 10**9)] + [{}, [], 5, "x" * 2000]
)
async def test_the_clock_only_takes_a_number_of_minutes_ahead(demo: str, played: ParrotDesk, body: Any) -> None:
    before = played.clock.now()
    async with browsing(demo, None) as client:
        assert (await client.post("/demo/clock", json=body)).status_code == 400
        assert (await client.post("/demo/clock", content=b"{")).status_code == 400
    assert played.clock.now() - before < timedelta(minutes=1)


async def test_no_other_page_moves_the_clock(demo: str) -> None:
    async with browsing(demo, None, origin="http://evil.example") as client:
        assert (await client.post("/demo/clock", json={"minutes": 60})).status_code == 403
        assert (await client.post("/demo/language", json={"language": "en"})).status_code == 403


async def test_everybody_played_is_spoken_to_in_the_chosen_language(demo: str, played: ParrotDesk) -> None:
    async with browsing(demo, None) as client:
        assert (await client.post("/demo/language", json={"language": "en"})).status_code == 200
        assert (await client.post("/demo/language", json={"language": "fr"})).status_code == 400
        assert (await client.post("/demo/language", json={"language": ["en"]})).status_code == 400
    spoken = await played.store.read(lambda session: set(session.scalars(select(Person.language))))
    assert spoken == {"en"}


async def test_a_real_desk_has_no_demo(host: str) -> None:
    async with browsing(host) as client:
        assert (await client.get("/demo")).status_code == 404
        assert (await client.post("/demo/clock", json={"minutes": 60})).status_code == 404


def test_the_demo_starts_at_the_present() -> None:
    assert abs(Clock().now() - datetime.now(UTC)) < timedelta(seconds=5)
