"""From when a platform may show what is not out yet, which 3.8.x says in the deals."""

from __future__ import annotations

from collections.abc import Sequence

from deadwax.domain.deals import Visibility
from deadwax.domain.territories import Territories
from deadwax.domain.texts import Moment
from deadwax.infrastructure.ern.write import leaf

# Each moment of a Visibility and where it stands in DealTerms.
_VISIBLE = (
    ("release", "ReleaseDisplayStartDate"),
    ("track_list", "TrackListingPreviewStartDate"),
    ("cover", "CoverArtPreviewStartDate"),
    ("clips", "ClipPreviewStartDate"),
)


def by_visibility(
    territories: Territories, wanted: Sequence[Visibility]
) -> list[tuple[Territories, Visibility | None]]:
    """The territories of a deal, split where they are shown from different moments on: what is
    said of a territory counts before what is said of all."""
    if not wanted:
        return [(territories, None)]
    left = territories.countries()
    parts: list[tuple[frozenset[str], Visibility | None]] = []
    for visibility in sorted(wanted, key=lambda v: v.territories is None):
        where = visibility.territories
        here = left if where is None else left & where.countries()
        if here:
            parts.append((here, visibility))
            left -= here
    if left:
        parts.append((left, None))
    if len(parts) == 1:
        return [(territories, parts[0][1])]
    return [(Territories.naming(here), visibility) for here, visibility in parts]


def dates(visibility: Visibility | None, start: Moment) -> dict[str, str]:
    """The children that say it. All four dates are needed: what has none of its own is shown with
    the release, and the release with the deal (the XSD on ReleaseDisplayStartDate)."""
    if visibility is None:
        return {}
    shown = visibility.release or start
    moments = {name: getattr(visibility, of) or shown for of, name in _VISIBLE}
    if all(map(is_day, moments.values())):
        return {name: leaf(name, moment) for name, moment in moments.items()}
    return {f"{n}Time": leaf(f"{n}Time", m.as_datetime) for n, m in moments.items()}


def is_day(moment: Moment) -> bool:
    return moment == moment[:10]
