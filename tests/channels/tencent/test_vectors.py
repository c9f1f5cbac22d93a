"""The encryption against implementations that are not ours: `tests/vectors/make.mjs` made the data, and opens ours."""

import asyncio
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.tencent.guard import Guard, signature_of
from bot.channels.tencent.xml import parse, write
from bot.clock import Clock
from tests.channels.tencent.calls import inner

FOLDER = Path(__file__).parents[2] / "vectors"
MADE: dict[str, Any] = json.loads((FOLDER / "vectors.json").read_text(encoding="utf-8"))
WORDS = ["好的", "a]]>b", "<b>&", "", "长" * 2000, *("x" * size for size in range(33))]


def guard(clock: Clock) -> Guard:
    return Guard(token=MADE["token"], aes_key=MADE["aes_key"], receiver=MADE["id"], clock=clock)


@pytest.mark.parametrize("by", ["@wecom/crypto", "wechat-crypto"])
def test_what_they_encrypted_and_signed_is_opened(by: str) -> None:
    vectors = [each for each in MADE["vectors"] if each["by"] == by]
    assert len(vectors) == 40
    for each in vectors:
        moment = datetime.fromtimestamp(int(each["timestamp"]), UTC)
        opener = guard(Clock(moment - datetime.now(UTC)))
        query = {"timestamp": each["timestamp"], "nonce": each["nonce"], "msg_signature": each["signature"]}
        body = write({"ToUserName": MADE["id"], "Encrypt": each["secret"]}).encode()
        assert opener.open(query, body).fields.text("Content") == each["said"]


async def test_what_we_encrypt_and_sign_they_open() -> None:
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").is_dir():
        pytest.skip("needs node and, in tests/vectors, npm ci")
    sealed = [guard(Clock()).seal(write({"Content": said})) for said in WORDS]
    asked = [
        {"secret": inner(each, "Encrypt"), "timestamp": inner(each, "TimeStamp"), "nonce": inner(each, "Nonce")}
        for each in sealed
    ]
    running = await asyncio.create_subprocess_exec(
        node, "make.mjs", "--open", cwd=FOLDER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    lines = "\n".join(json.dumps(each) for each in asked)
    out, _ = await asyncio.wait_for(running.communicate(lines.encode()), 60)
    found = [json.loads(line) for line in out.splitlines()]
    assert len(found) == 2 * len(WORDS)
    for number, each in enumerate(found):
        said, answer = WORDS[number // 2], sealed[number // 2]
        assert parse(each["message"]).text("Content") == said
        assert each["id"] == MADE["id"]
        assert each["signature"] == inner(answer, "MsgSignature")


def test_the_signature_is_the_sha1_of_the_sorted_parts() -> None:
    """The example "abc" of FIPS 180: whatever their order."""
    assert signature_of("b", "a", "c") == signature_of("a", "b", "c") == "a9993e364706816aba3e25717850c26c9cd0d89d"
