"""The table of sequences and the shapes of ERN 4.x against the official XSDs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from deadwax.domain.target import ErnVersion
from deadwax.infrastructure.ern.four.sequences import SEQUENCES, VERSIONS
from deadwax.infrastructure.ern.four.shape import SHAPES
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.versions import ERN, Family

XS = "{http://www.w3.org/2001/XMLSchema}"
COMPOSITES = sorted(SEQUENCES[VERSIONS[0]])
EVERY = {name: set().union(*(SEQUENCES[v][name] for v in VERSIONS)) for name in COMPOSITES}


def test_every_version_of_the_family_has_a_table_and_a_shape() -> None:
    family = {version for version, standard in ERN.items() if standard.family is Family.FOUR}

    assert set(SEQUENCES) == set(SHAPES) == set(VERSIONS) == family


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("composite", COMPOSITES)
def test_a_version_has_exactly_the_children_of_the_table_in_its_order(
    version: ErnVersion, composite: str, schemas: Path
) -> None:
    in_schema = _children(schemas, version).get(composite, ())
    ours = SEQUENCES[version][composite]

    assert ours == tuple(name for name in in_schema if name in ours), "another order"
    assert EVERY[composite] & set(in_schema) == set(ours), "said to be absent, or to be there"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_words_of_a_shape_are_known_to_its_version(version: ErnVersion, schemas: Path) -> None:
    shape, standard, sets = SHAPES[version], ERN[version], Schemas(schemas)

    def allowed(name: str) -> frozenset[str]:
        found = sets.allowed_values(standard, name)
        assert found is not None, name
        return found

    assert shape.link_descriptions == allowed("LinkDescription") & {
        "CoverArt", "VideoScreenCapture", "Booklet", "Lyrics"
    }  # fmt: skip
    assert shape.immersive_relation in allowed("ResourceRelationshipType") or version == "4.2"
    assert shape.immersive_codec in {None, *allowed("AudioCodecType")}
    for type, format in shape.video_formats.values():
        assert type in allowed(shape.video_types)
        assert format is None or format in allowed("RecordingFormat")
    assert allowed(shape.use_types)
    assert allowed(shape.commercial_models)


@cache
def _children(schemas: Path, version: ErnVersion) -> dict[str, tuple[str, ...]]:
    """Of each complex type, the elements of its sequences and choices as they stand."""
    standard = ERN[version]
    assert standard.folder is not None
    root = etree.parse(str(schemas / standard.folder / standard.file)).getroot()
    types = root.iterfind(f"{XS}complexType")
    return {e.get("name", ""): tuple(_elements(e)) for e in types}


def _elements(parent: etree._Element) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{XS}element":
            yield child.get("name", "")
        elif child.tag in (f"{XS}sequence", f"{XS}choice"):
            yield from _elements(child)
