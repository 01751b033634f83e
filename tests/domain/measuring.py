"""An asset without any finding, and what may differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from deadwax.domain.assets import AssetFacts, AudioFacts
from deadwax.domain.media.findings import Finding
from deadwax.domain.media.judging.judge import findings
from deadwax.domain.media.limits import MediaLimits, limits_of
from deadwax.domain.media.measured import Analysis, AudioMeasured, Fault
from deadwax.domain.vocabulary import AssetKind

FORM = AudioFacts(
    container="WAV",
    codec="PCM",
    channels=2,
    sampling_rate=48_000,
    bits_per_sample=24,
    duration_ms=180_000,
)
HEARD = AudioMeasured(
    frames=180 * 48_000,
    bitrate_bps=2_304_000,
    bit_depth=24,
    effective_bits=24,
    sample_peak_dbfs=-3.0,
    true_peak_dbtp=-2.5,
    true_peak_at_s=61.5,
    integrated_lufs=-16.0,
    correlation=0.4,
    pcm_sha256="ab" * 32,
)
IMMERSIVE = replace(FORM, channels=10, immersive="DolbyAtmos")
QUIETER = replace(HEARD, integrated_lufs=-19.0)


def audio(
    form: AudioFacts = FORM, heard: AudioMeasured | None = HEARD, *faults: Fault
) -> AssetFacts:
    return AssetFacts(
        sha256="cd" * 32,
        md5="ef" * 16,
        size=50_000_000,
        filename="track.wav",
        kind=AssetKind.AUDIO,
        audio=form,
        analysis=heard and Analysis(analyser="1", audio=heard, faults=faults),
    )


def lasting(seconds: float, form: AudioFacts = FORM, heard: AudioMeasured = HEARD) -> AssetFacts:
    return audio(form, replace(heard, frames=round(seconds * form.sampling_rate)))


def heard(**changes: Any) -> AssetFacts:
    return audio(FORM, replace(HEARD, **changes))


def shaped(**changes: Any) -> AssetFacts:
    """A file of another form, whose samples are as those of any."""
    form = replace(FORM, **changes)
    return audio(form, replace(HEARD, frames=180 * form.sampling_rate))


def found(facts: AssetFacts, limits: MediaLimits | None = None) -> tuple[Finding, ...]:
    return findings(facts, limits or limits_of("default"))


def codes(facts: AssetFacts, limits: MediaLimits | None = None) -> list[str]:
    return [finding.code for finding in found(facts, limits)]
