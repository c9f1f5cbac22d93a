"""How long the callback of the WeChat Official Account takes: a hundred a second, each a resident who says something.

    uv run python -m bench.wechat --seconds 30
    uv run python -m bench.wechat --seconds 10 --profile where.txt

The desk runs in a process of its own over SQLite, encrypted as in production; the platform's side encrypts and waits
for each answer here. WeChat waits five seconds; aimed at is a p99 of 200 ms. A first second warms the desk up and is
not counted. With --profile the desk is slower: its figures say nothing then.
"""

import argparse
import asyncio
import json
import socket
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp

from bench import report
from bench.process import cpu_seconds, load
from tests.simulators.wechat import WeChatServer
from tests.simulators.wechat.chat import Chat
from tests.simulators.wechat.follower import SAID
from tests.simulators.wechat.wire import Wire

RATE = 100  # a second
BAR = 200.0  # ms, the p99
WORDS = ("3号楼2单元楼道灯坏了", "厨房漏水", "您好", "我的事项", "楼下垃圾没人收", "1")
READY_SECONDS = 60.0
END_SECONDS = 30.0
NAMES = ("app_id", "secret", "token", "aes_key", "mode", "api_base")


async def main(seconds: int, rate: int, profile: Path | None) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="redsteward-wechat-") as folder:
        async with WeChatServer() as wechat:
            process, address = await _start(wechat, Path(folder), profile)
            try:
                await _measure(wechat, address, 1, rate, number=0)
                before, mine = cpu_seconds(process.pid), time.process_time()
                took = await _measure(wechat, address, seconds, rate, number=rate)
                each = 1000 * (cpu_seconds(process.pid) - before) / (seconds * rate)
                ours = 1000 * (time.process_time() - mine) / (seconds * rate)
                print(f"processor time: {each:.1f} ms each for the desk, {ours:.1f} for who calls and waits;"
                      f" load of the machine: {load():.1f}")  # fmt: skip
                print(report.held(f"p99 at {rate}/s", took, BAR, at_most=True, unit=" ms"))
            finally:
                process.terminate()
                await asyncio.wait_for(process.wait(), END_SECONDS)


async def _start(wechat: WeChatServer, folder: Path, profile: Path | None) -> tuple[asyncio.subprocess.Process, str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    how = folder / "how.json"
    told = {"platform": {name: getattr(wechat, name) for name in NAMES}, "folder": str(folder), "port": port,
            "url": f"sqlite:///{folder / 'desk.db'}"}  # fmt: skip
    how.write_text(json.dumps(told), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.wechat_desk", str(how), *([str(profile)] if profile is not None else []),
        stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await _ready(f"http://127.0.0.1:{port}/readyz")
    return process, f"http://127.0.0.1:{port}/wechat/callback"


async def _ready(address: str) -> None:
    """Wait until the desk does its work. Raises TimeoutError where it does not start."""
    async with aiohttp.ClientSession() as client, asyncio.timeout(READY_SECONDS):
        while True:
            with suppress(aiohttp.ClientConnectionError):
                async with client.get(address) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.1)


async def _measure(wechat: WeChatServer, address: str, seconds: int, rate: int, *, number: int) -> float:
    """Call so often; print how long it took, and return the p99 in ms."""
    wire, took, how = Wire(wechat), list[float](), Counter[str]()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True)) as client:
        start, tasks = time.monotonic(), list[asyncio.Task[None]]()
        for called in range(seconds * rate):
            await asyncio.sleep(max(0.0, start + called / rate - time.monotonic()))
            request = wire.request(_said(wechat, number + called))
            tasks.append(asyncio.create_task(_call(client, address, request, took, how)))
        await asyncio.gather(*tasks)
        whole = time.monotonic() - start
    took.sort()
    shown = {f"p{part}": round(1000 * took[min(len(took) - 1, len(took) * part // 100)], 1) for part in (50, 90, 99)}
    print(f"{len(took)} callbacks in {whole:.1f} s ({len(took) / whole:.0f}/s), ms: {shown}, max {1000 * took[-1]:.0f}")
    print(f"answers: {dict(how)}")
    return shown["p99"]


def _said(wechat: WeChatServer, number: int) -> dict[str, Any]:
    """Return what one of five hundred residents says, all of whom follow."""
    openid = f"oBench{number % 500:04d}"
    wechat.opens(wechat.chats.setdefault(openid, Chat(openid, follows=True)), *SAID)
    return {
        "ToUserName": wechat.account, "FromUserName": openid, "CreateTime": int(time.time()),
        "MsgType": "text", "Content": WORDS[(number // 500) % len(WORDS)], "MsgId": 10**16 + number,
    }  # fmt: skip


async def _call(
    client: aiohttp.ClientSession, address: str, request: tuple[dict[str, str], bytes], took: list[float],
    how: Counter[str],
) -> None:  # fmt: skip
    start = time.monotonic()
    async with client.post(address, params=request[0], data=request[1]) as response:
        text = await response.text()
    took.append(time.monotonic() - start)
    how["success" if text == "success" else f"HTTP {response.status}" if response.status != 200 else "answer"] += 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--profile", type=Path, help="write there where the desk's time goes")
    asked = parser.parse_args()
    asyncio.run(main(asked.seconds, asked.rate, asked.profile))
