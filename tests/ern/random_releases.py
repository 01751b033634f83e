"""Random releases that use the whole model and are complete: none of them is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from tests.ern.releases import OURS, RECIPIENT, WORLD, digest

from deadwax.domain.deals import Deal, InstantGratification, Price, RightsHeld, Visibility
from deadwax.domain.identifiers import Icpn, IpiName, Ipn, Isni, Isrc, Iswc, gtin_check_digit
from deadwax.domain.metadata import Attachment, DiscTitle, RelatedRelease, ReleaseMetadata
from deadwax.domain.parties import Artist, ArtistName, Contributor, LocalName, ProprietaryId
from deadwax.domain.territories import COUNTRIES, Territories, Territory
from deadwax.domain.texts import Currency, Language, Moment, Name, Paragraph, PartialDate
from deadwax.domain.tracks import (
    EventDate,
    ImmersiveEdition,
    LocalTitle,
    RelatedRecording,
    RightsLine,
    TerritoryWarning,
    Track,
)
from deadwax.domain.vocabulary import (
    ArtistRole,
    AssetKind,
    AttachmentKind,
    ClaimPolicy,
    CommercialModel,
    Compilation,
    ParentalWarning,
    RecordingKind,
    ReleaseType,
    UseType,
)

STREET = date(2026, 12, 4)
FILES = {
    AssetKind.AUDIO: ("1-1", "1-2", "flac"),
    AssetKind.VIDEO: ("video-1", "video-2"),
    AssetKind.IMAGE: ("cover", "png"),
    AssetKind.TEXT: ("booklet", "lyrics"),
}
AUDIO_TYPES = (ReleaseType.ALBUM, ReleaseType.EP, ReleaseType.CLASSICAL_ALBUM, ReleaseType.DJ_MIX)
# The words of sets that differ from version to version: those that all of ERN 4 has.
ROLES = tuple(map(Name, ("Composer", "Lyricist", "StudioProducer", "Conductor")))
INSTRUMENTS = tuple(map(Name, ("Violin", "12-StringGuitar")))
VERSION_TYPES = tuple(map(Name, ("LiveVersion", "RemixVersion", "DemoVersion")))
PLAIN_MODELS = tuple(m for m in CommercialModel if m is not CommercialModel.RIGHTS_CLAIM)
MAYBE = st.booleans() | st.none()

names = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
    .map(lambda text: re.sub("[\ufffe\uffff]", "", text).strip())
    .filter(bool)
    .map(Name)
)
languages = st.sampled_from(["en", "ja", "ja-Latn", "pt-BR", "zh-Hant-TW", "zxx"]).map(Language)
other_languages = st.sampled_from(["ko", "ru", "el-Grek"]).map(Language)
lines = st.builds(RightsLine, year=st.integers(1860, 2200), text=names)
warnings = st.sampled_from(ParentalWarning)
ids = st.lists(st.builds(ProprietaryId, namespace=names, value=names), max_size=2, unique=True).map(
    tuple
)
events = st.none() | st.builds(
    EventDate,
    date=st.sampled_from(["1993", "1994-07", "2001-02-28"]).map(PartialDate),
    approximate=st.booleans(),
)
countries = st.lists(st.sampled_from(sorted(COUNTRIES)), min_size=1, max_size=5, unique=True)
codes = countries.map(lambda found: tuple(Territory(c) for c in found))
some_territories = st.one_of(
    codes.map(lambda c: Territories(included=c)),
    codes.map(lambda c: Territories(excluded=c)),
)
territories = st.just(WORLD) | some_territories
warnings_by_territory = st.just(()) | st.builds(
    lambda t, w: (TerritoryWarning(territories=t, warning=w),), some_territories, warnings
)
artist_names = st.just(()) | st.builds(
    lambda a, b: (ArtistName(text=a), ArtistName(text=b, language=Language("ko"))), names, names
)


def some_of(kind: Any, smallest: int = 1, most: int | None = None) -> st.SearchStrategy[Any]:
    options = st.sampled_from(kind)
    return st.lists(options, min_size=smallest, max_size=most, unique=True).map(tuple)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


_party = {
    "name": names,
    "indexed": maybe(names),
    "ascii": maybe(names),
    "names": st.just(()) | st.builds(LocalName, language=languages, text=names).map(lambda n: (n,)),
    "isni": maybe(st.just(Isni("0000000121032683"))),
    "ipi": maybe(st.just(IpiName("00014107338"))),
    "ipn": maybe(st.just(Ipn("10012345"))),
    "ids": ids,
}
contributors = st.lists(
    st.builds(
        Contributor, **_party, roles=some_of(ROLES), instruments=some_of(INSTRUMENTS, smallest=0)
    ),
    max_size=2,
).map(tuple)


@st.composite
def artists(draw: st.DrawFn) -> tuple[Artist, ...]:
    shown = [ArtistRole.MAIN, ArtistRole.FEATURED, ArtistRole.ARTIST]
    roles = [ArtistRole.MAIN, *draw(st.lists(st.sampled_from(shown), max_size=2))]
    of = st.builds(Artist, **_party, role=st.just(ArtistRole.MAIN), roles=some_of(ROLES, 0, 2))
    return tuple(replace(draw(of), role=role) for role in draw(st.permutations(roles)))


@st.composite
def local_titles(draw: st.DrawFn) -> tuple[LocalTitle, ...]:
    tags = draw(some_of(["ko", "ru", "el-Grek"], smallest=0))
    return tuple(
        LocalTitle(language=Language(t), text=draw(names), version=draw(maybe(names))) for t in tags
    )


related_recordings = st.builds(
    RelatedRecording,
    relationship=st.sampled_from(["IsCoverOf", "IsPartOf"]).map(Name),
    isrc=st.just(Isrc("QZDWX9400001")),
    title=maybe(names),
)


@st.composite
def tracks(draw: st.DrawFn, disc: int, number: int, *, video: bool) -> Track:
    kind = AssetKind.VIDEO if video else AssetKind.AUDIO
    kinds = [k for k in RecordingKind if k.is_sound is not video]
    file = digest(draw(st.sampled_from(FILES[kind])))
    edition = st.builds(
        ImmersiveEdition,
        isrc=st.just(Isrc(f"QZDWY{disc:02d}{number:05d}")),
        audio=st.just(digest("atmos")),
        p_line=maybe(lines),
    )
    return Track(
        disc=disc,
        number=number,
        kind=draw(maybe(st.sampled_from(kinds))),
        isrc=Isrc(f"QZDWX{disc:02d}{number:05d}"),
        iswc=draw(maybe(st.just(Iswc("T0345246801")))),
        ids=draw(ids),
        title=draw(names),
        version=draw(maybe(names)),
        version_types=draw(some_of(VERSION_TYPES, smallest=0)),
        titles=draw(local_titles()),
        artists=draw(artists()),
        artist_names=draw(artist_names),
        contributors=draw(contributors),
        genre=draw(names),
        sub_genre=draw(maybe(names)),
        language=draw(languages),
        other_languages=draw(some_of([Language("en"), Language("ja-Latn")], smallest=0)),
        instrumental=draw(st.booleans()),
        cover_version=draw(MAYBE),
        parental_warning=draw(warnings),
        parental_warnings=draw(warnings_by_territory),
        p_line=draw(lines),
        c_line=draw(maybe(lines)),
        courtesy_line=draw(maybe(names)),
        recorded=draw(events),
        mastered=draw(events),
        remastered=draw(events),
        first_published=draw(events),
        related=tuple(draw(st.lists(related_recordings, max_size=1))),
        keywords=draw(some_of([Name("a"), Name("b & c")], smallest=0)),
        marketing_comment=draw(maybe(names)),
        bonus=draw(st.booleans()),
        hidden=draw(st.booleans()),
        preview_start=draw(maybe(st.integers(0, 9))),
        preview_length=draw(maybe(st.integers(1, 30))),
        duration=draw(maybe(st.integers(1, 9000))),
        audio=None if video else file,
        video=file if video else None,
        immersive=None if video else draw(maybe(edition)),
    )


@st.composite
def attachments(draw: st.DrawFn, isrcs: tuple[Isrc | None, ...], at: int) -> Attachment:
    kind = draw(st.sampled_from(AttachmentKind))
    return Attachment(
        kind=kind,
        file=digest(draw(st.sampled_from(FILES[kind.asset_kind]))),
        id=draw(maybe(st.just(ProprietaryId(namespace=OURS, value=Name(f"x{at}"))))),
        isrc=draw(st.sampled_from((None, *isrcs))),
        title=draw(maybe(names)),
        language=draw(maybe(languages)),
        parental_warning=draw(maybe(warnings)),
    )


prices = st.one_of(
    st.builds(Price, amount=st.decimals(0, 10_000, places=2), currency=st.just(Currency("EUR"))),
    st.builds(Price, tier=names, tier_namespace=names),
)


@st.composite
def deals(draw: st.DrawFn, where: Territories, isrcs: tuple[Isrc, ...]) -> Deal:
    """A deal that can be told: what has a price or a pre-order is sold as a download."""
    common = {
        "territories": where,
        "start": Moment.on(STREET),
        "end": draw(maybe(st.integers(1, 9000).map(lambda n: Moment.on(STREET + timedelta(n))))),
        "channels": draw(ids),
        "promotional": draw(MAYBE),
        "recipients": draw(st.sampled_from([(), (RECIPIENT.dpid,)])),
    }
    if draw(st.integers(0, 5)) == 0:
        uses = some_of([UseType.USER_MADE_LABEL_PROVIDED, UseType.USER_MADE_USER_PROVIDED])
        return Deal(
            models=(CommercialModel.RIGHTS_CLAIM,),
            uses=draw(uses),
            claim_policy=draw(st.sampled_from(ClaimPolicy)),
            **common,
        )
    models = set(draw(some_of(PLAIN_MODELS))) | {CommercialModel.SUBSCRIPTION}
    uses = set(draw(some_of(UseType)))
    is_sold = draw(st.booleans())
    if is_sold:
        models.add(CommercialModel.PAY_AS_YOU_GO)
        uses.add(UseType.PERMANENT_DOWNLOAD)
    deal = Deal(models=tuple(sorted(models)), uses=tuple(sorted(uses)), **common)
    if not is_sold:
        return deal
    deal = replace(deal, price=draw(maybe(prices)))
    if not draw(st.booleans()):
        return deal
    early = draw(st.integers(1, 400))
    instant = [
        InstantGratification(
            isrc=isrc, start=Moment.on(STREET - timedelta(draw(st.integers(1, early))))
        )
        for isrc in draw(some_of(isrcs, smallest=0))
    ]
    return replace(
        deal,
        pre_order_from=Moment.on(STREET - timedelta(early)),
        pre_order_price=draw(maybe(prices)),
        instant_gratification=tuple(instant),
    )


@st.composite
def deal_lists(draw: st.DrawFn, isrcs: tuple[Isrc, ...]) -> tuple[Deal, ...]:
    """One everywhere, or several that share no country: none contradicts another."""
    apart = draw(countries)
    if len(apart) == 1:
        return (draw(deals(draw(territories), isrcs)),)
    return tuple(draw(deals(Territories(included=(Territory(code),)), isrcs)) for code in apart[:3])


@st.composite
def complete_releases(draw: st.DrawFn) -> ReleaseMetadata:
    """Audio, video or both; with everything that the model holds, or little of it."""
    form = draw(st.sampled_from(["audio", "audio", "video", "mixed"]))
    discs = draw(st.lists(st.integers(1, 2), min_size=1, max_size=2))
    places = [(d, n) for d, count in enumerate(discs, start=1) for n in range(1, count + 1)]
    if form == "mixed" and len(places) == 1:
        places.append((1, 2))
    videos = [form == "video" or (form == "mixed" and i == 0) for i in range(len(places))]
    placed = [draw(tracks(d, n, video=v)) for (d, n), v in zip(places, videos, strict=True)]
    types = {
        "audio": (*AUDIO_TYPES, ReleaseType.SINGLE),
        "video": (ReleaseType.VIDEO_ALBUM, ReleaseType.VIDEO_SINGLE, ReleaseType.SINGLE),
        "mixed": (ReleaseType.MULTIMEDIA_ALBUM, ReleaseType.ALBUM),
    }
    digits = f"{draw(st.integers(0, 10**12 - 1)):012d}"
    isrcs = tuple(t.isrc for t in placed if t.isrc)
    named = draw(deal_lists(isrcs))
    if any(deal.pre_order_from for deal in named):
        placed[0] = replace(placed[0], pre_order_incentive=draw(st.booleans()))
    related = st.builds(
        RelatedRelease,
        relationship=st.sampled_from(["HasSameArtist", "HasSimilarContent"]).map(Name),
        icpn=st.just(Icpn("4006381333931")),
        isrc=maybe(st.just(Isrc("QZDWX9400001"))),
        ids=ids,
        title=maybe(names),
    )
    seen = st.builds(
        Visibility,
        release=st.just(Moment("2020-01-01")),
        cover=maybe(st.just(Moment("2020-01-01T10:00:00"))),
        track_list=maybe(st.just(Moment("2020-01-01T10:00:00Z"))),
        clips=maybe(st.just(Moment("2020-01-02"))),
        territories=maybe(territories),
    )
    return ReleaseMetadata(
        title=draw(names),
        type=draw(st.sampled_from(types[form])),
        label=Name("Run-out Records"),
        icpn=Icpn(digits + gtin_check_digit(digits)),
        catalogue_number=draw(maybe(names)),
        ids=draw(ids),
        version=draw(maybe(names)),
        version_types=draw(some_of(VERSION_TYPES, smallest=0)),
        titles=draw(local_titles()),
        disc_titles=draw(st.just(()) | names.map(lambda n: (DiscTitle(disc=1, title=n),))),
        artists=draw(artists()),
        artist_names=draw(artist_names),
        contributors=draw(contributors),
        compilation=draw(maybe(st.sampled_from(Compilation))),
        genre=draw(names),
        sub_genre=draw(maybe(names)),
        language=Language("en"),
        p_line=draw(lines),
        c_line=draw(lines),
        courtesy_line=draw(maybe(names)),
        release_date=STREET,
        original_release_date=STREET - timedelta(days=draw(st.integers(0, 20_000))),
        parental_warning=draw(warnings),
        parental_warnings=draw(warnings_by_territory),
        related=tuple(draw(st.lists(related, max_size=2))),
        keywords=draw(some_of([Name("a"), Name("b & c")], smallest=0)),
        synopsis=draw(maybe(names.map(lambda n: Paragraph(f"{n}\n\t{n}")))),
        marketing_comment=draw(maybe(names.map(Paragraph))),
        cover=digest(draw(st.sampled_from(FILES[AssetKind.IMAGE]))),
        attachments=tuple(draw(attachments(isrcs, at)) for at in range(draw(st.integers(0, 3)))),
        tracks=tuple(draw(st.permutations(placed))),
        rights=(RightsHeld(territories=WORLD),),
        deals=named,
        visibility=tuple(draw(st.lists(seen, max_size=2, unique_by=_is_general))),
    )


def _is_general(visibility: Visibility) -> bool:
    """It is for the territories that no other names; one such, and one that names some."""
    return visibility.territories is None
