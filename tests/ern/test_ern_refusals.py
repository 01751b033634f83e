"""What is missing or contradictory is named; nothing is filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.ern.releases import ADA, OURS, SENDER, WORLD, digest, stream

from deadwax.application.messages import BatchSpec, MessageKind, MessageSpec
from deadwax.domain.assets import AssetFacts
from deadwax.domain.deals import Price
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Icpn, Isrc
from deadwax.domain.metadata import Attachment, DiscTitle, RelatedRelease
from deadwax.domain.parties import ArtistName, Contributor, ProprietaryId
from deadwax.domain.target import ErnVersion
from deadwax.domain.tenant import Label
from deadwax.domain.territories import Territories, Territory
from deadwax.domain.texts import Currency, Language, Name
from deadwax.domain.tracks import (
    ImmersiveEdition,
    LocalTitle,
    RelatedRecording,
    TerritoryWarning,
)
from deadwax.domain.vocabulary import (
    ArtistRole,
    AttachmentKind,
    CommercialModel,
    ParentalWarning,
    RecordingKind,
    UseType,
)
from deadwax.infrastructure.ern.builder import DdexMessages

Change = Callable[[MessageSpec], MessageSpec]


def refusal(messages: DdexMessages, spec: MessageSpec) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as refused:
        messages.build(spec)
    return refused.value.problems


def unchecked(kind: type[str], text: str) -> Any:
    """A value as it comes back from an event, where no rule is applied again."""
    return str.__new__(kind, text)


@pytest.mark.parametrize(
    "name",
    [
        "icpn",
        "type",
        "label",
        "genre",
        "p_line",
        "c_line",
        "release_date",
        "original_release_date",
        "parental_warning",
        "language",
        "cover",
    ],
)
def test_missing_value_of_the_release_is_named(
    name: str, album_spec: MessageSpec, messages: DdexMessages
) -> None:
    without: dict[str, Any] = {name: None}
    release = replace(album_spec.release, **without)

    problems = refusal(messages, replace(album_spec, release=release))

    assert [(p.code, p.field) for p in problems] == [(f"{name}_missing", name)]
    assert problems[0].fix


@pytest.mark.parametrize(
    "name",
    [
        "isrc",
        "title",
        "language",
        "instrumental",
        "parental_warning",
        "p_line",
        "genre",
    ],
)
def test_missing_value_of_a_track_is_named(
    name: str, album_spec: MessageSpec, messages: DdexMessages
) -> None:
    without: dict[str, Any] = {name: None}
    first, *others = album_spec.release.tracks
    release = replace(album_spec.release, tracks=(replace(first, **without), *others))

    problems = refusal(messages, replace(album_spec, release=release))

    assert [(p.code, p.field) for p in problems] == [(f"{name}_missing", f"tracks[0].{name}")]


@pytest.mark.parametrize("name", ["tracks", "artists", "deals", "rights"])
def test_empty_list_of_the_release_is_named(
    name: str, album_spec: MessageSpec, messages: DdexMessages
) -> None:
    empty: dict[str, Any] = {name: ()}

    problems = refusal(messages, replace(album_spec, release=replace(album_spec.release, **empty)))

    assert name in [p.field for p in problems]


def test_missing_file_of_a_track_is_named(album_spec: MessageSpec, messages: DdexMessages) -> None:
    problems = refusal(messages, of_track(audio=None)(album_spec))

    assert [(p.code, p.field) for p in problems] == [("file_missing", "tracks[0].file")]


def of_release(**values: Any) -> Change:
    return lambda spec: replace(spec, release=replace(spec.release, **values))


def of_track(**values: Any) -> Change:
    def change(spec: MessageSpec) -> MessageSpec:
        first, *others = spec.release.tracks
        return of_release(tracks=(replace(first, **values), *others))(spec)

    return change


def of_first_deal(**values: Any) -> Change:
    def change(spec: MessageSpec) -> MessageSpec:
        first, *others = spec.release.deals
        return of_release(deals=(replace(first, **values), *others))(spec)

    return change


def of_audio(change: Callable[[AssetFacts], AssetFacts]) -> Change:
    def changed(spec: MessageSpec) -> MessageSpec:
        sha256 = spec.release.tracks[0].audio or ""
        return replace(spec, assets={**spec.assets, sha256: change(spec.assets[sha256])})

    return changed


def audio_facts(**values: Any) -> Change:
    def change(facts: AssetFacts) -> AssetFacts:
        assert facts.audio is not None
        return replace(facts, audio=replace(facts.audio, **values))

    return of_audio(change)


def contributor(*roles: str, instruments: tuple[str, ...] = ()) -> Contributor:
    return Contributor(
        name=Name("X"),
        roles=tuple(Name(r) for r in roles),
        instruments=tuple(Name(i) for i in instruments),
    )


COMPOSER = replace(ADA, role=ArtistRole.COMPOSER)
ISRC, EAN = Isrc("QZDWX9400001"), Icpn("4006381333931")
OWN_ID = ProprietaryId(namespace=OURS, value=Name("front-1"))
BACK = Attachment(kind=AttachmentKind.BACK_COVER, file=digest("back"))
GERMAN = TerritoryWarning(
    territories=Territories(included=(Territory("DE"),)), warning=ParentalWarning.EXPLICIT
)
JA = LocalTitle(language=Language("ja"), text=Name("題"))
EUR = Price(amount=Decimal(5), currency=Currency("EUR"))

CASES: dict[str, tuple[Change, str, str]] = {
    "message id": (lambda s: replace(s, message_id=" "), "message_id_missing", "message_id"),
    "thread id": (lambda s: replace(s, thread_id=""), "thread_id_missing", "thread_id"),
    "time zone": (
        lambda s: replace(s, created_at=datetime(2026, 1, 1)),  # noqa: DTZ001
        "created_at_without_zone",
        "created_at",
    ),
    "another label": (
        lambda s: replace(s, label=Label(name=Name("Other"))),
        "label_differs",
        "label",
    ),
    "character": (
        of_track(title=unchecked(Name, "Bell \x07")),
        "character_not_allowed",
        "tracks[0].title",
    ),
    "character of a party": (
        lambda s: replace(s, sender=replace(s.sender, name=unchecked(Name, "\ufffe"))),
        "character_not_allowed",
        "sender.name",
    ),
    "surrogate": (
        of_release(artists=(), genre=unchecked(Name, "\ud800")),
        "character_not_allowed",
        "genre",
    ),
    "title in the main language": (
        of_release(titles=(replace(JA, language=Language("en")),)),
        "title_language_twice",
        "titles[0].language",
    ),
    "two titles in a language": (
        of_track(titles=(JA, JA)),
        "title_language_twice",
        "tracks[0].titles[1].language",
    ),
    "no role": (
        of_track(contributors=(contributor(),)),
        "contributor_role_missing",
        "tracks[0].contributors[0].roles",
    ),
    "role of nobody's set": (
        of_release(contributors=(contributor("Composer", "Producer"),)),
        "contributor_role_unknown",
        "contributors[0].roles[1]",
    ),
    "role without meaning": (
        of_track(contributors=(contributor("UserDefined"),)),
        "contributor_role_unknown",
        "tracks[0].contributors[0].roles[0]",
    ),
    "instrument": (
        of_track(contributors=(contributor("Performer", instruments=("Kazooo",)),)),
        "instrument_unknown",
        "tracks[0].contributors[0].instruments[0]",
    ),
    "no facts": (
        of_audio(lambda f: replace(f, audio=None)),
        "asset_facts_missing",
        "tracks[0].audio",
    ),
    "no hash": (of_audio(lambda f: replace(f, md5="")), "asset_hash_missing", "tracks[0].audio"),
    "no bytes": (of_audio(lambda f: replace(f, size=0)), "asset_empty", "tracks[0].audio"),
    "container": (
        audio_facts(container="MIDI"),
        "audio_container_unknown",
        "tracks[0].audio",
    ),
    "too short": (
        lambda s: audio_facts(duration_ms=499)(of_track(preview_start=None)(s)),
        "audio_too_short",
        "tracks[0].audio",
    ),
    "price without sale": (
        of_first_deal(models=(CommercialModel.SUBSCRIPTION,), pre_order_from=None),
        "price_without_sale",
        "deals[0].price",
    ),
    "currency": (
        of_first_deal(price=replace(EUR, currency=Currency("ZZZ"))),
        "currency_unknown",
        "deals[0].price.currency",
    ),
    "pre-order of a stream": (
        of_first_deal(uses=(UseType.ON_DEMAND_STREAM,)),
        "pre_order_without_sale",
        "deals[0].pre_order_from",
    ),
    "no deal for this platform": (
        of_release(deals=(stream(recipients=(SENDER.dpid,)),)),
        "deal_for_recipient_missing",
        "deals",
    ),
    "deals for single tracks only": (
        of_release(deals=(stream(tracks=(Isrc("QZDWX2601001"),)),)),
        "release_deal_missing",
        "deals",
    ),
    "tier of nobody's rate card": (
        of_first_deal(price=Price(tier=Name("FRONT"))),
        "price_tier_namespace_missing",
        "deals[0].price.tier_namespace",
    ),
    "role of an artist": (
        of_track(artists=(replace(ADA, roles=(Name("Singer"),)),)),
        "contributor_role_unknown",
        "tracks[0].artists[0].roles[0]",
    ),
    "version type": (
        of_release(version_types=(Name("Live"),)),
        "version_type_unknown",
        "version_types[0]",
    ),
    "relationship of releases": (
        of_release(related=(RelatedRelease(relationship=Name("IsLike"), icpn=EAN),)),
        "relationship_unknown",
        "related[0].relationship",
    ),
    "relationship of recordings": (
        of_track(related=(RelatedRecording(relationship=Name("IsLike"), isrc=ISRC),)),
        "relationship_unknown",
        "tracks[0].related[0].relationship",
    ),
    "release related to nothing": (
        of_release(related=(RelatedRelease(relationship=Name("HasSameArtist")),)),
        "related_release_unidentified",
        "related[0]",
    ),
    "two artist names in a language": (
        of_track(artist_names=(ArtistName(text=Name("A")), ArtistName(text=Name("B")))),
        "artist_name_language_twice",
        "tracks[0].artist_names[1].language",
    ),
    "two warnings for a country": (
        of_release(parental_warnings=(GERMAN, GERMAN)),
        "warning_territory_twice",
        "parental_warnings[1].territories",
    ),
    "a warning that is for all territories": (
        of_release(parental_warnings=(replace(GERMAN, territories=WORLD),)),
        "warning_for_the_world",
        "parental_warnings[0].territories",
    ),
    "an identifier of two files": (
        of_release(cover_id=OWN_ID, attachments=(BACK, replace(BACK, id=OWN_ID))),
        "resource_id_twice",
        "attachments[1].id",
    ),
    "title of a disc that is not there": (
        of_release(disc_titles=(DiscTitle(disc=3, title=Name("C")),)),
        "disc_title_misplaced",
        "disc_titles[0].disc",
    ),
    "two titles of a disc": (
        of_release(disc_titles=(DiscTitle(disc=1, title=Name("C")),) * 2),
        "disc_title_misplaced",
        "disc_titles[1].disc",
    ),
    "attachment without file": (
        of_release(attachments=(Attachment(kind=AttachmentKind.BOOKLET),)),
        "attachment_file_missing",
        "attachments[0].file",
    ),
    "attachment of no track": (
        of_release(
            attachments=(Attachment(kind=AttachmentKind.LYRICS, file=digest("lyrics"), isrc=ISRC),)
        ),
        "attachment_track_unknown",
        "attachments[0].isrc",
    ),
    "audio that is called a video": (
        of_track(kind=RecordingKind.LYRIC_VIDEO),
        "track_kind_differs",
        "tracks[0].kind",
    ),
    "immersive edition without file": (
        of_track(immersive=ImmersiveEdition(isrc=ISRC)),
        "immersive_file_missing",
        "tracks[0].immersive.audio",
    ),
    "immersive edition of a video": (
        of_track(
            audio=None,
            video=digest("video-1"),
            immersive=ImmersiveEdition(isrc=ISRC, audio=digest("atmos")),
        ),
        "immersive_video",
        "tracks[0].immersive",
    ),
    "codec": (
        audio_facts(codec="Wax"),
        "audio_codec_unknown",
        "tracks[0].audio",
    ),
    "duration that nobody knows": (
        lambda s: replace(of_track(audio=None)(s), with_files=False),
        "duration_missing",
        "tracks[0].duration",
    ),
    "tracks without a deal": (
        lambda s: of_release(deals=s.release.deals[:1])(s),
        "track_deal_missing",
        "deals",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_contradiction_is_named_with_its_field_and_fix(
    case: str, album_spec: MessageSpec, messages: DdexMessages
) -> None:
    change, code, field = CASES[case]

    problems = {(p.code, p.field): p for p in refusal(messages, change(album_spec))}

    assert (code, field) in problems
    assert problems[code, field].fix


@pytest.mark.parametrize(
    ("version", "change", "code", "field"),
    [
        (
            "4.2",
            of_track(artists=(COMPOSER, ADA)),
            "artist_role_unknown",
            "tracks[0].artists[0].role",
        ),
        (
            "4.1.1",
            of_track(contributors=(contributor("Performer", instruments=("Piano",)),)),
            "instrument_unknown",
            "tracks[0].contributors[0].instruments[0]",
        ),
        (
            "4.2",
            of_track(related=(RelatedRecording(relationship=Name("IsSpedUpOf"), isrc=ISRC),)),
            "relationship_unknown",
            "tracks[0].related[0].relationship",
        ),
        ("4.1.1", of_track(language=Language("yue")), "language_unknown", "tracks[0].language"),
    ],
)
def test_word_that_only_a_later_version_has_is_refused_in_an_earlier_one(
    version: str,
    change: Change,
    code: str,
    field: str,
    album_spec: MessageSpec,
    messages: DdexMessages,
) -> None:
    spec = change(album_spec)

    assert messages.build(spec)
    problems = refusal(messages, replace(spec, ern=ErnVersion(version)))
    assert [(p.code, p.field) for p in problems] == [(code, field)]


def test_refused_role_comes_with_values_near_it(
    album_spec: MessageSpec, messages: DdexMessages
) -> None:
    wrong = of_track(contributors=(contributor("Lyrics"),))(album_spec)

    (problem,) = refusal(messages, wrong)

    assert "Lyricist" in problem.fix


def test_without_schemas_only_the_form_of_a_role_is_checked(album_spec: MessageSpec) -> None:
    messages = DdexMessages(None)
    messages.build(of_track(contributors=(contributor("Producer"),))(album_spec))

    (problem,) = refusal(messages, of_track(contributors=(contributor("made it"),))(album_spec))

    assert problem.code == "contributor_role_unknown"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (of_release(icpn=unchecked(Icpn, "5901234123450")), "ern_icpn_invalid"),
        (of_track(isrc=unchecked(Isrc, "qzdwx2601001")), "ern_isrc_invalid"),
    ],
)
def test_identifier_that_went_bad_in_an_old_event_never_leaves(
    change: Change, code: str, album_spec: MessageSpec, messages: DdexMessages
) -> None:
    assert code in [p.code for p in refusal(messages, change(album_spec))]


def test_takedown_still_needs_what_it_says(
    takedown_spec: MessageSpec, messages: DdexMessages
) -> None:
    assert takedown_spec.kind is MessageKind.TAKEDOWN

    problems = refusal(messages, of_track(isrc=None)(takedown_spec))

    assert [p.code for p in problems] == ["isrc_missing"]


def test_manifest_with_a_character_that_xml_cannot_hold_is_refused(
    batch_spec: BatchSpec, messages: DdexMessages
) -> None:
    bad = replace(batch_spec, sender=replace(batch_spec.sender, name=unchecked(Name, "\x01")))

    with pytest.raises(Refused) as refused:
        messages.manifest(bad)

    assert [(p.code, p.field) for p in refused.value.problems] == [
        ("character_not_allowed", "sender.name")
    ]


@pytest.mark.parametrize("ern", ErnVersion)
def test_what_was_sent_before_a_rule_existed_can_be_taken_down(
    album_spec: MessageSpec, messages: DdexMessages, ern: ErnVersion
) -> None:
    release = album_spec.release
    first, second, *others = release.tracks
    everywhere = TerritoryWarning(territories=WORLD, warning=ParentalWarning.EXPLICIT)
    old = replace(
        release,
        parental_warnings=(everywhere,),
        tracks=(first, replace(second, isrc=first.isrc), *others),
    )
    spec = replace(album_spec, release=old, ern=ern)
    codes = {problem.code for problem in refusal(messages, spec)}
    assert codes >= {"isrc_twice", "warning_for_the_world"}

    assert messages.build(replace(spec, kind=MessageKind.TAKEDOWN)).xml
