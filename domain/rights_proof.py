"""The proof that what is dealt is held: for each deal, model, use, country and track, which
rights cover its period, one after the other; and what none covers.

Countries with the same rights are one line, and so are tracks, models and uses. The proof is
plain data and stored with the message that it stands for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TypeVar

from deadwax.domain.deals import Deal, RightsHeld, ended_by
from deadwax.domain.identifiers import Dpid, Isrc
from deadwax.domain.periods import Period, shown
from deadwax.domain.territories import COUNTRIES, Territories
from deadwax.domain.texts import Moment
from deadwax.domain.vocabulary import CommercialModel, UseType

T = TypeVar("T")
Places = frozenset[int]
"""Of rights, in the list that the release states."""


@dataclass(frozen=True, kw_only=True)
class Cover:
    """The right at that place of `RightsProof.rights` covers the deal until then (local time),
    or to the end of the deal."""

    right: int
    until: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the deal at that place of the release: each of the models for each of the uses
    in each of the territories, of each of the tracks (none named: all that the deal is for)."""

    deal: int
    models: tuple[CommercialModel, ...]
    uses: tuple[UseType, ...]
    territories: Territories
    tracks: tuple[Isrc, ...] = ()
    start: Moment
    end: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class Covered(Part):
    """Covered by these rights in turn, without a gap."""

    by: tuple[Cover, ...]


@dataclass(frozen=True, kw_only=True)
class RightsProof:
    """It holds if nothing is `uncovered`. `recipient` is whose deals were looked at; None:
    everybody's. `rights` are all those that the release states."""

    recipient: Dpid | None = None
    rights: tuple[RightsHeld, ...]
    covered: tuple[Covered, ...]
    uncovered: tuple[Part, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.uncovered


def prove(
    deals: Sequence[Deal],
    rights: Sequence[RightsHeld],
    tracks: Sequence[Isrc],
    recipient: Dpid | None = None,
    ends: Moment | None = None,
) -> RightsProof:
    """Compare all that `deals` offer to `recipient` (None: to anybody) with `rights`.

    `tracks` are the ISRCs of the release; `ends` is when all deals are over, if they are to be.
    A pre-order is part of its deal and needs the rights from its own start. Several rights may
    cover a deal one after the other.
    """
    world = [
        (frozenset(countries), places)
        for countries, places in _alike(tuple(COUNTRIES), [_reach(right) for right in rights])
    ]
    covered: list[Covered] = []
    uncovered: list[Part] = []
    for at, stated in enumerate(deals):
        deal = stated if ends is None else next(ended_by([stated], ends), None)
        if deal is None or (recipient is not None and not deal.is_for(recipient)):
            continue
        dealt = deal.territories.countries()
        for models, uses, isrcs, holding in _offers(deal, rights, tracks):
            alike: dict[tuple[tuple[Cover, ...], tuple[Period, ...]], set[str]] = defaultdict(set)
            for countries, there in world:
                if here := dealt & countries:
                    alike[_in_turn(deal, rights, holding & there)] |= here
            for (by, gaps), where in alike.items():
                part = Part(
                    deal=at,
                    models=models,
                    uses=uses,
                    territories=deal.territories if where == dealt else Territories.naming(where),
                    tracks=isrcs,
                    start=deal.opens,
                    end=deal.end,
                )
                if not gaps:
                    covered.append(Covered(**vars(part), by=by))
                uncovered += [_during(part, gap) for gap in gaps]
    return RightsProof(
        recipient=recipient,
        rights=tuple(rights),
        covered=tuple(covered),
        uncovered=tuple(uncovered),
    )


def _offers(
    deal: Deal, rights: Sequence[RightsHeld], tracks: Sequence[Isrc]
) -> Iterator[tuple[tuple[CommercialModel, ...], tuple[UseType, ...], tuple[Isrc, ...], Places]]:
    """What the deal offers, in parts for which the same rights count wherever they hold."""
    by_model = _alike(deal.models, [right.models or None for right in rights])
    by_use = _alike(deal.uses, [right.uses or None for right in rights])
    isrcs = tuple(deal.tracks or tracks)
    of_tracks = _alike(isrcs, [right.tracks or None for right in rights])
    for models, one in by_model:
        for uses, two in by_use:
            for of, three in of_tracks:
                yield models, uses, () if of == isrcs else of, one & two & three


def _reach(right: RightsHeld) -> frozenset[str] | None:
    countries = right.territories.countries()
    return None if countries == COUNTRIES else countries


def _alike(
    things: tuple[T, ...], allowed: Sequence[Collection[T] | None]
) -> list[tuple[tuple[T, ...], Places]]:
    """The things in groups for which the same rights are stated. A right is for those that it
    has `allowed`, None for all; where there is nothing to ask for, only those for all count."""
    groups: list[tuple[tuple[T, ...], Places]] = [(things, frozenset())]
    for place, named in enumerate(allowed):
        groups = [part for group in groups for part in _split(*group, place, named)]
    return groups


def _split(
    things: tuple[T, ...], places: Places, place: int, named: Collection[T] | None
) -> Iterator[tuple[tuple[T, ...], Places]]:
    if named is None:
        yield things, places | {place}
        return
    inside = tuple(thing for thing in things if thing in named)
    outside = tuple(thing for thing in things if thing not in named)
    if inside:
        yield inside, places | {place}
    if outside or not things:
        yield outside, places


def _in_turn(
    deal: Deal, rights: Sequence[RightsHeld], places: Places
) -> tuple[tuple[Cover, ...], tuple[Period, ...]]:
    """The rights that follow each other over the deal's period, each the longest that there is
    when the one before ends; and the periods without any."""
    whole = Period.between(deal.opens, deal.end)
    held = [(i, _held(rights[i])) for i in sorted(places)]
    covers: list[Cover] = []
    gaps: list[Period] = []
    now: datetime | None = whole.start
    while now is not None and (whole.end is None or now < whole.end):
        holding = [(i, p) for i, p in held if p.holds_at(now)]
        if holding:
            right, period = max(holding, key=lambda found: (*found[1].reach, -found[0]))
            until = _earlier(period.end, whole.end)
            covers.append(Cover(right=right, until=_moment(until if until != whole.end else None)))
        else:
            until = min((p.start for _, p in held if p.start > now), default=None)
            until = _earlier(until, whole.end)
            gaps.append(Period(now, until))
        now = until
    return tuple(covers), tuple(gaps)


def _held(right: RightsHeld) -> Period:
    start = datetime.combine(right.start or date.min, time())
    return Period(start, datetime.combine(right.end, time()) if right.end else None)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)


def _during(part: Part, gap: Period) -> Part:
    return replace(part, start=Moment(shown(gap.start)), end=_moment(gap.end))


def _moment(local: datetime | None) -> Moment | None:
    return None if local is None else Moment(shown(local))
