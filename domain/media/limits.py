"""What a platform takes: one TOML file each in `platforms/`, over the values of `default.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib.resources import files
from math import isfinite
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_type_hints

from deadwax.domain.media.checks import CHECKS
from deadwax.domain.media.findings import Severity

DEFAULT = "default"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class AudioLimits:
    """Of stereo and mono. Hz, bits, channels; seconds; dBTP, LUFS; bits per second. `codecs` and
    `containers` are DDEX values. `longest_s` 0 is no limit.

    `true_peak_loud_dbtp` is that of what is louder than `loud_lufs`. `dc_offset` is of full scale.
    A spectrum ends where it drops by `cutoff_drop_db`: below `lossy_cutoff_hz` as that of an MP3,
    at or below `high_resolution_cutoff_hz` in a file of `high_resolution_hz` or more as that of
    an up-sampled one. Bits beyond `padded_bits` that are never used are padding.
    """

    codecs: tuple[str, ...]
    containers: tuple[str, ...]
    lossy_bitrate: int
    sampling_rates: tuple[int, ...]
    bits: tuple[int, ...]
    channels: tuple[int, ...]
    shortest_s: float
    longest_s: float
    edge_silence_warn_s: float
    edge_silence_block_s: float
    inner_silence_s: float
    true_peak_dbtp: float
    true_peak_loud_dbtp: float
    loud_lufs: float
    clipped_runs: int
    dc_offset: float
    correlation_low: float
    correlation_inverted: float
    padded_bits: int
    cutoff_drop_db: float
    lossy_cutoff_hz: float
    high_resolution_hz: int
    high_resolution_cutoff_hz: float


@dataclass(frozen=True, kw_only=True)
class AtmosLimits:
    """Of Dolby Atmos masters (ADM BWF). Hz, bits; dBTP, LUFS (LKFS is the same); by how many
    seconds its length may differ from that of the stereo recording."""

    sampling_rates: tuple[int, ...]
    bits: tuple[int, ...]
    true_peak_dbtp: float
    loudness_lufs: float
    length_difference_s: float


@dataclass(frozen=True, kw_only=True)
class ImageLimits:
    """Of covers. `pixels` of the shorter side, `bytes` of the file, `bits` per channel, `dpi` where
    the file states it; `high_band_db` as in ImageMeasured, below it is upscaled or blurred."""

    codecs: tuple[str, ...]
    square: bool
    pixels: int
    bytes: int
    colour_spaces: tuple[str, ...]
    bits: int
    dpi: float
    high_band_db: float


@dataclass(frozen=True, kw_only=True)
class VideoLimits:
    """DDEX values; seconds; pixels; `aspect` as 9:16. A value of 0, or no aspect, is no limit."""

    codecs: tuple[str, ...]
    containers: tuple[str, ...]
    shortest_s: float
    longest_s: float
    aspect: str
    height: int


@dataclass(frozen=True, kw_only=True)
class MediaLimits:
    """`severities` are those of checks that are graver or lighter here than usual."""

    audio: AudioLimits
    atmos: AtmosLimits
    image: ImageLimits
    video: VideoLimits
    severities: Mapping[str, Severity] = field(default_factory=dict)

    def severity(self, code: str) -> Severity:
        """KeyError for a check that is not in CHECKS."""
        return self.severities.get(code) or CHECKS[code].severity


def limits_of(platform: str) -> MediaLimits:
    """Those of a platform in PLATFORMS. KeyError for another."""
    return _read()[platform]


@cache
def _read() -> Mapping[str, MediaLimits]:
    folder = files(__package__) / "platforms"
    said = {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }
    usual = limits_from(said[DEFAULT], DEFAULT)
    own = {name: limits_from(text, name, usual) for name, text in said.items() if name != DEFAULT}
    return MappingProxyType({DEFAULT: usual, **own})


def limits_from(text: str, name: str, usual: MediaLimits | None = None) -> MediaLimits:
    """Limits written as TOML, over `usual` where given. ValueError names file and key of what is
    unknown, missing or of the wrong type."""
    try:
        sections = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}.toml: {error}") from error
    kinds = {f.name: k for f, k in _typed(MediaLimits) if f.name != "severities"}
    _refuse_unknown(sections, {*kinds, "severities"}, f"{name}.toml")
    read = {
        part: _section(
            kind, sections.get(part, {}), f"{name}.toml [{part}]", usual and getattr(usual, part)
        )
        for part, kind in kinds.items()
    }
    graver = _severities(sections.get("severities", {}), f"{name}.toml [severities]")
    return MediaLimits(**read, severities={**(usual.severities if usual else {}), **graver})


def _section(kind: type[T], said: Any, where: str, usual: T | None) -> T:
    if not isinstance(said, dict):
        raise ValueError(f"{where}: is no table.")
    known = dict((f.name, t) for f, t in _typed(kind))
    _refuse_unknown(said, known, where)
    missing = [name for name in known if name not in said]
    if usual is None and missing:
        raise ValueError(f"{where}: {missing[0]} is missing.")
    read = {name: _value(value, known[name], f"{where}: {name}") for name, value in said.items()}
    return kind(**read) if usual is None else replace(usual, **read)  # type: ignore[type-var]


def _typed(kind: type[Any]) -> list[tuple[Any, Any]]:
    hints = get_type_hints(kind)
    return [(f, hints[f.name]) for f in fields(kind)]


def _value(value: Any, kind: Any, where: str) -> Any:
    of = get_args(kind)
    if of and isinstance(value, list) and value:
        return tuple(_value(one, of[0], where) for one in value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        wanted = f"a list of {of[0].__name__}, not empty" if of else kind.__name__
        raise ValueError(f"{where} is {value!r}, not {wanted}.")
    if kind is float and not isfinite(value):
        raise ValueError(f"{where} is {value!r}, not a number.")
    return value


def _severities(said: Any, where: str) -> dict[str, Severity]:
    if not isinstance(said, dict):
        raise ValueError(f"{where}: is no table.")
    _refuse_unknown(said, CHECKS, where)
    known = [severity.value for severity in Severity]
    for code, severity in said.items():
        if severity not in known:
            raise ValueError(f"{where}: {code} is {severity!r}, not one of {', '.join(known)}.")
    return {code: Severity(severity) for code, severity in said.items()}


def _refuse_unknown(said: Mapping[str, Any], known: Any, where: str) -> None:
    for name in said:
        if name not in known:
            raise ValueError(f"{where}: there is no {name}; known are {', '.join(known)}.")


PLATFORMS: tuple[str, ...] = tuple(_read())
"""The names of the platforms whose limits are known; `default` is what all are judged by."""
