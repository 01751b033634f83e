"""ERN 4.x: every version, kind of message and profile makes a valid message or says why not."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from tests.ern.releases import RELEASES, album, full, spec_of

from deadwax.application.messages import BuiltMessage, MessageKind, MessageSpec, SchemaCheck
from deadwax.domain.errors import Refused
from deadwax.domain.message_style import (
    HashAlgorithm,
    HashEncoding,
    MessageStyle,
    TakedownForm,
    TerritorialTakedown,
)
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.plain import to_plain
from deadwax.domain.target import ErnVersion
from deadwax.domain.territories import Territory
from deadwax.domain.texts import Moment
from deadwax.domain.vocabulary import Profile, ProfileVariant
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.four.sequences import VERSIONS

NOW = "2026-10-01T12:30:15Z"


def _spec(name: str, ern: ErnVersion, kind: MessageKind, **changes: Any) -> MessageSpec:
    return replace(spec_of(RELEASES[name](), kind, ern), **changes)


def _out_since(release: ReleaseMetadata) -> ReleaseMetadata:
    """With deals that are already running when the message is made."""
    deals = [
        replace(d, start=Moment("2026-01-01"), pre_order_from=None, pre_order_price=None,
                instant_gratification=())
        for d in release.deals
    ]  # fmt: skip
    tracks = [replace(t, pre_order_incentive=False) for t in release.tracks]
    return replace(release, deals=tuple(deals), tracks=tuple(tracks), visibility=())


Kind = Callable[[str, ErnVersion], MessageSpec]
ENDED = MessageStyle(takedown=TakedownForm.END_DATE)
STATED = MessageStyle(territorial_takedown=TerritorialTakedown.STATED)
JAPAN = (Territory("JP"),)


def _takedown(name: str, ern: ErnVersion, style: MessageStyle) -> MessageSpec:
    spec = _spec(name, ern, MessageKind.TAKEDOWN, style=style)
    return replace(spec, release=_out_since(spec.release))


KINDS: dict[str, Kind] = {
    "new": lambda n, v: _spec(n, v, MessageKind.INITIAL),
    "update": lambda n, v: _spec(n, v, MessageKind.UPDATE),
    "metadata": lambda n, v: _spec(n, v, MessageKind.UPDATE, with_files=False),
    "takedown": lambda n, v: _spec(n, v, MessageKind.TAKEDOWN),
    "takedown_ended": lambda n, v: _takedown(n, v, ENDED),
    "takedown_before_start": lambda n, v: _spec(n, v, MessageKind.TAKEDOWN, style=ENDED),
    "takedown_later": lambda n, v: _spec(
        n, v, MessageKind.TAKEDOWN, ends=Moment("2035-01-01"), with_files=False
    ),
    "without_japan": lambda n, v: _spec(n, v, MessageKind.UPDATE, withdrawn_from=JAPAN),
    "without_japan_stated": lambda n, v: _spec(
        n, v, MessageKind.UPDATE, withdrawn_from=JAPAN, style=STATED
    ),
    "purge": lambda n, v: _spec(n, v, MessageKind.PURGE),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", RELEASES)
def test_every_kind_of_message_about_every_profile_is_valid(
    name: str, version: ErnVersion, messages: DdexMessages
) -> None:
    for kind, make in KINDS.items():
        built = messages.build(make(name, version))

        assert built.schema is SchemaCheck.VALID, kind


GOLDEN = Path(__file__).parents[1] / "golden" / "ern"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "kind"), [("full", "new"), ("video_album", "new"), ("album", "purge")]
)
def test_message_is_byte_for_byte_the_golden_file(
    name: str, kind: str, version: ErnVersion, messages: DdexMessages
) -> None:
    """With DEADWAX_WRITE_GOLDEN set the files are written anew, for a person to review."""
    file = GOLDEN / version / f"{name}_{kind}.xml"
    built = messages.build(KINDS[kind](name, version))
    if os.environ.get("DEADWAX_WRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(built.xml)

    assert built.xml == file.read_bytes()


# Said to us or for other platforms, kept by other messages, or told without its own words.
NOT_WRITTEN = {
    "label",
    "rights",
    "enrichment",
    "recipients",
    "audio",
    "file",
    "cover",
    "compilation",
}
# No place in the version, and so in BuiltMessage.omitted: the second visibility is of a country,
# the second related release has an ISRC only. Motion art has another name since 4.3.
_TITLE, _RELEASE = "tracks.related.title", "related.relationship"
_COUNTRY = {"visibility.release", "visibility.territories.included"}
NO_PLACE = {
    ErnVersion.V411: {_TITLE, "tracks.other_languages", *_COUNTRY},
    ErnVersion.V42: {_TITLE, _RELEASE, "visibility.clips", *_COUNTRY},
    ErnVersion.V43: {_TITLE, _RELEASE, "attachments.kind"},
    ErnVersion.V432: {_TITLE, _RELEASE, "attachments.kind"},
}


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_that_the_full_release_says_is_written_or_told_to_be_omitted(
    version: ErnVersion, messages: DdexMessages
) -> None:
    release = full()
    built = messages.build(spec_of(release, ern=version))
    written = {e.text for e in _root(built).iter()} | {
        value for e in _root(built).iter() for value in e.attrib.values()
    }
    plain = to_plain(replace(release, rights=(), deals=release.deals[:-1]))

    missing = {path for path, text in _texts(plain) if not {text, f"{text}T00:00:00"} & written}

    assert missing == NO_PLACE[version]


def test_the_full_release_uses_every_field_of_the_model() -> None:
    elsewhere = {
        "ReleaseMetadata.profile",
        "ReleaseMetadata.variants",
        "ReleaseMetadata.enrichment",
        "Track.video",
        "RightsHeld.start",
        "RightsHeld.end",
        "RightsHeld.models",
        "RightsHeld.uses",
        "RightsHeld.tracks",
    }

    assert _unused(full()) == elsewhere


PROFILES = {
    "album": ("Audio", None),
    "plain_album": ("Audio", None),
    "full": ("Audio", None),
    "single": ("SimpleAudioSingle", None),
    "maxi_single": ("Audio", None),
    "video_single": ("SimpleVideoSingle", None),
    "video_album": ("Video", None),
    "mixed_media": ("MixedMedia", None),
    "ringtone": ("Ringtone", None),
    "long_form": ("LongFormMusicalWorkVideo", None),
    "dj_mix": ("DjMix", None),
    "classical": ("Audio", "Classical"),
    "boxed_set": ("Audio", "BoxedSet"),
    "classical_boxed_set": ("Audio", "BoxedSet Classical"),
    "immersive": ("Audio", None),
}


@pytest.mark.parametrize("name", RELEASES)
def test_profile_and_variant_follow_from_the_release(name: str, messages: DdexMessages) -> None:
    root = _root(messages.build(_spec(name, ErnVersion.V43, MessageKind.INITIAL)))

    stated = root.get("ReleaseProfileVersionId"), root.get("ReleaseProfileVariantVersionId")
    assert stated == PROFILES[name]


def test_profile_and_variants_can_be_overridden(messages: DdexMessages) -> None:
    spec = _spec("single", ErnVersion.V43, MessageKind.INITIAL)
    named = replace(spec.release, profile=Profile.AUDIO, variants=(ProfileVariant.CLASSICAL,))

    root = _root(messages.build(replace(spec, release=named)))

    assert root.get("ReleaseProfileVersionId") == "Audio"
    assert root.get("ReleaseProfileVariantVersionId") == "Classical"
    assert len(list(root.iter("TrackRelease"))) == 1


@pytest.mark.parametrize(
    ("name", "profile", "code"),
    [
        ("album", Profile.SIMPLE_AUDIO_SINGLE, "profile_one_track"),
        ("album", Profile.VIDEO, "profile_tracks"),
        ("mixed_media", Profile.AUDIO, "profile_tracks"),
        ("album", Profile.MIXED_MEDIA, "profile_tracks"),
        ("album", Profile.DJ_MIX, "profile_type"),
        ("long_form", Profile.SIMPLE_VIDEO_SINGLE, "profile_extras"),
    ],
)
def test_impossible_profile_is_refused_and_says_why(
    name: str, profile: Profile, code: str, messages: DdexMessages
) -> None:
    spec = _spec(name, ErnVersion.V43, MessageKind.INITIAL)

    problems = _refusal(messages, replace(spec, release=replace(spec.release, profile=profile)))

    assert (code, "profile") in [(p.code, p.field) for p in problems]


def test_boxed_set_of_one_disc_is_refused(messages: DdexMessages) -> None:
    spec = _spec("maxi_single", ErnVersion.V43, MessageKind.INITIAL)
    named = replace(spec.release, variants=(ProfileVariant.BOXED_SET,))

    problems = _refusal(messages, replace(spec, release=named))

    assert [(p.code, p.field) for p in problems] == [("profile_boxed_set", "variants")]


def test_what_a_version_cannot_say_is_told(messages: DdexMessages) -> None:
    def omitted(version: ErnVersion) -> set[str]:
        return set(messages.build(spec_of(full(), ern=version)).omitted)

    everywhere = {
        "SoundRecording/CLine",
        "RelatedResource/DisplayTitle",
        "FirstPublicationDate/IsApproximate",
    }
    assert omitted(ErnVersion.V43) == everywhere | {"ReleaseId/ISRC", "Release/RelatedRelease"}
    assert omitted(ErnVersion.V432) == omitted(ErnVersion.V43)
    assert omitted(ErnVersion.V42) == omitted(ErnVersion.V43) | {
        "Release/VersionType",
        "ReleaseVisibility/TerritoryCode",
        "ReleaseVisibility/ClipPreviewStartDateTime",
        "Text/LanguageOfText",
        "TechnicalSoundRecordingDetails/PLine",
    }
    assert omitted(ErnVersion.V411) == everywhere | {
        "Release/VersionType",
        "ReleaseVisibility/TerritoryCode",
        "Text/LanguageOfText",
        "LanguageOfPerformance/Script",
    }


def test_message_tells_what_it_was_made_with(messages: DdexMessages) -> None:
    made = {v: messages.build(spec_of(album(), ern=v)).made_with for v in VERSIONS}
    unchecked = DdexMessages(None).build(spec_of(album())).made_with

    assert all(m["builder"].startswith("deadwax ") for m in made.values())
    assert len({m["schema"] for m in made.values()}) == len(VERSIONS)
    assert unchecked["schema"] == "not checked"


@pytest.mark.parametrize("version", VERSIONS)
def test_update_of_the_metadata_alone_names_no_files_and_delivers_none(
    version: ErnVersion, messages: DdexMessages
) -> None:
    whole = messages.build(KINDS["update"]("full", version))
    alone = messages.build(KINDS["metadata"]("full", version))

    assert whole.resources
    assert alone.resources == ()
    assert not list(_root(alone).iter("File"))
    assert {e.text for e in _root(alone).iter("IsProvidedInDelivery")} <= {"false"}
    lasts = "ResourceList/SoundRecording/Duration"
    assert [e.text for e in _root(whole).iterfind(lasts)][:1] == ["PT3M1S"]
    assert {e.text for e in _root(alone).iterfind(lasts)} == {
        e.text for e in _root(whole).iterfind(lasts)
    }


def test_metadata_alone_needs_no_files_if_the_label_says_how_long_tracks_are(
    messages: DdexMessages,
) -> None:
    release = album()
    bare = [replace(t, audio=None, duration=60 * t.number) for t in release.tracks]
    spec = replace(
        spec_of(replace(release, tracks=tuple(bare), cover=None), MessageKind.UPDATE),
        with_files=False,
        assets={},
    )

    durations = [e.text for e in _root(messages.build(spec)).iter("Duration")]
    without = replace(spec, release=replace(spec.release, tracks=release.tracks))

    assert durations == ["PT1M0S", "PT2M0S", "PT1M0S", "PT4M0S"]
    assert {p.code for p in _refusal(messages, without)} == {"duration_missing"}


@pytest.mark.parametrize("version", VERSIONS)
def test_takedown_by_end_date_ends_every_deal_when_the_message_is_made(
    version: ErnVersion, messages: DdexMessages
) -> None:
    root = _root(messages.build(KINDS["takedown_ended"]("album", version)))
    before_start = messages.build(KINDS["takedown_before_start"]("album", version))

    assert {e.text for e in root.iter("EndDateTime")} == {NOW}
    assert len(list(root.iter("EndDateTime"))) == len(list(root.iter("StartDateTime"))) == 3
    assert not list(root.iter("File"))
    # Nothing has begun that could end: no deal says the same.
    assert not list(_root(before_start).iter("DealList"))


def test_takedown_later_still_offers_the_release(messages: DdexMessages) -> None:
    later = _root(messages.build(KINDS["takedown_later"]("album", ErnVersion.V43)))

    assert "2031-01-01T00:00:00" in [e.text for e in later.iter("EndDateTime")]


def test_takedown_flag_is_refused(messages: DdexMessages) -> None:
    spec = spec_of(album(), MessageKind.TAKEDOWN)
    flagged = replace(spec, style=MessageStyle(takedown=TakedownForm.FLAG))

    assert [p.code for p in _refusal(messages, flagged)] == ["takedown_form_unknown"]


@pytest.mark.parametrize("version", VERSIONS)
def test_territory_is_left_out_or_stated_to_be_over(
    version: ErnVersion, messages: DdexMessages
) -> None:
    def japanese(kind: str) -> list[str | None]:
        root = _root(messages.build(KINDS[kind]("album", version)))
        terms = [t for t in root.iter("DealTerms") if t.findtext("TerritoryCode") == "JP"]
        assert all(t.find("UseType") is None for t in terms)
        return [t.findtext("ValidityPeriod/EndDateTime") for t in terms]

    assert japanese("without_japan") == []
    assert japanese("without_japan_stated") == [NOW, NOW]  # of the release, and of its tracks


@pytest.mark.parametrize("version", VERSIONS)
def test_purge_names_the_release_and_nothing_else(
    version: ErnVersion, messages: DdexMessages
) -> None:
    spec = KINDS["purge"]("album", version)
    bare = ReleaseMetadata(
        title=spec.release.title, icpn=spec.release.icpn, language=spec.release.language
    )
    root = _root(messages.build(spec))

    assert etree.QName(root).localname == "PurgeReleaseMessage"
    assert root.findtext("PurgedRelease/ReleaseId/ICPN") == "5901234123457"
    assert messages.build(replace(spec, release=bare)).resources == ()


@pytest.mark.parametrize(
    ("style", "algorithm", "data_type", "length"),
    [
        (MessageStyle(), "MD5", None, 32),
        (MessageStyle(hash_algorithm=HashAlgorithm.SHA256), "SHA-256", None, 64),
        (MessageStyle(hash_encoding=HashEncoding.BASE64), "MD5", "Binary64", 24),
    ],
)
def test_hash_sums_are_as_the_target_wants_them(
    style: MessageStyle,
    algorithm: str,
    data_type: str | None,
    length: int,
    messages: DdexMessages,
) -> None:
    built = messages.build(replace(spec_of(album()), style=style))

    for found in _root(built).iter("HashSum"):
        assert found.findtext("Algorithm") == algorithm
        assert found.findtext("DataType") == data_type
        assert len(found.findtext("HashSumValue") or "") == length


def test_pre_order_names_the_tracks_that_it_gives_from_when_it_gives_them(
    messages: DdexMessages,
) -> None:
    root = _root(messages.build(spec_of(full())))
    main, *_ = root.iter("ReleaseDeal")

    pre_orders = [
        (
            t.findtext("ValidityPeriod/StartDateTime"),
            t.findtext("ValidityPeriod/EndDateTime"),
            [e.text for e in t.iter("DealResourceReference")],
            t.findtext("PriceInformation/PriceCode"),
        )
        for t in main.iter("DealTerms")
        if t.find("IsPreOrderDeal") is not None
    ]
    assert pre_orders == [
        ("2026-11-06T00:00:00", "2026-11-20T00:00:00", ["A1"], "FRONT"),
        ("2026-11-20T00:00:00", "2026-12-04T09:00:00", ["A1", "A2"], "FRONT"),
    ]
    early = {
        tuple(e.text for e in group.iter("DealReleaseReference")): [
            p.findtext("StartDateTime") for p in group.iter("ValidityPeriod")
        ]
        for group in itertools.islice(root.iter("ReleaseDeal"), 1, None)
    }
    assert "2026-11-06T00:00:00" in early[("R1",)]
    assert "2026-11-20T00:00:00" in early[("R2",)]
    assert set(early[("R3",)]) == {"2026-12-04T00:00:00", "2026-12-11T00:00:00Z"}
    flagged = [
        i.findtext("ReleaseResourceReference")
        for i in root.iter("ResourceGroupContentItem")
        if i.find("IsInstantGratificationResource") is not None
    ]
    assert flagged == ["A1", "A2"]


def test_deals_for_other_platforms_are_not_sent(messages: DdexMessages) -> None:
    spec = spec_of(full())
    other = replace(spec, recipient=spec.sender)

    def models(spec: MessageSpec) -> set[str | None]:
        return {e.text for e in _root(messages.build(spec)).iter("CommercialModelType")}

    assert "DeviceFeeModel" not in models(spec)
    assert "DeviceFeeModel" in models(other)


def test_deal_for_certain_tracks_is_of_their_releases_only(messages: DdexMessages) -> None:
    root = _root(messages.build(spec_of(full())))
    sold = [
        [r.text for r in group.iter("DealReleaseReference")]
        for group in root.iter("ReleaseDeal")
        if "0.69" in [p.text for p in group.iter("WholesalePricePerUnit")]
    ]

    assert sold == [["R1"], ["R2"]]


def test_deal_for_the_whole_only_is_not_of_the_tracks(messages: DdexMessages) -> None:
    spec = spec_of(album())
    deal = replace(spec.release.deals[1], whole_only=True)
    whole = replace(spec, release=replace(spec.release, deals=(deal,)))

    root = _root(messages.build(whole))

    assert [e.text for e in root.iter("DealReleaseReference")] == ["R0"]


@pytest.mark.parametrize(
    ("version", "form"),
    [
        (ErnVersion.V411, "two recordings"),
        (ErnVersion.V42, "two encodings"),
        (ErnVersion.V43, "two editions"),
        (ErnVersion.V432, "two editions"),
    ],
)
def test_immersive_edition_is_told_as_the_version_has_it(
    version: ErnVersion, form: str, messages: DdexMessages
) -> None:
    built = messages.build(_spec("immersive", version, MessageKind.INITIAL))
    resources = _root(built).find("ResourceList")
    assert resources is not None
    recordings = len(resources.findall("SoundRecording"))
    first = resources[0]
    found = {
        "two recordings": recordings == 3,
        "two encodings": first.findtext("TechnicalDetails/EncodingId/ISRC") == "QZDWX2699001",
        "two editions": len(first.findall("SoundRecordingEdition")) == 2,
    }

    assert [name for name, holds in found.items() if holds] == [form]
    assert "QZDWX2699001" in [e.text for e in resources.iter("ISRC")]
    assert any(r.uri.endswith("T1I.wav") for r in built.resources)


def test_visibility_stands_where_the_version_has_it(messages: DdexMessages) -> None:
    found = {v: _root(messages.build(spec_of(full(), ern=v))) for v in VERSIONS}

    assert {v: len(list(root.iter("ReleaseVisibility"))) for v, root in found.items()} == {
        ErnVersion.V411: 0,
        ErnVersion.V42: 1,
        ErnVersion.V43: 2,
        ErnVersion.V432: 2,
    }
    dates = [e.text for e in found[ErnVersion.V411].iter("CoverArtPreviewStartDateTime")]
    assert set(dates) == {"2026-11-02T00:00:00"}
    assert dates


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text in a plain value, with the names that lead to it."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in NOT_WRITTEN:
                yield from _texts(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, path)
    elif isinstance(value, str):
        yield path, value


def _unused(value: Any) -> set[str]:
    """The fields, as `Class.field`, that have their default wherever they stand."""
    seen: dict[str, bool] = {}

    def walk(value: Any) -> None:
        if isinstance(value, tuple):
            for item in value:
                walk(item)
        elif is_dataclass(value):
            for f in fields(value):
                item = getattr(value, f.name)
                name = f"{_owner(type(value), f.name)}.{f.name}"
                seen[name] = seen.get(name, False) or item not in (None, (), False)
                walk(item)

    walk(value)
    return {name for name, used in seen.items() if not used}


def _owner(kind: type, field: str) -> str:
    """The class that first has it."""
    of = (c for c in reversed(kind.__mro__) if field in getattr(c, "__dataclass_fields__", {}))
    return next(of).__name__


def _root(built: BuiltMessage) -> etree._Element:
    return etree.fromstring(built.xml)


def _refusal(messages: DdexMessages, spec: MessageSpec) -> Any:
    with pytest.raises(Refused) as refused:
        messages.build(spec)
    return refused.value.problems
