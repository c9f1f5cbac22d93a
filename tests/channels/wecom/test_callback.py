"""What WeCom calls with is taken in once, after the commit; what is not WeCom's is refused."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from bot.channels.wecom.codes import card_of, task_id
from handlers.inbound import Inbound, IncomingFile
from storage.channel_models import CardCode
from storage.engine import Store
from tests.channels.wecom.conftest import Desk, task
from tests.simulators.wecom import WecomServer

PATH = "/wecom/callback"


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=Starlette(routes=desk.channel.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as opened:
        yield opened


class Caller:
    """Posts what the simulator's member would."""

    def __init__(self, wecom: WecomServer, client: httpx.AsyncClient) -> None:
        self.wecom, self.client = wecom, client
        self.answers: list[httpx.Response] = []

    async def post(self, document: str) -> httpx.Response:
        query, body = self.wecom.envelope(self.wecom.crypto.encrypt(document))
        self.answers.append(await self.client.post(PATH, params=query, content=body))
        return self.answers[-1]


@pytest.fixture
def caller(wecom: WecomServer, client: httpx.AsyncClient) -> Caller:
    return Caller(wecom, client)


def xml(kind: str, fields: str, user: str = "Wang.Jianguo") -> str:
    head = f"<ToUserName>ww5823bf96d3bd56c7</ToUserName><FromUserName>{user}</FromUserName>"
    when = "<CreateTime>1796073000</CreateTime>"
    return f"<xml>{head}{when}<MsgType>{kind}</MsgType>{fields}<AgentID>1000002</AgentID></xml>"


def event(name: str, fields: str = "") -> str:
    return xml("event", f"<Event>{name}</Event>{fields}")


async def taken(caller: Caller, desk: Desk, document: str) -> Inbound:
    answer = await caller.post(document)
    assert (answer.status_code, answer.text) == (200, "")
    return desk.taken[-1]


async def test_words_and_who_says_them(caller: Caller, desk: Desk) -> None:
    found = await taken(caller, desk, xml("text", "<Content>任务</Content><MsgId>1</MsgId>"))
    assert (found.channel, found.user, found.chat, found.text) == ("wecom", "wang.jianguo", "wang.jianguo", "任务")
    assert found.key == "m:1"


async def test_empty_words_are_words(caller: Caller, desk: Desk) -> None:
    assert (await taken(caller, desk, xml("text", "<Content></Content><MsgId>2</MsgId>"))).text == ""
    assert (await taken(caller, desk, xml("text", "<MsgId>3</MsgId>"))).text == ""


@pytest.mark.parametrize(("kind", "ours"), [("image", "photo"), ("voice", "voice"), ("video", "video")])
async def test_files_are_named_to_be_fetched(caller: Caller, desk: Desk, kind: str, ours: str) -> None:
    found = await taken(caller, desk, xml(kind, "<MediaId>abc</MediaId><MsgId>4</MsgId>"))
    assert [(each.kind, each.remote) for each in found.files] == [(ours, "abc")]
    assert isinstance(found.files[0], IncomingFile)


async def test_a_location(caller: Caller, desk: Desk) -> None:
    where = "<Location_X>22.540797</Location_X><Location_Y>113.917176</Location_Y><Scale>16</Scale><MsgId>5</MsgId>"
    location = (await taken(caller, desk, xml("location", where))).location
    assert location == pytest.approx((22.543848, 113.912316), abs=1e-5)  # as GPS has it, not as Chinese maps do


async def test_a_kind_that_is_new_to_us_is_answered(caller: Caller, desk: Desk) -> None:
    assert (await taken(caller, desk, xml("hologram", "<MsgId>6</MsgId>"))).unknown == "other"
    assert (await taken(caller, desk, xml("link", "<Title>x</Title><MsgId>7</MsgId>"))).unknown == "other"


async def test_events(caller: Caller, desk: Desk) -> None:
    assert (await taken(caller, desk, event("enter_agent", "<EventKey></EventKey>"))).reach == "back"
    assert (await taken(caller, desk, event("subscribe"))).text == "/start"
    assert (await taken(caller, desk, event("unsubscribe"))).reach == "blocked"
    assert (await taken(caller, desk, event("click", "<EventKey>tasks</EventKey>"))).text == "/tasks"
    before = len(desk.taken)
    assert (await caller.post(event("LOCATION", "<Latitude>1</Latitude>"))).status_code == 200
    assert (await caller.post(xml("text", "<MsgId>9</MsgId>").replace("1000002", "7"))).status_code == 200
    assert len(desk.taken) == before


def pressed(code: str, task_number: str) -> str:
    return event(
        "template_card_event",
        f"<EventKey>c:accept:1042</EventKey><TaskId>{task_number}</TaskId><ResponseCode>{code}</ResponseCode>",
    )


async def test_a_press_keeps_its_code_for_its_card(caller: Caller, desk: Desk, store: Store) -> None:
    number = task_id("task:1042", 7, desk.clock.now())
    found = await taken(caller, desk, pressed("code-1", number))
    assert found.press is not None
    assert found.press.data == "c:accept:1042"
    row = await store.read(lambda session: session.scalars(select(CardCode)).one())
    assert (row.chat, row.card, row.code) == ("wang.jianguo", "task:1042", "code-1")
    again = await taken(caller, desk, pressed("code-1", number))
    other = await taken(caller, desk, pressed("code-2", number))
    assert again.key == found.key != other.key


async def test_a_press_changes_the_card_that_was_pressed(desk: Desk, wecom: WecomServer, caller: Caller) -> None:
    member = wecom.member("wang.jianguo")
    await desk.say(member.userid, task())
    (shown,) = member.screen
    await taken(caller, desk, pressed(wecom.give_code(member, shown), shown.task_id))
    await desk.edit(member.userid, task(state="处理中"))
    assert (shown.changed, len(member.screen)) == (1, 1)


@pytest.mark.parametrize("card", ["task:1042", "draft:a1b2-c3", "language", "offer:1"])
def test_a_task_id_tells_its_card(card: str, desk: Desk) -> None:
    assert card_of(task_id(card, 12, desk.clock.now())) == card
    assert card_of(task_id(card, 12, desk.clock.now(), attempt=1)) == card


def test_a_task_id_of_no_card_tells_none(desk: Desk) -> None:
    assert card_of(task_id(None, 12, desk.clock.now())) is None
    assert card_of("invented") is None
    assert card_of("") is None
    assert len(task_id("x" * 48, 2**62, desk.clock.now(), attempt=1)) <= 128


async def test_the_address_is_verified(wecom: WecomServer, client: httpx.AsyncClient) -> None:
    secret = wecom.crypto.encrypt("1616140317555161061")
    query, _ = wecom.envelope(secret)
    answer = await client.get(PATH, params=query | {"echostr": secret})
    assert (answer.status_code, answer.text) == (200, "1616140317555161061")
    wrong = await client.get(PATH, params=query | {"echostr": secret, "msg_signature": "0" * 40})
    assert (wrong.status_code, wrong.text) == (403, "refused")


async def test_a_body_that_is_too_large_is_refused(wecom: WecomServer, client: httpx.AsyncClient, desk: Desk) -> None:
    query, body = wecom.envelope(wecom.crypto.encrypt(xml("text", "<MsgId>1</MsgId>")))
    answer = await client.post(PATH, params=query, content=body + b" " * (10 << 20))
    assert answer.status_code == 413
    assert desk.taken == []


async def test_what_could_not_be_committed_is_asked_for_again(
    wecom: WecomServer, client: httpx.AsyncClient, desk: Desk
) -> None:
    async def fails(_inbound: Inbound) -> None:
        raise RuntimeError("the database is away")

    await desk.channel.start(fails)
    query, body = wecom.envelope(wecom.crypto.encrypt(xml("text", "<Content>x</Content><MsgId>1</MsgId>")))
    assert (await client.post(PATH, params=query, content=body)).status_code == 500


async def test_before_the_start_and_after_the_end_wecom_is_asked_to_come_again(
    wecom: WecomServer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await desk.channel.stop()
    query, body = wecom.envelope(wecom.crypto.encrypt(xml("text", "<Content>x</Content><MsgId>1</MsgId>")))
    assert (await client.post(PATH, params=query, content=body)).status_code == 503


@pytest.mark.parametrize("fields", [
    "<Content>x</Content>", "<Content>x</Content><MsgId>one</MsgId>", "<Content><b>x</b></Content><MsgId>1</MsgId>",
    "<MsgId>1</MsgId><MsgId>2</MsgId>",
])  # fmt: skip
async def test_a_message_that_lacks_something_is_refused_cleanly(caller: Caller, desk: Desk, fields: str) -> None:
    assert (await caller.post(xml("text", fields))).status_code == 400
    assert (await caller.post(xml("text", "<MsgId>1</MsgId>").replace("Wang.Jianguo", ""))).status_code == 400
    assert (await caller.post(xml("text", "<MsgId>1</MsgId>").replace("Wang.Jianguo", "w" * 65))).status_code == 400
    assert (await caller.post(event("template_card_event"))).status_code == 400
    assert desk.taken == []
