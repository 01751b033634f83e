"""Audio files with random damage: whatever it is, the answer is facts, faults or a refusal."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from tests.media.adm import master
from tests.media.formats import FORMATS
from tests.media.material import kept, made
from tests.media.mutants import mutant

from deadwax.domain.assets import AudioFacts
from deadwax.domain.errors import Refused
from deadwax.infrastructure.media.analyse import analyse
from deadwax.infrastructure.media.audio import adm
from deadwax.infrastructure.media.audio.headers import faults_within, read_header
from deadwax.infrastructure.media.recognise import recognise

FORMS = (*FORMATS, "adm")
HEADERS, DECODED = 150, 2


def original(name: str) -> bytes:
    return master() if name == "adm" else made(name)


@pytest.mark.parametrize("name", FORMS)
def test_headers_of_mutants_are_read_or_refused(tmp_path: Path, name: str) -> None:
    for seed in range(HEADERS):
        path = kept(tmp_path, "file", mutant(original(name), seed))
        with suppress(Refused):
            recognise(path, "file")
            with open(path, "rb", buffering=0) as file:
                if header := read_header(file):
                    list(faults_within(file, header))
                    adm.read(file, header)


@pytest.mark.parametrize("name", FORMS)
def test_mutants_are_analysed_or_refused(tmp_path: Path, name: str) -> None:
    for seed in range(DECODED):
        path = kept(tmp_path, "file", mutant(original(name), seed))
        with suppress(Refused):
            facts = recognise(path, "file")
            found = analyse(path, "file", facts, lambda done: None)
            assert (found.audio is not None) == isinstance(facts, AudioFacts)
