"""An HTTP door for tests and benchmarks that run in another process than the simulator.

| path | does |
|---|---|
| `GET  /control/info` | base_url, base_file_url, token |
| `POST /control/act` | one act or a list: `{"user": 7, "name": "李阿姨", "does": "sends", "with": {"text": "…"}, "in": -4100000001}`; bytes are given in base64 |
| `POST /control/group` | `{"title": "3号楼群", "members": [7, 8]}` makes one; `{"id": …, "does": "migrates"}` lets one act |
| `GET  /control/calls` | the bot's calls; `?after=N` those numbered higher, `?method=M`, `?limit=N` |
| `GET  /control/sent` | the bot's messages as they were sent, by chat; `?chat=ID` of one |
| `GET  /control/screen` | `?chat=ID`: the chat as it stands |
| `GET  /control/state` | pending updates, outcomes of calls, violations, refusals for flooding |
| `GET  /control/idle` | waits until every update is acknowledged, at most `?timeout=5` seconds |
| `POST /control/inject` | a raw update; `/control/again` `{"update_id": N}` delivers one once more |
| `POST /control/fail` | what `TelegramServer.fail_next` takes |
| `POST /control/limits` | fields of `Limits` to change |
"""  # noqa: E501 - a table

import base64
from collections.abc import Awaitable, Callable
from dataclasses import fields
from itertools import islice
from typing import TypeAlias

from aiohttp import web

from tests.simulators.telegram import http
from tests.simulators.telegram.errors import Json, Plain
from tests.simulators.telegram.groups import Group
from tests.simulators.telegram.record import Call
from tests.simulators.telegram.screen import Shown
from tests.simulators.telegram.server import TelegramServer

Route: TypeAlias = Callable[["Control", web.Request], Awaitable[Plain]]

ACTS = frozenset({
    "sends", "starts", "replies", "answers", "forwards", "edits", "sends_photo", "sends_album", "sends_voice",
    "sends_document", "sends_video", "sends_location", "sends_sticker", "sends_contact", "presses", "presses_data",
    "blocks", "unblocks", "leaves_telegram",
})  # fmt: skip
GROUP_ACTS = frozenset({"migrates", "kicks_bot", "takes_bot", "promotes_bot"})


class Control:
    """The door to one server."""

    def __init__(self, telegram: TelegramServer) -> None:
        self.telegram = telegram
        self.groups: dict[int, Group] = {}
        telegram.routes["control"] = self.handle

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a request to a path below /control/."""
        route = ROUTES.get((request.method, request.path.rpartition("/")[2]))
        if route is None:
            return http.answer(404, {"error": f"no {request.method} {request.path}"})
        try:
            return http.answer(200, {"result": _plain(await route(self, request))})
        except (AssertionError, KeyError, TypeError, ValueError) as problem:
            return http.answer(400, {"error": f"{type(problem).__name__}: {problem}"})

    async def info(self, _: web.Request) -> Json:
        """Say where the bot finds its server."""
        server = self.telegram
        return {"base_url": server.base_url, "base_file_url": server.base_file_url, "token": server.token}

    async def act(self, request: web.Request) -> Plain:
        """Let people do something."""
        acts = await request.json()
        if isinstance(acts, list):
            return [_plain(await self._act(each)) for each in acts]
        return await self._act(acts)

    async def _act(self, act: Json) -> Plain:
        if act["does"] not in ACTS:
            raise ValueError(f"nobody can {act['does']!r}; they can {sorted(ACTS)}")
        person = self.telegram.user(act.get("name", "居民"), act["user"], act.get("language_code", "zh-hans"))
        options = {name: _option(act["does"], name, value) for name, value in act.get("with", {}).items()}
        if act.get("in") is not None:
            options["in_"] = self.groups[act["in"]]
        return await getattr(person, act["does"])(**options)

    async def group(self, request: web.Request) -> Json:
        """Make a group, or let one act."""
        wish = await request.json()
        if "does" not in wish:
            members = [self.telegram.user("居民", number) for number in wish.get("members", [])]
            options = {name: wish.get(name, False) for name in ("supergroup", "quiet")}
            group = self.telegram.group(wish["title"], members, **options)
        elif wish["does"] in GROUP_ACTS:
            group = self.groups[wish["id"]]
            getattr(group, wish["does"])()
        else:
            raise ValueError(f"no group can {wish['does']!r}; it can {sorted(GROUP_ACTS)}")
        self.groups[group.id] = group
        return {"id": group.id}

    async def calls(self, request: web.Request) -> list[Json]:
        """Return the bot's calls."""
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 1000))
        method = request.query.get("method")
        calls = self.telegram.calls_of(method) if method else self.telegram.calls
        found = islice((call for call in calls if call.number > after), limit)
        return [{each.name: getattr(call, each.name) for each in fields(Call)} for call in found]

    async def sent(self, request: web.Request) -> Plain:
        """Return the bot's messages."""
        if "chat" in request.query:
            return self.telegram.sent.get(int(request.query["chat"]), [])
        return {str(chat): [shown.body for shown in messages] for chat, messages in self.telegram.sent.items()}

    async def screen(self, request: web.Request) -> list[Json]:
        """Return a chat as it stands."""
        messages = self.telegram.world.chats[int(request.query["chat"])].messages.values()
        return [stored.body for stored in messages if not stored.deleted]

    async def state(self, _: web.Request) -> Json:
        """Return the figures."""
        server, flood = self.telegram, self.telegram.world.flood
        outcomes = {f"{method} {status}": count for (method, status), count in server.world.record.outcomes.items()}
        return {
            "pending": server.pending, "last_update_id": server.last_update_id, "outcomes": outcomes,
            "violations": [str(each) for each in server.violations],
            "refused": dict(flood.refused), "early": flood.early, "posts": server.postman.posts,
        }  # fmt: skip

    async def idle(self, request: web.Request) -> Json:
        """Wait until the bot has acknowledged everything."""
        await self.telegram.idle(float(request.query.get("timeout", 5)))
        return {"pending": 0}

    async def inject(self, request: web.Request) -> Json:
        """Queue a raw update."""
        return {"update_id": self.telegram.inject(await request.json())}

    async def again(self, request: web.Request) -> None:
        """Deliver an update once more."""
        await self.telegram.send_again((await request.json())["update_id"])

    async def fail(self, request: web.Request) -> None:
        """Let calls fail."""
        self.telegram.fail_next(**await request.json())

    async def limits(self, request: web.Request) -> None:
        """Change the limits."""
        self.telegram.limit(self.telegram.world.limits.but(**await request.json()))


def _option(act: str, name: str, value: Plain) -> Plain:
    """Turn what JSON can hold into what the act takes."""
    if name == "photos":
        return [base64.b64decode(each, validate=True) for each in value]
    if name == "data" and act.startswith("sends_"):
        return base64.b64decode(value, validate=True)
    if name in ("to", "reply_to", "message") and isinstance(value, dict):
        return Shown.of(value, by_bot=value["from"]["is_bot"])
    return value


def _plain(found: Plain) -> Plain:
    if isinstance(found, Shown):
        return found.body
    return [_plain(each) for each in found] if isinstance(found, list) else found


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "info"): Control.info, ("POST", "act"): Control.act, ("POST", "group"): Control.group,
    ("GET", "calls"): Control.calls, ("GET", "sent"): Control.sent, ("GET", "screen"): Control.screen,
    ("GET", "state"): Control.state, ("GET", "idle"): Control.idle, ("POST", "inject"): Control.inject,
    ("POST", "again"): Control.again, ("POST", "fail"): Control.fail, ("POST", "limits"): Control.limits,
}  # fmt: skip
