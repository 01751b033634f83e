"""Deals put together from the terms of a message: pre-orders with their sales, one deal for
terms that differ by territory only, and tracks beside the release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from deadwax.application.imported import Fate
from deadwax.domain.deals import Deal
from deadwax.domain.identifiers import Isrc
from deadwax.domain.territories import Territories
from deadwax.domain.vocabulary import CommercialModel
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.deal_terms import (
    WORLD,
    Terms,
    is_cancelled,
    read_terms,
)

SALE = CommercialModel.PAY_AS_YOU_GO


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

    deals: tuple[Deal, ...]
    withdraws: bool


def read_deals(message: Cursor, releases: Releases) -> DealsRead:
    offered: dict[Terms, dict[str, Cursor]] = {}
    withdrawn = False
    for part in message.at("DealList/ReleaseDeal"):
        named = _named(part, releases)
        for terms in part.at("Deal/DealTerms"):
            read = read_terms(terms, releases.isrcs)
            withdrawn |= is_cancelled(terms) or not read
            if not read:
                terms.note(Fate.NO_PLACE, "This deal is not held.")
            for one in read:
                offered.setdefault(one, {}).update(dict.fromkeys(named, terms))
    placed = [p for terms, refs in offered.items() for p in _placed(terms, refs, releases)]
    deals = tuple(_with_pre_orders(_joined(placed)))
    return DealsRead(deals, withdraws=withdrawn and not deals)


@dataclass(frozen=True)
class _Placed:
    """Terms, and what they are for: these tracks, or the release if there are none."""

    terms: Terms
    tracks: tuple[Isrc, ...]
    whole_only: bool
    sources: tuple[Cursor, ...]


def _named(part: Cursor, releases: Releases) -> list[str]:
    """The releases that a ReleaseDeal is for."""
    found = []
    for reference in part.children("DealReleaseReference"):
        if reference.raw.strip() in (releases.main, *releases.tracks):
            found.append(reference.text)
        else:
            reference.note(Fate.INVALID, "There is no such release in the message.")
    return found


def _placed(terms: Terms, named: Mapping[str, Cursor], releases: Releases) -> Iterator[_Placed]:
    """A deal for the release covers its tracks too, unless it states a price or is a
    pre-order: those are of the whole."""
    tracks = tuple(isrc for ref, isrc in releases.tracks.items() if ref in named)
    of_whole = terms.price is not None or terms.is_pre_order or terms.pre_order_from is not None
    covers_all = len(tracks) == len(releases.tracks)
    sources = tuple(named.values())
    if releases.main in named:
        yield _Placed(terms, (), not of_whole and not covers_all, sources)
        if covers_all and not of_whole:
            return
    if tracks:
        yield _Placed(terms, tracks, False, sources)


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


def _with_pre_orders(placed: Sequence[_Placed]) -> Iterator[Deal]:
    """A pre-order joins the sale that begins when it ends, with the same scope."""
    sales = [p for p in placed if not p.terms.is_pre_order]
    taken: dict[int, _Placed] = {}
    for pre_order in (p for p in placed if p.terms.is_pre_order):
        at = next(
            (i for i, sale in enumerate(sales) if i not in taken and _follows(sale, pre_order)),
            None,
        )
        if at is None:
            why = "No sale begins when this pre-order ends: the model has no place for it."
            for source in pre_order.sources:
                source.note(Fate.NO_PLACE, why)
        else:
            taken[at] = pre_order
    for i, sale in enumerate(sales):
        yield _deal(sale, taken.get(i))


def _follows(sale: _Placed, pre_order: _Placed) -> bool:
    return (
        sale.terms.start == pre_order.terms.end
        and sale.tracks == pre_order.tracks
        and sale.terms.where.countries() == pre_order.terms.where.countries()
        and sale.terms.recipients == pre_order.terms.recipients
        and sale.terms.channels == pre_order.terms.channels
        and SALE in sale.terms.models
        and set(pre_order.terms.uses) <= set(sale.terms.uses)
    )


def _deal(sale: _Placed, pre_order: _Placed | None) -> Deal:
    terms, before = sale.terms, pre_order.terms if pre_order else None
    own_price = before.price if before and before.price != terms.price else None
    return Deal(
        territories=terms.where,
        models=terms.models,
        uses=terms.uses,
        start=terms.start,
        end=terms.end,
        price=terms.price,
        pre_order_from=before.start if before else terms.pre_order_from,
        pre_order_price=own_price,
        instant_gratification=(*terms.instant, *(before.instant if before else ())),
        tracks=sale.tracks,
        whole_only=sale.whole_only,
        recipients=terms.recipients,
        channels=terms.channels,
        claim_policy=terms.claim_policy,
        promotional=terms.promotional,
        promotional_code=terms.promotional_code,
    )
