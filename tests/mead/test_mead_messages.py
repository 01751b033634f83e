"""What MEAD and PIE messages say: the golden files, and the decisions behind them."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from lxml import etree

from deadwax.application.companions import CompanionMessage, CompanionSpec
from deadwax.application.messages import SchemaCheck
from deadwax.domain.enrichment import Enrichment, ReleaseEnrichment
from deadwax.domain.identifiers import IpiName
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.target import CompanionKind, Mode
from deadwax.domain.texts import Name, Paragraph
from deadwax.infrastructure.mead.builder import DdexEnrichments

GOLDEN = Path(__file__).parents[1] / "golden" / "mead"
BOTH = (CompanionKind.MEAD, CompanionKind.PIE)


def saying(spec: CompanionSpec, enrichment: Enrichment | None) -> CompanionSpec:
    return replace(spec, release=replace(spec.release, enrichment=enrichment))


def said(spec: CompanionSpec) -> Enrichment:
    assert spec.release.enrichment is not None
    return spec.release.enrichment


def built(builder: DdexEnrichments, spec: CompanionSpec) -> dict[CompanionKind, CompanionMessage]:
    return {message.kind: message for message in builder.build(spec)}


@pytest.mark.parametrize("kind", BOTH)
def test_message_is_byte_for_byte_the_golden_file(
    kind: CompanionKind, spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    xml = built(builder, spec)[kind].xml
    file = GOLDEN / f"{kind}.xml"
    if os.environ.get("DEADWAX_WRITE_GOLDEN"):
        file.write_bytes(xml)
    assert xml == file.read_bytes()


def test_the_words_of_the_golden_files_are_ddex_s(
    spec: CompanionSpec, builder: DdexEnrichments, strict_builder: DdexEnrichments
) -> None:
    assert strict_builder.build(spec) == builder.build(spec)


def test_no_schema_is_claimed_even_where_schemas_are_installed(
    spec: CompanionSpec, strict_builder: DdexEnrichments
) -> None:
    assert {m.schema for m in strict_builder.build(spec)} == {SchemaCheck.NOT_CHECKED}


def test_the_same_moment_in_another_zone_gives_the_same_messages(
    spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    tokyo = spec.created_at.astimezone(timezone(timedelta(hours=9)))
    assert builder.build(replace(spec, created_at=tokyo)) == builder.build(spec)


def test_ids_and_file_names_are_those_of_the_ern_message_and_the_main_entity(
    spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    messages = built(builder, spec)
    mead, pie = messages[CompanionKind.MEAD], messages[CompanionKind.PIE]
    assert mead.message_id == f"{spec.message_id}.mead"
    assert pie.message_id == f"{spec.message_id}.pie"
    assert mead.file_name == "MEAD_A12425GABC1234002M_20261001123015000.xml"
    # The proprietary id is artist/17: a file name must not become a path.
    assert pie.file_name == "PIE_artist-17_20261001123015000.xml"
    later = replace(spec, created_at=spec.created_at + timedelta(milliseconds=7))
    assert built(builder, later)[CompanionKind.MEAD].file_name.endswith("_20261001123015007.xml")


def test_a_file_is_named_by_the_identifier_that_others_know(
    spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    group = replace(said(spec).parties[0], ipi=IpiName("00014107338"))
    known = saying(spec, replace(said(spec), parties=(group,)))
    # Nobody else is described any more, so the singer needs a name type.
    related = tuple(replace(r, types=group.types) for r in group.related)
    known = saying(spec, replace(said(known), parties=(replace(group, related=related),)))
    assert built(builder, known)[CompanionKind.PIE].file_name.startswith("PIE_00014107338_")


def test_a_hostile_identifier_stays_within_the_folder(
    spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    evil = ProprietaryId(namespace=Name("x"), value=Name("../../etc/passwd\u202e"))
    party = replace(said(spec).parties[1], isni=None, ids=(evil,), related=())
    name = built(builder, saying(spec, Enrichment(parties=(party,))))[CompanionKind.PIE].file_name
    assert name == "PIE_-etc-passwd-_20261001123015000.xml"


@pytest.mark.parametrize("kinds", [(), (CompanionKind.MEAD,), (CompanionKind.PIE,), BOTH[::-1]])
def test_what_is_wanted_is_built_in_a_fixed_order(
    kinds: tuple[CompanionKind, ...], spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    messages = builder.build(replace(spec, kinds=kinds))
    assert [m.kind for m in messages] == [k for k in BOTH if k in kinds]


def test_nothing_said_is_nothing_sent(spec: CompanionSpec, builder: DdexEnrichments) -> None:
    assert builder.build(saying(spec, None)) == ()
    assert builder.build(saying(spec, Enrichment())) == ()
    music = replace(said(spec), parties=())
    assert set(built(builder, saying(spec, music))) == {CompanionKind.MEAD}
    people = Enrichment(parties=said(spec).parties)
    assert set(built(builder, saying(spec, people))) == {CompanionKind.PIE}


def test_an_empty_description_takes_back_what_was_said(
    spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    message = built(builder, saying(spec, Enrichment(release=ReleaseEnrichment())))
    document = etree.fromstring(message[CompanionKind.MEAD].xml)
    (information,) = document.iterfind(".//ReleaseInformation")
    assert [child.tag for child in information] == ["ReleaseSummary"]
    assert document.find("ResourceInformationList") is None


def test_a_live_target_gets_a_live_message(spec: CompanionSpec, builder: DdexEnrichments) -> None:
    for message in builder.build(replace(spec, mode=Mode.LIVE)):
        control = etree.fromstring(message.xml).findtext("MessageHeader/MessageControlType")
        assert control == "LiveMessage"


def test_a_described_party_is_referred_to_and_any_other_is_named(
    spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    document = etree.fromstring(built(builder, spec)[CompanionKind.PIE].xml)
    group, singer = document.iterfind("PartyList/Party")
    references = [r.findtext("PartyRelatedPartyReference") for r in group.iterfind("RelatedParty")]
    assert references == [singer.findtext("PartyReference"), None]
    named = group.findall("RelatedParty")[1]
    assert named.findtext("PartyName/FullName/Name") == "Ben Stamper"


def test_texts_come_back_as_they_were_written(
    spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    words = "]]> &amp; <b>\r\n\t\u2028 \U0001f3b5 \u202e&#0;"
    track = said(spec).tracks[0]
    lyrics = replace(track.lyrics[0], text=Paragraph(words))
    hostile = replace(said(spec), tracks=(replace(track, lyrics=(lyrics,)),))
    xml = built(builder, saying(spec, hostile))[CompanionKind.MEAD].xml
    assert etree.fromstring(xml).findtext(".//Lyrics/Text") == words


def test_time_is_that_of_the_spec_not_of_the_clock(
    spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    then = datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
    for message in builder.build(replace(spec, created_at=then)):
        document = etree.fromstring(message.xml)
        assert document.findtext(".//MessageCreatedDateTime") == "1999-12-31T23:59:59Z"
