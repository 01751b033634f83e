"""The releases that the ERN tests are about."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from deadwax.application.messages import (
    BatchEntry,
    BatchSpec,
    DeliveryType,
    MessageKind,
    MessageSpec,
    ProductType,
)
from deadwax.domain.assets import AssetFacts, AudioFacts, ImageFacts
from deadwax.domain.choreography_versions import ChoreographyVersion
from deadwax.domain.deals import Deal, Price, RightsHeld
from deadwax.domain.identifiers import Dpid, Grid, Icpn, IpiName, Isni, Isrc, Iswc, Sha256
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist, Contributor
from deadwax.domain.target import ErnVersion, Mode, Party
from deadwax.domain.tenant import Label
from deadwax.domain.territories import Territories, Territory
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
LINE = RightsLine(year=2026, text=Name("Run-out Records"))
ADA = Artist(name=Name("Ada Lathe"), role=ArtistRole.MAIN, isni=Isni("0000000121032683"), ipi=None)
BEN = Artist(name=Name("Ben Stamper"), role=ArtistRole.FEATURED)


def digest(name: str) -> Sha256:
    return Sha256(hashlib.sha256(name.encode()).hexdigest())


def audio(name: str, duration_ms: int, container: str = "WAV") -> AssetFacts:
    return AssetFacts(
        sha256=digest(name),
        md5=hashlib.md5(name.encode()).hexdigest(),
        size=duration_ms * 176 + 44,
        filename=name,
        kind=AssetKind.AUDIO,
        audio=AudioFacts(
            container=container,
            codec="FLAC" if container == "FLAC" else "PCM",
            channels=2,
            sampling_rate=44_100,
            bits_per_sample=16,
            duration_ms=duration_ms,
        ),
    )


def picture(name: str, codec: str = "JPEG") -> AssetFacts:
    return AssetFacts(
        sha256=digest(name),
        md5=hashlib.md5(name.encode()).hexdigest(),
        size=812_345,
        filename=name,
        kind=AssetKind.IMAGE,
        image=ImageFacts(codec=codec, width=3000, height=3000),
    )


def track(disc: int, number: int, title: str) -> Track:
    return Track(
        disc=disc,
        number=number,
        isrc=Isrc(f"QZDWX26{disc:02d}{number:03d}"),
        title=Name(title),
        artists=(ADA,),
        genre=Name("Electronic"),
        language=Language("en"),
        instrumental=False,
        parental_warning=ParentalWarning.NOT_EXPLICIT,
        p_line=LINE,
        audio=digest(f"{disc}-{number}"),
    )


def album() -> ReleaseMetadata:
    """Two discs, and everything that a release can say."""
    composer = Contributor(
        name=Name("Carla Groove"),
        roles=(Name("Composer"), Name("Lyricist")),
        ipi=IpiName("00014107338"),
    )
    player = Contributor(
        name=Name("Ben Stamper"), roles=(Name("Performer"),), instruments=(Name("Piano"),)
    )
    japanese = Language("ja-Jpan")
    return ReleaseMetadata(
        title=Name("Etched & <Played>"),
        type=ReleaseType.ALBUM,
        label=Name("Run-out Records"),
        icpn=Icpn("5901234123457"),
        grid=Grid("A12425GABC1234002M"),
        catalogue_number=Name("ROR-001"),
        version=Name("Deluxe Edition"),
        titles=(LocalTitle(language=japanese, text=Name("溝に刻む")),),
        artists=(ADA, BEN),
        contributors=(Contributor(name=Name("Dora Press"), roles=(Name("StudioProducer"),)),),
        genre=Name("Electronic"),
        sub_genre=Name("Ambient"),
        language=Language("en"),
        p_line=LINE,
        c_line=RightsLine(year=2026, text=Name("© 2026 Run-out Records")),
        release_date=date(2026, 12, 4),
        original_release_date=date(2026, 11, 27),
        parental_warning=ParentalWarning.EXPLICIT,
        cover=digest("cover"),
        tracks=(
            replace(
                track(1, 1, "Lead-in Groove"),
                iswc=Iswc("T0345246801"),
                version=Name("Remastered"),
                titles=(LocalTitle(language=japanese, text=Name("導入溝")),),
                artists=(ADA, BEN),
                contributors=(composer, player),
                preview_start=5,
            ),
            replace(track(1, 2, "Lacquer"), parental_warning=ParentalWarning.EXPLICIT),
            replace(track(2, 1, "Run-out"), language=Language("zxx"), instrumental=True),
        ),
        rights=(RightsHeld(territories=WORLD),),
        deals=(
            Deal(
                territories=Territories(excluded=(Territory("JP"), Territory("US"))),
                models=(CommercialModel.PAY_AS_YOU_GO,),
                uses=(UseType.PERMANENT_DOWNLOAD,),
                start=Moment("2026-12-04"),
                price=Price(amount=Decimal("5.49"), currency=Currency("EUR")),
                pre_order_from=Moment("2026-11-06"),
            ),
            Deal(
                territories=WORLD,
                models=(CommercialModel.SUBSCRIPTION, CommercialModel.ADVERTISEMENT_SUPPORTED),
                uses=(UseType.ON_DEMAND_STREAM, UseType.NON_INTERACTIVE_STREAM),
                start=Moment("2026-12-04"),
                end=Moment("2031-01-01"),
            ),
        ),
    )


def single() -> ReleaseMetadata:
    """One recording of type Single, delivered as FLAC with a PNG."""
    return replace(
        album(),
        title=Name("Locked Groove"),
        type=ReleaseType.SINGLE,
        grid=None,
        catalogue_number=None,
        version=None,
        titles=(),
        artists=(ADA,),
        contributors=(),
        sub_genre=None,
        cover=digest("png"),
        tracks=(replace(track(1, 1, "Locked Groove"), audio=digest("flac")),),
        deals=album().deals[1:],
    )


def spec_of(release: ReleaseMetadata, kind: MessageKind) -> MessageSpec:
    facts = [
        audio("1-1", 181_400),
        audio("1-2", 3_661_500),
        audio("2-1", 59_999),
        audio("flac", 215_000, container="FLAC"),
        picture("cover"),
        picture("png", codec="PNG"),
    ]
    return MessageSpec(
        kind=kind,
        message_id=f"0f8fad5bd9cb469fa16570867728950e.{list(MessageKind).index(kind) + 1}",
        thread_id="0f8fad5bd9cb469fa16570867728950e",
        created_at=datetime(2026, 10, 1, 12, 30, 15, tzinfo=UTC),
        mode=Mode.TEST,
        ern=ErnVersion.V43,
        sender=Party(dpid=Dpid("PADPIDA2013042401U"), name=Name("Deadwax Distribution")),
        recipient=Party(dpid=Dpid("PADPIDA2009101501Y"), name=Name("Sandbox DSP")),
        label=Label(name=Name("Run-out Records"), dpid=Dpid("PADPIDA2007050901U")),
        release=release,
        assets={f.sha256: f for f in facts},
    )


@pytest.fixture(scope="session")
def album_spec() -> MessageSpec:
    return spec_of(album(), MessageKind.INITIAL)


@pytest.fixture(scope="session")
def single_spec() -> MessageSpec:
    return spec_of(single(), MessageKind.INITIAL)


@pytest.fixture(scope="session")
def takedown_spec() -> MessageSpec:
    return spec_of(album(), MessageKind.TAKEDOWN)


@pytest.fixture(scope="session")
def messages(schemas: Path) -> DdexMessages:
    return DdexMessages(schemas)


@pytest.fixture(scope="session")
def batch_spec() -> BatchSpec:
    spec = spec_of(album(), MessageKind.INITIAL)
    return BatchSpec(
        version=ChoreographyVersion.V18,
        root="N_20261001123015000",
        created_at=spec.created_at,
        mode=spec.mode,
        sender=spec.sender,
        recipient=spec.recipient,
        entries=(
            BatchEntry(
                message_id=spec.message_id,
                icpn="5901234123457",
                grid="A12425GABC1234002M",
                url="./5901234123457/5901234123457.xml",
                md5=hashlib.md5(b"message").hexdigest(),
                delivery=DeliveryType.NEW_RELEASE,
                product=ProductType.AUDIO,
            ),
        ),
    )
