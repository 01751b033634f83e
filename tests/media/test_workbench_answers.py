"""What comes back from a process is what the tools say when they are called directly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import material

from deadwax.application.media import Picture
from deadwax.domain.assets import Facts
from deadwax.domain.errors import Refused
from deadwax.domain.media.recipes import AUDIO_RECIPES, ImageRecipe
from deadwax.domain.plain import to_plain
from deadwax.infrastructure.media.analyse import analyse
from deadwax.infrastructure.media.pictures import picture
from deadwax.infrastructure.media.recognise import recognise
from deadwax.infrastructure.media.workbench import Workbench


@pytest.fixture(scope="module")
def tools() -> Iterator[Workbench]:
    with Workbench(1) as made:
        yield made


def nobody(done: float) -> None:
    pass


FILES = {
    "a.flac": material.recording(seconds=0.5),
    "b.wav": material.recording(seconds=0.3, format="WAV", rate=96_000, bits=24),
    "mono.aiff": material.recording(seconds=0.2, format="AIFF", channels=1),
    "cut.wav": material.recording(seconds=0.5, format="WAV")[:40_001],
    "wrong name.mp3": material.recording(seconds=0.2),
    "cover.png": material.cover(side=64),
    "words.lrc": b"[00:01.00]Round\n[00:03.30]and round\n",
}


@pytest.mark.parametrize("name", FILES)
def test_files_are_recognised_and_analysed_as_if_called_directly(
    tools: Workbench, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILES[name])
    facts = tools.recognise(str(path), name)
    assert facts == recognise(str(path), name)
    told: list[float] = []
    analysis = tools.analyse(str(path), name, facts, told.append)
    direct = analyse(str(path), name, facts, nobody)
    assert to_plain(analysis) == about(to_plain(direct))
    assert all(0 <= done <= 1 for done in told)


def about(value: Any) -> Any:
    """Here several threads share one matrix product, which changes the last digits of sums."""
    if isinstance(value, dict):
        return {name: about(item) for name, item in value.items()}
    return pytest.approx(value, rel=1e-3, abs=1e-6) if isinstance(value, float) else value


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200) | st.binary(max_size=60).map(lambda b: b"RIFF" + b))
def test_any_bytes_are_the_same_facts_or_the_same_refusal(
    tools: Workbench, tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    assert said(tools.recognise, path) == said(recognise, path)


def said(recognise: Callable[[str, str], Facts], path: Path) -> object:
    try:
        return recognise(str(path), "any.wav")
    except Refused as refused:
        return str(refused), refused.problems


def test_pictures_of_audio_are_the_same_bytes(tools: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(FILES["a.flac"])
    for wanted in (Picture.WAVEFORM_JSON, Picture.SPECTROGRAM_PNG):
        assert tools.picture(str(path), wanted) == picture(str(path), wanted)


def test_renditions_are_written_where_they_were_wanted(tools: Workbench, tmp_path: Path) -> None:
    path, out = tmp_path / "a.flac", tmp_path / "out"
    path.write_bytes(FILES["a.flac"])
    rendered = tools.render(str(path), AUDIO_RECIPES["wav"], str(out), nobody)
    assert rendered.same_samples
    assert rendered.facts == recognise(str(out), "out.wav")
    with pytest.raises(Refused):
        tools.render(str(path), ImageRecipe(pixels=32), str(tmp_path / "none"), nobody)
