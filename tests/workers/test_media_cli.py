"""`deadwax media inspect` from the outside: files in, words, JSON and exit codes out."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests import material

FIELDS = [
    *("kind", "container", "codec", "sample_rate_hz", "bit_depth", "channels", "duration_s"),
    *("bitrate_bps", "sample_peak_dbfs", "true_peak_dbtp", "integrated_lufs"),
    *("loudness_range_lu", "clipped_runs", "leading_silence_s", "trailing_silence_s"),
    *("dc_offset", "correlation", "cutoff_hz", "sha256", "md5", "pcm_sha256", "width_px"),
    *("height_px", "colour_space", "findings"),
]
FIELDS_OF_FINDINGS = ["code", "severity", "message", "value", "limit", "at_s"]


def inspect(*arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and error; without any server named."""
    done = subprocess.run(
        [sys.executable, "-m", "deadwax.workers.cli", "media", "inspect", *map(str, arguments)],
        env={k: v for k, v in os.environ.items() if not k.startswith("DEADWAX_")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def documents(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("media")
    (made / "clean.wav").write_bytes(material.recording(format="WAV"))
    (made / "short.flac").write_bytes(material.recording(seconds=2))
    (made / "cut.wav").write_bytes(material.recording(format="WAV")[:300_000])
    (made / "cover.png").write_bytes(material.cover())
    (made / "notes.bin").write_bytes(bytes(range(256)))
    return made


def test_a_clean_file_has_every_field_and_exit_code_0(folder: Path) -> None:
    data = (folder / "clean.wav").read_bytes()
    code, out, err = inspect(folder / "clean.wav", "--json")
    [said] = documents(out)
    assert (code, err) == (0, "")
    assert list(said) == FIELDS
    assert (said["kind"], said["container"], said["codec"]) == ("audio", "WAV", "PCM")
    assert (said["sample_rate_hz"], said["bit_depth"], said["channels"]) == (44_100, 16, 2)
    assert (said["duration_s"], said["bitrate_bps"]) == (31.0, 1_411_200)
    assert said["sha256"] == hashlib.sha256(data).hexdigest()
    assert said["md5"] == hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert said["pcm_sha256"] == hashlib.sha256(data[44:]).hexdigest()
    assert said["sample_peak_dbfs"] == pytest.approx(-36.12, abs=0.01)
    assert -36.12 < said["true_peak_dbtp"] < -25
    assert (said["width_px"], said["colour_space"]) == (None, None)
    assert said["findings"] == []


def test_of_several_files_each_has_a_line_and_the_worst_decides(folder: Path) -> None:
    names = ("cover.png", "short.flac", "notes.bin", "absent.wav", "cut.wav")
    code, out, _ = inspect(*(folder / name for name in names), "--json")
    cover, short, notes, absent, cut = documents(out)
    assert code == 2
    assert (cover["kind"], cover["width_px"], cover["colour_space"]) == ("image", 3000, "RGB")
    assert [f["code"] for f in short["findings"]] == ["too_short"]
    [finding] = short["findings"]
    assert list(finding) == FIELDS_OF_FINDINGS
    assert (finding["severity"], finding["value"], finding["limit"]) == ("block", 2.0, 30.0)
    assert "truncated" in [f["code"] for f in cut["findings"]]
    for said, name in ((notes, "media_unknown"), (absent, "file_unreadable")):
        assert list(said) == FIELDS
        assert said["kind"] is None
        assert [(f["code"], f["severity"]) for f in said["findings"]] == [(name, "block")]
    assert notes["sha256"] == hashlib.sha256(bytes(range(256))).hexdigest()


def test_what_blocks_by_the_platforms_limits_is_exit_code_1_and_told(folder: Path) -> None:
    (folder / "small.png").write_bytes(material.cover(side=640))
    files = folder / "short.flac", folder / "small.png"
    code, out, err = inspect(*files, "--platform", "attached_image")
    assert (code, err) == (1, "")
    assert "short.flac: blocked" in out
    assert "small.png: clean\n" in out  # which a cover of this size is not
    assert "duration          2 s" in out
    [line] = [line for line in out.splitlines() if "[too_short]" in line]
    assert "block The track lasts 2 s, less than 30 s." in line


def test_what_is_to_be_mended_is_not_called_clean_and_figures_have_the_digits_that_matter(
    folder: Path,
) -> None:
    (folder / "mono.wav").write_bytes(material.recording(format="WAV", channels=1))
    code, out, _ = inspect(folder / "mono.wav")
    assert code == 0
    assert "mono.wav: passes, with warnings\n" in out
    assert re.search(r"sample peak +-\d+\.\d\d dBFS\n", out)


def test_platforms_that_there_are_not_are_told() -> None:
    code, _, err = inspect("any.wav", "--platform", "Nobody")
    assert code == 2
    assert "is not one of" in err
