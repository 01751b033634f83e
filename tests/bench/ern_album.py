"""Albums to build messages of: twelve tracks make about 48 KB and 1,100 elements."""

from __future__ import annotations

from dataclasses import replace

from tests.ern.releases import audio, plain_album, spec_of, track

from deadwax.application.messages import MessageSpec
from deadwax.domain.identifiers import Isrc, Iswc
from deadwax.domain.parties import Contributor
from deadwax.domain.texts import Language, Name, PartialDate
from deadwax.domain.tracks import EventDate, LocalTitle, Track


def album_spec(tracks: int = 12) -> MessageSpec:
    """The first message of an album with credits, a second language and previews."""
    release = plain_album()
    listed = tuple(_track(n) for n in range(1, tracks + 1))
    spec = spec_of(replace(release, tracks=listed))
    files = [audio(f"1-{n}", 180_000 + 100 * n) for n in range(1, tracks + 1)]
    return replace(spec, assets={**spec.assets, **{facts.sha256: facts for facts in files}})


_CREDITS = (
    ("Carla Groove", "ComposerLyricist"),
    ("Dora Press", "StudioProducer"),
    ("Emil Stylus", "Mixer"),
    ("Fay Platter", "MasteringEngineer"),
    ("Gus Tonearm", "MusicPublisher"),
)


def _track(n: int) -> Track:
    disc, number = divmod(n - 1, 999)
    return replace(
        track(disc + 1, number + 1, f"Side {n}"),
        isrc=Isrc(f"QZDWX26{n:05d}"),
        iswc=Iswc("T0345246801"),
        audio=audio(f"1-{n}", 180_000 + 100 * n).sha256,
        titles=(
            LocalTitle(language=Language("ja-Jpan"), text=Name(f"面 {n}")),
            LocalTitle(language=Language("ja-Latn"), text=Name(f"Men {n}")),
        ),
        contributors=tuple(
            Contributor(name=Name(name), roles=(Name(role),)) for name, role in _CREDITS
        ),
        recorded=EventDate(date=PartialDate("2026-03")),
        preview_start=30,
        preview_length=30,
    )
