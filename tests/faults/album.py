"""A small album: two tracks of noise, a cover, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from tests import material

from deadwax.domain.deals import Deal, Price, RightsHeld
from deadwax.domain.identifiers import Icpn, Isrc, Sha256, gtin_check_digit
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist
from deadwax.domain.territories import Territories, Territory
from deadwax.domain.texts import Currency, Language, Moment, Name
from deadwax.domain.tracks import RightsLine, Track
from deadwax.domain.vocabulary import (
    ArtistRole,
    CommercialModel,
    ParentalWarning,
    ReleaseType,
    UseType,
)

_WORLD = Territories(included=(Territory("Worldwide"),))


def audio(home: Path, number: int) -> Path:
    path = home / f"{number}.flac"
    path.write_bytes(material.recording(number))
    return path


def jpeg(home: Path) -> Path:
    path = home / "cover.jpg"
    path.write_bytes(material.cover(format="JPEG"))
    return path


def metadata(audio: Sequence[Sha256], cover: Sha256) -> ReleaseMetadata:
    digits = f"59{uuid4().int % 10**10:010d}"
    artist = Artist(name=Name("The Testers"), role=ArtistRole.MAIN)
    line = RightsLine(year=2026, text=Name("2026 Run-out Records"))
    track = Track(
        number=1,
        isrc=Isrc("QZDWX2600001"),
        title=Name("One"),
        artists=(artist,),
        genre=Name("Electronic"),
        language=Language("zxx"),
        instrumental=True,
        parental_warning=ParentalWarning.NOT_EXPLICIT,
        p_line=line,
        audio=audio[0],
    )
    second = replace(track, number=2, isrc=Isrc("QZDWX2600002"), title=Name("Two"), audio=audio[1])
    return ReleaseMetadata(
        title=Name("Tested"),
        type=ReleaseType.EP,
        label=Name("Run-out Records"),
        icpn=Icpn(digits + gtin_check_digit(digits)),
        artists=(artist,),
        genre=Name("Electronic"),
        language=Language("en"),
        p_line=line,
        c_line=line,
        release_date=date(2026, 12, 4),
        original_release_date=date(2026, 12, 4),
        parental_warning=ParentalWarning.NOT_EXPLICIT,
        cover=cover,
        tracks=(track, second),
        rights=(RightsHeld(territories=_WORLD),),
        deals=(
            Deal(
                territories=_WORLD,
                models=(CommercialModel.PAY_AS_YOU_GO,),
                uses=(UseType.PERMANENT_DOWNLOAD,),
                start=Moment("2026-12-04"),
                price=Price(amount=Decimal("0.70"), currency=Currency("EUR")),
            ),
            Deal(
                territories=_WORLD,
                models=(CommercialModel.SUBSCRIPTION,),
                uses=(UseType.ON_DEMAND_STREAM,),
                start=Moment("2026-12-04"),
            ),
        ),
    )
