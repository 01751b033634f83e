"""What is found of a video, by its headers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import gcd

from deadwax.domain.assets import AssetFacts, VideoFacts
from deadwax.domain.media.findings import Finding
from deadwax.domain.media.judging.found import found
from deadwax.domain.media.limits import MediaLimits

UNNAMED = frozenset({"VP8", "VP9", "AV1"})
"""Codecs that DDEX has no VideoCodecType for, in any version."""

_ASPECT_TOLERANCE = Fraction(1, 100)  # widths and heights are even numbers, shapes are not


def video_findings(facts: AssetFacts, limits: MediaLimits) -> Iterator[Finding]:
    video = facts.video
    if video is None:
        return
    wanted, lasts = limits.video, video.duration_ms / 1000
    if video.codec not in wanted.codecs:
        yield found(limits, "video_codec", video.codec, wanted.codecs)
    elif video.codec in UNNAMED:
        yield found(limits, "video_unnamed", video.codec)
    if video.container not in wanted.containers:
        yield found(limits, "video_container", video.container, wanted.containers)
    if lasts < wanted.shortest_s:
        yield found(limits, "video_too_short", lasts, wanted.shortest_s)
    if wanted.longest_s and lasts > wanted.longest_s:
        yield found(limits, "video_too_long", lasts, wanted.longest_s)
    yield from _shape(video, facts, limits)
    measured = facts.analysis and facts.analysis.video
    if measured and measured.rotation:
        yield found(limits, "video_rotated", measured.rotation, 0)
    if measured and measured.fast_start is False:
        yield found(limits, "not_fast_start")


def _shape(video: VideoFacts, facts: AssetFacts, limits: MediaLimits) -> Iterator[Finding]:
    """As it is shown: turned, and with pixels that are not square."""
    measured = facts.analysis and facts.analysis.video
    width = (measured and measured.shown_width) or video.width
    height = (measured and measured.shown_height) or video.height
    wanted = limits.video
    if wanted.aspect:
        across, down = map(int, wanted.aspect.split(":"))
        ratio = Fraction(width, height) / Fraction(across, down)
        if abs(ratio - 1) > _ASPECT_TOLERANCE:
            whole = gcd(width, height)
            yield found(
                limits, "video_aspect", f"{width // whole}:{height // whole}", wanted.aspect
            )
    if height < wanted.height:
        yield found(limits, "video_too_small", height, wanted.height)
