"""From when a platform may show what is not out yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deadwax.domain.deals import Visibility
from deadwax.domain.territories import Territories
from deadwax.domain.texts import Moment
from deadwax.infrastructure.ern.four import shape
from deadwax.infrastructure.ern.four.draft import Draft
from deadwax.infrastructure.ern.four.shown import Children
from deadwax.infrastructure.ern.write import leaf, leaves


def references(draft: Draft) -> str:
    """What the release says to point at its visibility; nothing where the deals hold it."""
    return leaves("ReleaseVisibilityReference", [name for name, _ in _stated(draft)])


def release_visibility(draft: Draft) -> str:
    """The composites that follow the deals."""
    return "".join([_composite(name, v, draft) for name, v in _stated(draft)])


def in_deals(draft: Draft) -> Children:
    """The same dates as children of each deal of the release, where a version has them there."""
    if draft.shape.visibility is not shape.Visibility.IN_DEALS:
        return {}
    children: Children = {}
    for visibility in _one(draft):
        children |= {
            "ReleaseDisplayStartDateTime": _moment("ReleaseDisplay", visibility.release),
            "TrackListingPreviewStartDateTime": _moment(
                "TrackListingPreview", visibility.track_list
            ),
            "CoverArtPreviewStartDateTime": _moment("CoverArtPreview", visibility.cover),
            "ClipPreviewStartDateTime": _moment("ClipPreview", visibility.clips),
        }
    return children


def territory_children(territories: Territories | None) -> Children:
    if territories is None:
        return {}
    return {
        "TerritoryCode": leaves("TerritoryCode", territories.included),
        "ExcludedTerritoryCode": leaves("ExcludedTerritoryCode", territories.excluded),
    }


def _stated(draft: Draft) -> Iterator[tuple[str, Visibility]]:
    """Without deals there is no list in which visibility could stand."""
    form = draft.shape.visibility
    if form is shape.Visibility.IN_DEALS or not draft.has_deals:
        return
    found = draft.release.visibility if form is shape.Visibility.BY_TERRITORY else _one(draft)
    for n, visibility in enumerate(found):
        yield f"V{n}", visibility


def _one(draft: Draft) -> Sequence[Visibility]:
    """The one that holds everywhere, for versions that know no other."""
    everywhere = [v for v in draft.release.visibility if v.territories is None]
    if len(everywhere) < len(draft.release.visibility):
        draft.writer.omitted["ReleaseVisibility/TerritoryCode"] = None
    return everywhere[:1]


def _composite(name: str, visibility: Visibility, draft: Draft) -> str:
    children = {
        "VisibilityReference": leaf("VisibilityReference", name),
        **territory_children(visibility.territories),
        "ReleaseDisplayStartDateTime": _moment("ReleaseDisplay", visibility.release),
        "CoverArtPreviewStartDateTime": _moment("CoverArtPreview", visibility.cover),
        "FullTrackListingPreviewStartDateTime": _moment(
            "FullTrackListingPreview", visibility.track_list
        ),
        "ClipPreviewStartDateTime": _moment("ClipPreview", visibility.clips),
    }
    return draft.writer.composite("ReleaseVisibility", children)


def _moment(name: str, moment: Moment | None) -> str:
    return leaf(f"{name}StartDateTime", None if moment is None else moment.as_datetime)
