"""What platforms take is data: read strictly, and said in their own words."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest
from tests.domain.measuring import FORM, HEARD, audio, codes, found, shaped

from deadwax.domain.media.findings import Severity
from deadwax.domain.media.limits import PLATFORMS, limits_from, limits_of

DEFAULT = limits_of("default")


def test_a_platform_says_only_what_differs() -> None:
    own = limits_from("[audio]\nchannels = [1, 2]\nshortest_s = 10\n", "radio", DEFAULT)
    audio = replace(DEFAULT.audio, channels=(1, 2), shortest_s=10.0)
    assert own == replace(DEFAULT, audio=audio)
    assert codes(shaped(channels=1), own) == []


def test_a_platform_may_make_a_check_graver() -> None:
    own = limits_from('[severities]\nmono = "fix"\n', "radio", DEFAULT)
    assert own.severity("mono") is Severity.FIX
    assert own.severity("clipping") is DEFAULT.severity("clipping") is Severity.WARN


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[audio]\nloudest = 3\n", "radio.toml [audio]: there is no loudest; known are codecs"),
        ("[vidio]\n", "radio.toml: there is no vidio; known are"),
        ("audio = 3\n", "radio.toml [audio]: is no table."),
        ("severities = 3\n", "radio.toml [severities]: is no table."),
        ("[audio]\nbits = 16\n", "radio.toml [audio]: bits is 16, not a list of int, not empty."),
        ("[audio]\nbits = []\n", "radio.toml [audio]: bits is [], not a list of int, not empty."),
        ('[audio]\nbits = ["16"]\n', "radio.toml [audio]: bits is '16', not int."),
        ('[audio]\nshortest_s = "30"\n', "radio.toml [audio]: shortest_s is '30', not float."),
        ("[audio]\nclipped_runs = 0.5\n", "radio.toml [audio]: clipped_runs is 0.5, not int."),
        ("[audio]\nclipped_runs = true\n", "radio.toml [audio]: clipped_runs is True, not int."),
        ("[audio]\ndc_offset = nan\n", "radio.toml [audio]: dc_offset is nan, not a number."),
        ("[image]\nsquare = 1\n", "radio.toml [image]: square is 1, not bool."),
        ('[severities]\nmonoo = "fix"\n', "radio.toml [severities]: there is no monoo"),
        ('[severities]\nmono = "fatal"\n', "mono is 'fatal', not one of block, fix, warn, info."),
        ("[audio\n", "radio.toml: Expected ']'"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"radio\.toml") as caught:
        limits_from(text, "radio", DEFAULT)
    assert said in str(caught.value)


def test_the_default_has_to_say_everything() -> None:
    text = (files("deadwax.domain.media") / "platforms" / "default.toml").read_text()
    assert limits_from(text, "default") == DEFAULT
    for line in text.splitlines():
        if " = " in line and not line.startswith("#"):
            name = line.split(" = ")[0]
            with pytest.raises(ValueError, match=rf"default.toml \[\w+\]: {name} is missing"):
                limits_from(text.replace(line + "\n", "", 1), "default")


CD = replace(FORM, sampling_rate=44_100, bits_per_sample=16)
HIGH = replace(FORM, sampling_rate=96_000)
FLAC = replace(CD, container="FLAC", codec="FLAC")
MP3 = replace(CD, container="MP3", codec="MP3", bits_per_sample=None, bit_rate=320_000)
MP3_128 = replace(MP3, bit_rate=128_000)
AIFF = replace(CD, container="AIFF")
FORMS = {"cd": CD, "24_96": HIGH, "flac": FLAC, "aiff": AIFF, "mp3": MP3, "mp3_128": MP3_128}

# What each platform says of them, after the severity: "Distribution System" 1.0.0.
CD_ONLY = {
    "24_96": ["fix sampling_rate", "fix bit_depth"],
    "flac": ["fix codec_not_taken"],
    "aiff": ["fix container_not_taken"],
    "mp3": ["block lossy_master"],
    "mp3_128": ["block lossy_master"],
}
MP3_ONLY = {form: ["fix codec_not_taken"] for form in ("cd", "24_96", "flac", "aiff")}
LOSSY = {form: ["block lossy_master"] for form in ("mp3", "mp3_128")}
WAV_ONLY = {"flac": ["fix codec_not_taken"], "aiff": ["fix container_not_taken"]} | LOSSY
LESS = ["warn sampling_rate", "warn bit_depth"]
SAID = {
    "spotify": CD_ONLY,
    "beatport": CD_ONLY,
    "tiktok": CD_ONLY,
    "apple_music": WAV_ONLY,
    "itunes_store": {
        "cd": LESS,
        "flac": ["fix codec_not_taken", *LESS],
        "aiff": ["fix container_not_taken", *LESS],
        "mp3": ["block lossy_master", "warn sampling_rate"],
        "mp3_128": ["block lossy_master", "warn sampling_rate"],
    },
    "amazon_music": {form: ["fix codec_not_taken"] for form in ("cd", "24_96", "aiff")} | LOSSY,
    "youtube_music": {"aiff": ["fix container_not_taken"]} | LOSSY,
    "jiosaavn": MP3_ONLY | {"mp3_128": ["fix bitrate"]},
    "qq_music": {
        "flac": ["fix codec_not_taken"],
        "aiff": ["fix container_not_taken"],
        "mp3_128": ["fix bitrate"],
    },
    "gracenote": MP3_ONLY,
}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_each_platform_takes(platform: str) -> None:
    limits = limits_of(platform)
    expected = LOSSY if limits.audio == DEFAULT.audio else SAID[platform]
    for name, form in FORMS.items():
        measured = replace(HEARD, frames=60 * form.sampling_rate)
        said = [f"{f.severity} {f.code}" for f in found(audio(form, measured), limits)]
        assert said == expected.get(name, []), name
