"""Details by territory of 3.8.x: the set that counts as that of the world, and the others."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from deadwax.domain.territories import COUNTRIES
from deadwax.domain.tracks import TerritoryWarning
from deadwax.domain.vocabulary import ParentalWarning
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.deal_terms import territories
from deadwax.infrastructure.ern.reading.lines import warnings
from deadwax.infrastructure.ern.reading.values import choice

_CODES = ("TerritoryCode", "ExcludedTerritoryCode")


class Details:
    """`general` holds for the world, or for most of it. What the other sets say
    again is marked as held; what they say otherwise, but for warnings, stays unread."""

    def __init__(self, listed: Sequence[Cursor]) -> None:
        sets = [(territories(cursor), cursor) for cursor in listed]
        sets.sort(key=lambda one: -len(one[0].countries()) if one[0] else 0)
        self._where = [where for where, _ in sets]
        self._others = sets[1:]
        self.general = sets[0][1] if sets else None
        self._note_gaps()

    def children(self, *names: str) -> list[Cursor]:
        return self.general.children(*names) if self.general else []

    def child(self, *names: str) -> Cursor | None:
        return self.general.child(*names) if self.general else None

    def other_children(self, name: str) -> list[Cursor]:
        """Of the other sets."""
        return [child for _, other in self._others for child in other.children(name)]

    def warnings(self) -> dict[str, Any]:
        """`parental_warning` and `parental_warnings`."""
        found = warnings(self.children("ParentalWarningType"))
        general = found["parental_warning"]
        special = []
        for where, other in self._others:
            warning = choice(other.child("ParentalWarningType"), ParentalWarning)
            if where and warning and warning != general:
                special.append(TerritoryWarning(territories=where, warning=warning))
        return {"parental_warning": general, "parental_warnings": tuple(special)}

    def hold_repeats(self) -> None:
        """After the general set was read."""
        if self._others:
            held = held_statements(self.general)
            for _, other in self._others:
                hold_repeats(other, held)

    def _note_gaps(self) -> None:
        """Together the sets are to be the world; where they are not, the model holds more."""
        covered: set[str] = set()
        for where in self._where:
            covered |= where.countries() if where else set()
        if self.general is None or covered >= COUNTRIES:
            return
        first = self.general.child(*_CODES)
        if first is not None:
            first.changed("The details are held for every territory.")


def held_statements(*sources: Cursor | None) -> frozenset[object]:
    """What the children of these say, as far as it is held."""
    children = (child for source in sources if source for child in source.children())
    return frozenset(child.canonical for child in children if child.is_held)


def hold_repeats(holder: Cursor, held: AbstractSet[object]) -> None:
    """Mark the children of `holder` that say again what is held."""
    for child in holder.children():
        if child.canonical in held:
            child.hold_all()
