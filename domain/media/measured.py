"""What was measured of a file's content, once, beside the facts that messages state.

Levels are None where there is no signal at all (digital silence has no level in dB).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong with the file itself, found while it was read to its end: `code` is that of
    the finding that follows (see docs/media-checks.md), `value` and `limit` what was found and what
    the file states or may have, `at_s` where in time."""

    code: str
    message: str
    value: int | float | str | None = None
    limit: int | float | str | None = None
    at_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class AudioMeasured:
    """Of the decoded samples, all channels. Levels: dBFS, dBTP (ITU-R BS.1770-4, 4 x
    oversampled), LUFS and LU (EBU R 128, Tech 3341 and 3342). Times in seconds.

    `bit_depth` is the stated one, `effective_bits` those that are not always zero; None for
    lossy codecs. `bitrate_bps` is that of the audio data. `clipped_runs` counts runs of three or
    more samples at full scale in a channel. `leading_`, `trailing_` and `inner_silence_s` are
    below -60 dBFS, inner the longest between. `correlation` of the first two channels, None for
    mono or silence. `cutoff_hz` is where the spectrum ends, with the drop there; None where it does
    not end before Nyquist. `pcm_sha256` is of the samples as interleaved little-endian signed
    integers of `bit_depth` bits (rounded up to whole bytes), None for lossy codecs, so that the
    same audio has the same hash in every container. `fingerprint` is Chromaprint's, compressed, in
    base64, of the first two minutes.
    """

    frames: int
    bitrate_bps: int
    bit_depth: int | None = None
    effective_bits: int | None = None
    sample_peak_dbfs: float | None = None
    true_peak_dbtp: float | None = None
    true_peak_at_s: float | None = None
    integrated_lufs: float | None = None
    loudness_range_lu: float | None = None
    momentary_max_lufs: float | None = None
    short_term_max_lufs: float | None = None
    clipped_runs: int = 0
    clipped_longest: int = 0
    clipped_at_s: float | None = None
    leading_silence_s: float = 0.0
    trailing_silence_s: float = 0.0
    inner_silence_s: float = 0.0
    inner_silence_at_s: float | None = None
    dc_offset: float = 0.0
    correlation: float | None = None
    dual_mono: bool = False
    cutoff_hz: float | None = None
    cutoff_drop_db: float | None = None
    pcm_sha256: str | None = None
    fingerprint: str | None = None
    extensible: bool = False
    """Whether a WAV has the EXTENSIBLE header, which some platforms do not read."""
    bytes_after: int = 0
    """Bytes of chunks behind the audio data."""
    beds: tuple[str, ...] = ()
    """Of an ADM master: the common definitions of its channel beds, such as AP_00010017."""
    objects: int = 0
    """Of an ADM master: how many audio objects it has beside its beds."""


@dataclass(frozen=True, kw_only=True)
class ImageMeasured:
    """`colour_space` is RGB, CMYK, GREY, LAB, ...; `bits` per channel. `dpi` where the file states
    it. `orientation` is EXIF's, 1 upright. `high_band_db` is the energy above half of Nyquist
    against the whole (low: upscaled or blurred). `perceptual_hash` is a 64 bit pHash in hex."""

    colour_space: str
    bits: int
    alpha: bool = False
    frames: int = 1
    orientation: int = 1
    icc_profile: str | None = None
    progressive: bool = False
    dpi: float | None = None
    high_band_db: float | None = None
    perceptual_hash: str | None = None


@dataclass(frozen=True, kw_only=True)
class VideoMeasured:
    """`fast_start`: whether the index comes before the data; None where there is no such order.
    `rotation` in degrees clockwise. `shown_width` and `shown_height` are pixels as they are seen:
    turned, and square."""

    bitrate_bps: int
    rotation: int = 0
    fast_start: bool | None = None
    shown_width: int | None = None
    shown_height: int | None = None


@dataclass(frozen=True, kw_only=True)
class TextMeasured:
    """`pages` of a PDF, with what of it acts by itself in `active_content`; `lines` of lyrics,
    without empty ones; `timed_lines` of those have a time (LRC), the last at `last_time_s`, and
    `unordered_line` is the number of the first that comes before the time of the one above."""

    pages: int | None = None
    encrypted: bool = False
    active_content: tuple[str, ...] = ()
    lines: int | None = None
    timed_lines: int = 0
    last_time_s: float | None = None
    unordered_line: int | None = None
    byte_order_mark: bool = False


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """All that was measured of one file, by which version of the analyser."""

    analyser: str
    faults: tuple[Fault, ...] = ()
    audio: AudioMeasured | None = None
    image: ImageMeasured | None = None
    video: VideoMeasured | None = None
    text: TextMeasured | None = None
