"""What a platform does not take as it is, it takes as a rendition."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from tests.media.flaws import clean
from tests.media.formats import FORMATS

from deadwax.domain.assets import AssetFacts, AudioFacts
from deadwax.domain.media.findings import Severity
from deadwax.domain.media.judging.judge import findings
from deadwax.domain.media.limits import DEFAULT, PLATFORMS, limits_of
from deadwax.domain.media.recipes import AUDIO_RECIPES
from deadwax.domain.vocabulary import AssetKind
from deadwax.infrastructure.media.analyse import analyse
from deadwax.infrastructure.media.recognise import recognise
from deadwax.infrastructure.media.render.audio import render

RENDITIONS = {
    "spotify": "wav_16_44",
    "beatport": "wav_16_44",
    "tiktok": "wav_16_44",
    "apple_music": "wav",
    "itunes_store": "wav",
    "amazon_music": "flac",
    "youtube_music": "flac",
    "jiosaavn": "mp3_320",
    "qq_music": "mp3_320",
    "gracenote": "mp3_320",
}
"""Those that each takes of a master of 24 bit at 96 kHz."""
_STOPS = (Severity.FIX, Severity.BLOCK)


@cache
def _measured(path: Path) -> AssetFacts:
    audio = recognise(str(path), path.name)
    assert isinstance(audio, AudioFacts)
    return AssetFacts(
        sha256="",
        md5="",
        size=path.stat().st_size,
        filename=path.name,
        kind=AssetKind.AUDIO,
        audio=audio,
        analysis=analyse(str(path), path.name, audio, lambda _: None),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A master as ALAC, which no platform names, and what is made of it."""
    folder = tmp_path_factory.mktemp("renditions")
    master = folder / "master.m4a"
    FORMATS["alac_24"].write(master, clean(30.1, rate=96_000), 96_000)
    for name in set(RENDITIONS.values()):
        recipe = AUDIO_RECIPES[name]
        render(str(master), recipe, str(folder / f"{name}.{recipe.format}"))
    return folder


def stopped(path: Path, platform: str) -> list[str]:
    said = findings(_measured(path), limits_of(platform))
    return [finding.code for finding in said if finding.severity in _STOPS]


@pytest.mark.parametrize("platform", RENDITIONS)
def test_each_platform_takes_a_rendition_of_what_it_does_not_take(
    platform: str, folder: Path
) -> None:
    name = RENDITIONS[platform]
    assert "codec_not_taken" in stopped(folder / "master.m4a", platform)
    assert stopped(folder / f"{name}.{AUDIO_RECIPES[name].format}", platform) == []


def test_every_platform_with_limits_for_audio_is_here() -> None:
    usual = limits_of(DEFAULT).audio
    assert {name for name in PLATFORMS if limits_of(name).audio != usual} == RENDITIONS.keys()
