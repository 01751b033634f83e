"""DealTerms of both families, one by one, before deals are put together from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from deadwax.application.imported import Fate
from deadwax.domain.deals import InstantGratification, Price
from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Dpid, Isrc
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.territories import WORLDWIDE, Territories, Territory
from deadwax.domain.texts import Currency, Moment, Name
from deadwax.domain.vocabulary import ClaimPolicy, CommercialModel, UseType
from deadwax.infrastructure.ern.reading import moments
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.people import party_ids
from deadwax.infrastructure.ern.reading.values import choice, converted, decimal, flag, name

WORLD = Territories(included=(Territory(WORLDWIDE),))
E = TypeVar("E", bound=StrEnum)

_CANCELS = ("TakeDown", "AllDealsCancelled")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What one DealTerms says for one period and one price. Terms that differ only in `where`
    are the same terms."""

    where: Territories
    start: Moment
    end: Moment | None
    models: tuple[CommercialModel, ...]
    uses: tuple[UseType, ...]
    price: Price | None = None
    is_pre_order: bool = False
    pre_order_from: Moment | None = None
    instant: tuple[InstantGratification, ...] = ()
    recipients: tuple[Dpid, ...] = ()
    channels: tuple[ProprietaryId, ...] = ()
    claim_policy: ClaimPolicy | None = None
    promotional: bool | None = None
    promotional_code: Name | None = None


def is_cancelled(terms: Cursor) -> bool:
    """Whether these say, by a flag of 3.8.x, that there is no deal any more."""
    return any(flag(terms.child(name)) for name in _CANCELS)


def read_terms(terms: Cursor, isrcs: Mapping[str, Isrc]) -> list[Terms]:
    """One for each period and price; none if they cannot be held. `isrcs` are those of the
    recordings by their references."""
    where = territories(terms)
    models = _chosen(terms.children("CommercialModelType"), CommercialModel)
    uses = _chosen([*terms.children("UseType"), *terms.at("Usage/UseType")], UseType)
    if where is None or not models or not uses:
        return []
    promoted = terms.child("PromotionalCode")
    base = Terms(
        where=where,
        start=Moment("1970-01-01"),
        end=None,
        models=models,
        uses=uses,
        is_pre_order=bool(flag(terms.child("IsPreOrderDeal"))),
        pre_order_from=moments.start(terms, "PreOrderRelease"),
        claim_policy=_policy(terms),
        promotional=flag(terms.child("IsPromotional")),
        promotional_code=name(promoted),
        **_channels(terms),
    )
    prices: Sequence[Price | None] = list(_prices(terms)) or [None]
    found = []
    for period in terms.children("ValidityPeriod"):
        start, end = moments.start(period, "Start"), moments.end(period, "End")
        if start is None:
            period.note(Fate.NO_PLACE, "The model has no deal without a start.")
            continue
        instant = _instant(terms, isrcs, start)
        found += [
            replace(base, start=start, end=end, price=price, instant=instant) for price in prices
        ]
    return found


def territories(holder: Cursor) -> Territories | None:
    """None if not one of the codes is known."""
    included = _codes(holder, "TerritoryCode")
    excluded = tuple(c for c in _codes(holder, "ExcludedTerritoryCode") if c != WORLDWIDE)
    if included:
        world = any(code == WORLDWIDE for code in included)
        return WORLD if world else Territories(included=included)
    if excluded:
        return Territories(excluded=excluded)
    if holder.child("TerritoryCode", "ExcludedTerritoryCode") is not None:
        return None
    holder.changed("No territory is stated: it is held for the whole world.")
    return WORLD


def _codes(holder: Cursor, tag: str) -> tuple[Territory, ...]:
    found = [code for c in holder.children(tag) if (code := converted(c, Territory))]
    return tuple(dict.fromkeys(found))


def _chosen(cursors: Sequence[Cursor], kind: type[E]) -> tuple[E, ...]:
    return tuple(dict.fromkeys(found for c in cursors if (found := choice(c, kind))))


def _policy(terms: Cursor) -> ClaimPolicy | None:
    """The first; others stay unread."""
    policy = terms.child("RightsClaimPolicy")
    return choice(policy.child("RightsClaimPolicyType"), ClaimPolicy) if policy else None


def _prices(terms: Cursor) -> Iterator[Price]:
    for information in terms.children("PriceInformation"):
        tier = information.child("PriceCode", "PriceType")
        unit = information.child("WholesalePricePerUnit")
        currency = None
        if unit is not None:
            currency = _currency(unit)
        amount = decimal(unit) if currency else None
        code = name(tier)
        namespace = tier.attribute("Namespace") if tier else None
        if amount is None and code is None:
            continue
        yield Price(
            amount=amount,
            currency=currency if amount is not None else None,
            tier=code,
            tier_namespace=Name(namespace.strip()) if namespace and namespace.strip() else None,
        )


def _currency(unit: Cursor) -> Currency | None:
    given = unit.attribute("CurrencyCode")
    try:
        return Currency(given or "")
    except InvalidValue as error:
        unit.note(Fate.INVALID, str(error), "CurrencyCode")
        return None


def _channels(terms: Cursor) -> dict[str, Any]:
    """Platforms by DPID, and by identifiers of somebody's own."""
    recipients: list[Dpid] = []
    channels: list[ProprietaryId] = []
    for channel in terms.children("DistributionChannel"):
        ids = party_ids(channel.children("PartyId"))
        recipients += [ids["dpid"]] if "dpid" in ids else []
        channels += ids["ids"]
        if "dpid" not in ids and not ids["ids"]:
            channel.note(Fate.NO_PLACE, "The deal is held for every platform.")
    return {"recipients": tuple(recipients), "channels": tuple(channels)}


def _instant(
    terms: Cursor, isrcs: Mapping[str, Isrc], start: Moment
) -> tuple[InstantGratification, ...]:
    found = []
    for reference in terms.at("InstantGratificationResourceList/DealResourceReference"):
        isrc = isrcs.get(reference.text)
        if isrc is None:
            reference.note(Fate.INVALID, "There is no recording with an ISRC there.")
        else:
            found.append(InstantGratification(isrc=isrc, start=start))
    return tuple(found)
