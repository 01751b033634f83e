"""Covers as platforms want them: JPEG in sRGB, upright, opaque, without metadata."""

from __future__ import annotations

from PIL import Image, __version__

from deadwax.application.media import Fraction, Rendered
from deadwax.domain.assets import ImageFacts
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.media.recipes import ImageRecipe
from deadwax.infrastructure.media import colours
from deadwax.infrastructure.media.artwork import BROKEN, opened, recognise_picture

MOST_BYTES = 10_000_000
"""What no platform's limit for covers exceeds; the quality is lowered until the file keeps it."""

_QUALITY_STEP, _LOWEST_QUALITY = 4, 60
_WITH_FINE_COLOURS = 90  # from this quality on colours are not subsampled


def render(path: str, recipe: ImageRecipe, out: str, progress: Fraction) -> Rendered:
    """Write the picture at `path` to `out`. The same bytes and recipe give the same result.

    Raises Refused for a picture that cannot be read to its end (picture_broken), and for one that
    is too large even at the lowest quality (picture_too_large)."""
    with opened(path) as picture:
        try:
            picture.load()
        except BROKEN:
            raise _refused(
                "picture_broken", "The picture cannot be read to its end.", "Export it again."
            ) from None
        progress(0.4)
        small = _fitted(colours.flattened(picture), recipe.pixels)
        progress(0.7)
        seen = colours.in_srgb(colours.upright(small))
    seen.info.clear()
    quality = _written(seen, recipe.quality, out)
    progress(1.0)
    return Rendered(
        facts=_facts(out),
        encoder=f"Pillow {__version__}, quality {quality}",
        same_samples=False,
    )


def _fitted(picture: Image.Image, pixels: int) -> Image.Image:
    """At most `pixels` on its longer side, never enlarged."""
    longer = max(picture.size)
    if longer <= pixels:
        return picture
    width, height = (max(1, round(side * pixels / longer)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _written(picture: Image.Image, quality: int, out: str) -> int:
    """The quality with which it was written."""
    while True:
        with open(out, "wb") as file:
            picture.save(
                file,
                "JPEG",
                quality=quality,
                subsampling=0 if quality >= _WITH_FINE_COLOURS else 2,
            )
            if file.tell() <= MOST_BYTES:
                return quality
        if quality <= _LOWEST_QUALITY:
            raise _refused(
                "picture_too_large",
                f"At {picture.width} x {picture.height} pixels the picture has more than"
                f" {MOST_BYTES // 1_000_000} MB.",
                "Choose a smaller rendition.",
            )
        quality = max(_LOWEST_QUALITY, quality - _QUALITY_STEP)


def _facts(out: str) -> ImageFacts:
    with open(out, "rb") as file:
        facts = recognise_picture(file.read(16), out)
    assert facts is not None
    return facts


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The picture was not rendered", [Problem(code, "recipe", message, fix)])
