"""What is found of a picture: its form, and what was measured of its pixels."""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.domain.assets import AssetFacts, ImageFacts
from deadwax.domain.media.findings import Finding
from deadwax.domain.media.judging.found import found
from deadwax.domain.media.limits import MediaLimits
from deadwax.domain.media.measured import ImageMeasured

NAMED = frozenset({"JPEG", "JPEG2000", "PNG", "TIFF", "GIF"})
"""What DDEX has an ImageCodecType for, in every version."""

_UPRIGHT = 1
_DEVICE_DEPENDENT = frozenset({"CMYK"})


def image_findings(facts: AssetFacts, limits: MediaLimits) -> Iterator[Finding]:
    if facts.image is None:
        return
    yield from _form(facts.image, facts.size, limits)
    if facts.analysis and facts.analysis.image:
        yield from _pixels(facts.analysis.image, limits)


def _form(image: ImageFacts, size: int, limits: MediaLimits) -> Iterator[Finding]:
    wanted, shorter = limits.image, min(image.width, image.height)
    if wanted.square and image.width != image.height:
        yield found(limits, "not_square", f"{image.width} x {image.height}", "1:1")
    if shorter < wanted.pixels:
        yield found(limits, "image_too_small", shorter, wanted.pixels)
    if size > wanted.bytes:
        yield found(limits, "image_too_large", size, wanted.bytes)
    if image.codec not in wanted.codecs:
        yield found(limits, "image_codec_not_taken", image.codec, wanted.codecs)
    elif image.codec not in NAMED:
        yield found(limits, "image_codec_unnamed", image.codec)


def _pixels(seen: ImageMeasured, limits: MediaLimits) -> Iterator[Finding]:
    wanted = limits.image
    if seen.frames > 1:
        yield found(limits, "animated", seen.frames, 1)
    yield from _colours(seen, limits)
    if seen.alpha:
        yield found(limits, "alpha")
    if seen.bits > wanted.bits:
        yield found(limits, "image_bits", seen.bits, wanted.bits)
    if seen.orientation != _UPRIGHT:
        yield found(limits, "exif_rotation", seen.orientation, _UPRIGHT)
    if seen.high_band_db is not None and seen.high_band_db < wanted.high_band_db:
        yield found(limits, "upscaled", seen.high_band_db, wanted.high_band_db)
    if seen.dpi is not None and seen.dpi < wanted.dpi:
        yield found(limits, "resolution", seen.dpi, wanted.dpi)


def _colours(seen: ImageMeasured, limits: MediaLimits) -> Iterator[Finding]:
    if seen.colour_space not in limits.image.colour_spaces:
        yield found(limits, "colour_space", seen.colour_space, limits.image.colour_spaces)
        if seen.colour_space in _DEVICE_DEPENDENT and seen.icc_profile in (None, "unreadable"):
            yield found(limits, "colours_undefined", seen.colour_space)
    elif seen.icc_profile is not None and "srgb" not in seen.icc_profile.lower():
        yield found(limits, "icc_profile", seen.icc_profile, "sRGB")
