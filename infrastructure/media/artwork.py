"""Pictures: what they are by their headers, and what is measured of their pixels."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import isfinite
from typing import Any

from PIL import Image

from deadwax.domain.assets import ImageFacts
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.media.measured import Fault, ImageMeasured
from deadwax.infrastructure.media import colours, picture_files

_MOST_PIXELS = 100_000_000
_MOST_SIDE = 30_000
_MOST_FRAMES = 1000
_ORIENTATION = 274
_BITS_PER_SAMPLE = 258
_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP")

# Pillow's names to ours: DDEX ImageCodecType, and WebP, for which DDEX has no word. MPO is a JPEG
# with further pictures behind it, such as the gain maps of telephones.
_CODECS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "TIFF": "TIFF", "WEBP": "WebP"}
_SPACES = {"1": "GREY", "L": "GREY", "LA": "GREY", "I": "GREY", "CMYK": "CMYK", "LAB": "LAB"}
_UNUSABLE = frozenset({"I", "F"})  # 32 bits, whose white nobody can tell

# All that Pillow's readers raise for bytes that they cannot read.
BROKEN = (
    *(OSError, SyntaxError, ValueError, struct.error, zlib.error),
    *(IndexError, KeyError, TypeError, AttributeError, EOFError, OverflowError),
)


def is_picture(head: bytes) -> bool:
    """Whether the first 16 bytes are those of a JPEG, PNG, TIFF or WebP."""
    return (
        head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*"))
        or head[:4] + head[8:12] == b"RIFFWEBP"
    )


def recognise_picture(head: bytes, path: str) -> ImageFacts | None:
    """What the headers say; None for what is no picture by its first 16 bytes. No pixel is
    decoded. Raises Refused as `opened` does."""
    if not is_picture(head):
        return None
    with opened(path) as picture:
        codec = _CODECS[str(picture.format)]
        return ImageFacts(codec=codec, width=picture.width, height=picture.height)


def measure(path: str) -> tuple[ImageMeasured, tuple[Fault, ...]]:
    """Decode the picture to its end. Where that fails it is a fault, and nothing that needs its
    pixels is measured. Raises Refused as `opened` does."""
    # Only here: they take their time to load, and headers are recognised without them.
    import imagehash

    from deadwax.infrastructure.media.sharpness import high_band_db

    faults = picture_files.faults(path)
    with opened(path) as picture:
        stated = _stated(picture, picture_files.bits(path))
        try:
            picture.load()
        except BROKEN:
            return ImageMeasured(**stated), faults or (picture_files.truncated(),)
        flat = colours.flattened(picture)
        small = colours.upright(flat.reduce(max(1, min(flat.size) // 512)))
        measured = ImageMeasured(
            **stated,
            high_band_db=high_band_db(flat),
            perceptual_hash=str(imagehash.phash(colours.in_srgb(small))),
        )
        return measured, faults


@contextmanager
def opened(path: str) -> Iterator[Image.Image]:
    """The picture with its headers read, not yet its pixels.

    Raises Refused for headers that cannot be read (picture_broken), for more pixels than anyone
    wants (picture_too_large) and for 32 bits per channel (picture_format)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(path, formats=_FORMATS)
    except Image.DecompressionBombError:
        raise _too_large("The picture has far too many pixels.") from None
    except BROKEN:
        raise _refused(
            "picture_broken", "The picture's header cannot be read.", "Export it again."
        ) from None
    with picture:
        width, height = picture.size
        if width * height > _MOST_PIXELS or max(width, height) > _MOST_SIDE:
            raise _too_large(f"The picture has {width} x {height} pixels.")
        if picture.mode in _UNUSABLE:
            raise _refused(
                "picture_format",
                "The picture has 32 bits per channel.",
                "Export it with 8 or 16 bits per channel.",
            )
        yield picture


def _stated(picture: Image.Image, bits: int) -> dict[str, Any]:
    """The fields of ImageMeasured that need no pixels."""
    tags = getattr(picture, "tag_v2", {})
    return {
        "colour_space": _SPACES.get(picture.mode.partition(";")[0], "RGB"),
        "bits": max(tags.get(_BITS_PER_SAMPLE, (bits,))),
        "alpha": picture.has_transparency_data,
        "frames": 1 if _CODECS[str(picture.format)] == "JPEG" else _frames(picture),
        "orientation": _orientation(picture),
        "icc_profile": colours.profile_name(picture),
        "progressive": bool(picture.info.get("progressive") or picture.info.get("interlace")),
        "dpi": _dpi(picture),
    }


def _frames(picture: Image.Image) -> int:
    """Frames or pages, counted up to a limit, since a TIFF says nowhere how many it has."""
    if picture.format != "TIFF":
        return int(getattr(picture, "n_frames", 1))
    count = 1
    with suppress(*BROKEN):
        while count < _MOST_FRAMES:
            picture.seek(count)
            count += 1
    picture.seek(0)
    return count


def _orientation(picture: Image.Image) -> int:
    """EXIF's, 1 to 8; 1 for what it does not define."""
    try:
        said = picture.getexif().get(_ORIENTATION, 1)
    except BROKEN:
        return 1
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def _dpi(picture: Image.Image) -> float | None:
    """The lower of both directions."""
    try:
        dpi = min(float(value) for value in picture.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return round(dpi, 1) if isfinite(dpi) and dpi > 0 else None


def _too_large(message: str) -> Refused:
    fix = f"Stay below {_MOST_PIXELS // 1_000_000} million pixels and {_MOST_SIDE} on a side."
    return _refused("picture_too_large", message, fix)


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The file was not taken", [Problem(code, "file", message, fix)])
