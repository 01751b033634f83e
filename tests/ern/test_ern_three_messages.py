"""ERN 3.8.2 and 3.8.3: every kind of message of every profile, and where each word stands."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from tests.ern.releases import (
    RELEASES,
    album,
    atmos,
    boxed_set,
    full,
    immersive,
    single,
    spec_of,
    stream,
)

from deadwax.application.messages import BuiltMessage, MessageKind, SchemaCheck
from deadwax.domain.deals import Deal, Visibility
from deadwax.domain.message_style import (
    HashAlgorithm,
    HashEncoding,
    MessageStyle,
    TakedownForm,
    TerritorialTakedown,
)
from deadwax.domain.target import ErnVersion
from deadwax.domain.territories import COUNTRIES, Territories, Territory
from deadwax.domain.texts import Moment
from deadwax.domain.vocabulary import ReleaseType
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.three.sequences import SEQUENCES

GOLDEN = Path(__file__).parents[1] / "golden" / "ern"
V382, V383 = SEQUENCES
JAPAN = Territories(included=(Territory("JP"),))
STYLES = {
    "usual": MessageStyle(),
    "no deal": MessageStyle(takedown=TakedownForm.NO_DEAL),
    "flag": MessageStyle(takedown=TakedownForm.FLAG),
    "stated": MessageStyle(territorial_takedown=TerritorialTakedown.STATED),
    "base64": MessageStyle(hash_encoding=HashEncoding.BASE64),
    "sha": MessageStyle(hash_algorithm=HashAlgorithm.SHA256),
}


@pytest.mark.parametrize("name", RELEASES)
@pytest.mark.parametrize("version", SEQUENCES)
def test_every_kind_of_message_of_every_release_is_valid(
    name: str, version: ErnVersion, messages: DdexMessages
) -> None:
    for kind in MessageKind:
        spec = spec_of(RELEASES[name](), kind, version)
        for case in (spec, replace(spec, with_files=False)):
            built = messages.build(case)

            assert built.schema is SchemaCheck.VALID
            assert messages.check(built.xml) == (SchemaCheck.VALID, [])
            assert messages.build(case) == built


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("version", SEQUENCES)
def test_every_style_makes_valid_messages(
    style: str, version: ErnVersion, messages: DdexMessages
) -> None:
    for kind in MessageKind:
        spec = replace(
            spec_of(full(), kind, version),
            style=STYLES[style],
            withdrawn_from=(Territory("BR"), Territory("CL")),
        )
        assert messages.build(spec).schema is SchemaCheck.VALID


@pytest.mark.parametrize(
    ("version", "name", "kind"),
    [
        (V382, "full", MessageKind.INITIAL),
        (V382, "album", MessageKind.TAKEDOWN),
        (V382, "album", MessageKind.PURGE),
        (V383, "video_album", MessageKind.UPDATE),
    ],
)
def test_message_is_byte_for_byte_the_golden_file(
    version: ErnVersion, name: str, kind: MessageKind, messages: DdexMessages
) -> None:
    path = GOLDEN / version / f"{name}_{kind}.xml"

    built = messages.build(spec_of(RELEASES[name](), kind, version))

    if os.environ.get("DEADWAX_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(built.xml)
    assert built.xml == path.read_bytes()


def test_the_two_versions_differ_in_their_names_only(messages: DdexMessages) -> None:
    one = messages.build(spec_of(full(), ern=V382)).xml
    other = messages.build(spec_of(full(), ern=V383)).xml

    assert one.replace(b"ern/382", b"ern/383") == other


def test_the_profile_follows_from_the_release(messages: DdexMessages) -> None:
    video_album = RELEASES["video_album"]()
    profiles = {
        "AudioAlbum": album(),
        "AudioSingle": single(),
        "ClassicalAudioAlbum": RELEASES["classical"](),
        "DigitalBoxedSet": boxed_set(),
        "VideoAlbum": video_album,
        "VideoSingle": replace(video_album, type=ReleaseType.VIDEO_SINGLE),
        "SimpleVideoSingle": RELEASES["video_single"](),
        "MixedMediaBundle": RELEASES["mixed_media"](),
        "Ringtone": RELEASES["ringtone"](),
        "LongformMusicVideo": RELEASES["long_form"](),
    }
    for name, release in profiles.items():
        stated = tree(messages.build(spec_of(release, ern=V382))).get("ReleaseProfileVersionId")
        assert stated == f"CommonReleaseTypes/14/{name}"


@pytest.mark.parametrize(("tracks", "name"), [(1, "AudioSingle"), (2, "AudioAlbum")])
def test_a_single_with_several_tracks_has_the_profile_of_an_album(
    tracks: int, name: str, messages: DdexMessages
) -> None:
    release = replace(immersive(), type=ReleaseType.SINGLE, tracks=immersive().tracks[:tracks])

    root = tree(messages.build(spec_of(release, ern=V382)))

    assert root.get("ReleaseProfileVersionId") == f"CommonReleaseTypes/14/{name}"


def test_a_release_without_a_profile_in_3_8_states_none_and_reports_it(
    messages: DdexMessages,
) -> None:
    built = messages.build(spec_of(RELEASES["dj_mix"](), ern=V382))

    assert tree(built).get("ReleaseProfileVersionId") is None
    assert "NewReleaseMessage/@ReleaseProfileVersionId" in built.omitted


def test_every_track_is_a_release_even_that_of_a_single(messages: DdexMessages) -> None:
    kinds = [
        (release.get("IsMainRelease"), text(release, "ReleaseType"))
        for release in tree(messages.build(spec_of(single(), ern=V382))).iter("Release")
    ]
    assert kinds == [("true", "Single"), (None, "TrackRelease")]


def test_what_has_no_place_is_reported(messages: DdexMessages) -> None:
    built = messages.build(spec_of(full(), ern=V382))

    assert set(built.omitted) == {
        "LabelName/PartyId",
        "SoundRecording/LanguageOfPerformance (further)",
        "SoundRecording/IsCover",
        "SoundRecording/RelatedResource",
        "SoundRecording/VersionType",
        "SoundRecordingDetailsByTerritory/CLine",
        "ReleaseDetailsByTerritory/CourtesyLine",
        "ReleaseDetailsByTerritory/IsSingleArtistCompilation",
        "ReleaseDetailsByTerritory/ResourceContributor",
        "ReleaseDetailsByTerritory/VersionType",
        "DealTerms/IsPromotional (beside PromotionalCode)",
    }


def test_details_by_territory_differ_in_the_warning_and_are_the_world(
    messages: DdexMessages,
) -> None:
    root = tree(messages.build(spec_of(full(), ern=V382)))
    recording = next(root.iter("SoundRecording"))

    sets = [
        (
            texts(details, "TerritoryCode"),
            texts(details, "ExcludedTerritoryCode"),
            text(details, "ParentalWarningType"),
            text(details, ".//TechnicalResourceDetailsReference"),
        )
        for details in recording.iter("SoundRecordingDetailsByTerritory")
    ]
    assert sets == [
        ([], ["AT", "DE"], "Explicit", "T1"),
        (["AT", "DE"], [], "NoAdviceAvailable", "T1-2"),
    ]


def test_an_artist_name_is_said_of_a_recording_where_it_differs_from_the_release(
    messages: DdexMessages,
) -> None:
    root = tree(messages.build(spec_of(album(), ern=V382)))

    names = [texts(r, ".//DisplayArtistName") for r in root.iter("SoundRecording")]

    assert text(root, ".//Release//DisplayArtistName") == "Ada Lathe feat. Ben Stamper"
    assert names == [[], ["Ada Lathe"], ["Ada Lathe"]]


def test_a_contributor_is_named_once_with_all_roles_those_of_the_work_apart(
    messages: DdexMessages,
) -> None:
    recording = next(tree(messages.build(spec_of(full(), ern=V382))).iter("SoundRecording"))
    details = recording.find("SoundRecordingDetailsByTerritory")
    assert details is not None

    credits = {
        name: [
            (text(c, "PartyName/FullName"), texts(c, f"{name}Role"), c.get("SequenceNumber"))
            for c in details.iterfind(name)
        ]
        for name in ("ResourceContributor", "IndirectResourceContributor")
    }
    assert credits == {
        "ResourceContributor": [
            ("Ben Stamper", ["Performer"], "1"),
            ("Ädä Lathe", ["Vocalist"], "2"),
        ],
        "IndirectResourceContributor": [("Ben Stamper", ["Composer"], "1")],
    }


def test_an_immersive_edition_is_a_recording_of_its_own_beside_the_track(
    messages: DdexMessages,
) -> None:
    spec = spec_of(immersive(), ern=V382)
    longer = atmos("atmos", 190_000)
    built = messages.build(replace(spec, assets={**spec.assets, longer.sha256: longer}))
    root = tree(built)

    editions = {
        text(r, "ResourceReference"): (
            text(r, ".//ISRC"),
            text(r, ".//AudioCodecType"),
            text(r, "Duration"),
        )
        for r in root.iter("SoundRecording")
    }
    assert editions["A1I"] == ("QZDWX2699001", "Atmos", "PT3M10S")
    assert editions["A1"] == ("QZDWX2601001", "PCM", "PT3M1S")
    kinds = {
        r.text: r.get("ReleaseResourceType")
        for r in root.iterfind(".//Release[@IsMainRelease]/ReleaseResourceReferenceList/*")
    }
    assert kinds["A1I"] == "SecondaryResource"
    assert text(root, ".//LinkedReleaseResourceReference") == "A1I"
    named = {text(f, "FilePath") + text(f, "FileName") for f in root.iter("File")}
    assert named == {resource.uri for resource in built.resources}


def test_discs_are_numbered_groups_and_what_comes_along_has_no_number(
    messages: DdexMessages,
) -> None:
    root = tree(messages.build(spec_of(boxed_set(), ern=V382)))
    group = root.find(".//Release[@IsMainRelease]//ResourceGroup")
    assert group is not None

    discs = [
        (text(d, "SequenceNumber"), text(d, "Title/TitleText"), texts(d, "*/SequenceNumber"))
        for d in group.iterfind("ResourceGroup")
    ]
    assert discs == [("1", "The Mono Cuts", ["1", "2"]), ("2", "The Stereo Cuts", ["1"])]
    assert texts(group, "ResourceGroupContentItem/ReleaseResourceReference") == ["A4"]
    assert texts(group, "ResourceGroupContentItem/SequenceNumber") == []


@pytest.mark.parametrize(
    ("style", "digest", "algorithm", "kind"),
    [
        ("usual", "e27bb72d24b81c1b5d7d5ba3e2c5bd68", "MD5", None),
        ("base64", "4nu3LSS4HBtdfVuj4sW9aA==", "MD5", "Binary64"),
    ],
)
def test_hash_sums_have_the_shape_of_3_8(
    style: str, digest: str, algorithm: str, kind: str | None, messages: DdexMessages
) -> None:
    spec = spec_of(single(), ern=V382)
    sha256 = single().tracks[0].audio or ""
    asset = replace(spec.assets[sha256], md5="e27bb72d24b81c1b5d7d5ba3e2c5bd68")
    spec = replace(spec, assets={**spec.assets, sha256: asset}, style=STYLES[style])

    sums = tree(messages.build(spec)).find(".//SoundRecording//HashSum")

    assert sums is not None
    assert text(sums, "HashSum") == digest
    assert text(sums, "HashSumAlgorithmType") == algorithm
    assert sums.findtext("HashSumDataType") == kind


def test_an_update_of_the_metadata_describes_no_file(messages: DdexMessages) -> None:
    spec = replace(spec_of(album(), MessageKind.UPDATE, V382), with_files=False)

    built = messages.build(spec)

    assert text(tree(built), "UpdateIndicator") == "UpdateMessage"
    assert not list(tree(built).iter("File"))
    assert built.resources == ()


def test_a_takedown_ends_the_deals_and_says_no_more_of_them(messages: DdexMessages) -> None:
    spec = spec_of(album(), MessageKind.TAKEDOWN, V382)

    deals = [
        (texts(terms, ".//UseType"), [e.tag for e in terms.iterfind("ValidityPeriod/*")])
        for terms in tree(messages.build(spec)).iterfind(".//ReleaseDeal[1]//DealTerms")
    ]
    # The sale and its pre-order were two deals, and one end is enough for both.
    assert deals == [
        (["PermanentDownload"], ["EndDateTime"]),
        (["OnDemandStream", "NonInteractiveStream"], ["EndDateTime"]),
    ]
    assert text(tree(messages.build(spec)), ".//EndDateTime") == "2026-10-01T12:30:15Z"


def test_a_takedown_by_flag_says_it_once_for_every_territory(messages: DdexMessages) -> None:
    spec = replace(spec_of(album(), MessageKind.TAKEDOWN, V382), style=STYLES["flag"])

    terms = tree(messages.build(spec)).findall(".//ReleaseDeal/Deal/DealTerms")

    assert [[e.tag for e in t] for t in terms] == [
        ["TakeDown", "TerritoryCode", "ValidityPeriod"]
    ] * 2
    assert {text(t, "TerritoryCode") for t in terms} == {"Worldwide"}


def test_a_takedown_without_deals_has_no_deal_list(messages: DdexMessages) -> None:
    spec = replace(spec_of(album(), MessageKind.TAKEDOWN, V382), style=STYLES["no deal"])

    assert tree(messages.build(spec)).find("DealList") is None


@pytest.mark.parametrize("style", ["usual", "flag"])
def test_a_takedown_of_what_only_had_deals_for_tracks_ends_all_by_having_none(
    style: str, messages: DdexMessages
) -> None:
    isrc = album().tracks[0].isrc
    assert isrc is not None
    release = replace(album(), deals=(stream(tracks=(isrc,)),))
    spec = replace(spec_of(release, MessageKind.TAKEDOWN, V382), style=STYLES[style])

    assert tree(messages.build(spec)).find("DealList") is None


def test_a_later_takedown_offers_the_release_until_then(messages: DdexMessages) -> None:
    ends = Moment("2026-12-24")
    dealt = replace(album(), deals=(stream(end=ends),))
    spec = replace(spec_of(dealt, MessageKind.TAKEDOWN, V382), ends=ends)

    periods = {
        (text(p, "StartDateTime"), text(p, "EndDateTime"))
        for p in tree(messages.build(spec)).iter("ValidityPeriod")
    }
    assert periods == {("2026-12-04T00:00:00", "2026-12-24T00:00:00")}


@pytest.mark.parametrize(
    ("style", "flags"), [("usual", []), ("stated", [["BR", "CL"], ["BR", "CL"]])]
)
def test_a_territorial_takedown_is_stated_where_the_platform_wants_it(
    style: str, flags: list[list[str]], messages: DdexMessages
) -> None:
    spec = replace(
        spec_of(album(), MessageKind.UPDATE, V382),
        style=STYLES[style],
        withdrawn_from=(Territory("BR"), Territory("CL")),
    )

    cancelled = [
        texts(terms, "TerritoryCode")
        for terms in tree(messages.build(spec)).iter("DealTerms")
        if terms.find("AllDealsCancelled") is not None
    ]
    assert cancelled == flags


def test_a_pre_order_is_a_deal_of_its_own_with_what_it_gives_at_once(
    messages: DdexMessages,
) -> None:
    root = tree(messages.build(spec_of(full(), ern=V382)))

    pre_orders = [
        (
            text(terms, "PreOrderReleaseDate"),
            text(terms, "ValidityPeriod/StartDateTime"),
            text(terms, "PriceInformation/PriceType"),
            texts(terms, "InstantGratificationResourceList/DealResourceReference"),
            texts(terms, "PreOrderIncentiveResourceList/DealResourceReference"),
        )
        for terms in root.iter("DealTerms")
        if terms.find("IsPreOrderDeal") is not None
    ]
    assert pre_orders == [
        ("2026-11-06", "2026-11-06T00:00:00", "FRONT", ["A1"], ["A1"]),
        ("2026-11-06", "2026-11-20T00:00:00", "FRONT", ["A1", "A2"], ["A1"]),
    ]


def test_deals_are_split_where_they_are_shown_from_different_moments_on(
    messages: DdexMessages,
) -> None:
    seen = (
        Visibility(track_list=Moment("2026-11-20")),
        Visibility(release=Moment("2026-11-01T09:00:00"), territories=JAPAN),
    )
    release = replace(single(), visibility=seen, deals=(stream(),))
    root = tree(messages.build(spec_of(release, ern=V382)))

    shown = [
        (where(terms) == {"JP"}, {e.tag: e.text for e in terms if "Start" in e.tag})
        for terms in root.iterfind(".//ReleaseDeal[1]//DealTerms")
    ]
    at = "2026-11-01T09:00:00"
    assert shown == [
        (
            True,
            {
                "ReleaseDisplayStartDateTime": at,
                "TrackListingPreviewStartDateTime": at,
                "CoverArtPreviewStartDateTime": at,
                "ClipPreviewStartDateTime": at,
            },
        ),
        (
            False,
            {
                "ReleaseDisplayStartDate": "2026-12-04",
                "TrackListingPreviewStartDate": "2026-11-20",
                "CoverArtPreviewStartDate": "2026-12-04",
                "ClipPreviewStartDate": "2026-12-04",
            },
        ),
    ]
    tracks = root.iterfind(".//ReleaseDeal[2]//DealTerms")
    assert not [e for terms in tracks for e in terms if "Start" in e.tag]


@pytest.mark.parametrize(
    ("deal", "period"),
    [
        (stream(start=Moment("2026-12-04"), end=None), {"StartDate": "2026-12-04"}),
        (
            stream(start=Moment("2026-12-04T09:00:00"), end=None),
            {"StartDateTime": "2026-12-04T09:00:00"},
        ),
        (
            stream(start=Moment("2026-12-04"), end=Moment("2027-01-01")),
            {"StartDateTime": "2026-12-04T00:00:00", "EndDateTime": "2027-01-01T00:00:00"},
        ),
        (
            stream(start=Moment("2026-12-04T00:00:00+09:00"), end=None),
            {"StartDateTime": "2026-12-04T00:00:00+09:00"},
        ),
    ],
)
def test_periods_say_what_the_label_said(
    deal: Deal, period: dict[str, str], messages: DdexMessages
) -> None:
    release = replace(single(), deals=(deal,))

    found = tree(messages.build(spec_of(release, ern=V382))).find(".//ValidityPeriod")

    assert found is not None
    assert {e.tag: e.text for e in found} == period


def test_a_purge_names_the_release_its_title_and_its_artists(messages: DdexMessages) -> None:
    root = tree(messages.build(spec_of(album(), MessageKind.PURGE, V383)))

    assert etree.QName(root).localname == "PurgeReleaseMessage"
    assert text(root, "PurgedRelease/ReleaseId/ICPN") == "5901234123457"
    assert text(root, "PurgedRelease/Title/TitleText") == "Etched & <Played>"
    assert texts(root, "PurgedRelease/ResourceContributor//FullName") == [
        "Ada Lathe",
        "Ben Stamper",
    ]


def test_without_schemas_the_same_bytes_are_not_called_valid(messages: DdexMessages) -> None:
    spec = spec_of(full(), ern=V382)

    built = DdexMessages(None).build(spec)

    assert built.xml == messages.build(spec).xml
    assert built.schema is SchemaCheck.NOT_CHECKED


def tree(built: BuiltMessage) -> etree._Element:
    return etree.fromstring(built.xml)


def text(parent: etree._Element, path: str) -> str:
    return parent.findtext(path) or ""


def texts(parent: etree._Element, path: str) -> list[str]:
    return [e.text or "" for e in parent.iterfind(path)]


def where(terms: etree._Element) -> set[str]:
    included = set(texts(terms, "TerritoryCode"))
    if "Worldwide" in included:
        return set(COUNTRIES)
    return included or COUNTRIES - set(texts(terms, "ExcludedTerritoryCode"))
