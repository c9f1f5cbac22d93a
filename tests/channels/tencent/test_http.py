"""The way to Tencent's platforms leads nowhere else, ends somewhere, and tells nobody the token in the address."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.reading import TooLarge
from bot.channels.tencent.http import Http, NoAnswer

TOKEN = "t0ken-of-the-account"
ELSEWHERE = ("http://127.0.0.1:{port}/inside", "//127.0.0.1:{port}/inside", "/inside", "file:///etc/passwd")


class Platform:
    """A platform that has gone bad; `inside` counts who came where nobody is to come."""

    def __init__(self) -> None:
        self.inside = 0
        self.leads_to = ""

    async def moved(self, _request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": self.leads_to})

    async def within(self, _request: web.Request) -> web.Response:
        self.inside += 1
        return web.json_response({"errcode": 0, "secret": "of the house"})

    async def endless(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"\xff" * 65536)
        except ConnectionError:
            return answer

    async def deep(self, _request: web.Request) -> web.Response:
        return web.Response(text="[" * 100_000)


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
async def base(platform: Platform) -> AsyncIterator[str]:
    application = web.Application()
    for path, answer in (("/moved", platform.moved), ("/inside", platform.within), ("/endless", platform.endless),
                         ("/deep", platform.deep)):  # fmt: skip
        application.router.add_route("*", path, answer)
    async with TestServer(application) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.mark.parametrize("where", ELSEWHERE)
async def test_no_redirect_is_followed(platform: Platform, base: str, http: Http, where: str) -> None:
    platform.leads_to, query = where.format(port=base.rpartition(":")[2]), {"access_token": TOKEN}
    for call in (
        http.get(f"{base}/moved", query), http.post(f"{base}/moved", query, {"a": 1}),
        http.upload(f"{base}/moved", query, "a.jpg", "image/jpeg", b"x"), http.download(f"{base}/moved", query, 1000),
    ):  # fmt: skip
        with pytest.raises(NoAnswer) as caught:
            await call
        assert TOKEN not in str(caught.value) + repr(caught.value.__cause__)
    assert platform.inside == 0


async def test_what_does_not_end_is_cut_off(base: str, http: Http) -> None:
    with pytest.raises(TooLarge):
        await http.download(f"{base}/endless", {"access_token": TOKEN}, 100_000)


async def test_an_answer_that_is_too_deep_is_none(base: str, http: Http) -> None:
    with pytest.raises(NoAnswer):
        await http.get(f"{base}/deep", {})


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "http://[::1", "", "http://a b/"])
async def test_an_address_that_is_none_is_no_answer(http: Http, url: str) -> None:
    with pytest.raises(NoAnswer):
        await http.download(url, {"access_token": TOKEN}, 1000)
