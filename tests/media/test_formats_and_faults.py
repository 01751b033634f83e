"""Formats x faults: each finding fires on its case, and stays silent on the neighbours of it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.media.adm import BED_5_1, OBJECTS, master, model, tracks
from tests.media.broken import FAULTS, early_index
from tests.media.flaws import FLAWS, RATE, clean, correlated
from tests.media.formats import FORMATS, LOSSLESS, LOSSY, Format
from tests.media.signals import Signal, integers, noise

from deadwax.domain.assets import AssetFacts, AudioFacts
from deadwax.domain.media.checks import CHECKS
from deadwax.domain.media.findings import Finding
from deadwax.domain.media.judging.judge import findings
from deadwax.domain.media.limits import limits_of
from deadwax.domain.vocabulary import AssetKind
from deadwax.infrastructure.media.analyse import analyse
from deadwax.infrastructure.media.recognise import recognise

_USUAL = limits_of("default")
SHORT = replace(
    _USUAL,
    audio=replace(
        _USUAL.audio,
        shortest_s=3.0,
        longest_s=4.0,
        edge_silence_warn_s=0.3,
        edge_silence_block_s=0.8,
        inner_silence_s=0.8,
    ),
)
"""The usual limits, with times that need no long files."""


def judged(path: Path, name: str | None = None) -> list[Finding]:
    name = name or path.name
    facts = recognise(str(path), name)
    assert isinstance(facts, AudioFacts)
    asset = AssetFacts(
        sha256="",
        md5="",
        size=path.stat().st_size,
        filename=name,
        kind=AssetKind.AUDIO,
        audio=facts,
        analysis=analyse(str(path), name, facts, lambda _: None),
    )
    return list(findings(asset, SHORT))


def found(path: Path, name: str | None = None) -> tuple[str, ...]:
    return tuple(finding.code for finding in judged(path, name))


def written(folder: Path, form: Format, signal: Signal, rate: int = RATE) -> Path:
    path = folder / f"track.{form.ending}"
    form.write(path, signal, rate)
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_a_clean_file_has_no_finding_but_that_it_is_lossy(name: str, tmp_path: Path) -> None:
    form = FORMATS[name]
    path = written(tmp_path, form, clean())
    facts = recognise(str(path), path.name)
    assert isinstance(facts, AudioFacts)
    assert (facts.container, facts.codec) == (form.container, form.codec)
    assert facts.bits_per_sample == form.bits
    assert found(path) == (("lossy_master",) if name in LOSSY else ())


_NEAR = ("wav_24", "flac_24")
CELLS = [
    (format_name, flaw_name)
    for flaw_name, flaw in FLAWS.items()
    for format_name, form in LOSSLESS.items()
    if (form.bits or 0) >= flaw.bits
]


@pytest.mark.parametrize(("format_name", "flaw_name"), CELLS)
def test_each_flaw_is_found_in_each_lossless_format(
    format_name: str, flaw_name: str, tmp_path: Path
) -> None:
    form, flaw = LOSSLESS[format_name], FLAWS[flaw_name]
    assert found(written(tmp_path, form, flaw.flawed(), flaw.rate)) == flaw.codes


@pytest.mark.parametrize(("format_name", "flaw_name"), [c for c in CELLS if c[0] in _NEAR])
def test_what_just_has_no_flaw_is_not_said_to(
    format_name: str, flaw_name: str, tmp_path: Path
) -> None:
    form, flaw = LOSSLESS[format_name], FLAWS[flaw_name]
    near = flaw.near()
    rate = RATE if flaw_name == "sampling_rate" else flaw.rate
    assert found(written(tmp_path, form, near, rate)) == flaw.beside


LOSSY_FLAWS = (
    "too_short",
    "mono",
    "leading_silence_long",
    "trailing_silence_long",
    "inner_silence",
    "phase_low",
)
"""Those that survive a lossy codec as they are."""


@pytest.mark.parametrize("flaw_name", LOSSY_FLAWS)
@pytest.mark.parametrize("format_name", LOSSY)
def test_flaws_are_found_in_lossy_formats_too(
    format_name: str, flaw_name: str, tmp_path: Path
) -> None:
    flaw = FLAWS[flaw_name]
    path = written(tmp_path, LOSSY[format_name], flaw.flawed())
    assert sorted(found(path)) == sorted(("lossy_master", *flaw.codes))


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_is_cut_or_goes_on_or_is_named_wrongly_is_told_in_every_format(
    name: str, tmp_path: Path
) -> None:
    form = FORMATS[name]
    whole = found(path := written(tmp_path, form, clean(3.6)))
    other = "flac" if form.ending != "flac" else "wav"
    assert found(path, f"track.{other}") == ("extension_differs", *whole)
    data = path.read_bytes()
    data = early_index(data) if form.container == "MP4" else data
    path.write_bytes(data[: int(len(data) * 0.95)])
    assert set(found(path)) - {"too_short"} == {"truncated", *whole}
    path.write_bytes(data + b"\x01junk" * 9)
    assert found(path) == ("data_after_end", *whole)
    path.write_bytes(data)
    assert found(path) == whole


_OF_SHORT_LOUD_MUSIC = {"lossy_master", "too_short", "loudness"}


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_file_is_judged_by_its_fault_and_nothing_else(name: str, tmp_path: Path) -> None:
    case = FAULTS[name]
    path = tmp_path / "file"
    path.write_bytes(case.data())
    said = {finding.code: finding for finding in judged(path, case.filename)}
    assert set(said) - _OF_SHORT_LOUD_MUSIC == set(case.faults)
    for code in case.faults:
        assert said[code].severity is CHECKS[code].severity
        assert said[code].fix == CHECKS[code].fix


def bed(dbfs: float, *packs: str, bits: int = 24, rate: int = 48_000, **chunks: Any) -> bytes:
    """Half a second of an immersive master, 5.1 and further `packs`."""
    packs = BED_5_1 + packs
    loud = integers(noise(rate, 0.5, dbfs, channels=len(packs)), bits)
    words = loud.astype(f"<i{loud.itemsize}").view(np.uint8).reshape(-1, loud.itemsize)
    sound = words[:, loud.itemsize - bits // 8 :].tobytes()
    described = {"axml": model(packs, bits=bits, rate=rate)} | chunks
    return master(packs, bits=bits, rate=rate, sound=sound, **described)


_FIVE_OF_SIX = bed(-40, chna=tracks(BED_5_1[:5]), axml=model(BED_5_1[:5]))


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (bed(-40), set()),
        (bed(-40, form=b"BW64"), set()),
        (bed(-40, *OBJECTS), {"atmos_loudness_unmeasured"}),
        (bed(-40, dbmd=False), {"atmos_not_dolby"}),
        (bed(-40, rate=96_000), {"atmos_sampling_rate"}),
        (bed(-40, bits=16), {"atmos_bit_depth"}),
        (bed(-40, axml=model(BED_5_1, rate=44_100)), {"header_wrong"}),
        (bed(-40, axml=b""), {"adm_axml_missing"}),
        (bed(-40, chna=b""), {"adm_chna_missing"}),
        (bed(-40, axml=b"<audioFormatExtended>"), {"adm_xml_broken"}),
        (_FIVE_OF_SIX, {"adm_channels_differ"}),
        (bed(-40, axml=model(BED_5_1[:3])), {"adm_references_broken"}),
        (bed(-20), {"atmos_loudness"}),
        (bed(-10), {"atmos_loudness", "atmos_true_peak"}),
    ],
)
def test_immersive_masters_are_judged_by_limits_of_their_own(
    data: bytes, codes: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "master.wav"
    path.write_bytes(data)
    assert set(found(path)) - {"too_short"} == codes


LONG = 30.5


def _ending_in_silence(seconds: float) -> Signal:
    signal = clean(LONG + 10)
    signal[-round(seconds * RATE) :] = 0
    return signal


THROUGH_THE_COMMAND = {
    "clean.wav": ("wav_24", lambda: clean(LONG), ()),
    "clean.m4a": ("alac_24", lambda: clean(LONG), ()),
    "short.wav": ("wav_16", lambda: clean(29.9), ("too_short",)),
    "silence.wav": ("wav_16", lambda: _ending_in_silence(10.1), ("trailing_silence_long",)),
    "turned.flac": ("flac_24", lambda: correlated(-1.0, LONG), ("phase_inverted",)),
    "lossy.mp3": ("mp3_320", lambda: clean(LONG), ("lossy_master",)),
    "flac.wav": ("flac_16", lambda: clean(LONG), ("extension_differs",)),
}


def test_the_command_says_the_same_under_the_usual_limits(tmp_path: Path) -> None:
    expected = {}
    for name, (format_name, signal, codes) in THROUGH_THE_COMMAND.items():
        FORMATS[format_name].write(tmp_path / name, signal(), RATE)
        expected[name] = list(codes)
    names = [str(tmp_path / name) for name in expected]
    command = [sys.executable, "-m", "deadwax.workers.cli", "media", "inspect", "--json", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [json.loads(line)["findings"] for line in done.stdout.splitlines()]
    assert done.returncode == 1, done.stderr
    assert dict(zip(expected, [[f["code"] for f in one] for one in said], strict=True)) == expected
    short = {"code": "too_short", "severity": "block", "value": 29.9, "limit": 30.0, "at_s": None}
    message = "The track lasts 29.9 s, less than 30 s."
    assert said[list(expected).index("short.wav")] == [{**short, "message": message}]
