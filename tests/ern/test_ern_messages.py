"""What the messages say: the golden files, and the decisions behind them."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from lxml import etree

from deadwax.application.messages import BatchSpec, MessageKind, MessageSpec, SchemaCheck
from deadwax.domain.identifiers import Isni
from deadwax.domain.parties import Artist, Contributor
from deadwax.domain.target import Mode
from deadwax.domain.texts import Name
from deadwax.domain.vocabulary import ArtistRole, CommercialModel, ReleaseType, UseType
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.display import display_name, duration

GOLDEN = Path(__file__).parents[1] / "golden" / "ern" / "4.3"


@pytest.fixture
def cases(album_spec: MessageSpec, single_spec: MessageSpec) -> dict[str, MessageSpec]:
    def sent(spec: MessageSpec, kind: MessageKind, n: int) -> MessageSpec:
        return replace(spec, kind=kind, message_id=f"{spec.thread_id}.{n}")

    update = sent(single_spec, MessageKind.UPDATE, 2)
    titled = replace(update.release, title=Name("Locked Groove (Corrected)"))
    return {
        "album": album_spec,
        "single": single_spec,
        "update": replace(update, release=titled, mode=Mode.LIVE),
        "takedown": sent(album_spec, MessageKind.TAKEDOWN, 3),
    }


@pytest.mark.parametrize("name", ["album", "single", "update", "takedown"])
def test_message_is_byte_for_byte_the_golden_file_and_valid(
    name: str, cases: dict[str, MessageSpec], messages: DdexMessages
) -> None:
    built = messages.build(cases[name])

    assert built.schema is SchemaCheck.VALID
    _expect_golden(f"{name}.xml", built.xml)
    assert messages.check((GOLDEN / f"{name}.xml").read_bytes()) == (SchemaCheck.VALID, [])


def test_same_spec_gives_same_bytes_and_without_schemas_they_are_not_called_valid(
    album_spec: MessageSpec, messages: DdexMessages
) -> None:
    first, second = messages.build(album_spec), DdexMessages(None).build(album_spec)

    assert first.xml == second.xml
    assert first.resources == second.resources
    assert second.schema is SchemaCheck.NOT_CHECKED


def test_the_order_in_which_tracks_are_given_changes_nothing(
    album_spec: MessageSpec, messages: DdexMessages
) -> None:
    turned = replace(album_spec.release, tracks=album_spec.release.tracks[::-1])

    assert messages.build(replace(album_spec, release=turned)) == messages.build(album_spec)


def test_created_time_is_written_in_utc(album_spec: MessageSpec, messages: DdexMessages) -> None:
    tokyo = album_spec.created_at.astimezone(timezone(timedelta(hours=9)))

    assert messages.build(replace(album_spec, created_at=tokyo)) == messages.build(album_spec)


def test_every_named_file_is_a_resource_with_its_hash_and_size(
    album_spec: MessageSpec, messages: DdexMessages
) -> None:
    built = messages.build(album_spec)
    named = {
        (
            file.findtext("URI"),
            file.findtext("HashSum/HashSumValue"),
            float(file.findtext("FileSize") or 0),
        )
        for file in etree.fromstring(built.xml).iter("File")
    }

    assert named == {
        (r.uri, album_spec.assets[r.sha256].md5, r.size / 1000) for r in built.resources
    }
    assert [r.uri for r in built.resources] == [
        "resources/5901234123457_01_001.wav",
        "resources/5901234123457_01_002.wav",
        "resources/5901234123457_02_001.wav",
        "resources/5901234123457.jpg",
    ]


def test_takedown_has_no_deal_and_delivers_nothing(
    takedown_spec: MessageSpec, messages: DdexMessages
) -> None:
    built = messages.build(takedown_spec)
    root = etree.fromstring(built.xml)

    assert built.resources == ()
    assert not list(root.iter("DealList", "File", "TechnicalDetails"))
    assert [e.text for e in root.iter("ICPN")] == ["5901234123457"]


def test_takedown_is_built_even_if_deals_and_rights_are_in_disorder(
    takedown_spec: MessageSpec, messages: DdexMessages
) -> None:
    bare = replace(takedown_spec.release, deals=(), rights=())

    assert (
        messages.build(replace(takedown_spec, release=bare)).xml
        == messages.build(takedown_spec).xml
    )


def test_priced_sale_and_pre_order_are_of_the_release_only(
    album_spec: MessageSpec, messages: DdexMessages
) -> None:
    release, tracks = etree.fromstring(messages.build(album_spec).xml).iter("ReleaseDeal")

    assert [e.text for e in release.iterfind("DealReleaseReference")] == ["R0"]
    assert [e.text for e in tracks.iterfind("DealReleaseReference")] == ["R1", "R2", "R3"]
    assert not list(tracks.iter("IsPreOrderDeal", "PriceInformation"))
    assert {e.text for e in tracks.iter("UseType")} == {"OnDemandStream", "NonInteractiveStream"}
    (pre_order,) = (d for d in release.iter("DealTerms") if d.find("IsPreOrderDeal") is not None)
    assert pre_order.findtext("ValidityPeriod/EndDateTime") == "2026-12-04T00:00:00"


def test_price_stands_only_with_the_sale_when_a_deal_mixes_models(
    single_spec: MessageSpec, album_spec: MessageSpec, messages: DdexMessages
) -> None:
    deal = replace(
        album_spec.release.deals[0],
        models=(CommercialModel.PAY_AS_YOU_GO, CommercialModel.SUBSCRIPTION),
        uses=(UseType.CONDITIONAL_DOWNLOAD,),
        pre_order_from=None,
    )
    spec = replace(single_spec, release=replace(single_spec.release, deals=(deal,)))

    terms = list(etree.fromstring(messages.build(spec).xml).iter("DealTerms"))

    assert [
        (t.findtext("CommercialModelType"), t.find("PriceInformation") is not None) for t in terms
    ] == [("PayAsYouGoModel", True), ("SubscriptionModel", False)]


def test_single_of_several_tracks_is_an_audio_release_with_track_releases(
    album_spec: MessageSpec, messages: DdexMessages
) -> None:
    single = replace(album_spec.release, type=ReleaseType.SINGLE)
    root = etree.fromstring(messages.build(replace(album_spec, release=single)).xml)

    assert root.get("ReleaseProfileVersionId") == "Audio"
    assert len(list(root.iter("TrackRelease"))) == 3


def test_album_of_one_track_is_an_audio_release(
    single_spec: MessageSpec, messages: DdexMessages
) -> None:
    album = replace(single_spec.release, type=ReleaseType.ALBUM)
    root = etree.fromstring(messages.build(replace(single_spec, release=album)).xml)

    assert root.get("ReleaseProfileVersionId") == "Audio"
    assert len(list(root.iter("TrackRelease"))) == 1


@pytest.mark.parametrize(("mode", "flag"), [(Mode.LIVE, "false"), (Mode.TEST, "true")])
def test_manifest_and_message_say_whether_it_is_a_test(
    mode: Mode,
    flag: str,
    album_spec: MessageSpec,
    batch_spec: BatchSpec,
    messages: DdexMessages,
) -> None:
    manifest = etree.fromstring(messages.manifest(replace(batch_spec, mode=mode)))
    message = etree.fromstring(messages.build(replace(album_spec, mode=mode)).xml)

    assert manifest.findtext("IsTestFlag") == flag
    assert message.findtext("MessageHeader/MessageControlType") == f"{mode.title()}Message"


def test_party_with_two_credits_is_one_contributor_with_all_roles(
    single_spec: MessageSpec, messages: DdexMessages
) -> None:
    def credit(role: str, isni: str | None = None) -> Contributor:
        return Contributor(
            name=Name("Carla Groove"), roles=(Name(role),), isni=Isni(isni) if isni else None
        )

    (track,) = single_spec.release.tracks
    track = replace(track, contributors=(credit("Composer"), credit("Lyricist")))
    release = replace(
        single_spec.release,
        tracks=(track,),
        contributors=(credit("Composer"), credit("Mixer", "0000000121032683")),
    )
    root = etree.fromstring(messages.build(replace(single_spec, release=release)).xml)

    assert [[r.text for r in c.iterfind("Role")] for c in root.iter("Contributor")] == [
        ["Composer", "Lyricist"],
        ["Mixer"],
    ]


@pytest.mark.parametrize(
    ("roles", "shown"),
    [
        ("M", "A"),
        ("MM", "A & B"),
        ("MMM", "A, B & C"),
        ("MF", "A feat. B"),
        ("MFMF", "A & C feat. B & D"),
        ("CM", "B"),
    ],
)
def test_display_name_lists_main_then_featured(roles: str, shown: str) -> None:
    kinds = {"M": ArtistRole.MAIN, "F": ArtistRole.FEATURED, "C": ArtistRole.COMPOSER}
    artists = [Artist(name=Name(n), role=kinds[r]) for n, r in zip("ABCD", roles, strict=False)]

    assert display_name(artists) == shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "PT1S"), (60, "PT1M0S"), (181, "PT3M1S"), (3600, "PT1H0M0S"), (36_061, "PT10H1M1S")],
)
def test_duration_is_written_as_ddex_asks(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def _expect_golden(name: str, xml: bytes) -> None:
    """With DEADWAX_WRITE_GOLDEN set the file is written anew, for a person to review."""
    if os.environ.get("DEADWAX_WRITE_GOLDEN"):
        (GOLDEN / name).write_bytes(xml)
    assert xml == (GOLDEN / name).read_bytes()
