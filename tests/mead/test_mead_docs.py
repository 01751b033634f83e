"""The page on enrichment says what the code does."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from lxml import etree
from pydantic import TypeAdapter

from deadwax.application.companions import CompanionSpec
from deadwax.domain.enrichment import Enrichment, ReleaseEnrichment, TrackEnrichment
from deadwax.domain.party_enrichment import PartyEnrichment
from deadwax.infrastructure.mead.builder import DdexEnrichments

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "enrichment.md").read_text()
GOLDEN = ROOT / "tests" / "golden" / "mead"


def test_the_example_is_sent_as_it_stands(
    spec: CompanionSpec, strict_builder: DdexEnrichments
) -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    enrichment = TypeAdapter(Enrichment).validate_python(json.loads(example))
    asked = replace(spec, release=replace(spec.release, enrichment=enrichment))
    assert len(strict_builder.build(asked)) == 2


@pytest.mark.parametrize("described", [ReleaseEnrichment, TrackEnrichment, PartyEnrichment])
def test_every_field_is_on_the_page(described: type) -> None:
    assert [f.name for f in fields(described) if f"`{f.name}`" not in PAGE] == []


@pytest.mark.parametrize(
    ("file", "composites"),
    [
        ("mead.xml", ("ResourceInformation", "ReleaseInformation")),
        ("pie.xml", ("Party",)),
    ],
)
def test_every_element_that_is_sent_is_on_the_page(file: str, composites: tuple[str, ...]) -> None:
    document = etree.parse(GOLDEN / file)
    sent = {str(child.tag) for name in composites for e in document.iter(name) for child in e}
    assert sorted(t for t in sent - {"PartyReference"} if f"`{t}" not in PAGE) == []


def test_every_code_is_on_the_page() -> None:
    sources = "".join(f.read_text() for f in (ROOT / "infrastructure" / "mead").glob("*.py"))
    codes = set(re.findall(r"Problem\(\s*\"(\w+)\"", sources))
    assert len(codes) > 10
    # What holds for the header of any message is not about enrichment.
    assert [code for code in sorted(codes) if f"`{code}`" not in PAGE] == []
