"""Photos made harmless: decoded within bounds and encoded anew, so that nothing but the picture is left."""

import io
import warnings

from PIL import Image

from bot.filekinds import Unacceptable

MAX_PIXELS = 40_000_000  # above the 12 to 24 MP of phone cameras; decoded to RGBA it takes 160 MB of memory
MAX_SIDE = 2048  # pixels; enough to read a meter in a photo, and well within what every channel shows
QUALITY = 85  # of JPEG, 0 to 95; a photo of MAX_SIDE comes to about half a megabyte
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # decoders that hostile bytes may reach

_ORIENTATION = 0x0112  # EXIF 2.32, tag Orientation
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow warns above this many pixels and raises above twice as many; to us both mean no, in every frame it opens.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def to_jpeg(data: bytes) -> bytes:
    """Return the picture (of an animation: its first frame) as JPEG, upright, without EXIF, comments and profiles.

    Takes time and memory: call it in a thread. Raises Unacceptable: `too_many_pixels`, `broken`.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Unacceptable("too_many_pixels")
            return _encode(_upright(_small(image), _orientation(image)))
    except Unacceptable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unacceptable("too_many_pixels") from None
    except Exception as error:  # decoders raise a dozen kinds of exceptions for damaged bytes
        raise Unacceptable("broken") from error


def _small(image: Image.Image) -> Image.Image:
    """Decode and shrink; a JPEG is decoded at a fraction of its size right away."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode not in ("RGB", "L"):
        image = image if image.format == "JPEG" else image.convert("RGB")
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    return image


def _orientation(image: Image.Image) -> object:
    """Return what EXIF says; damaged EXIF says nothing, the picture may still be good."""
    try:
        return image.getexif().get(_ORIENTATION)
    except Exception:  # noqa: BLE001 - see above
        return None


def _upright(image: Image.Image, orientation: object) -> Image.Image:
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _encode(image: Image.Image) -> bytes:
    """Draw the pixels on a fresh white canvas: Pillow would carry a comment over from the old image."""
    canvas = Image.new("RGB", image.size, "white")
    if image.mode == "RGBA":
        canvas.paste(image, mask=image)
    else:
        canvas.paste(image.convert("RGB"))
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
