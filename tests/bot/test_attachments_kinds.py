"""What a file is, is told by its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.filekinds import Sniffed, Unacceptable, sniff
from handlers.files import MIB, SIZE_LIMITS
from handlers.inbound import FileKind
from tests.bot import samples


@pytest.mark.parametrize(
    ("data", "kind", "mime"),
    [
        (samples.picture(), "photo", "image/jpeg"),
        (samples.picture(form="PNG"), "photo", "image/jpeg"),
        (samples.picture(form="WEBP"), "photo", "image/jpeg"),
        (samples.picture(form="GIF"), "photo", "image/jpeg"),
        (samples.OPUS, "voice", "audio/ogg"),
        (samples.MP3, "voice", "audio/mpeg"),
        (samples.M4A, "voice", "audio/mp4"),
        (samples.mp4(video=False), "voice", "audio/mp4"),
        (samples.AMR, "voice", "audio/amr"),
        (samples.WAV, "voice", "audio/wav"),
        (samples.mp4(), "video", "video/mp4"),
        (samples.PDF, "file", "application/pdf"),
    ],
)
def test_what_people_send_is_recognised(data: bytes, kind: FileKind, mime: str) -> None:
    assert sniff(data) == Sniffed(kind, mime)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<html><script>alert(1)</script></html>", id="a web page"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", id="a drawing with a script"),
        pytest.param(b"MZ\x90\0" + b"\0" * 200, id="a Windows program"),
        pytest.param(b"\x7fELF" + b"\0" * 200, id="a Linux program"),
        pytest.param(b"PK\3\4" + b"\0" * 200, id="an archive"),
        pytest.param(b"#!/bin/sh\nrm -rf /\n", id="a script"),
        pytest.param(samples.HEIC, id="an iPhone's HEIC, which Pillow cannot read"),
        pytest.param(samples.THEORA, id="a film in an Ogg container"),
        pytest.param("电梯坏了".encode(), id="just words"),
        pytest.param(b"\0", id="one byte"),
    ],
)
def test_everything_else_is_refused(data: bytes) -> None:
    with pytest.raises(Unacceptable) as refusal:
        sniff(data)
    assert refusal.value.code == "unknown_type"


def test_nothing_is_not_a_file() -> None:
    with pytest.raises(Unacceptable, match="empty"):
        sniff(b"")


@pytest.mark.parametrize(("start", "kind"), [(samples.OPUS, "voice"), (samples.mp4(), "video"), (samples.PDF, "file")])
def test_the_cap_is_that_of_the_kind(start: bytes, kind: FileKind) -> None:
    whole = start.ljust(SIZE_LIMITS[kind], b"\0")
    assert sniff(whole).kind == kind
    with pytest.raises(Unacceptable, match="too_large"):
        sniff(whole + b"\0")


def test_a_larger_cap_than_any_kind_has_ends_before_looking() -> None:
    with pytest.raises(Unacceptable, match="too_large"):
        sniff(b"\0" * (20 * MIB + 1))


def test_only_the_kind_that_was_asked_for() -> None:
    assert sniff(samples.picture(), "photo").kind == "photo"
    assert sniff(samples.picture(), "file").kind == "photo"  # "file" asks for anything
    with pytest.raises(Unacceptable, match="unknown_type"):
        sniff(samples.PDF, "photo")


@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    try:
        answer: str = sniff(data).kind
    except Unacceptable as refusal:
        answer = refusal.code
    assert answer in (*SIZE_LIMITS, "empty", "unknown_type")
