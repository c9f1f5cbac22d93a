"""What a page may send and what not."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web.frames import BadFrame, Located, Older, Photos, Pressed, Text, parse
from bot.channels.web.limits import TEXT

GOOD = [
    ({"type": "text", "id": "a", "text": "灯不亮"}, Text("a", "灯不亮")),
    ({"type": "text", "id": "a", "text": "好", "reply": 3}, Text("a", "好", 3)),
    ({"type": "text", "id": "a", "text": "好", "reply": None}, Text("a", "好")),
    ({"type": "press", "id": "a", "data": "d:submit", "line": 3}, Pressed("a", "d:submit", 3)),
    ({"type": "photo", "id": "a", "attachments": ["t"], "text": "看"}, Photos("a", ("t",), "看")),
    ({"type": "photo", "id": "a", "attachments": ["t"]}, Photos("a", ("t",), "")),
    ({"type": "photo", "id": "a", "attachments": ["t"], "reply": 3}, Photos("a", ("t",), "", 3)),
    ({"type": "location", "id": "a", "lat": 23, "lon": 113.27}, Located("a", 23.0, 113.27)),
    ({"type": "older", "before": 9}, Older(9)),
]
BAD: list[tuple[Any, str, str | None]] = [
    ("", "not_json", None),
    ("{", "not_json", None),
    ("[1]", "not_json", None),
    ("[" * 60_000, "not_json", None),
    ("9" * 6_000, "not_json", None),
    (None, "not_json", None),
    (b"{}", "not_json", None),
    ({}, "unknown", None),
    ({"type": "dance", "id": "a"}, "unknown", "a"),
    ({"type": ["text"], "id": "a"}, "unknown", "a"),
    ({"type": "text", "text": "x"}, "bad_frame", None),
    ({"type": "text", "id": "a b", "text": "x"}, "bad_frame", None),
    ({"type": "text", "id": "a" * 65, "text": "x"}, "bad_frame", None),
    ({"type": "text", "id": "a", "text": 5}, "bad_frame", "a"),
    ({"type": "text", "id": "a", "text": " \n"}, "bad_frame", "a"),
    ({"type": "text", "id": "a", "text": "x" * (TEXT + 1)}, "too_long", "a"),
    ({"id": "a", "type": "text", "text": "长" * 30_000}, "too_long", "a"),
    ({"type": "press", "id": "a", "data": "x" * 65, "line": 1}, "bad_frame", "a"),
    ({"type": "press", "id": "a", "data": "", "line": 1}, "bad_frame", "a"),
    ({"type": "press", "id": "a", "data": "x", "line": True}, "bad_frame", "a"),
    ({"type": "press", "id": "a", "data": "x", "line": 2**63}, "bad_frame", "a"),
    ({"type": "text", "id": "a", "text": "好", "reply": "3"}, "bad_frame", "a"),
    ({"type": "photo", "id": "a", "attachments": []}, "bad_frame", "a"),
    ({"type": "photo", "id": "a", "attachments": ["t"] * 10}, "bad_frame", "a"),
    ({"type": "photo", "id": "a", "attachments": ["../x"]}, "bad_frame", "a"),
    ({"type": "location", "id": "a", "lat": 91, "lon": 0}, "bad_frame", "a"),
    ('{"type": "location", "id": "a", "lat": NaN, "lon": 0}', "bad_frame", "a"),
    ({"type": "location", "id": "a", "lat": True, "lon": 0}, "bad_frame", "a"),
    ({"type": "older", "before": 0}, "bad_frame", None),
]


@pytest.mark.parametrize(("frame", "meant"), GOOD)
def test_what_is_well_formed_is_read(frame: dict[str, Any], meant: object) -> None:
    assert parse(json.dumps(frame)) == meant


@pytest.mark.parametrize(("frame", "code", "client"), BAD)
def test_what_is_not_is_refused_with_its_reason(frame: object, code: str, client: str | None) -> None:
    raw = json.dumps(frame, ensure_ascii=False) if isinstance(frame, dict) else frame
    with pytest.raises(BadFrame) as refused:
        parse(raw)  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.client) == (code, client)


def test_what_no_database_takes_is_dropped() -> None:
    assert parse(r'{"type": "text", "id": "a", "text": "灯\u0000坏\ud800了"}') == Text("a", "灯坏了")


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda x: st.lists(x))


@given(
    st.dictionaries(
        st.sampled_from(["type", "id", "text", "data", "line", "attachments", "lat", "lon", "before", "reply"]),
        st.sampled_from(["text", "press", "photo", "location", "older", "a"]) | JSON,
    )
)
def test_no_frame_at_all_breaks_the_reader(frame: dict[str, Any]) -> None:
    with contextlib.suppress(BadFrame):
        parse(json.dumps(frame))
