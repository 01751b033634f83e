"""What is found of audio: its form, and what was measured of its samples."""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.domain.assets import AssetFacts, AudioFacts
from deadwax.domain.media.findings import Finding
from deadwax.domain.media.judging.atmos import immersive_form, immersive_level
from deadwax.domain.media.judging.found import FLOATING_POINT, found
from deadwax.domain.media.judging.length import seconds
from deadwax.domain.media.limits import MediaLimits
from deadwax.domain.media.measured import AudioMeasured

_LOSSLESS = frozenset({"PCM", "FLAC", "ALAC"})


def audio_findings(facts: AssetFacts, limits: MediaLimits) -> Iterator[Finding]:
    audio, heard = facts.audio, facts.analysis and facts.analysis.audio
    if audio is None:
        return
    yield from _duration(seconds(facts), limits)
    yield from (_form if audio.immersive is None else immersive_form)(audio, limits)
    if heard:
        yield from _sound(audio, heard, limits)


def _duration(lasts: float, limits: MediaLimits) -> Iterator[Finding]:
    wanted = limits.audio
    if lasts < wanted.shortest_s:
        yield found(limits, "too_short", lasts, wanted.shortest_s)
    if wanted.longest_s and lasts > wanted.longest_s:
        yield found(limits, "too_long", lasts, wanted.longest_s)


def _form(audio: AudioFacts, limits: MediaLimits) -> Iterator[Finding]:
    wanted, lossless = limits.audio, audio.codec in _LOSSLESS
    if audio.codec not in wanted.codecs:
        code = "codec_not_taken" if lossless else "lossy_master"
        yield found(limits, code, audio.codec, wanted.codecs)
    elif audio.container not in wanted.containers:
        yield found(limits, "container_not_taken", audio.container, wanted.containers)
    if audio.bit_rate is not None and audio.bit_rate < wanted.lossy_bitrate:
        yield found(limits, "bitrate", audio.bit_rate, wanted.lossy_bitrate)
    if audio.sampling_rate not in wanted.sampling_rates:
        yield found(limits, "sampling_rate", audio.sampling_rate, wanted.sampling_rates)
    if lossless and audio.bits_per_sample not in wanted.bits:
        yield found(limits, "bit_depth", audio.bits_per_sample or FLOATING_POINT, wanted.bits)
    if audio.channels not in wanted.channels:
        yield found(
            limits, "mono" if audio.channels == 1 else "channels", audio.channels, wanted.channels
        )


def _sound(audio: AudioFacts, heard: AudioMeasured, limits: MediaLimits) -> Iterator[Finding]:
    if heard.sample_peak_dbfs is None:
        yield found(limits, "silent")
        return
    yield from _silence(heard.frames / audio.sampling_rate, heard, limits)
    if audio.immersive is None:
        yield from _level(heard, limits)
        yield from _channels(heard, limits)
        yield from _origin(audio, heard, limits)
        yield from _file(heard, limits)
    else:
        yield from immersive_level(heard, limits)


def _silence(lasts: float, heard: AudioMeasured, limits: MediaLimits) -> Iterator[Finding]:
    wanted = limits.audio
    after = lasts - heard.trailing_silence_s
    edges = (
        (heard.leading_silence_s, 0.0, "leading_silence", "leading_silence_long"),
        (heard.trailing_silence_s, after, "trailing_silence", "trailing_silence_long"),
    )
    for silence, at, usual, long in edges:
        if silence > wanted.edge_silence_block_s:
            yield found(limits, long, silence, wanted.edge_silence_block_s, at)
        elif silence > wanted.edge_silence_warn_s:
            yield found(limits, usual, silence, wanted.edge_silence_warn_s, at)
    if heard.inner_silence_s > wanted.inner_silence_s:
        at_s, inner = heard.inner_silence_at_s, heard.inner_silence_s
        yield found(limits, "inner_silence", inner, wanted.inner_silence_s, at_s)


def _level(heard: AudioMeasured, limits: MediaLimits) -> Iterator[Finding]:
    wanted = limits.audio
    loud = heard.integrated_lufs is not None and heard.integrated_lufs > wanted.loud_lufs
    ceiling = wanted.true_peak_loud_dbtp if loud else wanted.true_peak_dbtp
    if heard.true_peak_dbtp is not None and heard.true_peak_dbtp > ceiling:
        yield found(limits, "true_peak", heard.true_peak_dbtp, ceiling, heard.true_peak_at_s)
    if loud:
        yield found(limits, "loudness", heard.integrated_lufs, wanted.loud_lufs)
    if heard.clipped_runs > wanted.clipped_runs:
        yield found(limits, "clipping", heard.clipped_runs, wanted.clipped_runs, heard.clipped_at_s)
    if abs(heard.dc_offset) > wanted.dc_offset:
        yield found(limits, "dc_offset", heard.dc_offset, wanted.dc_offset)


def _channels(heard: AudioMeasured, limits: MediaLimits) -> Iterator[Finding]:
    wanted = limits.audio
    if heard.dual_mono:
        yield found(limits, "dual_mono")
    if heard.correlation is None:
        return
    if heard.correlation <= wanted.correlation_inverted:
        yield found(limits, "phase_inverted", heard.correlation, wanted.correlation_inverted)
    elif heard.correlation < wanted.correlation_low:
        yield found(limits, "phase_low", heard.correlation, wanted.correlation_low)


def _origin(audio: AudioFacts, heard: AudioMeasured, limits: MediaLimits) -> Iterator[Finding]:
    """Of what is lossless; a lossy master is said to be one already."""
    wanted, stated, used = limits.audio, heard.bit_depth, heard.effective_bits
    if audio.codec not in _LOSSLESS:
        return
    if stated and used is not None and stated > wanted.padded_bits >= used:
        yield found(limits, "padded_bits", used, stated)
    cutoff = heard.cutoff_hz
    if cutoff is None or (heard.cutoff_drop_db or 0.0) < wanted.cutoff_drop_db:
        return
    high = audio.sampling_rate >= wanted.high_resolution_hz
    if high and cutoff <= wanted.high_resolution_cutoff_hz:
        yield found(limits, "fake_high_resolution", cutoff, wanted.high_resolution_cutoff_hz)
    if cutoff < wanted.lossy_cutoff_hz:
        yield found(limits, "lossy_origin", cutoff, wanted.lossy_cutoff_hz)


def _file(heard: AudioMeasured, limits: MediaLimits) -> Iterator[Finding]:
    if heard.extensible:
        yield found(limits, "extensible")
    if heard.bytes_after:
        yield found(limits, "bytes_after", heard.bytes_after)
