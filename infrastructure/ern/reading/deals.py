"""Deals put together from the terms of a message: pre-orders with their sales, one deal for
terms that differ by territory only, and tracks beside the release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from deadwax.application.imported import Fate
from deadwax.domain.deals import Deal, InstantGratification
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Isrc
from deadwax.domain.territories import Territories
from deadwax.domain.texts import Moment
from deadwax.domain.vocabulary import CommercialModel
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.deal_terms import (
    WORLD,
    Terms,
    is_cancelled,
    read_terms,
)

SALE = CommercialModel.PAY_AS_YOU_GO
# A thousand tracks, each with deals of its own for each country and model, are within them.
_MOST_PAIRS, _MOST_TERMS = 3_000_000, 10_000
_TOO_MANY = Problem(
    "deals_too_many",
    "deals",
    f"There are more than {_MOST_TERMS} different deals, or they are for too many releases.",
    "Send fewer releases in one message.",
)


@dataclass(frozen=True)
class Releases:
    """References of the main release and of each track release with the ISRC of its track;
    `isrcs` are those of the recordings."""

    main: str | None
    tracks: Mapping[str, Isrc]
    isrcs: Mapping[str, Isrc]


@dataclass(frozen=True)
class DealsRead:
    """`withdraws` where every deal is cancelled, or says no more than that it ends."""

    deals: tuple[Deal, ...] = ()
    withdraws: bool = False


def read_deals(message: Cursor, releases: Releases) -> DealsRead:
    """In the order of the message, first those of the release, then those of its tracks.

    Raises Refused for more deals than any release has.
    """
    offered: dict[Terms, dict[str, _Source]] = {}
    withdrawn, n, pairs = False, 0, 0
    for part in message.at("DealList/ReleaseDeal"):
        named = _named(part, releases)
        for terms in part.at("Deal/DealTerms"):
            read = read_terms(terms, releases.isrcs)
            withdrawn |= is_cancelled(terms) or not read
            if not read:
                terms.note(Fate.NO_PLACE, "This deal is not held.")
            pairs += len(read) * len(named)
            for one in read:
                n += 1
                for reference in named:
                    offered.setdefault(one, {}).setdefault(reference, _Source(n, terms))
            if pairs > _MOST_PAIRS or len(offered) > _MOST_TERMS:
                raise Refused("The message was not read", [_TOO_MANY])
    placed = [p for terms, refs in offered.items() for p in _placed(terms, refs, releases)]
    placed.sort(key=lambda p: (bool(p.tracks), p.sources[0].n))
    deals = tuple(_with_pre_orders(_joined(placed)))
    return DealsRead(deals, withdraws=withdrawn and not deals)


@dataclass(frozen=True)
class _Source:
    """The `n`th terms of the message."""

    n: int
    terms: Cursor


@dataclass(frozen=True)
class _Placed:
    """Terms, and what they are for: these tracks, or the release if there are none."""

    terms: Terms
    tracks: tuple[Isrc, ...]
    whole_only: bool
    sources: tuple[_Source, ...]


def _named(part: Cursor, releases: Releases) -> list[str]:
    """The releases that a ReleaseDeal is for."""
    found = []
    for reference in part.children("DealReleaseReference"):
        if reference.raw.strip() in (releases.main, *releases.tracks):
            found.append(reference.text)
        else:
            reference.note(Fate.INVALID, "There is no such release in the message.")
    return found


def _placed(terms: Terms, named: Mapping[str, _Source], releases: Releases) -> Iterator[_Placed]:
    """A deal for the release covers its tracks too, unless it states a price or is a
    pre-order: those are of the whole."""
    tracks = {ref: releases.tracks[ref] for ref in named if ref in releases.tracks}
    of_whole = terms.price is not None or terms.is_pre_order or terms.pre_order_from is not None
    covers_all = len(tracks) == len(releases.tracks)
    if releases.main is not None and (main := named.get(releases.main)):
        yield _Placed(terms, (), not of_whole and not covers_all, (main,))
        if covers_all and not of_whole:
            return
    if tracks:
        sources = sorted({named[ref] for ref in tracks}, key=lambda source: source.n)
        yield _Placed(terms, tuple(tracks.values()), False, tuple(sources))


def _joined(placed: Iterable[_Placed]) -> list[_Placed]:
    """Those that differ in their countries only, as one."""
    groups: dict[tuple[Terms, tuple[Isrc, ...], bool], list[_Placed]] = {}
    for one in placed:
        key = (replace(one.terms, where=WORLD), one.tracks, one.whole_only)
        groups.setdefault(key, []).append(one)
    return [
        _Placed(
            replace(terms, where=_union([p.terms.where for p in group])),
            tracks,
            whole_only,
            tuple(source for p in group for source in p.sources),
        )
        for (terms, tracks, whole_only), group in groups.items()
    ]


def _union(parts: Sequence[Territories]) -> Territories:
    if len(parts) == 1:
        return parts[0]
    return Territories.naming(frozenset().union(*(p.countries() for p in parts)))


def _with_pre_orders(placed: Sequence[_Placed]) -> list[Deal]:
    """A pre-order joins the sale that begins when it ends, with the same scope. Several that
    follow each other are one, with more tracks given at once from each on."""
    pre_orders = [p for p in placed if p.terms.is_pre_order]
    deals: list[Deal] = []
    beside: list[Deal] = []
    for sale in (p for p in placed if not p.terms.is_pre_order):
        before = _before(sale, pre_orders)
        (beside if sale.tracks and not before else deals).append(_deal(sale, before))
    for pre_order in pre_orders:
        why = "No sale begins when this pre-order ends: the model has no place for it."
        for source in pre_order.sources:
            source.terms.note(Fate.NO_PLACE, why)
    return deals + [deal for deal in beside if not _is_at_once(deal, deals)]


def _before(sale: _Placed, pre_orders: list[_Placed]) -> list[_Placed]:
    """The windows of the pre-order that leads to this sale, in order; taken from the list."""
    found: list[_Placed] = []
    opens: Moment = sale.terms.start
    while window := next((p for p in pre_orders if _leads(p, sale, opens)), None):
        pre_orders.remove(window)
        found.insert(0, window)
        opens = window.terms.start
    return found


def _leads(window: _Placed, sale: _Placed, opens: Moment) -> bool:
    own, terms = window.terms, sale.terms
    return (
        own.end == opens
        and window.tracks == sale.tracks
        and own.where.countries() == terms.where.countries()
        and own.recipients == terms.recipients
        and own.channels == terms.channels
        and SALE in terms.models
        and set(own.uses) <= set(terms.uses)
    )


def _is_at_once(deal: Deal, deals: Sequence[Deal]) -> bool:
    """Whether it only says again of single tracks that a pre-order gives them at once."""
    given = {
        (i.isrc, i.start, d.start, d.territories.countries())
        for d in deals
        for i in d.instant_gratification
    }
    where = deal.territories.countries()
    return deal.price is None and all(
        (isrc, deal.start, deal.end, where) in given for isrc in deal.tracks
    )


def _deal(sale: _Placed, before: Sequence[_Placed]) -> Deal:
    terms = sale.terms
    price = before[0].terms.price if before else terms.price
    instant: dict[Isrc, InstantGratification] = {}
    for given in (*(i for w in before for i in w.terms.instant), *terms.instant):
        instant.setdefault(given.isrc, given)
    return Deal(
        territories=terms.where,
        models=terms.models,
        uses=terms.uses,
        start=terms.start,
        end=terms.end,
        price=terms.price,
        pre_order_from=before[0].terms.start if before else terms.pre_order_from,
        pre_order_price=price if price != terms.price else None,
        instant_gratification=tuple(instant.values()),
        tracks=sale.tracks,
        whole_only=sale.whole_only,
        recipients=terms.recipients,
        channels=terms.channels,
        claim_policy=terms.claim_policy,
        promotional=terms.promotional,
        promotional_code=terms.promotional_code,
    )
