"""The table of sequences against the official XSDs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from deadwax.domain.target import ErnVersion
from deadwax.infrastructure.ern.three.sequences import SEQUENCES
from deadwax.infrastructure.ern.versions import ERN, Family

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
