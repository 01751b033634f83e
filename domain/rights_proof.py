"""The proof that what is dealt is held: for each deal, model, use, country and track, which
rights cover its period, one after the other; and what none covers.

Countries with the same rights are one line, and so are tracks, models and uses. The proof is
plain data and stored with the message that it stands for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    reach = [right.territories.countries() for right in rights]
    world = _alike(sorted(COUNTRIES), rights, lambda at, country: country in reach[at])
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
                if here := dealt.intersection(countries):
                    alike[_in_turn(deal, rights, holding & there)] |= here
            for (by, gaps), where in alike.items():
                part = Part(
                    deal=at,
                    models=models,
                    uses=uses,
                    territories=Territories.naming(where),
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
    by_model = _alike(
        deal.models, rights, lambda i, m: not (r := rights[i]).models or m in r.models
    )
    by_use = _alike(deal.uses, rights, lambda i, u: not (r := rights[i]).uses or u in r.uses)
    isrcs = tuple(deal.tracks or tracks)
    of_tracks = _alike(isrcs, rights, lambda i, t: not (r := rights[i]).tracks or t in r.tracks)
    for models, one in by_model:
        for uses, two in by_use:
            for of, three in of_tracks or [((), _for_any_track(rights))]:
                yield models, uses, () if of == isrcs else of, one & two & three


def _for_any_track(rights: Sequence[RightsHeld]) -> Places:
    return frozenset(i for i, right in enumerate(rights) if not right.tracks)


def _alike(
    things: Iterable[T], rights: Sequence[RightsHeld], is_in: Callable[[int, T], bool]
) -> list[tuple[tuple[T, ...], Places]]:
    """The things in groups for which the same rights are stated."""
    groups: dict[Places, list[T]] = defaultdict(list)
    for thing in things:
        groups[frozenset(i for i in range(len(rights)) if is_in(i, thing))].append(thing)
    return [(tuple(group), places) for places, group in groups.items()]


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
