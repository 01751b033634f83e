"""Immersive masters: what they hold, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.media.adm import BED_5_1, OBJECTS, master, model, tracks
from tests.media.material import chunk, kept, wav

from deadwax.domain.assets import AudioFacts
from deadwax.infrastructure.media.audio import adm
from deadwax.infrastructure.media.audio.adm import Immersive
from deadwax.infrastructure.media.audio.headers import read_header
from deadwax.infrastructure.media.recognise import recognise

PACKS = BED_5_1 + OBJECTS
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def read(folder: Path, data: bytes) -> Immersive:
    with open(kept(folder, "master.wav", data), "rb") as file:
        header = read_header(file)
        assert header
        return adm.read(file, header)


def immersive(folder: Path, data: bytes) -> str | None:
    facts = recognise(kept(folder, "master.wav", data), "master.wav")
    assert isinstance(facts, AudioFacts)
    return facts.immersive


@pytest.mark.parametrize("form", [b"RIFF", b"BW64"])
def test_beds_and_objects_are_counted(tmp_path: Path, form: bytes) -> None:
    found = read(tmp_path, master(form=form))
    assert found == Immersive(beds=("AP_00010003",), objects=2)


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (master(), "DolbyAtmos"),
        (master(axml=b""), "DolbyAtmos"),
        (master(chna=b""), "DolbyAtmos"),
        (master(dbmd=False), "ADM"),
        (wav(), None),
        (wav(after=(chunk(b"axml", b"<ebuCoreMain/>"),)), None),
    ],
)
def test_an_immersive_master_is_known_by_its_chunks(
    tmp_path: Path, data: bytes, format: str | None
) -> None:
    assert immersive(tmp_path, data) == format


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (master(axml=b""), "adm_axml_missing"),
        (master(chna=b""), "adm_chna_missing"),
        (master(axml=model(PACKS)[:-40]), "adm_xml_broken"),
        (master(axml=b"no XML at all"), "adm_xml_broken"),
        (master(axml=model(PACKS).replace(b"UTF-8", b"UTN-8")), "adm_xml_broken"),
        (master(axml=model(PACKS).replace(b"UTF-8", b"UTF-7")), "adm_xml_broken"),
        (master(axml=model(PACKS, begins=BOMB)), "adm_xml_broken"),
        (master(axml=b"<a>" * 100 + b"</a>" * 100), "adm_xml_broken"),
        (master(axml=b"<ebuCoreMain/>"), "adm_xml_broken"),
        (master(chna=tracks(PACKS[:-1])), "adm_channels_differ"),
        (master(chna=tracks((*PACKS, OBJECTS[0]))), "adm_channels_differ"),
        (master(BED_5_1[:5] + OBJECTS), "adm_channels_differ"),
        (master(axml=model((*PACKS[:-1], "AP_00031009"))), "adm_references_broken"),
        (master(axml=model(PACKS[:-1])), "adm_references_broken"),
        (master(axml=model(PACKS, rate=44_100)), "header_wrong"),
        (master(axml=model(PACKS, bits=16)), "header_wrong"),
    ],
)
def test_an_inconsistent_master_has_a_fault(tmp_path: Path, data: bytes, code: str) -> None:
    assert code in {fault.code for fault in read(tmp_path, data).faults}
