"""All numbers of audio, in one pass over its samples."""

from __future__ import annotations

from collections.abc import Callable
from math import log10

from deadwax.domain.errors import Problem, Refused
from deadwax.domain.media.measured import AudioMeasured
from deadwax.infrastructure.media.audio.blocks import blocks, hop_frames
from deadwax.infrastructure.media.audio.levels import ClippingMeter, SilenceMeter, StereoMeter
from deadwax.infrastructure.media.audio.loudness import LoudnessMeter
from deadwax.infrastructure.media.audio.pcm_hash import PcmHash
from deadwax.infrastructure.media.audio.spectrum import SpectrumMeter
from deadwax.infrastructure.media.audio.stream import AudioStream
from deadwax.infrastructure.media.audio.true_peak import TruePeakMeter


def measure(stream: AudioStream, progress: Callable[[float], None]) -> AudioMeasured:
    """What follows from the samples: `bitrate_bps` is 0, and what is read of the container is left
    out; the caller knows those. `frames` are those that there are, whatever the header states.
    See docs/audio-measurements.md. Refused where there is no sample at all."""
    rate, channels, bits = stream.sampling_rate, stream.channels, stream.bits
    loudness, true_peak = LoudnessMeter(rate, channels), TruePeakMeter(channels)
    silence, clipping = SilenceMeter(rate), ClippingMeter(channels, bits)
    stereo, spectrum = StereoMeter(channels), SpectrumMeter(rate)
    pcm = PcmHash(bits) if bits else None
    frames, sample_peak, width = 0, 0.0, 0
    for block in blocks(stream, hop_frames(rate)):
        sample_peak = max(sample_peak, float(block.peaks.max()))
        loudness.add(block.planar)
        for meter in (true_peak, silence, clipping, stereo, spectrum):
            meter.add(block)
        if pcm:
            pcm.add(block.samples)
        width = 8 * block.samples.dtype.itemsize
        frames = block.start + block.frames
        if stream.frames:
            progress(min(1.0, frames / stream.frames))
    if not frames:
        raise Refused(
            "The file was not taken",
            [Problem("audio_empty", "file", "The audio has no samples.", "Upload the file again.")],
        )
    true_peak.finish()
    clipping.finish()
    loud = loudness.result()
    cutoff_hz, cutoff_drop_db = spectrum.cutoff()
    return AudioMeasured(
        frames=frames,
        bitrate_bps=0,
        bit_depth=bits,
        effective_bits=pcm.effective_bits(width) if pcm else None,
        sample_peak_dbfs=decibels(sample_peak),
        true_peak_dbtp=decibels(float(true_peak.peak)),
        true_peak_at_s=true_peak.at / rate if true_peak.peak else None,
        integrated_lufs=loud.integrated,
        loudness_range_lu=loud.range,
        momentary_max_lufs=loud.momentary_max,
        short_term_max_lufs=loud.short_term_max,
        clipped_runs=clipping.runs,
        clipped_longest=clipping.longest,
        clipped_at_s=None if clipping.first is None else clipping.first / rate,
        leading_silence_s=(frames if silence.first is None else silence.first) / rate,
        trailing_silence_s=0.0 if silence.first is None else (frames - 1 - silence.last) / rate,
        inner_silence_s=silence.longest / rate,
        inner_silence_at_s=silence.longest_at / rate if silence.longest else None,
        dc_offset=stereo.offset(),
        correlation=stereo.correlation(),
        dual_mono=stereo.identical,
        cutoff_hz=cutoff_hz,
        cutoff_drop_db=cutoff_drop_db,
        pcm_sha256=pcm.hexdigest() if pcm else None,
    )


def decibels(amplitude: float) -> float | None:
    """Of full scale; None for none."""
    return 20 * log10(amplitude) if amplitude > 0 else None
