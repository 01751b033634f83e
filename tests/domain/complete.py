"""A release that has everything it must have, to take one thing from at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from deadwax.domain.assets import AssetFacts, AudioFacts, ImageFacts
from deadwax.domain.deals import Deal, RightsHeld
from deadwax.domain.identifiers import Icpn, Isrc, Sha256
from deadwax.domain.media.measured import (
    Analysis,
    AudioMeasured,
    ImageMeasured,
    TextMeasured,
    VideoMeasured,
)
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist
from deadwax.domain.territories import Territories, Territory
from deadwax.domain.texts import Language, Moment, Name
from deadwax.domain.tracks import RightsLine, Track
from deadwax.domain.vocabulary import (
    ArtistRole,
    AssetKind,
    CommercialModel,
    ParentalWarning,
    ReleaseType,
    UseType,
)

COVER, AUDIO, ATMOS = (Sha256(letter * 64) for letter in "cad")
STREAM, SELL = CommercialModel.SUBSCRIPTION, CommercialModel.PAY_AS_YOU_GO
ON_DEMAND, DOWNLOAD = UseType.ON_DEMAND_STREAM, UseType.PERMANENT_DOWNLOAD
DAY = date(2031, 5, 1)
LABEL = Name("Analog Revival")
ARTISTS = (
    Artist(name=Name("Ada"), role=ArtistRole.MAIN),
    Artist(name=Name("Grace"), role=ArtistRole.FEATURED),
)
LINE = RightsLine(year=2031, text=LABEL)


def places(*codes: str) -> Territories:
    return Territories(included=tuple(Territory(code) for code in codes))


CLEAN: dict[AssetKind, Analysis] = {
    AssetKind.AUDIO: Analysis(
        analyser="1",
        audio=AudioMeasured(
            frames=180 * 44_100,
            bitrate_bps=1_411_200,
            bit_depth=16,
            effective_bits=16,
            sample_peak_dbfs=-3.0,
            true_peak_dbtp=-2.5,
            integrated_lufs=-16.0,
            correlation=0.5,
        ),
    ),
    AssetKind.IMAGE: Analysis(
        analyser="1", image=ImageMeasured(colour_space="RGB", bits=8, dpi=300, high_band_db=-20)
    ),
    AssetKind.VIDEO: Analysis(analyser="1", video=VideoMeasured(bitrate_bps=5_000_000)),
    AssetKind.TEXT: Analysis(analyser="1", text=TextMeasured(lines=10)),
}
"""What is measured of files that nothing is found of."""


def facts(sha256: str, kind: AssetKind) -> AssetFacts:
    audio = AudioFacts(
        container="WAV",
        codec="PCM",
        channels=2,
        sampling_rate=44_100,
        bits_per_sample=16,
        duration_ms=180_000,
    )
    image = ImageFacts(codec="JPEG", width=3000, height=3000)
    return AssetFacts(
        sha256=sha256,
        md5="0" * 32,
        size=1000,
        filename=f"file.{kind}",
        kind=kind,
        audio=audio if kind is AssetKind.AUDIO else None,
        image=image if kind is AssetKind.IMAGE else None,
        analysis=CLEAN[kind],
    )


def atmos() -> AssetFacts:
    plain = facts(ATMOS, AssetKind.AUDIO)
    assert plain.audio
    master = {"immersive": "DolbyAtmos", "sampling_rate": 48_000, "bits_per_sample": 24}
    heard = AudioMeasured(
        frames=180 * 48_000,
        bitrate_bps=13_824_000,
        bit_depth=24,
        effective_bits=24,
        sample_peak_dbfs=-3.0,
        true_peak_dbtp=-2.5,
        integrated_lufs=-19.0,
        correlation=0.5,
        beds=("AP_00010017",),
    )
    return replace(
        plain,
        audio=replace(plain.audio, channels=12, **master),
        analysis=Analysis(analyser="1", audio=heard),
    )


ASSETS: dict[str, AssetFacts] = {
    COVER: facts(COVER, AssetKind.IMAGE),
    AUDIO: facts(AUDIO, AssetKind.AUDIO),
    ATMOS: atmos(),
}


def track(at: int, **changes: Any) -> Track:
    complete = Track(
        number=at,
        isrc=Isrc(f"GBAYE69{at:05d}"),
        title=Name(f"Track {at}"),
        artists=ARTISTS,
        genre=Name("Rock"),
        language=Language("en"),
        instrumental=False,
        parental_warning=ParentalWarning.NOT_EXPLICIT,
        p_line=LINE,
        preview_start=30,
        audio=AUDIO,
    )
    return replace(complete, **changes)


DEAL = Deal(
    territories=places("DE", "FR"), models=(STREAM,), uses=(ON_DEMAND,), start=Moment.on(DAY)
)
COMPLETE = ReleaseMetadata(
    title=Name("Groove"),
    type=ReleaseType.EP,
    label=LABEL,
    icpn=Icpn("5901234123457"),
    artists=ARTISTS,
    genre=Name("Rock"),
    language=Language("en"),
    p_line=LINE,
    c_line=LINE,
    release_date=DAY,
    original_release_date=DAY,
    parental_warning=ParentalWarning.NOT_EXPLICIT,
    cover=COVER,
    tracks=(track(1), track(2)),
    rights=(RightsHeld(territories=places("Worldwide")),),
    deals=(DEAL,),
)


def with_deal(**changes: Any) -> ReleaseMetadata:
    return replace(COMPLETE, deals=(replace(DEAL, **changes),))
