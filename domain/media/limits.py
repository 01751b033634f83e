"""What a platform takes: one TOML file each in `platforms/`, over the values of `default.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from deadwax.domain.plain import from_plain

DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class AudioLimits:
    """Hz, bits, channels; seconds; dBTP, dBFS. A value of 0 for `longest_s` is no limit."""

    codecs: tuple[str, ...]
    sampling_rates: tuple[int, ...]
    bits: tuple[int, ...]
    channels: tuple[int, ...]
    shortest_s: float
    longest_s: float
    edge_silence_warn_s: float
    edge_silence_block_s: float
    true_peak_dbtp: float


@dataclass(frozen=True, kw_only=True)
class ImageLimits:
    """Pixels of the shorter side, bytes."""

    codecs: tuple[str, ...]
    pixels: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class MediaLimits:
    audio: AudioLimits
    image: ImageLimits


def limits_of(platform: str) -> MediaLimits:
    """Those of a platform in PLATFORMS. KeyError for another."""
    return _read()[platform]


@cache
def _read() -> Mapping[str, MediaLimits]:
    folder = files(__package__) / "platforms"
    said = {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }
    usual = said[DEFAULT]
    return MappingProxyType(
        {name: from_plain(MediaLimits, _over(usual, own)) for name, own in said.items()}
    )


def _over(usual: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`own` where it says something, `usual` elsewhere, section by section."""
    return {
        name: _over(value, own.get(name, {})) if isinstance(value, dict) else own.get(name, value)
        for name, value in usual.items()
    }


PLATFORMS: tuple[str, ...] = tuple(_read())
"""The names of the platforms whose limits are known; `default` is what all are judged by."""
