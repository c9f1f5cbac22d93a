"""How long the callback of the WeChat Official Account takes: a hundred a second, each a resident who says something.

    uv run python -m bench.wechat --seconds 30

The desk runs in a process of its own over SQLite, encrypted as in production; the platform's side encrypts and waits
for each answer here. WeChat waits five seconds; aimed at is a p99 of 200 ms.
"""

import argparse
import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp

from tests.simulators.wechat import WeChatServer
from tests.simulators.wechat.wire import Wire

RATE = 100  # a second
WORDS = ("3号楼2单元楼道灯坏了", "厨房漏水", "您好", "我的事项", "楼下垃圾没人收", "1")
READY_SECONDS = 60.0
NAMES = ("app_id", "secret", "token", "aes_key", "mode", "api_base")


async def main(seconds: int, rate: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="redsteward-wechat-") as folder:
        async with WeChatServer() as wechat:
            process, address = await _start(wechat, Path(folder))
            try:
                before = _cpu(process.pid)
                await _measure(wechat, address, seconds, rate)
                print(
                    f"the desk's processor time: {1000 * (_cpu(process.pid) - before) / (seconds * rate):.1f} ms each"
                )
            finally:
                process.kill()
                await process.wait()


def _cpu(process: int) -> float:
    """Return the seconds that a process has computed (Linux)."""
    told = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


async def _start(wechat: WeChatServer, folder: Path) -> tuple[asyncio.subprocess.Process, str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    how = folder / "how.json"
    told = {"platform": {name: getattr(wechat, name) for name in NAMES}, "folder": str(folder), "port": port,
            "url": f"sqlite:///{folder / 'desk.db'}", "kill": False, "behind": 0}  # fmt: skip
    how.write_text(json.dumps(told), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.loop.wechat_process", str(how), stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    start = time.monotonic()
    while not (folder / "ready").exists():
        if time.monotonic() - start > READY_SECONDS:
            raise TimeoutError("the desk does not start")
        await asyncio.sleep(0.1)
    return process, f"http://127.0.0.1:{port}/wechat/callback"


async def _measure(wechat: WeChatServer, address: str, seconds: int, rate: int) -> None:
    wire, took, how = Wire(wechat), list[float](), Counter[str]()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True)) as client:
        start, tasks = time.monotonic(), list[asyncio.Task[None]]()
        for number in range(seconds * rate):
            await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
            tasks.append(asyncio.create_task(_call(client, address, wire.request(_said(wechat, number)), took, how)))
        await asyncio.gather(*tasks)
        whole = time.monotonic() - start
    took.sort()
    shown = {f"p{part}": round(1000 * took[min(len(took) - 1, len(took) * part // 100)], 1) for part in (50, 90, 99)}
    print(f"{len(took)} callbacks in {whole:.1f} s ({len(took) / whole:.0f}/s), ms: {shown}, max {1000 * took[-1]:.0f}")
    print(f"answers: {dict(how)}")


def _said(wechat: WeChatServer, number: int) -> dict[str, Any]:
    """Return what one of five hundred residents says."""
    return {
        "ToUserName": wechat.account, "FromUserName": f"oBench{number % 500:04d}", "CreateTime": int(time.time()),
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
    asked = parser.parse_args()
    asyncio.run(main(asked.seconds, asked.rate))
