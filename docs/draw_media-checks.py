"""Draws the tables of what is found of files, and of each platform's limits, as
docs/media-checks.md.

python docs/draw_media-checks.py           print it
python docs/draw_media-checks.py --write   write docs/media-checks.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from deadwax.domain.media.checks import CHECKS
from deadwax.domain.media.limits import DEFAULT, PLATFORMS, MediaLimits, limits_of

_GROUPS = {
    "faults": "The file itself",
    "audio": "Audio",
    "atmos": "Dolby Atmos masters",
    "image": "Artwork",
    "video": "Videos",
    "text": "Lyrics and booklets",
}
_MEANING = {
    "block": "stops submission, and delivery to a platform whose limits it breaks",
    "fix": "stops the delivery of the file as it is; a rendition mends it",
    "warn": "stops nothing; platforms or listeners may mind",
    "info": "stops nothing; good to know",
}
_LIMITS = {
    "audio.codecs": "codecs that are taken",
    "audio.containers": "files that are taken",
    "audio.lossy_bitrate": "least bit rate of lossy codecs, bit/s",
    "audio.sampling_rates": "sampling rates that are taken, Hz",
    "audio.bits": "bit depths that are taken",
    "audio.channels": "numbers of channels that are taken",
    "audio.shortest_s": "least length, s",
    "audio.longest_s": "greatest length, s; 0: none",
    "audio.edge_silence_warn_s": "longest usual silence at the beginning or end, s",
    "audio.edge_silence_block_s": "longest silence there at all, s",
    "audio.inner_silence_s": "longest silence within, s",
    "audio.true_peak_dbtp": "highest true peak, dBTP",
    "audio.true_peak_loud_dbtp": "the same of loud tracks, dBTP",
    "audio.loud_lufs": "above this integrated loudness a track is loud, LUFS",
    "audio.clipped_runs": "most runs of three or more samples at full scale",
    "audio.dc_offset": "greatest offset of the middle, of full scale",
    "audio.correlation_low": "least usual correlation of the channels",
    "audio.correlation_inverted": "at this or less, one channel is the other turned over",
    "audio.padded_bits": "used bits of deeper files at which the others are padding",
    "audio.cutoff_drop_db": "a spectrum ends where it drops by so much, dB",
    "audio.lossy_cutoff_hz": "below this, such an end is that of a lossy codec, Hz",
    "audio.high_resolution_hz": "from this sampling rate on a file claims high resolution, Hz",
    "audio.high_resolution_cutoff_hz": "up to this, such an end is that of an up-sampled file, Hz",
    "atmos.sampling_rates": "sampling rates that are taken, Hz",
    "atmos.bits": "bit depths that are taken",
    "atmos.true_peak_dbtp": "highest true peak, dBTP",
    "atmos.loudness_lufs": "highest integrated loudness, LUFS (LKFS)",
    "atmos.length_difference_s": "greatest difference in length from the stereo recording, s",
    "image.codecs": "kinds of pictures that are taken",
    "image.square": "whether it has to be square",
    "image.pixels": "least length of the shorter side, pixels",
    "image.bytes": "largest file, bytes",
    "image.colour_spaces": "colour spaces that are taken",
    "image.bits": "most bits per channel",
    "image.dpi": "least resolution, where the file states one, dpi",
    "image.high_band_db": "least fine detail, dB: below, it is scaled up or blurred",
    "video.codecs": "codecs that are taken",
    "video.containers": "files that are taken",
    "video.shortest_s": "least length, s",
    "video.longest_s": "greatest length, s; 0: none",
    "video.aspect": "shape, width to height; none where empty",
    "video.height": "least height, pixels",
}
_SECTIONS = tuple(f.name for f in fields(MediaLimits) if f.name != "severities")


def page() -> str:
    """The whole page: checks by group, limits, and what platforms say otherwise."""
    return "\n".join([*_head(), *_checks(), *_limits(), *_platforms()])


def _head() -> Iterator[str]:
    yield from (
        "# Findings: what is checked of audio, artwork, videos and texts",
        "",
        "Drawn from `domain/media/checks.toml` and `domain/media/platforms/` by"
        " `docs/draw_media-checks.py`; a test keeps them equal. Why each limit is what it is:"
        " [decisions/0020-findings-and-limits.md](decisions/0020-findings-and-limits.md). How to"
        " add a platform: [media-limits.md](media-limits.md).",
        "",
        "A finding has a stable `code`, a `severity`, a `message` with what was measured and the"
        " limit, what to do (`fix`), the numbers themselves (`value`, `limit`, in the unit given"
        " here), and where in time it is (`at_s`, in seconds).",
        "",
        "| severity | |",
        "|---|---|",
        *(f"| `{severity}` | {meaning} |" for severity, meaning in _MEANING.items()),
        "",
    )


def _checks() -> Iterator[str]:
    for group, title in _GROUPS.items():
        yield from (f"## {title}", "", "| code | severity | unit | it says | what to do |")
        yield "|---|---|---|---|---|"
        for code, check in CHECKS.items():
            if check.group == group:
                says = check.says.replace("{value}", "…").replace("{limit}", "*limit*")
                yield f"| `{code}` | {check.severity} | {check.unit} | {says} | {check.fix} |"
        yield ""


def _limits() -> Iterator[str]:
    yield from ("## Limits", "", "What a release is judged by when it is submitted:", "")
    yield from ("| | | limit |", "|---|---|---|")
    usual = limits_of(DEFAULT)
    for section in _SECTIONS:
        for name, value in _values(usual, section).items():
            limit = f"{section}.{name}"
            yield f"| `{limit}` | {_LIMITS[limit]} | {_shown(value)} |"
    yield ""


def _platforms() -> Iterator[str]:
    yield from ("## Platforms", "", "What they say otherwise:", "")
    yield from ("| | |", "|---|---|")
    usual = limits_of(DEFAULT)
    for platform in PLATFORMS:
        own = limits_of(platform)
        said = [
            f"`{section}.{name}` {_shown(value)}"
            for section in _SECTIONS
            for name, value in _values(own, section).items()
            if value != _values(usual, section)[name]
        ]
        said += [f"`{code}` is {severity}" for code, severity in own.severities.items()]
        if platform != DEFAULT:
            yield f"| `{platform}` | {'; '.join(said)} |"
    yield ""


def _values(limits: MediaLimits, section: str) -> dict[str, Any]:
    part = getattr(limits, section)
    return {f.name: getattr(part, f.name) for f in fields(part)}


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        (Path(__file__).parent / "media-checks.md").write_text(page())
    else:
        sys.stdout.write(page())
