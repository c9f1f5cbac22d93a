"""The callbacks' AES and signatures against an implementation that is not ours, both ways.

`tests/vectors/vectors.json` was made by two packages of npm, see `make.cjs` beside it.
"""

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.tencent.guard import Guard
from bot.channels.tencent.xml import BadCallback, parse
from bot.clock import Clock

FOLDER = Path(__file__).parents[2] / "vectors"
VECTORS: list[dict[str, str]] = json.loads((FOLDER / "vectors.json").read_text(encoding="utf-8"))
AT = datetime.fromtimestamp(1_790_000_000, UTC)


def guard_of(vector: dict[str, Any]) -> Guard:
    """Return a guard that reads what this vector was made for, at its time."""
    clock = Clock(AT - datetime.now(UTC))
    return Guard(token=vector["token"], aes_key=vector["aes_key"], receiver=vector["id"], clock=clock)


def query_of(vector: dict[str, Any]) -> dict[str, str]:
    return {"msg_signature": vector["signature"], "timestamp": vector["timestamp"], "nonce": vector["nonce"],
            "echostr": vector["encrypted"]}  # fmt: skip


def test_what_others_encrypt_is_read() -> None:
    assert len(VECTORS) > 70
    for vector in VECTORS:
        assert guard_of(vector).verify(query_of(vector)) == vector["text"]


def test_it_is_not_read_with_another_key_id_or_signature() -> None:
    for vector in VECTORS:
        other = VECTORS[0] if vector is not VECTORS[0] else VECTORS[1]
        for changed in ({"aes_key": other["aes_key"]}, {"id": "wxother"}, {"signature": other["signature"]}):
            wrong = {**vector, **changed}
            with pytest.raises(BadCallback):
                guard_of(wrong).verify(query_of(wrong))


def test_others_read_what_we_encrypt() -> None:
    node, library = shutil.which("node"), FOLDER / "node_modules"
    if node is None or not library.exists():
        pytest.skip("needs node, and npm install in tests/vectors")
    ours = []
    for vector in VECTORS:
        told = parse(guard_of(vector).seal(vector["text"]))
        ours.append({
            **{name: vector[name] for name in ("by", "token", "aes_key", "id")}, "encrypted": told.need("Encrypt"),
            "timestamp": told.need("TimeStamp"), "nonce": told.need("Nonce"), "signature": told.need("MsgSignature"),
        })  # fmt: skip
    done = subprocess.run([node, "--no-deprecation", FOLDER / "make.cjs", "read"], input=json.dumps(ours), text=True,
                          capture_output=True, check=True, timeout=60)  # fmt: skip
    for vector, sent, read in zip(VECTORS, ours, json.loads(done.stdout), strict=True):
        assert (read["message"], read["id"]) == (vector["text"], vector["id"])
        assert read["signature"] == sent["signature"]


def test_a_time_that_is_long_ago_is_refused() -> None:
    for step in (timedelta(seconds=301), timedelta(seconds=-301)):
        clock = Clock(AT + step - datetime.now(UTC))
        vector = VECTORS[0]
        guard = Guard(token=vector["token"], aes_key=vector["aes_key"], receiver=vector["id"], clock=clock)
        with pytest.raises(BadCallback, match="too old"):
            guard.verify(query_of(vector))
