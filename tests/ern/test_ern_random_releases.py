"""Whatever a release says, the message is valid or it is refused with reasons."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from deadwax.application.messages import BuiltMessage, MessageKind, MessageSpec, SchemaCheck
from deadwax.domain.assets import AssetFacts, AudioFacts
from deadwax.domain.deals import Deal, Price, RightsHeld
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Icpn, Isrc, gtin_check_digit
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist, Contributor
from deadwax.domain.territories import COUNTRIES, Territories, Territory
from deadwax.domain.texts import Currency, Language, Moment, Name
from deadwax.domain.tracks import LocalTitle, RightsLine, Track
from deadwax.domain.vocabulary import (
    ArtistRole,
    AssetKind,
    CommercialModel,
    ParentalWarning,
    ReleaseType,
    UseType,
)
from deadwax.infrastructure.ern.builder import DdexMessages

WORLD = Territories(included=(Territory("Worldwide"),))
STREET = date(2026, 12, 4)

names = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
    .map(lambda text: re.sub("[\ufffe\uffff]", "", text).strip())
    .filter(bool)
    .map(Name)
)
languages = st.sampled_from(["en", "ja", "ja-Latn", "pt-BR", "zh-Hant-TW", "zxx"]).map(Language)
lines = st.builds(RightsLine, year=st.integers(1860, 2200), text=names)
countries = st.lists(st.sampled_from(sorted(COUNTRIES)), min_size=1, max_size=5, unique=True)
codes = countries.map(lambda found: tuple(Territory(c) for c in found))
territories = st.one_of(
    st.just(WORLD),
    codes.map(lambda c: Territories(included=c)),
    codes.map(lambda c: Territories(excluded=c)),
)
warnings = st.sampled_from(ParentalWarning)

MOMENTS = st.dates().map(Moment.on)


def some_of(kind: Any, smallest: int = 1) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(kind), min_size=smallest, unique=True).map(tuple)


@st.composite
def artists(draw: st.DrawFn) -> tuple[Artist, ...]:
    roles = [ArtistRole.MAIN, *draw(st.lists(st.sampled_from(ArtistRole), max_size=3))]
    return tuple(Artist(name=draw(names), role=role) for role in draw(st.permutations(roles)))


@st.composite
def sellable_deals(draw: st.DrawFn) -> Deal:
    """A deal that can be told: what has a price or a pre-order is sold as a download."""
    is_sold = draw(st.booleans())
    models = set(draw(some_of(CommercialModel))) | {CommercialModel.SUBSCRIPTION}
    uses = set(draw(some_of(UseType)))
    price, pre_order = None, None
    if is_sold:
        models.add(CommercialModel.PAY_AS_YOU_GO)
        uses.add(UseType.PERMANENT_DOWNLOAD)
        amount = draw(st.decimals(0, 10_000, places=2))
        price = draw(st.none() | st.just(Price(amount=amount, currency=Currency("EUR"))))
        pre_order = draw(st.none() | st.just(STREET - timedelta(days=draw(st.integers(1, 400)))))
    return Deal(
        territories=draw(territories),
        models=tuple(sorted(models)),
        uses=tuple(sorted(uses)),
        start=STREET,
        end=draw(st.none() | st.just(STREET + timedelta(days=draw(st.integers(1, 9000))))),
        price=price,
        pre_order_from=pre_order,
    )


@st.composite
def local_titles(draw: st.DrawFn) -> tuple[LocalTitle, ...]:
    tags = draw(st.lists(st.sampled_from(["ko", "ru", "el-Grek"]), unique=True, max_size=3))
    return tuple(LocalTitle(language=Language(t), text=draw(names)) for t in tags)


contributors = st.lists(
    st.builds(
        Contributor,
        name=names,
        roles=some_of([Name("Composer"), Name("Lyricist"), Name("StudioProducer")]),
        instruments=some_of([Name("Piano"), Name("12-StringGuitar")], smallest=0),
    ),
    max_size=3,
).map(tuple)


@st.composite
def tracks(draw: st.DrawFn, disc: int, number: int, audio: str) -> Track:
    return Track(
        disc=disc,
        number=number,
        isrc=Isrc(f"QZDWX{disc:02d}{number:05d}"),
        title=draw(names),
        version=draw(st.none() | names),
        titles=draw(local_titles()),
        artists=draw(artists()),
        contributors=draw(contributors),
        genre=draw(names),
        language=draw(languages),
        instrumental=draw(st.booleans()),
        parental_warning=draw(warnings),
        p_line=draw(lines),
        preview_start=draw(st.none() | st.just(0)),
        audio=audio,  # type: ignore[arg-type]
    )


@st.composite
def complete_releases(draw: st.DrawFn, audio: str, cover: str) -> ReleaseMetadata:
    discs = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    digits = f"{draw(st.integers(0, 10**12 - 1)):012d}"
    placed = [
        draw(tracks(disc, number, audio))
        for disc, count in enumerate(discs, start=1)
        for number in range(1, count + 1)
    ]
    first = STREET - timedelta(days=draw(st.integers(0, 20_000)))
    return ReleaseMetadata(
        title=draw(names),
        type=draw(st.sampled_from(ReleaseType if len(placed) < 7 else [ReleaseType.ALBUM])),
        label=Name("Run-out Records"),
        icpn=Icpn(digits + gtin_check_digit(digits)),
        version=draw(st.none() | names),
        catalogue_number=draw(st.none() | names),
        titles=draw(local_titles()),
        artists=draw(artists()),
        contributors=draw(contributors),
        genre=draw(names),
        sub_genre=draw(st.none() | names),
        language=Language("en"),
        p_line=draw(lines),
        c_line=draw(lines),
        release_date=STREET,
        original_release_date=first,
        parental_warning=draw(warnings),
        cover=cover,  # type: ignore[arg-type]
        tracks=tuple(draw(st.permutations(placed))),
        rights=(RightsHeld(territories=WORLD),),
        deals=tuple(draw(st.lists(sellable_deals(), min_size=1, max_size=3))),
    )


def named(spec: MessageSpec, filename: str) -> str:
    return next(f.sha256 for f in spec.assets.values() if f.filename == filename)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), kind=st.sampled_from(MessageKind))
def test_complete_release_always_makes_a_valid_message(
    data: st.DataObject, kind: MessageKind, album_spec: MessageSpec, messages: DdexMessages
) -> None:
    audio, cover = named(album_spec, "1-1"), named(album_spec, "cover")
    release = data.draw(complete_releases(audio, cover))
    spec = replace(album_spec, kind=kind, release=release)

    built = messages.build(spec)

    assert built.schema is SchemaCheck.VALID
    assert messages.check(built.xml) == (SchemaCheck.VALID, [])
    assert messages.build(spec) == built
    if kind is not MessageKind.TAKEDOWN:
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
        for pair in itertools.product(deal.models, deal.uses):
            found.setdefault((str(pair[0]), str(pair[1])), set()).update(
                deal.territories.countries()
            )
    return found


def _texts(parent: etree._Element, name: str) -> Iterator[str]:
    return (e.text or "" for e in parent.iterfind(name))


anything = st.text(max_size=8).map(lambda text: str.__new__(Name, text))
SPOILERS: dict[str, st.SearchStrategy[Any]] = {
    "title": anything,
    "label": st.none() | anything,
    "type": st.none(),
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
    "contributors": st.lists(
        st.builds(Contributor, name=anything, roles=st.lists(anything, max_size=2).map(tuple)),
        max_size=2,
    ).map(tuple),
}


@settings(max_examples=80, deadline=None)
@given(data=st.data(), spoilt=st.sets(st.sampled_from(sorted(SPOILERS)), min_size=1, max_size=3))
def test_spoilt_release_is_refused_with_reasons_or_makes_a_valid_message(
    data: st.DataObject, spoilt: set[str], album_spec: MessageSpec, messages: DdexMessages
) -> None:
    values = {name: data.draw(SPOILERS[name], label=name) for name in sorted(spoilt)}
    spec = replace(album_spec, release=replace(album_spec.release, **values))

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
        container=st.sampled_from(["WAV", "AIFF", "FLAC", "MP3"]),
        codec=st.sampled_from(["PCM", "FLAC"]),
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

    if facts.container == "MP3" or size <= 0 or facts.duration_ms < 500:
        assert {p.field for p in problems} == {"tracks[0].audio"}
    else:
        assert built is not None
        told = etree.fromstring(built.xml).findtext(".//DeliveryFile/File/FileSize")
        assert Decimal(told or "") * 1000 == size
