"""DDEX's own samples: read, built again in the same version, and compared with what they said."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from tests.ern.rebuilding import ICPN, spec_of, written
from tests.ern.statements import Statement, grants, statements

from deadwax.application.imported import Fate, ImportedMessage, ImportKind
from deadwax.domain.vocabulary import AttachmentKind, ParentalWarning, Profile, ReleaseType
from deadwax.infrastructure.ern.reading.reader import DdexReader

RELEASES = [
    "ern-382/Profile_AudioAlbumMusicOnly.xml",
    "ern-382/Profile_AudioSingle.xml",
    "ern-382/Profile_VideoSingle.xml",
    "ern-42/1 Audio.xml",
    "ern-42/2 Video.xml",
    "ern-42/4 SimpleAudioSingle.xml",
    "ern-43/1 Audio.xml",
    "ern-43/2 Video.xml",
    "ern-43/4 SimpleAudioSingle.xml",
    "minimal/single_42.xml",
    "minimal/single_43.xml",
    "minimal/single_432.xml",
]

# What the original says and the rebuilt message does not, beyond the fidelity report.
SAID_OTHERWISE = {
    r"/ResourceList/\w+/@LanguageAndScriptCode": "the language is that of the message",
    r"/ReleaseList/Release/@LanguageAndScriptCode": "the language is that of the message",
    r"/TrackRelease/(DisplayTitle|AdditionalTitle)/\w+": "the titles of its recording",
    r"/ResourceGroup/SequenceNumber": "a release without discs has no number either",
    r"/ResourceGroup/AdditionalTitle/TitleText": "DisplayTitle of the disc",
    r"/ResourceGroupContentItem/LinkedReleaseResourceReference.*": "the cover is linked once",
    r"/Release/GlobalOriginalReleaseDate": "the date of the release, told of a track again",
}
# What the rebuilt message says and the original does not.
SAID_AS_WELL = {
    r"/DisplayTitleText(/@LanguageAndScriptCode)?": "made from each DisplayTitle",
    r"/SubTitle/@SubTitleType": "Version",
    r"/SoundRecordingEdition/Type": "NonImmersiveEdition",
    r"/ResourceGroup/(@ResourceGroupType|SequenceNumber|DisplayTitle/TitleText)": "a disc",
    r"/LinkedReleaseResourceReference/@LinkDescription": "CoverArt",
    r"/@LanguageAndScriptCode": "the language of the release",
    r"/TrackRelease/ReleaseId/ProprietaryId/@Namespace": "the sender",
    r"/\w+DetailsByTerritory/TerritoryCode": "Worldwide",
    r"/ReleaseDetailsByTerritory/(OriginalReleaseDate|ReleaseDate)": "of the release",
    r"/ReleaseDetailsByTerritory/Title/.+": "of the track as of its recording",
    r"/SoundRecordingDetailsByTerritory/DisplayArtistName": "as it differs from the release's",
    r"/ReleaseId/ICPN": "supplied by the test",
    r"/ResourceList/Image/ImageType": "the cover that each release has",
    r"/ResourceList/Image/ImageId/ProprietaryId(/@Namespace)?": "its identifier",
    r".*ResourceGroupContentItem/(ResourceType|ReleaseResourceReference.*)": "its place",
    r".*ReleaseResourceReferenceList/ReleaseResourceReference.*": "its place",
}


def read(samples: Path, name: str) -> tuple[bytes, ImportedMessage]:
    xml = (samples / name).read_bytes()
    return xml, DdexReader().read(xml)


@pytest.mark.parametrize("name", RELEASES)
def test_sample_that_is_rebuilt_reads_the_same(samples: Path, schemas: Path, name: str) -> None:
    _, message = read(samples, name)
    rebuilt = DdexReader().read(written(spec_of(message), schemas))

    assert message.metadata is not None
    supplied = message.metadata
    if not supplied.icpn and not supplied.grid:
        supplied = replace(supplied, icpn=ICPN)
    assert rebuilt.metadata == supplied
    assert rebuilt.label == message.label
    assert [f.field for f in rebuilt.files] == [f.field for f in message.files]
    assert rebuilt.report == ()


@pytest.mark.parametrize("name", RELEASES)
def test_sample_that_is_rebuilt_says_the_same_but_for_what_is_reported(
    samples: Path, schemas: Path, name: str
) -> None:
    xml, message = read(samples, name)
    rebuilt = written(spec_of(message), schemas)

    said, told = statements(xml, message.report), statements(rebuilt, ())

    changed = {plain(d.path) for d in message.report if d.fate is Fate.CHANGED}
    assert unexplained(said - told, SAID_OTHERWISE, set()) == []
    assert unexplained(told - said, SAID_AS_WELL, changed) == []


@pytest.mark.parametrize("name", [n for n in RELEASES if not n.startswith("minimal/")])
def test_sample_that_is_rebuilt_grants_the_same_rights(
    samples: Path, schemas: Path, name: str
) -> None:
    xml, message = read(samples, name)

    assert grants(written(spec_of(message), schemas)) == grants(xml)


@pytest.mark.parametrize("version", ["42", "43", "432"])
def test_pre_order_without_a_sale_is_reported_and_nothing_else_is_lost(
    samples: Path, schemas: Path, version: str
) -> None:
    xml, message = read(samples, f"minimal/single_{version}.xml")
    lost = grants(xml) - grants(written(spec_of(message), schemas))

    assert {grant[-1] for grant in lost} == {"IsPreOrderDeal=true"}
    assert [d.path for d in message.report if "Deal" in d.path] == [
        "/NewReleaseMessage/DealList/ReleaseDeal[1]/Deal[1]/DealTerms"
    ]


def test_audio_sample_is_held_down_to_its_scripts_and_prices(samples: Path) -> None:
    _, message = read(samples, "ern-43/1 Audio.xml")
    release = message.metadata
    assert release is not None
    first, price = release.tracks[0], release.deals[0].price

    assert (message.kind, message.message_id) == (ImportKind.NEW_RELEASE, "Test1.1")
    assert (release.title, release.type) == ("Yume no Hajmari", ReleaseType.ALBUM)
    assert (release.profile, release.label) == (Profile.AUDIO, "EMI MUSIC JAPAN INC.")
    assert [t.language for t in release.titles] == ["ja-Jpan", "ja-Kana"]
    assert [n.text for n in release.artist_names] == ["Saeko Shu", "しゅうさえこ", "ｼｭｳｻｴｺ"]
    assert (release.artists[0].indexed, release.artists[0].names[0].text) == (
        "Shu, Saeko",
        "しゅうさえこ",
    )
    assert release.related[0].icpn == "04988006110809"
    assert release.cover_id is not None
    assert release.cover_id.value == "PACKSHOT:0094631432057"
    assert len(release.tracks) == 21
    assert (first.isrc, first.preview_start, first.duration) == ("JPTO09404900", 45, 148)
    assert first.recorded is not None
    assert (first.recorded.date, first.recorded.approximate) == ("1993-12-01", True)
    assert first.p_line is not None
    assert (first.p_line.year, first.p_line.text) == (1994, "EMI Music Japan Inc.")
    assert price is not None
    assert (price.tier, price.tier_namespace) == ("AAAA", "PADPIDA2013042401U")
    assert [len(d.tracks) for d in release.deals] == [0, 21, 21]
    assert message.files[0].uri == "0094631432057_01_001.wav"
    assert message.files[-1].field == "cover"


def test_deals_stated_country_by_country_become_one(samples: Path) -> None:
    xml, message = read(samples, "ern-43/4 SimpleAudioSingle.xml")
    assert message.metadata is not None
    assert xml.count(b"<DealTerms>") == 747
    assert [d.territories.included for d in message.metadata.deals] == [("Worldwide",)] * 3


def test_stills_of_a_video_belong_to_it(samples: Path) -> None:
    _, message = read(samples, "ern-43/2 Video.xml")
    assert message.metadata is not None
    assert [(a.kind, a.isrc) for a in message.metadata.attachments] == [
        (AttachmentKind.VIDEO_SCREEN_CAPTURE, "DEMA61100471"),
        (AttachmentKind.VIDEO_SCREEN_CAPTURE, "DEMA61100472"),
    ]


def test_what_has_no_place_is_named_with_its_line(samples: Path) -> None:
    _, message = read(samples, "ern-43/2 Video.xml")
    found = {d.value: d for d in message.report}

    role = found["RightsAdministrator"]
    assert role.fate is Fate.NO_PLACE
    assert role.path == "/NewReleaseMessage/ReleaseList/Release/AdministratingRecordCompany[1]/Role"
    source = (samples / "ern-43/2 Video.xml").read_text().splitlines()[role.line - 1]
    assert "<Role>RightsAdministrator</Role>" in source


def test_old_details_by_territory_become_one_release(samples: Path) -> None:
    _, message = read(samples, "ern-382/Profile_AudioSingle.xml")
    release = message.metadata
    assert release is not None
    assert (release.title, release.genre, release.sub_genre) == (
        "Can you feel ...the Monkey Claw!",
        "Metal",
        "Progressive Metal",
    )
    assert [(a.name, a.role) for a in release.artists] == [
        ("Monkey Claw", "MainArtist"),
        ("Ape Hand", "FeaturedArtist"),
    ]
    assert [(c.name, c.roles) for c in release.tracks[0].contributors] == [
        ("Steve Albino", ("Producer",)),
        ("Bob Black", ("Composer",)),
    ]
    assert release.parental_warning is ParentalWarning.NOT_EXPLICIT
    fates = Counter(d.fate for d in message.report if d.value == "MX")
    assert fates == {Fate.CHANGED: 3}  # held for every territory


def test_identifiers_that_break_their_standard_are_kept_out_and_named(samples: Path) -> None:
    _, message = read(samples, "ern-382/Profile_AudioSingle.xml")
    assert message.metadata is not None
    assert (message.sender.dpid, message.metadata.grid, message.metadata.tracks[0].iswc) == (
        None,
        None,
        None,
    )
    invalid = {d.value for d in message.report if d.fate is Fate.INVALID}
    assert invalid == {
        "DPID_OF_THE_SENDER",
        "DPID_OF_THE_RECIPIENT",
        "T1234567890",
        "A1UCASE0000000001X",
    }


@pytest.mark.parametrize("name", ["LiveCycle_Takedown.xml", "ProfileVariant_PreOrders_Preview.xml"])
def test_deals_of_a_life_cycle_sample_are_read_with_a_release(
    samples: Path, schemas: Path, name: str
) -> None:
    """Those samples leave the release to the profile, so they get that of another sample."""
    deals = (samples / "ern-382" / name).read_text("utf-8-sig")
    single = (samples / "ern-382/Profile_AudioSingle.xml").read_text("utf-8-sig")
    deal_list = re.search(r"<DealList>.*</DealList>", deals, re.DOTALL)
    assert deal_list is not None
    text = deal_list.group().replace("R1<", "R0<")
    xml = single.replace("</ReleaseList>", f"</ReleaseList>{text}").encode()

    message = DdexReader().read(xml)

    assert message.metadata is not None
    if "Takedown" in name:
        assert message.kind is ImportKind.TAKEDOWN
        assert message.metadata.deals == ()
        return
    (deal,) = message.metadata.deals
    (shown,) = message.metadata.visibility
    assert (deal.start, deal.pre_order_from) == ("2011-11-28", "2011-09-20")
    assert deal.price is not None
    assert deal.price.tier == "X1"
    assert (shown.release, shown.track_list, shown.cover, shown.clips) == (
        "2011-10-01",
        "2011-10-10",
        "2011-10-20",
        "2011-10-30",
    )
    rebuilt = DdexReader().read(written(spec_of(message), schemas))
    assert rebuilt.metadata is not None
    assert rebuilt.metadata.deals == message.metadata.deals


@pytest.mark.parametrize("version", ["42", "43", "432"])
def test_purge_names_the_release(samples: Path, version: str) -> None:
    _, message = read(samples, f"minimal/purge_{version}.xml")
    assert (message.kind, message.ids.icpn) == (ImportKind.PURGE, "5901234123457")
    assert message.metadata is None


def unexplained(
    found: Counter[Statement], explained: dict[str, str], changed: set[str]
) -> list[str]:
    return [
        str(one)
        for one in found
        if one.path not in changed
        and not any(re.search(f"{pattern}$", one.path) for pattern in explained)
    ]


def plain(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)
