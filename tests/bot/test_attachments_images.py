"""A photo is drawn anew: small, upright, and silent about where it was taken."""

import io
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.filekinds import Unacceptable
from bot.images import MAX_PIXELS, MAX_SIDE, to_jpeg
from tests.bot import samples

RED, BLUE = (255, 0, 0), (0, 0, 255)


def reopened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def close(found: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(found, tuple)
    return all(abs(a - b) < 24 for a, b in zip(found, wanted, strict=True))


def drawn(data: bytes) -> str:
    try:
        return "drawn" if reopened(to_jpeg(data)).format == "JPEG" else "?"
    except Unacceptable as refusal:
        return refusal.code


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_format_becomes_jpeg_with_the_same_picture(form: str) -> None:
    image = reopened(to_jpeg(samples.picture(form=form)))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (64, 48))
    assert close(image.getpixel((8, 24)), RED)
    assert close(image.getpixel((56, 24)), BLUE)


def test_where_and_with_what_it_was_taken_is_gone() -> None:
    photo = samples.phone_photo()
    assert b"SecretPhone" in photo
    assert b"flat 501" in photo
    clean = to_jpeg(photo)
    assert b"SecretPhone" not in clean
    assert b"flat 501" not in clean
    assert dict(reopened(clean).getexif()) == {}


@pytest.mark.parametrize(
    ("orientation", "red_at"),
    [
        (1, (8, 24)),
        (2, (56, 24)),
        (3, (56, 24)),
        (4, (8, 24)),
        (5, (24, 8)),
        (6, (24, 8)),
        (7, (24, 56)),
        (8, (24, 56)),
    ],
)
def test_a_turned_camera_gives_an_upright_picture(orientation: int, red_at: tuple[int, int]) -> None:
    """Red is on the left of the sensor; EXIF 2.32 says where that is for the person who looks."""
    image = reopened(to_jpeg(samples.phone_photo(orientation=orientation)))
    assert image.size == ((64, 48) if orientation < 5 else (48, 64))
    assert close(image.getpixel(red_at), RED)


def test_damaged_exif_does_not_cost_the_picture() -> None:
    photo = samples.picture(exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow mutters about it
        assert reopened(to_jpeg(photo)).size == (64, 48)


@pytest.mark.parametrize(
    ("size", "becomes"), [((4096, 1024), (2048, 512)), ((1500, 3000), (1024, 2048)), ((9, 4), (9, 4))]
)
def test_the_longest_side_is_bounded(size: tuple[int, int], becomes: tuple[int, int]) -> None:
    assert max(becomes) <= MAX_SIDE
    assert reopened(to_jpeg(samples.picture(*size))).size == becomes


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "I;16"])
def test_every_way_to_store_a_pixel(mode: str) -> None:
    assert reopened(to_jpeg(samples.picture(form="PNG", mode=mode))).mode == "RGB"


def test_a_print_shop_jpeg() -> None:
    image = reopened(to_jpeg(samples.picture(mode="CMYK")))
    assert close(image.getpixel((8, 24)), RED)


def test_glass_is_seen_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    assert close(reopened(to_jpeg(out.getvalue())).getpixel((4, 4)), (255, 255, 255))


def test_of_an_animation_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    for form in ("GIF", "WEBP", "PNG"):
        out = io.BytesIO()
        frames[0].save(out, form, save_all=True, append_images=frames[1:])
        assert close(reopened(to_jpeg(out.getvalue())).getpixel((8, 8)), RED)


def test_a_phone_jpeg_with_a_second_picture_inside() -> None:
    out = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(
        out, "MPO", save_all=True, append_images=[Image.new("RGB", (16, 16), "blue")]
    )
    assert close(reopened(to_jpeg(out.getvalue())).getpixel((8, 8)), RED)


def test_a_bomb_is_refused_by_its_header_before_it_goes_off() -> None:
    """It has no pixels at all: a decoder would call it broken, so the size was looked at first."""
    with pytest.raises(Unacceptable, match="too_many_pixels"):
        to_jpeg(samples.bomb())


@pytest.mark.parametrize(("side", "code"), [(6324, "broken"), (6325, "too_many_pixels"), (9000, "too_many_pixels")])
def test_the_pixel_cap(side: int, code: str) -> None:
    assert 6324**2 <= MAX_PIXELS < 6325**2
    with pytest.raises(Unacceptable) as refusal:
        to_jpeg(samples.bomb(side))
    assert refusal.value.code == code


def test_the_cap_holds_where_warnings_are_silenced() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Unacceptable, match="too_many_pixels"):
            to_jpeg(samples.bomb(6325))


def test_a_bomb_in_disguise() -> None:
    """A GIF whose screen is small and whose first frame is huge."""
    gif = bytearray(samples.picture(4, 4, form="GIF"))
    at = gif.index(b"\x2c", 13)  # the image descriptor: left, top, width, height
    gif[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    with pytest.raises(Unacceptable) as refusal:
        to_jpeg(bytes(gif))
    assert refusal.value.code in ("too_many_pixels", "broken")


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_half_a_picture_is_broken(form: str, keep: float) -> None:
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    out = io.BytesIO()
    noise.save(out, form)
    with pytest.raises(Unacceptable, match="broken"):
        to_jpeg(out.getvalue()[: int(len(out.getvalue()) * keep)])


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8), st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]))
def test_scribbled_over_bytes_are_refused_or_drawn(at: int, scribble: bytes, form: str) -> None:
    data = bytearray(samples.picture(form=form))
    at %= len(data)
    data[at : at + len(scribble)] = scribble
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert drawn(bytes(data)) in ("drawn", "broken", "too_many_pixels")


@pytest.mark.parametrize("form", ["TIFF", "BMP", "ICO", "PPM"])
def test_decoders_that_nobody_needs_are_shut(form: str) -> None:
    with pytest.raises(Unacceptable, match="broken"):
        to_jpeg(samples.picture(form=form))
