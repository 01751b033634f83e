"""From when a release may be shown before it is out: in composites of their own from 4.2 on,
in the deals before."""

from __future__ import annotations

from collections.abc import Sequence

from deadwax.domain.deals import Visibility
from deadwax.domain.territories import WORLDWIDE, Territories, Territory
from deadwax.infrastructure.ern.reading import moments
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.deal_terms import territories

_DATES = {
    "release": ("ReleaseDisplayStart", "PreOrderPreview"),
    "cover": ("CoverArtPreviewStart",),
    "track_list": ("FullTrackListingPreviewStart", "TrackListingPreviewStart"),
    "clips": ("ClipPreviewStart",),
}
_WORLD = Territories(included=(Territory(WORLDWIDE),))


def of_composites(message: Cursor, release: Cursor) -> tuple[Visibility, ...]:
    """Those that the main release refers to; others stay unread."""
    named = {c.text for c in release.children("ReleaseVisibilityReference")}
    found = []
    for composite in message.at("DealList/ReleaseVisibility"):
        reference = composite.child("VisibilityReference")
        if reference is None or reference.raw.strip() not in named:
            continue
        reference.hold()
        stated = composite.child("TerritoryCode", "ExcludedTerritoryCode") is not None
        where = territories(composite) if stated else None
        if (one := _visibility(composite, where)) is not None:
            found.append(one)
    return tuple(found)


def of_deals(message: Cursor, main: str | None) -> tuple[Visibility, ...]:
    """What the deals of the main release say; the same dates are one, where they hold."""
    found: dict[Visibility, list[Territories]] = {}
    silent = False
    for part in message.at("DealList/ReleaseDeal"):
        if main not in [c.raw.strip() for c in part.children("DealReleaseReference")]:
            continue
        for terms in part.at("Deal/DealTerms"):
            dates = _visibility(terms, None)
            if dates is None:
                silent = True
            else:
                found.setdefault(dates, []).append(territories(terms) or _WORLD)
    if len(found) == 1 and not silent:
        return tuple(found)
    return tuple(_within(dates, where) for dates, where in found.items())


def _within(dates: Visibility, where: Sequence[Territories]) -> Visibility:
    countries = frozenset().union(*(part.countries() for part in where))
    return Visibility(
        release=dates.release,
        cover=dates.cover,
        track_list=dates.track_list,
        clips=dates.clips,
        territories=Territories.naming(countries),
    )


def _visibility(holder: Cursor, where: Territories | None) -> Visibility | None:
    dates = {
        field: next((m for n in names if (m := moments.start(holder, n))), None)
        for field, names in _DATES.items()
    }
    if not any(dates.values()):
        return None
    return Visibility(**dates, territories=where)
