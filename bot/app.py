"""The one place where everything meets: settings in, a running desk out."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import structlog
import uvicorn
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot import invite, menus, reload, seed
from bot.attachments import Files
from bot.broadcaster import Broadcaster
from bot.came_back import came_back
from bot.channels.base import Channel, Refused, Watched
from bot.channels.telegram import TelegramChannel
from bot.channels.web import Persona, WebChannel
from bot.clock import Clock
from bot.died import part_died, told
from bot.fetcher import Fetcher
from bot.health import Health
from bot.importing.handover import Receiver
from bot.inbox import Inbox
from bot.keeper import Keeper
from bot.lease import Lease
from bot.makers import MAKERS, QUICK
from bot.outbox import Outbox
from bot.reload import ConfigFile, read_with
from bot.role_menus import RoleMenus
from bot.rulebook import Rulebook
from bot.scheduler import Scheduler
from bot.shares import Shares
from bot.strict import OneLength
from bot.workshop import Workshop
from cases.settings import Settings
from handlers.admin.invite import KIND as INVITE
from handlers.admin.reload import KIND as RELOAD
from handlers.inbound import Inbound
from storage.engine import Store, open_store
from storage.migrate import upgrade

log = structlog.get_logger(__name__)

SETTLE_SECONDS = 10.5  # for calls that have begun and updates in hand, when the desk stops
CLOSE_SECONDS = 2  # for pages that are still open when the server stops

CONNECTIONS = 4096  # at once; what is beyond is answered 503 and costs no more memory
MESSAGE_BYTES = 256 * 1024  # of a WebSocket: four times what the web chat reads, so that a little too much is told

Prepare = Callable[[Session], None]
MoreRoutes = Callable[[Store], Sequence[BaseRoute]]


class App:
    """A desk: start it, wait until it stops or fails, stop it."""

    def __init__(
        self, settings: Settings, clock: Clock, *, personas: Mapping[str, Persona] | None = None,
        prepare: Prepare | None = None, more_routes: MoreRoutes | None = None, config: Path | None = None,
    ) -> None:  # fmt: skip
        self._file = ConfigFile(config, os.environ, settings) if config is not None else None
        self._settings = settings
        self._clock = clock
        self._personas = personas
        self._prepare = prepare
        self._more_routes = more_routes
        self._tasks: list[asyncio.Task[None]] = []
        self.port: int | None = None

    async def start(self) -> None:
        """Migrate, read places and people in, connect the channels, begin to take updates in."""
        settings, clock = self._settings, self._clock
        await asyncio.to_thread(upgrade, settings.database.url)
        self._store = open_store(settings.database.url)
        self._book = Rulebook(settings, read_with(self._file))
        await self._store.write(self._seed)
        await self._store.read(self._book.at)
        self._files = Files(Path(settings.data) / "attachments", self._store, clock)
        self._channels = await self._open_channels()
        planners = {name: channel.planner for name, channel in self._channels.items()}
        several = self._store.url.get_backend_name() == "postgresql"
        rest = self._book.not_in_the_night
        self._outbox = Outbox(self._store, self._channels, clock, self._files, rest, several=several)
        self._fetcher = Fetcher(self._store, self._files, self._channels, clock, settled=self._settled)
        self._scheduler = Scheduler(self._store, self._book.at, planners, clock, self._outbox.ring)
        makers = {**MAKERS, INVITE: invite.maker(self._links), RELOAD: reload.maker(self._file)}
        workshop = Workshop(self._store, self._book.at, planners, clock, self._files, makers, self._outbox.ring, QUICK)
        broadcaster = Broadcaster(self._store, self._book.at, planners, clock, self._outbox.ring)
        keeper = Keeper(self._store, self._book.at, clock, self._files)
        self._inbox = Inbox(self._store, self._book.at, planners, clock, self._taken_in, self._outbox)
        await self._serve()
        self._scheduler.start()
        if several:
            self._watch("shares", Shares(self._store, self._outbox.pacers).run())
        self._watch("outbox", self._outbox.run())
        self._watch("fetcher", self._fetcher.run())
        self._watch("workshop", workshop.run())
        self._watch("broadcaster", broadcaster.run())
        if self._store.url.get_backend_name() == "sqlite":
            self._watch("imports", Receiver(self._store, self._book.at, clock, settings.data).run())
        telegram = self._channels.get("telegram")
        if isinstance(telegram, TelegramChannel):
            self._watch("menus", RoleMenus(self._store, telegram.name, telegram.set_menu).run())
        self._watch("keeper", keeper.run())
        for name, channel in self._channels.items():
            await channel.start(self._inbox.accept)
            if isinstance(channel, Watched):
                self._watch(f"channel {name}", channel.watch())
        log.info("started", channels=sorted(self._channels), port=self.port)

    async def run(self, stop: asyncio.Event) -> None:
        """Wait for `stop`. Raises PartDied: half a desk is worse than none, somebody must restart it."""
        waiting = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([waiting, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        for task in done - {waiting}:
            died = part_died(task.get_name(), None if task.cancelled() else task.exception())
            log.critical("part_died", part=task.get_name(), why=str(died))
            raise died

    async def stop(self) -> None:
        """Take nothing more in, finish what is under way, close the database."""
        self._scheduler.stop()
        await self._settle([self._outbox.stop(), *(channel.stop() for channel in self._channels.values())])
        if self._server is not None:
            self._server.should_exit = True
        for task in self._tasks:
            if task.get_name() != "http":
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._store.close()
        log.info("stopped")

    async def _settle(self, endings: Sequence[Coroutine[Any, Any, None]]) -> None:
        """Let the parts end side by side, the outbox first; what takes too long is cut off and found by its row."""
        tasks = [asyncio.create_task(ending) for ending in endings]
        _, late = await asyncio.wait(tasks, timeout=SETTLE_SECONDS)
        for task in late:
            task.cancel()
        for problem in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(problem, BaseException):
                log.warning("not_ended_in_order", why=told(problem))

    def _seed(self, session: Session) -> None:
        seed.write(session, self._settings, self._clock.now())
        if self._prepare is not None:
            self._prepare(session)

    async def _open_channels(self) -> dict[str, Channel]:
        """Open what is enabled; what only one that is not needs is not even loaded."""
        told, language = self._settings.channels, self._settings.desk.language
        found: dict[str, Channel] = {}
        if told.telegram.enabled:
            shown = await self._store.read(lambda session: menus.menus(session, seed.TELEGRAM, language))
            found["telegram"] = TelegramChannel(told.telegram, self._clock, shown, self._lease("polling"))
        if told.wechat.enabled:
            from bot.channels.wechat import WeChatChannel

            desk = self._settings.desk
            found["wechat"] = WeChatChannel(
                told.wechat, self._store, self._clock, zone=desk.timezone, desk=desk.name,
                ring=lambda: self._outbox.ring(), public_url=self._settings.web.public_url, language=language,
                came_back=self._came_back,
            )  # fmt: skip
        if told.wecom.enabled:
            from bot.channels.wecom import WecomChannel

            robots = {robot.place: robot.webhook_key for robot in told.wecom.robots}
            found["wecom"] = WecomChannel(told.wecom, self._store, self._clock, robots)
        if told.web.enabled:
            found["web"] = WebChannel(
                self._store, self._clock, self._origins(), self._files, self._personas,
                zone=self._settings.desk.timezone, language=language,
            )  # fmt: skip
        return found

    def _came_back(self, session: Session, row: int, outcome: Refused, now: datetime) -> None:
        planners = {name: channel.planner for name, channel in self._channels.items()}
        came_back(session, row, outcome, now, planners)

    def _lease(self, name: str) -> Lease | None:
        """Return the lease on what one process does at a time; None where there is only one process."""
        return Lease(self._store, name) if self._store.url.get_backend_name() == "postgresql" else None

    async def _links(self, payload: str) -> list[str]:
        """Return where a deep link can be opened: Telegram first, then the web chat."""
        telegram, web = self._channels.get("telegram"), self._settings.web
        found = telegram.start_link(payload) if isinstance(telegram, TelegramChannel) else None
        here = web.public_url or (f"http://{web.host}:{self.port}" if self.port is not None else "")
        pages = [f"{here}/?start={payload}"] if "web" in self._channels and here else []
        return [*([found] if found else []), *pages]

    def _origins(self) -> tuple[str, ...]:
        web = self._settings.web
        return (*web.origins, *((web.public_url,) if web.public_url else ()))

    async def _serve(self) -> None:
        """Listen, so that a port that is taken is told before anything is taken in."""
        self._server: Server | None = None
        web = self._settings.web
        if not web.enabled:
            return
        health = Health(self._store, self._clock, self._outbox, self._scheduler, self._folders())
        routes = [*health.routes(), *(self._more_routes(self._store) if self._more_routes else ())]
        for channel in self._channels.values():
            routes += channel.routes()
        config = uvicorn.Config(
            OneLength(Starlette(routes=routes)), host=web.host, port=web.port, log_config=None, access_log=False,
            lifespan="off", timeout_graceful_shutdown=CLOSE_SECONDS, proxy_headers=False,
            server_header=False, ws=cast("type[asyncio.Protocol]", _web_socket),
            http="h11",  # httptools, which is there as well, takes requests with two hosts or none
            limit_concurrency=CONNECTIONS, ws_max_size=MESSAGE_BYTES,
        )  # fmt: skip
        listening = _listen(web.host, web.port)
        self.port = listening.getsockname()[1]
        self._server = Server(config)
        self._watch("http", self._server.serve(sockets=[listening]))
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait([ready, self._tasks[-1]], return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()

    def _folders(self) -> list[Path]:
        """Return where the desk writes on this machine: files, and a database that is one."""
        url = self._store.url
        database = [Path(url.database).parent] if url.get_backend_name() == "sqlite" and url.database else []
        return [self._files.root, *database]

    def _watch(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    def _taken_in(self, inbound: Inbound) -> None:
        self._outbox.ring()
        if inbound.files:
            self._fetcher.wake()

    async def _settled(self, _attachment: int) -> None:
        self._outbox.ring()


def _web_socket(*told: Any, **more: Any) -> asyncio.Protocol:
    """Return what speaks with a page of the web chat. Loaded with the first: it is a fortieth of a start."""
    from bot.web_socket import WebSocket

    return WebSocket(*told, **more)


def _listen(host: str, port: int) -> socket.socket:
    """Open the port. Raises OSError with what to write."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=2048)
        # Else the body of an answer waits until its head is acknowledged, 40 ms; asyncio does not set it for these.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        why = f"cannot listen on {host}:{port} ({error.strerror}); choose another port: web.port, or demo --port"
        raise OSError(why) from None


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: the program decides when to stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield
