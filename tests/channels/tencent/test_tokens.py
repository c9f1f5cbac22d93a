"""One access token for all processes: fetched once, before it ends, and once more where it is refused."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.tencent.http import Answer, Http, NoAnswer
from bot.channels.tencent.tokens import Fetch, NoToken, Tokens, gettoken, stable_token
from bot.clock import Clock
from storage.engine import Store


class Platform:
    """A platform's token calls: counts them, and gives what the real one would."""

    def __init__(self) -> None:
        self.fetched = 0
        self.forced = 0
        self.number = 1
        self.error = 0
        self.down = False

    async def gettoken(self, request: web.Request) -> web.Response:
        assert request.method == "GET"
        assert dict(request.query) == {"corpid": "ww1", "corpsecret": "s3cret"}
        return await self._give()

    async def stable(self, request: web.Request) -> web.Response:
        asked = await request.json()
        assert asked | {"force_refresh": False} == {
            "grant_type": "client_credential", "appid": "wx1", "secret": "s3cret", "force_refresh": False,
        }  # fmt: skip
        if asked["force_refresh"]:
            self.forced += 1
            self.number += 1
        return await self._give()

    async def _give(self) -> web.Response:
        self.fetched += 1
        await asyncio.sleep(0.05)  # so that whoever does not wait for the others asks as well
        if self.down:
            return web.Response(status=502, text="<html>")
        if self.error:
            return web.json_response({"errcode": self.error, "errmsg": "invalid credential"})
        return web.json_response({"errcode": 0, "access_token": f"token-{self.number}", "expires_in": 7200})


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
async def base(platform: Platform) -> AsyncIterator[str]:
    """The address of the platform."""
    application = web.Application()
    application.router.add_get("/cgi-bin/gettoken", platform.gettoken)
    application.router.add_post("/cgi-bin/stable_token", platform.stable)
    async with TestServer(application) as server:
        yield str(server.make_url("")).rstrip("/")


def replica(store: Store, clock: Clock, fetch: Fetch) -> Tokens:
    return Tokens(store, clock, "wecom", "ww1 s3cret", fetch)


async def test_forty_callers_of_two_replicas_fetch_one_token(
    store: Store, platform: Platform, base: str, http: Http
) -> None:
    clock, fetch = Clock(), gettoken(http, base, "ww1", "s3cret")
    one, other = replica(store, clock, fetch), replica(store, clock, fetch)
    found = await asyncio.gather(*(each.get() for each in [one, other] * 20))
    assert set(found) == {"token-1"}
    assert platform.fetched == 1


async def test_it_is_renewed_before_it_ends_and_not_sooner(
    store: Store, platform: Platform, base: str, http: Http
) -> None:
    clock, fetch = Clock(), gettoken(http, base, "ww1", "s3cret")
    tokens = replica(store, clock, fetch)
    await tokens.get()
    clock.move(timedelta(minutes=114))
    await tokens.get()
    assert platform.fetched == 1
    clock.move(timedelta(minutes=2))
    platform.number = 2
    assert await tokens.get() == "token-2"
    assert await replica(store, clock, fetch).get() == "token-2"
    assert platform.fetched == 2


async def test_while_it_cannot_be_renewed_the_old_one_serves(
    store: Store, platform: Platform, base: str, http: Http
) -> None:
    clock, fetch = Clock(), gettoken(http, base, "ww1", "s3cret")
    tokens = replica(store, clock, fetch)
    await tokens.get()
    clock.move(timedelta(minutes=117))
    platform.down = True
    assert await tokens.get() == "token-1"
    clock.move(timedelta(minutes=4))
    with pytest.raises(NoAnswer):
        await tokens.get()
    platform.down = False
    assert await tokens.get() == "token-1"


async def test_a_refused_token_is_fetched_anew_once(store: Store, platform: Platform, base: str, http: Http) -> None:
    tokens = replica(store, Clock(), stable_token(http, base, "wx1", "s3cret"))
    used: list[str] = []

    async def send(token: str) -> Answer:
        used.append(token)
        return {"errcode": 40001 if token == "token-1" else 0}

    assert await asyncio.gather(*(tokens.call(send) for _ in range(5))) == [{"errcode": 0}] * 5
    assert platform.forced == 1  # the platform gave the refused one again at first
    assert set(used) == {"token-1", "token-2"}


async def test_a_call_that_is_refused_again_is_not_repeated_for_ever(
    store: Store, platform: Platform, base: str, http: Http
) -> None:
    tokens = replica(store, Clock(), gettoken(http, base, "ww1", "s3cret"))
    used: list[str] = []

    async def send(token: str) -> Answer:
        used.append(token)
        return {"errcode": 42001}

    assert await tokens.call(send) == {"errcode": 42001}
    assert len(used) == 2


async def test_what_another_replica_renewed_is_not_struck_out(
    store: Store, platform: Platform, base: str, http: Http
) -> None:
    clock, fetch = Clock(), gettoken(http, base, "ww1", "s3cret")
    one, other = replica(store, clock, fetch), replica(store, clock, fetch)
    await one.get()
    await other.get()
    platform.number = 2
    await one.refused("token-1")
    assert await one.get() == "token-2"
    await other.refused("token-1")
    assert await other.get() == "token-2"
    assert platform.fetched == 2


async def test_the_token_of_another_account_is_not_used(
    store: Store, platform: Platform, base: str, http: Http
) -> None:
    clock, fetch = Clock(), gettoken(http, base, "ww1", "s3cret")
    await replica(store, clock, fetch).get()
    platform.number = 2
    assert await Tokens(store, clock, "wecom", "ww1 another", fetch).get() == "token-2"


async def test_a_claim_of_a_process_that_died_lapses(store: Store, platform: Platform, base: str, http: Http) -> None:
    clock, fetch = Clock(), gettoken(http, base, "ww1", "s3cret")
    dead, alive = replica(store, clock, fetch), replica(store, clock, fetch)
    await store.write(lambda session: dead._look(session, clock.now()))
    clock.move(timedelta(seconds=41))
    assert await alive.get() == "token-1"


async def test_a_claim_made_by_a_clock_that_ran_ahead_holds_nobody_up(
    store: Store, platform: Platform, base: str, http: Http
) -> None:
    clock, fetch = Clock(), gettoken(http, base, "ww1", "s3cret")
    dead, alive = replica(store, clock, fetch), replica(store, clock, fetch)
    await store.write(lambda session: dead._look(session, clock.now() + timedelta(days=1)))
    assert await alive.get() == "token-1"


async def test_whoever_waits_for_a_fetch_shares_its_failure(
    store: Store, platform: Platform, base: str, http: Http
) -> None:
    platform.down = True
    tokens = replica(store, Clock(), gettoken(http, base, "ww1", "s3cret"))
    found = await asyncio.gather(*(tokens.get() for _ in range(30)), return_exceptions=True)
    assert all(isinstance(each, NoAnswer) for each in found)
    assert platform.fetched == 1  # one after the other, the last would wait for minutes
    platform.down = False
    assert await tokens.get() == "token-1"


async def test_who_gives_up_waiting_takes_the_token_from_nobody(
    store: Store, platform: Platform, base: str, http: Http
) -> None:
    tokens = replica(store, Clock(), gettoken(http, base, "ww1", "s3cret"))
    first, second = asyncio.create_task(tokens.get()), asyncio.create_task(tokens.get())
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "token-1"


@pytest.mark.parametrize("error", [40013, 40125, 40164])
async def test_a_wrong_secret_is_told_with_its_code(
    store: Store, platform: Platform, base: str, http: Http, error: int
) -> None:
    platform.error = error
    tokens = replica(store, Clock(), gettoken(http, base, "ww1", "s3cret"))
    with pytest.raises(NoToken) as caught:
        await tokens.get()
    assert caught.value.code == error
    assert "s3cret" not in str(caught.value)
    platform.error = 0
    assert await tokens.get() == "token-1"


async def test_no_error_names_the_address_or_the_secret(store: Store, http: Http, unused_tcp_port: int) -> None:
    tokens = replica(store, Clock(), gettoken(http, f"http://127.0.0.1:{unused_tcp_port}", "ww1", "s3cret"))
    with pytest.raises(NoAnswer) as caught:
        await tokens.get()
    assert "s3cret" not in json.dumps([str(caught.value), repr(caught.value), str(caught.value.__cause__)])
