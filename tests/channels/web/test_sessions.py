"""Who is at the other end, and from which page."""

import pytest
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from bot.channels.web import Persona, origins
from bot.channels.web.sessions import COOKIE, Sessions, user_of
from tests.channels.web.client import AUNT

WANG = Persona("wang", "王建国", "steward")


def request(query: str = "", scheme: str = "http", **headers: str) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    server = ("desk.example.cn", 80)
    return Request(
        {
            "type": "http",
            "scheme": scheme,
            "server": server,
            "path": "/",
            "query_string": query.encode(),
            "headers": raw,
        }
    )


def with_cookie(value: str, query: str = "") -> HTTPConnection:
    return request(query, cookie=f"{COOKIE}={value}")


def test_a_resident_is_known_by_the_cookie_and_does_not_show_it() -> None:
    visitor = Sessions((), None).visitor(with_cookie(AUNT))
    assert visitor is not None
    assert visitor.user == user_of(AUNT)
    assert len(visitor.user) == 32
    assert AUNT not in repr(visitor)
    assert visitor.name == "居民"


@pytest.mark.parametrize("cookie", ["", "short", AUNT + "0", "x" * 42 + "/"])
def test_what_is_no_cookie_of_ours_is_nobody(cookie: str) -> None:
    assert Sessions((), None).visitor(with_cookie(cookie)) is None


def test_a_newcomer_gets_a_cookie_that_nobody_guesses_and_no_script_reads() -> None:
    first, second = Response(), Response()
    Sessions((), None).remember(request(), first)
    Sessions((), None).remember(request(), second)
    cookie = first.headers["set-cookie"]
    assert cookie != second.headers["set-cookie"]
    assert len(cookie.split(";")[0].removeprefix(f"{COOKIE}=")) == 43
    for word in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=34560000"):
        assert word in cookie
    assert "Secure" not in cookie


def test_a_known_person_keeps_the_cookie() -> None:
    response = Response()
    Sessions((), None).remember(with_cookie(AUNT), response)
    assert AUNT in response.headers["set-cookie"]


@pytest.mark.parametrize(
    ("where", "public"),
    [(request(scheme="https"), ()), (request(host="desk.example.cn"), ("https://desk.example.cn",))],
)
def test_over_https_the_cookie_stays_there(where: Request, public: tuple[str, ...]) -> None:
    response = Response()
    Sessions(public, None).remember(where, response)
    assert "Secure" in response.headers["set-cookie"]


def test_in_the_demo_one_may_be_anybody_of_it() -> None:
    visitor = Sessions((), {"wang": WANG}).visitor(request("as=wang&lang=en"))
    assert visitor is not None
    assert (visitor.user, visitor.name, visitor.language) == ("demo:wang", "王建国", "en")


@pytest.mark.parametrize("personas", [None, {}, {"chen": Persona("chen", "陈秀英", "steward")}])
def test_nobody_can_be_somebody_who_is_not_played_here(personas: dict[str, Persona] | None) -> None:
    """Not even with a session of one's own: asking for a persona never falls back to it."""
    assert Sessions((), personas).visitor(with_cookie(AUNT, "as=wang")) is None


def test_the_language_is_asked_for_or_the_desks() -> None:
    assert Sessions((), None).language(request("lang=en")) == "en"
    assert Sessions((), None).language(request("lang=fr")) == "zh"
    assert Sessions((), None, "en").language(request()) == "en"


@pytest.mark.parametrize(
    ("origin", "host", "trusted"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080", True),
        ("https://desk.example.cn", "desk.example.cn", True),
        ("https://DESK.example.cn", "desk.example.CN", True),
        ("https://desk.example.cn", "127.0.0.1:8080", True),  # configured: a proxy changed the host
        ("https://estate.example.cn", "127.0.0.1:8080", True),
        ("http://127.0.0.1:8081", "127.0.0.1:8080", False),
        ("https://evil.example", "desk.example.cn", False),
        ("https://desk.example.cn.evil.example", "desk.example.cn", False),
        ("null", "desk.example.cn", False),
        ("", "", False),
        ("http://[", "desk.example.cn", False),
        ("ftp://desk.example.org", "desk.example.org", False),
    ],
)
def test_only_our_own_pages_may_speak(origin: str, host: str, trusted: bool) -> None:
    public = origins.normal(["https://desk.example.cn/", " https://estate.example.cn", ""])
    assert origins.trusted(Headers({"origin": origin, "host": host}), public) is trusted


def test_a_request_without_an_origin_is_not_from_a_page() -> None:
    assert not origins.trusted(Headers({"host": "desk.example.cn"}), frozenset())
