"""The table of sequences against the official XSDs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from tests.ern.releases import RELEASES, spec_of

from deadwax.application.messages import MessageKind
from deadwax.domain.target import ErnVersion
from deadwax.infrastructure.ern.contents import Contents
from deadwax.infrastructure.ern.three.message import new_release_message, purge_release_message
from deadwax.infrastructure.ern.three.sequences import SEQUENCES
from deadwax.infrastructure.ern.versions import ERN, Family, Standard
from deadwax.infrastructure.ern.write import Sequences, Writer

XS = "{http://www.w3.org/2001/XMLSchema}"


def test_every_version_of_the_family_has_a_table() -> None:
    family = {version for version, standard in ERN.items() if standard.family is Family.THREE}
    assert set(SEQUENCES) == family


@pytest.mark.parametrize(
    ("version", "composite"), [(v, name) for v, table in SEQUENCES.items() for name in table]
)
def test_the_children_of_a_composite_are_in_the_order_of_the_schema(
    version: ErnVersion, composite: str, schemas: Path
) -> None:
    order = iter(children(schemas, version)[composite])
    missing = [name for name in SEQUENCES[version][composite] if name not in order]
    assert not missing  # each name was searched behind the one before it


@pytest.mark.parametrize("version", SEQUENCES)
def test_every_table_is_of_use(version: ErnVersion) -> None:
    used = set[str]()
    for kind in MessageKind:
        for make in RELEASES.values():
            spec = spec_of(make(), kind, version)
            writer = Recorder(ERN[version], SEQUENCES[version])
            if kind is MessageKind.PURGE:
                purge_release_message(writer, spec)
            else:
                new_release_message(writer, spec, Contents.of(spec))
            used |= writer.used
    assert used == set(SEQUENCES[version])


class Recorder(Writer):
    def __init__(self, standard: Standard, sequences: Sequences) -> None:
        super().__init__(standard, sequences)
        self.used: set[str] = set()

    def composite(
        self, of: str, children: Mapping[str, str], name: str = "", **attributes: str | None
    ) -> str:
        self.used.add(of)
        return super().composite(of, children, name, **attributes)


@cache
def children(schemas: Path, version: ErnVersion) -> dict[str, tuple[str, ...]]:
    standard = ERN[version]
    assert standard.folder is not None
    root = etree.parse(str(schemas / standard.folder / standard.file)).getroot()
    named = [e for e in root if e.tag in (f"{XS}complexType", f"{XS}element")]
    return {e.get("name", ""): tuple(_elements(e)) for e in named}


def _elements(parent: etree._Element) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{XS}element":
            yield child.get("name", "")
        elif child.tag in (f"{XS}sequence", f"{XS}choice", f"{XS}complexType"):
            yield from _elements(child)
