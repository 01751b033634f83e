"""The release that the MEAD and PIE tests are about, and all that can be said of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from deadwax.application.companions import CompanionSpec
from deadwax.domain.enrichment import (
    Enrichment,
    Key,
    LyricsText,
    Meter,
    OtherTitle,
    PriorityPeriod,
    ReleaseEnrichment,
    SimilarRecording,
    SimilarRelease,
    TrackEnrichment,
)
from deadwax.domain.enrichment_terms import (
    Focus,
    Influence,
    LocalTerm,
    LocalText,
    Note,
    Scope,
    ScopedTerm,
    Term,
    WebAddress,
)
from deadwax.domain.identifiers import Dpid, Grid, Icpn, IpiName, Isni, Isrc
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist, Contributor, LocalName, NamedParty, ProprietaryId
from deadwax.domain.party_enrichment import (
    Alias,
    Biography,
    FocusTrack,
    PartyEnrichment,
    PartyEvent,
    PartyEventType,
    PartyImage,
    PartyNameType,
    PartyType,
    RelatedParty,
    SocialMedia,
    When,
)
from deadwax.domain.target import CompanionKind, Mode, Party
from deadwax.domain.territories import Territory
from deadwax.domain.texts import Language, Moment, Name, Paragraph, PartialDate
from deadwax.domain.tracks import Track
from deadwax.domain.vocabulary import ArtistRole
from deadwax.infrastructure.mead.builder import DdexEnrichments

ENGLISH, GERMAN, JAPANESE = Language("en"), Language("de"), Language("ja-Jpan")
LEAD_IN, LACQUER = Isrc("QZDWX2601001"), Isrc("QZDWX2601002")
GROUP_ID = ProprietaryId(namespace=Name("PADPIDA2007050901U"), value=Name("artist/17"))
ADA_ISNI = Isni("0000000121032683")


def text(language: Language, words: str) -> LocalText:
    return LocalText(language=language, text=Paragraph(words))


def said_release() -> ReleaseEnrichment:
    return ReleaseEnrichment(
        focus=(Focus(),),
        moods=(
            ScopedTerm(value=Name("Chill"), scope=Scope.MELODY),
            ScopedTerm(value=Name("Grooving & <warm>"), own=True),
        ),
        themes=(ScopedTerm(value=Name("Above"), territories=(Territory("DE"), Territory("AT"))),),
        activities=(LocalTerm(value=Name("RoadTrip")),),
        notes=(
            Note(
                kind=Name("MarketingComment"),
                texts=(text(ENGLISH, "Cut live.\nNo edits."), text(GERMAN, "Direktschnitt.")),
                author=Name("Nora Nadel"),
                territories=(Territory("Worldwide"),),
            ),
        ),
        influenced_by=(
            Influence(
                artist=NamedParty(name=Name("Max Matrix"), ipi=IpiName("00014107338")),
                description=(text(ENGLISH, "The way the bass is cut."),),
            ),
        ),
        similar=(
            SimilarRelease(
                title=Name("Blank Disc"),
                artist=Name("Max Matrix"),
                icpn=Icpn("5901234123457"),
                why=(text(ENGLISH, "As quiet."),),
            ),
        ),
        other_titles=(OtherTitle(text=Name("溝"), language=JAPANESE),),
        priority=PriorityPeriod(start=date(2026, 12, 1), end=date(2026, 12, 24)),
    )


def said_track() -> TrackEnrichment:
    return TrackEnrichment(
        isrc=LEAD_IN,
        focus=(
            Focus(
                start=Moment("2026-12-04"),
                end=Moment("2026-12-31T23:59:59"),
                territories=(Territory("US"), Territory("CA")),
            ),
        ),
        meter=Meter(beats=6, note=8),
        tempo=(Term(value=Name("Allegro")), Term(value=Name("Medium fast"), own=True)),
        bpm=Decimal("120.50"),
        key=Key(
            note=Term(value=Name("Gb/F#")),
            quality=Term(value=Name("MinorTriad")),
            mode=Name("Dorian"),
        ),
        moods=(ScopedTerm(value=Name("Happy"), scope=Scope.LYRICS_AND_MELODY),),
        lyrics=(
            LyricsText(
                text=Paragraph("Round and round\r\nit goes"),
                language=ENGLISH,
                kind=Term(value=Name("Hook")),
                complete=False,
            ),
            LyricsText(
                text=Paragraph("La la"), language=ENGLISH, kind=Term(value=Name("Ad lib"), own=True)
            ),
        ),
        similar=(
            SimilarRecording(
                title=Name("Wow"), isrc=Isrc("GBAYE6900001"), why=(text(GERMAN, "Auch so."),)
            ),
        ),
    )


def said_group() -> PartyEnrichment:
    return PartyEnrichment(
        name=Name("Die Rille"),
        indexed=Name("Rille, Die"),
        ascii=Name("Die Rille"),
        names=(LocalName(language=JAPANESE, text=Name("溝")),),
        ids=(GROUP_ID,),
        type=PartyType.GROUP,
        types=(PartyNameType.STAGE_NAME,),
        aliases=(
            Alias(
                name=Name("The Groove"),
                types=(PartyNameType.PSEUDONYM, PartyNameType.STAGE_NAME),
                language=ENGLISH,
                start=PartialDate("1998"),
                end=PartialDate("2001-06"),
            ),
        ),
        events=(
            PartyEvent(
                type=PartyEventType.INCORPORATION,
                on=When(
                    date=PartialDate("1998-02"),
                    approximate=True,
                    territory=Territory("DE"),
                    place=Name('Köln, "Kalk"'),
                ),
            ),
            PartyEvent(
                type=PartyEventType.ACTIVITY_PERIOD, start=When(date=PartialDate("1998-02-17"))
            ),
        ),
        related=(
            RelatedParty(
                name=Name("Ada Lathe"),
                isni=ADA_ISNI,
                relationship=Name("HasMember"),
                start=PartialDate("1998"),
            ),
            RelatedParty(
                name=Name("Ben Stamper"),
                relationship=Name("HasMember"),
                types=(PartyNameType.STAGE_NAME,),
            ),
        ),
        focus=(FocusTrack(isrc=LACQUER, start=Moment("2026-12-04T00:00:00Z")),),
        biography=Biography(
            texts=(text(ENGLISH, "They cut.\n\nThey press."), text(GERMAN, "Sie schneiden.")),
            author=Name("Nora Nadel"),
        ),
        images=(
            PartyImage(
                address=WebAddress("https://example.com/rille.jpg?size=big&crop=1"),
                kinds=(Term(value=Name("Photograph")), Term(value=Name("Backstage"), own=True)),
            ),
        ),
        social_media=SocialMedia(
            address=WebAddress("https://example.com/rille"),
            language=GERMAN,
            territory=Territory("DE"),
        ),
        notes=(Note(kind=Name("Trivia"), texts=(text(GERMAN, "Sie essen Schellack."),)),),
    )


def said_singer() -> PartyEnrichment:
    return PartyEnrichment(
        name=Name("Ada Lathe"),
        isni=ADA_ISNI,
        type=PartyType.NATURAL_PERSON,
        types=(PartyNameType.STAGE_NAME, PartyNameType.LEGAL_NAME),
        related=(
            RelatedParty(name=Name("Die Rille"), ids=(GROUP_ID,), relationship=Name("IsMemberOf")),
        ),
    )


def everything() -> Enrichment:
    return Enrichment(
        release=said_release(),
        tracks=(said_track(), TrackEnrichment(isrc=LACQUER)),
        parties=(said_group(), said_singer()),
    )


def release() -> ReleaseMetadata:
    group = Artist(name=Name("Die Rille"), ids=(GROUP_ID,), role=ArtistRole.MAIN)
    singer = Contributor(name=Name("Ada Lathe"), isni=ADA_ISNI, roles=(Name("Vocalist"),))
    return ReleaseMetadata(
        title=Name("Etched & <Played>"),
        version=Name("Deluxe"),
        icpn=Icpn("5901234123457"),
        grid=Grid("A12425GABC1234002M"),
        artists=(group,),
        language=ENGLISH,
        tracks=(
            Track(
                number=1,
                isrc=LEAD_IN,
                title=Name("Lead-in Groove"),
                version=Name("Live"),
                artists=(group,),
                contributors=(singer,),
            ),
            Track(number=2, isrc=LACQUER, title=Name("Lacquer"), artists=(group,)),
        ),
        enrichment=everything(),
    )


@pytest.fixture(scope="session")
def spec() -> CompanionSpec:
    return CompanionSpec(
        kinds=(CompanionKind.MEAD, CompanionKind.PIE),
        message_id="0f8fad5bd9cb469fa16570867728950e.1",
        thread_id="0f8fad5bd9cb469fa16570867728950e",
        created_at=datetime(2026, 10, 1, 12, 30, 15, tzinfo=UTC),
        mode=Mode.TEST,
        sender=Party(dpid=Dpid("PADPIDA2013042401U"), name=Name("Deadwax Distribution")),
        recipient=Party(dpid=Dpid("PADPIDA2009101501Y"), name=Name("Sandbox DSP")),
        release=release(),
    )


@pytest.fixture(scope="session")
def builder() -> DdexEnrichments:
    """Without any schemas."""
    return DdexEnrichments(None)


@pytest.fixture(scope="session")
def strict_builder(schemas: Path) -> DdexEnrichments:
    """With DDEX's allowed value sets."""
    return DdexEnrichments(schemas)
