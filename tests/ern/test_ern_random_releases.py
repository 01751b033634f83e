"""Whatever a release says, the message is valid or it is refused with reasons."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.ern.random_releases import complete_releases, languages, some_of, territories
from tests.ern.releases import ADA, ASSETS, LINE, RECIPIENT, RELEASES, digest, spec_of

from deadwax.application.messages import BuiltMessage, MessageKind, MessageSpec, SchemaCheck
from deadwax.domain.assets import AssetFacts, AudioFacts
from deadwax.domain.deals import Deal, Price, Visibility
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Isrc, Sha256
from deadwax.domain.message_style import MessageStyle, TakedownForm
from deadwax.domain.metadata import Attachment, DiscTitle, RelatedRelease, ReleaseMetadata
from deadwax.domain.parties import ArtistName, Contributor
from deadwax.domain.territories import COUNTRIES
from deadwax.domain.texts import Currency, Moment, Name
from deadwax.domain.tracks import ImmersiveEdition, RelatedRecording, TerritoryWarning, Track
from deadwax.domain.vocabulary import (
    ArtistRole,
    AssetKind,
    AttachmentKind,
    CommercialModel,
    ParentalWarning,
    Profile,
    ProfileVariant,
    RecordingKind,
    ReleaseType,
    UseType,
)
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.four.sequences import VERSIONS

MOMENTS = st.dates().map(Moment.on)
STYLES = st.sampled_from([None, TakedownForm.END_DATE]).map(lambda f: MessageStyle(takedown=f))


@settings(max_examples=120, deadline=None)
@given(
    release=complete_releases(),
    kind=st.sampled_from(MessageKind),
    ern=st.sampled_from(VERSIONS),
    style=STYLES,
    with_files=st.booleans(),
)
def test_complete_release_always_makes_a_valid_message(
    release: ReleaseMetadata,
    kind: MessageKind,
    ern: Any,
    style: MessageStyle,
    with_files: bool,
    messages: DdexMessages,
) -> None:
    spec = replace(spec_of(release, kind, ern), style=style, with_files=with_files)

    built = messages.build(spec)

    assert built.schema is SchemaCheck.VALID
    assert messages.check(built.xml) == (SchemaCheck.VALID, [])
    assert messages.build(spec) == built
    if kind in (MessageKind.INITIAL, MessageKind.UPDATE):
        assert granted(built.xml) == stated(release)


def granted(xml: bytes) -> dict[tuple[str, str], set[str]]:
    """Which countries each model and use is offered in, to whatever release."""
    found: dict[tuple[str, str], set[str]] = {}
    for terms in etree.fromstring(xml).iter("DealTerms"):
        included = set(_texts(terms, "TerritoryCode"))
        excluded = set(_texts(terms, "ExcludedTerritoryCode"))
        where = COUNTRIES if "Worldwide" in included else included or COUNTRIES - excluded
        for pair in itertools.product(
            _texts(terms, "CommercialModelType"), _texts(terms, "UseType")
        ):
            found.setdefault(pair, set()).update(where)
    return found


def stated(release: ReleaseMetadata) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for deal in release.deals:
        assert deal.is_for(RECIPIENT.dpid)
        for pair in itertools.product(deal.models, deal.uses):
            found.setdefault((str(pair[0]), str(pair[1])), set()).update(
                deal.territories.countries()
            )
    return found


def _texts(parent: etree._Element, name: str) -> Iterator[str]:
    return (e.text or "" for e in parent.iterfind(name))


anything = st.text(max_size=8).map(lambda text: str.__new__(Name, text))
words = st.sampled_from(
    ["IsCoverOf", "IsSpedUpOf", "IsImmersiveEditionOf", "LiveVersion", "AcapellaVersion", "Unknown"]
).map(Name)
SPOILERS: dict[str, st.SearchStrategy[Any]] = {
    "title": anything,
    "label": st.none() | anything,
    "icpn": st.none(),
    "genre": st.none() | anything,
    "language": languages,
    "release_date": st.none() | st.dates(),
    "original_release_date": st.none() | st.dates(),
    "cover": st.none(),
    "artists": st.just(()),
    "deals": st.lists(
        st.builds(
            Deal,
            territories=territories,
            models=some_of(CommercialModel, smallest=0),
            uses=some_of(UseType, smallest=0),
            start=MOMENTS,
            end=st.none() | MOMENTS,
            pre_order_from=st.none() | MOMENTS,
            price=st.none()
            | st.builds(
                Price,
                amount=st.decimals(min_value=0, allow_nan=False, allow_infinity=False),
                currency=st.sampled_from(["EUR", "USD", "ZZZ"]).map(Currency),
            ),
        ),
        max_size=2,
    ).map(tuple),
    "type": st.none() | st.sampled_from(ReleaseType),
    "profile": st.none() | st.sampled_from(Profile),
    "variants": st.none() | some_of(ProfileVariant, smallest=0),
    "version_types": st.tuples(words),
    "related": st.lists(
        st.builds(
            RelatedRelease, relationship=words, isrc=st.none() | st.just(Isrc("QZDWX9400001"))
        ),
        max_size=2,
    ).map(tuple),
    "disc_titles": st.lists(
        st.builds(DiscTitle, disc=st.integers(1, 3), title=anything), max_size=2
    ).map(tuple),
    "artist_names": st.lists(
        st.builds(ArtistName, text=anything, language=st.none() | languages), max_size=3
    ).map(tuple),
    "parental_warnings": st.lists(
        st.builds(
            TerritoryWarning, territories=territories, warning=st.sampled_from(ParentalWarning)
        ),
        max_size=2,
    ).map(tuple),
    "attachments": st.lists(
        st.builds(
            Attachment,
            kind=st.sampled_from(AttachmentKind),
            file=st.none() | st.sampled_from(sorted(ASSETS)).map(Sha256),
            isrc=st.sampled_from([None, Isrc("QZDWX2601001"), Isrc("QZDWX9400001")]),
        ),
        max_size=2,
    ).map(tuple),
    "visibility": st.lists(
        st.builds(
            Visibility,
            release=st.none() | MOMENTS,
            clips=st.none() | MOMENTS,
            territories=st.none() | territories,
        ),
        max_size=2,
    ).map(tuple),
    "tracks": st.lists(
        st.builds(
            Track,
            number=st.integers(1, 2),
            kind=st.none() | st.sampled_from(RecordingKind),
            isrc=st.just(Isrc("QZDWX2601001")),
            title=anything,
            artists=st.just((ADA,)) | st.just((replace(ADA, role=ArtistRole.COMPOSER), ADA)),
            genre=anything,
            language=languages,
            instrumental=st.booleans(),
            parental_warning=st.sampled_from(ParentalWarning),
            p_line=st.just(LINE),
            audio=st.none() | st.sampled_from(sorted(ASSETS)).map(Sha256),
            immersive=st.none()
            | st.just(ImmersiveEdition(isrc=Isrc("QZDWX2699001"), audio=digest("1-1"))),
            related=st.just(())
            | st.builds(
                RelatedRecording, relationship=words, isrc=st.just(Isrc("QZDWX9400001"))
            ).map(lambda r: (r,)),
        ),
        min_size=1,
        max_size=1,
    ).map(tuple),
    "contributors": st.lists(
        st.builds(Contributor, name=anything, roles=st.lists(anything, max_size=2).map(tuple)),
        max_size=2,
    ).map(tuple),
}


@settings(max_examples=250, deadline=None)
@given(
    data=st.data(),
    spoilt=st.sets(st.sampled_from(sorted(SPOILERS)), min_size=1, max_size=3),
    name=st.sampled_from(sorted(RELEASES)),
    kind=st.sampled_from(MessageKind),
    ern=st.sampled_from(VERSIONS),
)
def test_spoilt_release_is_refused_with_reasons_or_makes_a_valid_message(
    data: st.DataObject,
    spoilt: set[str],
    name: str,
    kind: MessageKind,
    ern: Any,
    messages: DdexMessages,
) -> None:
    values = {name: data.draw(SPOILERS[name], label=name) for name in sorted(spoilt)}
    spec = spec_of(replace(RELEASES[name](), **values), kind, ern)

    built, problems = outcome(messages, spec)

    if built is not None:
        assert built.schema is SchemaCheck.VALID
        return
    assert problems
    assert all(p.field and p.message for p in problems)
    # Named before it is built, not by what the XSD says of the result.
    assert not [p for p in problems if p.code.startswith("ern_")]


def outcome(
    messages: DdexMessages, spec: MessageSpec
) -> tuple[BuiltMessage | None, tuple[Problem, ...]]:
    try:
        return messages.build(spec), ()
    except Refused as refused:
        return None, refused.problems


@settings(max_examples=40, deadline=None)
@given(
    facts=st.builds(
        AudioFacts,
        container=st.sampled_from(["WAV", "AIFF", "FLAC", "MP3", "Wax"]),
        codec=st.sampled_from(["PCM", "FLAC", "MP3"]),
        channels=st.integers(1, 64),
        sampling_rate=st.integers(1, 10**7),
        bits_per_sample=st.integers(1, 64),
        duration_ms=st.integers(0, 10**9),
    ),
    size=st.integers(-1, 10**12),
)
def test_any_measured_file_is_stated_exactly_or_refused(
    facts: AudioFacts, size: int, single_spec: MessageSpec, messages: DdexMessages
) -> None:
    sha256 = single_spec.release.tracks[0].audio or ""
    asset = AssetFacts(
        sha256=sha256,
        md5="0" * 32,
        size=size,
        filename="x",
        kind=AssetKind.AUDIO,
        audio=facts,
    )
    spec = replace(single_spec, assets={**single_spec.assets, sha256: asset})

    built, problems = outcome(messages, spec)

    if facts.container == "Wax" or size <= 0 or facts.duration_ms < 500:
        assert {p.field for p in problems} == {"tracks[0].audio"}
    else:
        assert built is not None
        told = etree.fromstring(built.xml).findtext(".//DeliveryFile/File/FileSize")
        assert Decimal(told or "") * 1000 == size
