"""What was measured of a file as one flat document: the API's and that of `media inspect`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from deadwax.domain.assets import AssetFacts
from deadwax.domain.errors import Problem
from deadwax.domain.media.findings import Finding, Severity
from deadwax.domain.vocabulary import AssetKind


@dataclass(frozen=True, kw_only=True)
class Found:
    """A domain.media.findings.Finding, without what to do."""

    code: str
    severity: Severity
    message: str
    value: int | float | str | None = None
    limit: int | float | str | None = None
    at_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """Hz, bits, seconds, bits per second, dBFS, dBTP, LUFS, LU, pixels; null for what such a file
    does not have or was not measured. See domain.media.measured for how each is measured."""

    kind: AssetKind | None = None
    container: str | None = None
    codec: str | None = None
    sample_rate_hz: int | None = None
    bit_depth: int | None = None
    channels: int | None = None
    duration_s: float | None = None
    bitrate_bps: int | None = None
    sample_peak_dbfs: float | None = None
    true_peak_dbtp: float | None = None
    integrated_lufs: float | None = None
    loudness_range_lu: float | None = None
    clipped_runs: int | None = None
    leading_silence_s: float | None = None
    trailing_silence_s: float | None = None
    dc_offset: float | None = None
    correlation: float | None = None
    cutoff_hz: float | None = None
    sha256: str | None = None
    md5: str | None = None
    pcm_sha256: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    colour_space: str | None = None
    findings: tuple[Found, ...] = ()


def inspection(facts: AssetFacts, findings: Iterable[Finding]) -> Inspection:
    said: dict[str, Any] = {}
    for part in (_audio, _image, _video, _text):
        said |= part(facts)
    return Inspection(
        kind=facts.kind,
        sha256=facts.sha256,
        md5=facts.md5,
        findings=tuple(_found(finding) for finding in findings),
        **said,
    )


def unreadable(
    problems: Iterable[Problem], sha256: str | None = None, md5: str | None = None
) -> Inspection:
    """Of a file that is no media, or not to be read to its end."""
    said = (Found(code=p.code, severity=Severity.BLOCK, message=p.message) for p in problems)
    return Inspection(sha256=sha256, md5=md5, findings=tuple(said))


_HEARD = (
    "bitrate_bps",
    "sample_peak_dbfs",
    "true_peak_dbtp",
    "integrated_lufs",
    "loudness_range_lu",
    "clipped_runs",
    "leading_silence_s",
    "trailing_silence_s",
    "dc_offset",
    "correlation",
    "cutoff_hz",
    "pcm_sha256",
)


def _audio(facts: AssetFacts) -> dict[str, Any]:
    if (audio := facts.audio) is None:
        return {}
    said: dict[str, Any] = {
        "container": audio.container,
        "codec": audio.codec,
        "sample_rate_hz": audio.sampling_rate,
        "bit_depth": audio.bits_per_sample,
        "channels": audio.channels,
        "duration_s": audio.duration_ms / 1000,
        "bitrate_bps": audio.bit_rate,
    }
    if heard := facts.analysis and facts.analysis.audio:
        said |= {name: getattr(heard, name) for name in _HEARD}
        said["duration_s"] = heard.frames / audio.sampling_rate
    return said


def _image(facts: AssetFacts) -> dict[str, Any]:
    if (image := facts.image) is None:
        return {}
    seen = facts.analysis and facts.analysis.image
    return {
        "codec": image.codec,
        "width_px": image.width,
        "height_px": image.height,
        "bit_depth": seen.bits if seen else None,
        "colour_space": seen.colour_space if seen else None,
    }


def _video(facts: AssetFacts) -> dict[str, Any]:
    if (video := facts.video) is None:
        return {}
    seen = facts.analysis and facts.analysis.video
    return {
        "container": video.container,
        "codec": video.codec,
        "width_px": video.width,
        "height_px": video.height,
        "duration_s": video.duration_ms / 1000,
        "sample_rate_hz": video.audio_sampling_rate,
        "channels": video.audio_channels,
        "bitrate_bps": seen.bitrate_bps if seen else None,
    }


def _text(facts: AssetFacts) -> dict[str, Any]:
    return {"codec": facts.text.codec} if facts.text else {}


def _found(finding: Finding) -> Found:
    return Found(
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        value=finding.value,
        limit=finding.limit,
        at_s=finding.at_s,
    )
