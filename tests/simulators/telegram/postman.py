"""Posts updates to the webhook: in order per chat, several chats at once, again and again until they are taken."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import aiohttp

from tests.simulators.telegram.dispatch import NOT_IN_ANSWERS
from tests.simulators.telegram.errors import Json
from tests.simulators.telegram.world import Webhook, World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
TIMEOUT = 60.0  # seconds a webhook may take

Perform: TypeAlias = Callable[[str, Json], Awaitable[object]]
"""Carries out the method named in a webhook's answer."""


@dataclass(slots=True)
class Postman:
    """Delivers while a webhook is set."""

    world: World
    perform: Perform
    first_pause: float = 0.1  # seconds before the first repeat; each further pause is twice as long
    longest_pause: float = 5.0
    posts: int = 0
    _lanes: dict[object, deque[Json]] = field(default_factory=dict)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None
    _free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(40))

    async def follow(self) -> None:
        """Begin, or go on with, delivering to the webhook the world has now."""
        await self._halt()
        hook = self.world.webhook
        if not hook.url:
            return
        self._free = asyncio.Semaphore(hook.connections)
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        queue = self.world.queue
        queue.listener = self._take
        queue.again.clear()
        for update in list(queue.pending.values()):
            self._take(update)

    async def stop(self) -> None:
        """Stop delivering; what was not taken stays pending."""
        await self._halt()
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def busy(self) -> bool:
        """Tell whether something is still on its way."""
        return bool(self._tasks)

    async def _halt(self) -> None:
        self.world.queue.listener = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()

    def _take(self, update: Json) -> None:
        key = lane_of(update)
        if key in self._lanes:
            self._lanes[key].append(update)
            return
        self._lanes[key] = deque([update])
        task = asyncio.get_running_loop().create_task(self._deliver(key))
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self.world.queue.changed.fire()
        if not task.cancelled() and task.exception() is not None:
            raise RuntimeError("the simulator's postman failed") from task.exception()

    async def _deliver(self, key: object) -> None:
        lane, pause = self._lanes[key], self.first_pause
        while lane:
            if await self._post(lane[0]):
                self.world.queue.confirm(lane.popleft()["update_id"])
                pause = self.first_pause
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, self.longest_pause)
        del self._lanes[key]

    async def _post(self, update: Json) -> bool:
        hook = self.world.webhook
        async with self._free:
            self.posts += 1
            try:
                return await self._exchange(hook, update)
            except (aiohttp.ClientError, TimeoutError) as problem:
                self._failed(hook, f"Connection failed: {problem!r}")
                return False

    async def _exchange(self, hook: Webhook, update: Json) -> bool:
        assert self._session is not None
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers[SECRET_HEADER] = hook.secret
        body = json.dumps(update, ensure_ascii=False).encode()
        async with self._session.post(hook.url, data=body, headers=headers, allow_redirects=False) as response:
            answer = await response.read()
            if 200 <= response.status < 300:
                await self._carry_out(response.content_type, answer)
                return True
            self._failed(hook, f"Wrong response from the webhook: {response.status} {response.reason}")
            return False

    def _failed(self, hook: Webhook, words: str) -> None:
        hook.error, hook.error_at = words, int(time.time())

    async def _carry_out(self, content_type: str, answer: bytes) -> None:
        """An answer may name a method, which is carried out; nobody learns its outcome."""
        if content_type != "application/json" or not answer:
            return
        try:
            call = json.loads(answer)
        except ValueError:
            self.world.record.violate("webhook", "the answer to an update is no JSON", {})
            return
        method = call.pop("method", None) if isinstance(call, dict) else None
        if method and not method.lower().startswith(NOT_IN_ANSWERS):
            await self.perform(method, call)


def lane_of(update: Json) -> object:
    """Return what keeps its order: a chat, else a person, else the update itself."""
    body = next((value for name, value in update.items() if name != "update_id" and isinstance(value, dict)), {})
    chat = body.get("chat") or body.get("message", {}).get("chat")
    return chat["id"] if chat else body.get("from", {}).get("id", update["update_id"])
