"""`deadwax media render` from the outside: a file in, another out, words and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile
from tests import material


def render(*arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and error; without any server named."""
    done = subprocess.run(
        [sys.executable, "-m", "deadwax.workers.cli", "media", "render", *map(str, arguments)],
        env={k: v for k, v in os.environ.items() if not k.startswith("DEADWAX_")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def track(tmp_path: Path) -> Path:
    path = tmp_path / "01.wav"
    path.write_bytes(material.recording(seconds=3, format="WAV", bits=24))
    return path


def test_a_file_is_written_in_another_form(track: Path, tmp_path: Path) -> None:
    out = tmp_path / "01.flac"

    code, said, _ = render(track, "--recipe", "flac", "--out", out, "--json")

    assert code == 0
    assert json.loads(said)["same_samples"] is True
    assert soundfile.info(out).frames == 3 * 44_100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["01.flac", "01.wav"]


def test_a_preview_with_a_cover(track: Path, tmp_path: Path) -> None:
    (cover := tmp_path / "cover.png").write_bytes(material.cover(side=600))
    out, options = tmp_path / "01.mp3", ("--start", 1, "--length", 2, "--fade", 0.5)

    code, said, error = render(
        track, "--recipe", "preview_mp3", "--out", out, *options, "--cover", cover
    )

    assert code == 0, error
    assert "duration ms 2000" in said
    assert b"image/jpeg" in out.read_bytes()


def test_what_cannot_be_made_leaves_nothing_behind(track: Path, tmp_path: Path) -> None:
    options = ("--start", 60, "--length", 2)

    code, _, error = render(
        track, "--recipe", "preview_mp3", "--out", tmp_path / "01.mp3", *options
    )
    again, _, there = render(track, "--recipe", "flac", "--out", track)

    assert (code, again) == (2, 2)
    assert "rendition_preview_start" in error
    assert "already" in there
    assert [path.name for path in tmp_path.iterdir()] == ["01.wav"]
