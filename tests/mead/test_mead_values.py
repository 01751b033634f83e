"""The values of an enrichment keep their rules, are stored whole, and are DDEX's."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from deadwax.application.companions import CompanionSpec
from deadwax.domain.enrichment import Enrichment, Meter, TrackEnrichment
from deadwax.domain.enrichment_terms import Scope, WebAddress
from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Isrc
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.party_enrichment import PartyEventType, PartyNameType, PartyType
from deadwax.domain.plain import from_plain, to_plain
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.mead.standards import ALLOWED_VALUES

BODY = TypeAdapter(Enrichment)
ISRC = Isrc("QZDWX2601001")


def test_an_enrichment_is_stored_and_read_back_whole(spec: CompanionSpec) -> None:
    plain = to_plain(spec.release)
    assert from_plain(ReleaseMetadata, plain) == spec.release
    assert BODY.validate_python(plain["enrichment"]) == spec.release.enrichment


def test_a_release_of_before_has_none(spec: CompanionSpec) -> None:
    plain = to_plain(spec.release)
    del plain["enrichment"]
    assert from_plain(ReleaseMetadata, plain).enrichment is None


@pytest.mark.parametrize(
    "body",
    [
        {"mood": []},
        {"release": {"moods": [{"value": "Chill", "skope": "Lyrics"}]}},
        {"tracks": [{"isrc": ISRC, "bmp": 120}]},
        {"parties": [{"name": "A", "type": "Group", "types": ["StageName"], "bio": "B"}]},
        {"parties": [{"name": "A", "type": "Band", "types": ["StageName"]}]},
        {"parties": [{"name": "A", "type": "Group"}]},
        {"tracks": [{"moods": []}]},
    ],
)
def test_a_body_is_read_strictly(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        BODY.validate_python(body)


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("bpm_invalid", lambda: TrackEnrichment(isrc=ISRC, bpm=Decimal(0))),
        ("bpm_invalid", lambda: TrackEnrichment(isrc=ISRC, bpm=Decimal("NaN"))),
        ("bpm_invalid", lambda: TrackEnrichment(isrc=ISRC, bpm=Decimal(1000))),
        ("meter_invalid", lambda: Meter(beats=0, note=4)),
        ("meter_invalid", lambda: Meter(beats=4, note=3)),
        ("web_address_invalid", lambda: WebAddress("javascript:alert(1)")),
        ("web_address_invalid", lambda: WebAddress("https://a b")),
        ("web_address_invalid", lambda: WebAddress("https://a.example/\n")),
    ],
)
def test_a_value_keeps_its_rule(code: str, make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValue) as refused:
        make()
    assert refused.value.code == code
    assert refused.value.fix


@pytest.mark.parametrize(
    ("ours", "name"),
    [
        (Scope, "MoodOrThemeType"),
        (PartyType, "PartyType"),
        (PartyNameType, "PartyNameType"),
        (PartyEventType, "EventType"),
    ],
)
def test_the_closed_sets_are_ddex_s(ours: type[StrEnum], name: str, schemas: Path) -> None:
    theirs = Schemas(schemas).allowed_values(ALLOWED_VALUES, name)
    assert theirs is not None
    assert theirs - {"UserDefined"} == set(ours)


@pytest.mark.parametrize(
    "name",
    [
        "Mood",
        "Theme",
        "Activity",
        "Tempo",
        "RootChordNote",
        "RootChordQuality",
        "LyricsType",
        "ImageType",
        "PartyRelationshipType_PIE",
    ],
)
def test_the_sets_that_words_are_looked_up_in_exist(name: str, schemas: Path) -> None:
    """A set under another name would let every word pass."""
    assert Schemas(schemas).allowed_values(ALLOWED_VALUES, name)
