"""The parts of the bench beside the race: each runs, and returns what it found as lines."""

import argparse
import asyncio
import contextlib
import shutil
import socket
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from bench import residents
from bench.api_server import BotApi
from bench.caller import Caller
from bench.contenders import CONTENDERS, ENVIRONMENT, PYTHON, ROOT, SECRET, Ground, kept, people, run, settle
from bench.lap import LAST_SECONDS, READY_SECONDS, at_work, percentile
from bench.process import Running, cpu_seconds, megabytes, peak_megabytes
from bench.report import held
from bench.residents import Crowd

RATE = 200  # updates a second at the webhook
MOST_CONNECTIONS = 40  # Telegram's own, where setWebhook says nothing else
BURST, BURST_SECONDS = 5_000, 60.0
REST_SECONDS = 10.0
STARTS = 5
TWO = next(who for who in CONTENDERS if who.key == "two")


def _port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def webhook(told: argparse.Namespace, ground: Ground) -> str:
    """Call the webhook 200 times a second with reports that are said and submitted."""
    api, port, took, refused = BotApi(), _port(), list[float](), list[int]()
    address = await api.start()
    url = ground.fresh("sqlite")
    hook = f"http://127.0.0.1:{port}/telegram/webhook"
    config = ground.config(
        url, address, port=port, mode="webhook", webhook_url=hook, webhook_secret="${TELEGRAM_WEBHOOK_SECRET}"
    )
    tasks: set[asyncio.Task[None]] = set()
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
    with contextlib.closing(Caller(hook, headers, MOST_CONNECTIONS)) as caller:

        async def call(update: bytes) -> None:
            start = time.perf_counter()
            status = await caller.post(update)
            took.append(time.perf_counter() - start)
            if status != 200:
                refused.append(status)

        def deliver(chat: int, update: bytes) -> None:
            api.handed[chat] = time.perf_counter()
            task = asyncio.create_task(call(update))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        api.webhook = deliver
        async with Running(run(config), ground.folder / "webhook.log", ENVIRONMENT) as running:
            await asyncio.wait_for(api.asked.wait(), READY_SECONDS)
            await asyncio.sleep(1)
            crowd = Crowd(api, residents.OURS_TWO, people())
            await crowd.open_loop(int(RATE), RATE / 2)  # warm
            await _until_done(crowd)
            a_second = RATE * crowd.seen.begun / len(took)  # some are asked whether it is the same trouble
            took.clear()
            crowd.seen.answers.clear()
            before, start = cpu_seconds(running.pid), time.perf_counter()
            for _ in range(int(told.seconds)):
                begun, updates = crowd.seen.begun, len(took)
                await crowd.open_loop(round(a_second), a_second)
                a_second = RATE * (crowd.seen.begun - begun) / max(1, len(took) - updates)
            await _until_done(crowd)
            seconds, cpu = time.perf_counter() - start, cpu_seconds(running.pid) - before
            acknowledged, statuses = sorted(took), Counter(refused)  # what comes while it stops does not count
    api.stop()
    ground.drop(url)
    answers = sorted(crowd.seen.answers)
    return "\n".join((
        f"- {len(acknowledged)} updates in {seconds:.1f} s ({len(acknowledged) / seconds:.0f}/s), {cpu:.1f} s of CPU, "
        f"refused: {dict(statuses)}, not done: {crowd.under_way}",
        f"- acknowledged: {_percentiles(acknowledged)}",
        f"- first send attempt: {_percentiles(answers)}",
        held("acknowledgement, p99", percentile(acknowledged, 0.99), 20, at_most=True, unit=" ms"),
        held("first send attempt, p95", percentile(answers, 0.95), 150, at_most=True, unit=" ms"),
    ))  # fmt: skip


async def burst(_told: argparse.Namespace, ground: Ground) -> str:
    """Have 5,000 residents report within a minute, each with two actions."""
    async with at_work(ground, TWO) as (api, running, url):
        crowd = Crowd(api, TWO.script, people())
        before, start = cpu_seconds(running.pid), time.perf_counter()
        await crowd.open_loop(BURST, BURST / BURST_SECONDS)
        await _until_done(crowd)
        seconds, cpu = time.perf_counter() - start, cpu_seconds(running.pid) - before
        cases, waiting = kept(url)
        peak = peak_megabytes(running.pid)
    answers = sorted(crowd.seen.answers)
    return "\n".join((
        f"- {BURST} residents in {BURST_SECONDS:.0f} s, the last of them done after {seconds:.1f} s; {cpu:.1f} s of "
        f"CPU, {peak:.0f} MB at the most, messages still to be sent then: {waiting}",
        f"- first send attempt: {_percentiles(answers)}",
        held("cases in the database", cases, BURST),
        held("first send attempt, p99", percentile(answers, 0.99), 1000, at_most=True, unit=" ms"),
    ))  # fmt: skip


async def start(_told: argparse.Namespace, ground: Ground) -> str:
    """Start a desk with Telegram and web chat several times; see when it is ready, and what it holds at rest."""
    ready, asking, rests = list[float](), list[float](), list[float]()
    await _say(PYTHON, "-m", "compileall", "-q", "bot", "cases", "handlers", "storage")  # as `make install` leaves it
    for _ in range(STARTS):
        api, port = BotApi(), _port()
        url = ground.fresh("sqlite")
        config = ground.config(url, await api.start(), port=port)
        begun = time.perf_counter()
        async with Running(run(config), ground.folder / "start.log", ENVIRONMENT) as running:
            await asyncio.wait_for(_is_ready(port), READY_SECONDS)
            ready.append(time.perf_counter() - begun)
            await asyncio.wait_for(api.asked.wait(), READY_SECONDS)
            asking.append(time.perf_counter() - begun)
            if len(rests) < 2:
                await asyncio.sleep(REST_SECONDS)
                rests.append(megabytes(running.pid))
        api.stop()
        ground.drop(url)
    told = sorted(max(pair) for pair in zip(ready, asking, strict=True))
    return "\n".join((
        f"- `/readyz` says yes after {min(ready):.2f} to {max(ready):.2f} s, Telegram is asked after {min(asking):.2f} "
        f"to {max(asking):.2f} s",
        held("from the start to both, median", told[len(told) // 2], 1.5, at_most=True, unit=" s"),
        held("memory at rest", max(rests), 120, at_most=True, unit=" MB"),
    ))  # fmt: skip


async def growth(told: argparse.Namespace, ground: Ground) -> str:
    """Have reports said and submitted on desks with ever more cases; what one update costs must not grow."""
    lines, costs = ["| cases before | CPU ms an update | updates/s | p95 ms |", "|--:|--:|--:|--:|"], list[float]()
    due = ""
    for cases in map(int, told.cases.split(",")):
        url, api = await _grown(told, ground, cases), BotApi()
        due += await _say(sys.executable, "-m", "bench.due", "--url", url, "--cases", str(cases))  # then nothing is due
        config = ground.config(url, await api.start())
        settle(url, config)
        async with Running(run(config), ground.folder / "growth.log", ENVIRONMENT) as running:
            await asyncio.wait_for(api.asked.wait(), READY_SECONDS)
            crowd = Crowd(api, residents.OURS_IN_TOWN, people())
            crowd.closed_loop(20)
            await asyncio.sleep(5)
            done, before, begun = len(crowd.seen.answers), cpu_seconds(running.pid), time.perf_counter()
            await asyncio.sleep(told.seconds)
            count, cpu = len(crowd.seen.answers) - done, cpu_seconds(running.pid) - before
            seconds, answers = time.perf_counter() - begun, sorted(crowd.seen.answers[done:])
            crowd.stop()
        api.stop()
        ground.drop(url)
        costs.append(1000 * cpu / max(count, 1))
        lines.append(f"| {cases} | {costs[-1]:.2f} | {count / seconds:.0f} | {percentile(answers, 0.95):.0f} |")
    lines += ["", "```", due.strip(), "```"]
    return "\n".join(
        [*lines, "", held("an update, the last against the first", costs[-1] / costs[0], 1.2, at_most=True, unit=" ×")]
    )


async def broadcast(_told: argparse.Namespace, _ground: Ground) -> str:
    """Warn 10,000 people against the strict simulator."""
    return await _said("bench.broadcast", "--people", "10000")


async def reminders(_told: argparse.Namespace, _ground: Ground) -> str:
    """Have 10,000 reminders fall due at once."""
    return await _said("bench.clock")


async def wechat(_told: argparse.Namespace, _ground: Ground) -> str:
    """Call the callback of the Official Account 100 times a second."""
    return await _said("bench.wechat", "--seconds", "20")


async def lists(told: argparse.Namespace, ground: Ground) -> str:
    """List cases of ever larger desks."""
    return await _of_each_size("bench.lists", told, ground)


async def figures(told: argparse.Namespace, ground: Ground) -> str:
    """Count on ever larger desks."""
    return await _of_each_size("bench.figures", told, ground)


async def _of_each_size(module: str, told: argparse.Namespace, ground: Ground) -> str:
    found = []
    for cases in map(int, told.cases.split(",")):
        url = await _grown(told, ground, cases)
        said = await _say(sys.executable, "-m", module, "--url", url, "--filled")
        found.append(f"`python -m {module} --cases {cases}`\n\n```\n{said.strip()}\n```")
        ground.drop(url)
    return "\n\n".join(found)


async def _grown(told: argparse.Namespace, ground: Ground, cases: int) -> str:
    """Return the URL of a desk with so many cases; a million take minutes, so what was filled once is copied."""
    source, copy = Path(told.kept or ground.folder) / f"desk{cases}.db", ground.folder / "grown.db"
    if not source.exists():
        filling = source.with_suffix(".filling")
        filler = [sys.executable, "-m", "bench.filler", f"sqlite:///{filling}", str(cases)]
        if await (await asyncio.create_subprocess_exec(*filler, cwd=ROOT)).wait():
            raise RuntimeError(f"{filling} could not be filled; remove it and try again")
        filling.rename(source)
    await asyncio.to_thread(shutil.copy, source, copy)
    return f"sqlite:///{copy}"


async def _said(module: str, *options: str) -> str:
    """Run a measurement of its own; return what it prints."""
    found = await _say(sys.executable, "-m", module, *options)
    return f"`python -m {module} {' '.join(options)}`\n\n```\n{found.strip()}\n```"


async def _say(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    said, _ = await process.communicate()
    return said.decode() + ("" if process.returncode == 0 else f"\nended with status {process.returncode}")


async def _until_done(crowd: Crowd) -> None:
    """Wait for the last resident, as long as is decent."""
    end = time.perf_counter() + LAST_SECONDS
    while crowd.under_way and time.perf_counter() < end:  # noqa: ASYNC110 - others move it on
        await asyncio.sleep(0.02)


async def _is_ready(port: int) -> None:
    async with aiohttp.ClientSession() as client:
        while True:
            try:
                async with client.get(f"http://127.0.0.1:{port}/readyz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)


def _percentiles(found: Sequence[float]) -> str:
    return ", ".join(f"p{round(100 * part)} {percentile(found, part):.1f} ms" for part in (0.5, 0.95, 0.99))
