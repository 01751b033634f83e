"""Details by territory: sets that never overlap and together are the world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from deadwax.domain.territories import COUNTRIES, WORLDWIDE, Territories
from deadwax.infrastructure.ern.write import leaves

Value = TypeVar("Value")


@dataclass(frozen=True)
class Part(Generic[Value]):
    """Where a value holds: in the countries of `included`, or in the world without `excluded`."""

    value: Value
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


def partition(
    general: Value, exceptions: Sequence[tuple[Territories, Value]]
) -> tuple[Part[Value], ...]:
    """Who has which value: one part per value, first the one that has the rest of the world.

    Where exceptions overlap, the first counts. The rest of the world belongs to the first
    exception that is stated as the world or all of it but some countries; otherwise it is
    `general`.
    """
    if not exceptions:
        return (Part(general),)
    by_country: dict[str, Value] = {}
    rest = general
    open_rest = True
    for territories, value in exceptions:
        for country in territories.countries():
            by_country.setdefault(country, value)
        if open_rest and (territories.excluded or WORLDWIDE in territories.included):
            rest, open_rest = value, False
    for country in COUNTRIES:
        by_country.setdefault(country, general)
    groups: dict[Value, list[str]] = {rest: []}
    for country in sorted(by_country):
        groups.setdefault(by_country[country], []).append(country)
    others = sorted(c for value, group in groups.items() if value != rest for c in group)
    return (
        Part(rest, excluded=tuple(others)),
        *(Part(v, included=tuple(c)) for v, c in groups.items() if v != rest),
    )


def codes(part: Part[Value]) -> dict[str, str]:
    """The children of a composite that say where it holds."""
    return _codes(part.included, part.excluded)


def codes_of(territories: Territories) -> dict[str, str]:
    """The same for the territories of a deal."""
    return _codes(territories.included, territories.excluded)


@lru_cache(maxsize=256)
def _codes(included: tuple[str, ...], excluded: tuple[str, ...]) -> dict[str, str]:
    if excluded:
        return {"ExcludedTerritoryCode": leaves("ExcludedTerritoryCode", excluded)}
    return {"TerritoryCode": leaves("TerritoryCode", included or (WORLDWIDE,))}


EVERYWHERE = _codes((), ())
