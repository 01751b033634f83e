"""When a release may be seen before it is out: in time, and once for each territory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deadwax.domain.deals import Deal, Visibility
from deadwax.domain.errors import Problem


def visibility_problems(
    visibilities: Sequence[Visibility], deals: Sequence[Deal]
) -> Iterator[Problem]:
    for i, visibility in enumerate(visibilities):
        yield from _seen_late(visibility, deals, f"visibility[{i}]")
    yield from _seen_twice(visibilities)


def _seen_late(visibility: Visibility, deals: Sequence[Deal], at: str) -> Iterator[Problem]:
    """DDEX: a display date is never later than the start of a deal; and a release that can be
    pre-ordered can be seen."""
    where = visibility.territories.countries() if visibility.territories else None
    for i, deal in enumerate(deals):
        if where is not None and where.isdisjoint(deal.territories.countries()):
            continue
        for name in ("release", "cover", "track_list", "clips"):
            seen = getattr(visibility, name)
            latest = deal.opens if name == "release" else deal.start
            if seen is not None and latest.may_precede(seen):
                yield Problem(
                    "visible_too_late",
                    f"{at}.{name}",
                    f"{name} would be shown from {seen}, and deals[{i}] starts at {latest}.",
                    "Show it at the start at the latest.",
                )


def _seen_twice(visibilities: Sequence[Visibility]) -> Iterator[Problem]:
    """One that names no territories is for those that no other names."""
    seen: set[str] = set()
    general = False
    for i, visibility in enumerate(visibilities):
        where = visibility.territories
        countries = where.countries() if where else frozenset[str]()
        if (general and where is None) or not seen.isdisjoint(countries):
            yield Problem(
                "visible_twice",
                f"visibility[{i}].territories",
                "Another entry says when it is shown there.",
                "Give each territory to one entry.",
            )
        general |= where is None
        seen |= countries
