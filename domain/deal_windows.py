"""Deals that say different things of the same: to one platform, in one territory, at one time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from deadwax.domain.deals import Deal, Price
from deadwax.domain.errors import Problem
from deadwax.domain.texts import Moment
from deadwax.domain.vocabulary import DOWNLOADS, CommercialModel, UseType

_SALE = CommercialModel.PAY_AS_YOU_GO


def contradictions(deals: Sequence[Deal]) -> Iterator[Problem]:
    """Pairs of deals that one platform cannot both follow.

    A deal for named tracks is an offer of those tracks by themselves, so it contradicts no deal
    for the release. Windows that touch do not overlap.
    """
    windows = [_Window(i, deal) for i, deal in enumerate(deals)]
    for one, other in combinations(windows, 2):
        yield from _between(one, other)


@dataclass(frozen=True)
class _Window:
    at: int
    deal: Deal

    @cached_property
    def countries(self) -> frozenset[str]:
        return self.deal.territories.countries()

    @property
    def sale(self) -> tuple[Moment, Moment | None]:
        return self.deal.start, self.deal.end

    @property
    def pre_order(self) -> tuple[Moment, Moment] | None:
        opens = self.deal.pre_order_from
        return None if opens is None else (opens, self.deal.start)


def _between(one: _Window, other: _Window) -> Iterator[Problem]:
    offers = _shared_offers(one.deal, other.deal)
    if not offers or not _meet(one.deal, other.deal):
        return
    where = one.countries & other.countries
    if not where:
        return
    models = {model for model, _ in offers}
    on_sale = _overlap(one.sale, other.sale)
    if on_sale and any(_terms(one.deal, m) != _terms(other.deal, m) for m in models):
        yield _problem(
            "deals_contradict",
            one,
            other,
            where,
            "offer the same at the same time on other terms",
            "Let one end where the other starts, or part their territories, models or uses.",
        )
    if not any(model is _SALE and use in DOWNLOADS for model, use in offers):
        return
    both = one.pre_order and other.pre_order and _overlap(one.pre_order, other.pre_order)
    if both and _pre_order_price(one.deal) != _pre_order_price(other.deal):
        yield _problem(
            "deals_contradict",
            one,
            other,
            where,
            "take pre-orders at the same time at other prices",
            "Let one end where the other starts, or part their territories.",
        )
    for early, late in ((one, other), (other, one)):
        if late.pre_order and _overlap(early.sale, late.pre_order):
            yield _problem(
                "pre_order_while_on_sale",
                early,
                late,
                where,
                "sell and take pre-orders for the same at the same time",
                "Start the sale when the pre-order ends, or part their territories.",
            )


def _shared_offers(one: Deal, other: Deal) -> list[tuple[CommercialModel, UseType]]:
    models = [model for model in one.models if model in other.models]
    return [(model, use) for model in models for use in one.uses if use in other.uses]


def _meet(one: Deal, other: Deal) -> bool:
    """Whether one platform has both deals for the same thing."""
    if bool(one.tracks) != bool(other.tracks):
        return False
    return all(
        not mine or not theirs or not set(mine).isdisjoint(theirs)
        for mine, theirs in (
            (one.recipients, other.recipients),
            (one.channels, other.channels),
            (one.tracks, other.tracks),
        )
    )


def _overlap(one: tuple[Moment, Moment | None], other: tuple[Moment, Moment | None]) -> bool:
    """Whether they overlap in some zone."""
    (start, end), (begin, stop) = one, other
    return (stop is None or start.may_precede(stop)) and (end is None or begin.may_precede(end))


def _terms(deal: Deal, model: CommercialModel) -> tuple[object, ...]:
    """What a deal says of what it offers; its price is that of the sale."""
    price = deal.price if model is _SALE else None
    promotion = bool(deal.promotional or deal.promotional_code), deal.promotional_code
    return price, deal.claim_policy, promotion


def _pre_order_price(deal: Deal) -> Price | None:
    return deal.pre_order_price or deal.price


def _problem(
    code: str, one: _Window, other: _Window, where: frozenset[str], what: str, fix: str
) -> Problem:
    shown = ", ".join(sorted(where)[:5]) + (", …" if len(where) > 5 else "")
    said = f"deals[{one.at}] and this one {what} in {len(where)} countries ({shown})."
    return Problem(code, f"deals[{other.at}]", said, fix)
