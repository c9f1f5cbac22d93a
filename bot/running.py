"""`redsteward run` and `redsteward demo`: an event loop, a desk in it, and the signals that end it."""

import asyncio
import gc
import logging
import os
import signal
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy.exc import OperationalError

from bot import logs
from bot.app import App
from bot.channels.web import Persona
from bot.clock import Clock
from bot.died import PartDied, part_died
from bot.say import say
from cases.deadlines import deadlines
from cases.jobs import next_morning
from cases.places import PlaceTree
from cases.settings import Settings
from storage.hold import held

DEMO_PORT = 8080
IMPORT_SECONDS = 5.0  # that a starting desk waits for an import to end
NEW_OBJECTS = 5_000  # after which Python looks for cycles among them; its own default is 700
LONGEST_STOP = 14.0  # seconds from the signal; supervisors send SIGKILL after 15 or more

log = structlog.get_logger(__name__)


def run(settings: Settings, config: Path | None = None, clock: Clock | None = None) -> None:
    """Run the desk until SIGTERM or Ctrl-C; `config` is the file that /reload reads again."""
    with held(settings.database.url, IMPORT_SECONDS):
        logs.set_up()
        _run(App(settings, clock or Clock(), config=config))


def demo(settings: Settings, port: int | None) -> None:
    """Run the example on a fresh database that is thrown away afterwards."""
    logs.set_up(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="redsteward-demo-") as folder:
        _run(demo_app(settings, Path(folder), port), _welcome)


def demo_app(settings: Settings, folder: Path, port: int | None = None) -> App:
    """Return a desk with everybody of the example on one page, and a clock that can be moved."""
    from bot.demo import connect, demo_routes, personas_of  # a real desk has no use for it

    clock = Clock()
    personas: dict[str, Persona] = personas_of(settings)
    told = _demo_settings(settings, folder, port)
    return App(
        told, clock, personas=personas,
        prepare=lambda session: connect(session, personas.values(), clock.now()),
        more_routes=lambda store: demo_routes(
            clock, personas, store=store, zone=told.desk.timezone, morning=partial(_next_morning, told)
        ),
    )  # fmt: skip


def _next_morning(settings: Settings, now: datetime) -> datetime:
    return next_morning(now, deadlines(settings, PlaceTree(())), settings.times)


def _demo_settings(settings: Settings, folder: Path, port: int | None) -> Settings:
    """Return the settings with a database of its own, on this machine only, with the web chat alone."""
    database = settings.database.model_copy(update={"url": f"sqlite:///{folder / 'demo.db'}"})
    telegram = settings.channels.telegram.model_copy(update={"enabled": False})
    chat = settings.channels.web.model_copy(update={"enabled": True})
    wecom = settings.channels.wecom.model_copy(update={"enabled": False})
    wechat = settings.channels.wechat.model_copy(update={"enabled": False})
    channels = settings.channels.model_copy(
        update={"telegram": telegram, "web": chat, "wecom": wecom, "wechat": wechat}
    )
    web = settings.web.model_copy(
        update={"host": "127.0.0.1", "port": DEMO_PORT if port is None else port, "enabled": True, "public_url": ""}
    )
    update = {"database": database, "channels": channels, "web": web, "data": str(folder)}
    return settings.model_copy(update=update)


def _run(app: App, started: Callable[[App], None] | None = None) -> None:
    """Run the desk. Raises PartDied for whatever nobody foresaw, without its words: they may quote a person."""
    last_word = threading.Timer(LONGEST_STOP, _end_now)
    last_word.daemon = True
    try:
        asyncio.run(_until_signal(app, started, last_word))
    except (OSError, OperationalError, PartDied):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told without its words
        raise part_died("desk", error) from None
    finally:
        last_word.cancel()


def _end_now() -> None:
    """End the process although something hangs: whatever it had in hand is found again by its row."""
    log.critical("stop_took_too_long", seconds=LONGEST_STOP)
    os._exit(1)


async def _until_signal(app: App, started: Callable[[App], None] | None, last_word: threading.Timer) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stopping() -> None:
        if not stop.is_set():
            stop.set()
            last_word.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping)
    await app.start()
    _spare_the_collector()
    try:
        if started is not None:
            started(app)
        await app.run(stop)
    finally:
        await app.stop()


def _spare_the_collector() -> None:
    """Have Python's collector of cycles pass over what was made so far, and look less often at what is new.

    Half a million objects of modules, settings and tables stay for good; to go through them again and again was a fifth
    of the work of an update.
    """
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
    gc.enable()


def _welcome(app: App) -> None:
    say(f"The demo is at http://127.0.0.1:{app.port}/ – stop it with Ctrl-C. Nothing of it is kept.")
