"""What a DSP may do with a release, and what the label may grant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Dpid, Isrc
from deadwax.domain.parties import STRICT, ProprietaryId
from deadwax.domain.territories import Territories
from deadwax.domain.texts import Currency, Moment, Name
from deadwax.domain.vocabulary import ClaimPolicy, CommercialModel, UseType


@dataclass(frozen=True, kw_only=True)
class Price:
    """A wholesale price per unit, or a `tier` of the rate card that `tier_namespace` keeps."""

    amount: Decimal | None = None
    currency: Currency | None = None
    tier: Name | None = None
    tier_namespace: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    def __post_init__(self) -> None:
        amount = self.amount
        if amount is not None and not (amount.is_finite() and amount >= 0):
            raise InvalidValue(
                "price_invalid", f"{amount} is not a price.", "Give an amount of zero or more."
            )
        if (amount is None) != (self.currency is None) or (amount is None and self.tier is None):
            raise InvalidValue(
                "price_incomplete",
                "A price has an amount and its currency, or a tier.",
                "Give amount and currency, or the tier.",
            )


@dataclass(frozen=True, kw_only=True)
class InstantGratification:
    """A track that buyers of the pre-order get before the release: from when."""

    isrc: Isrc
    start: Moment
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class Deal:
    """What a DSP may do with the release: where, how, from when to when.

    `end` is the first moment without the right. `pre_order_from` opens a pre-order that ends
    at `start`; `instant_gratification` lists the tracks it gives at once. `tracks` narrows the
    deal to those tracks, `recipients` to the platforms with these DPIDs; empty means all.
    `whole_only` offers the release as a whole, and its tracks not singly. `claim_policy`
    belongs to RightsClaimModel.
    """

    territories: Territories
    models: tuple[CommercialModel, ...]
    uses: tuple[UseType, ...]
    start: Moment
    end: Moment | None = None
    price: Price | None = None
    pre_order_from: Moment | None = None
    pre_order_price: Price | None = None
    instant_gratification: tuple[InstantGratification, ...] = ()
    tracks: tuple[Isrc, ...] = ()
    whole_only: bool = False
    recipients: tuple[Dpid, ...] = ()
    channels: tuple[ProprietaryId, ...] = ()
    claim_policy: ClaimPolicy | None = None
    promotional: bool | None = None
    promotional_code: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    @property
    def opens(self) -> Moment:
        """When it begins to be offered: with its pre-order, if it has one."""
        return self.pre_order_from or self.start

    def is_for(self, recipient: Dpid) -> bool:
        return not self.recipients or recipient in self.recipients


def ended_by(deals: Iterable[Deal], moment: Moment) -> Iterator[Deal]:
    """The deals as they are if all end by `moment`: those that would not have started by then
    in every territory are left out, with their pre-orders."""
    for deal in deals:
        if deal.start.is_before(moment):
            yield replace(deal, end=moment.or_earlier(deal.end))


@dataclass(frozen=True, kw_only=True)
class RightsHeld:
    """What the label may grant, from midnight of `start` until midnight of `end` in each territory
    (the first day without the right). Empty `models` or `uses` means all of them; `tracks`
    names those it is for, empty means all."""

    territories: Territories
    start: date | None = None
    end: date | None = None
    models: tuple[CommercialModel, ...] = ()
    uses: tuple[UseType, ...] = ()
    tracks: tuple[Isrc, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class Visibility:
    """From when a platform may show a release that is not out yet: the release at all, its
    cover, its track list, its clips. Without `territories` it holds where no other does."""

    release: Moment | None = None
    cover: Moment | None = None
    track_list: Moment | None = None
    clips: Moment | None = None
    territories: Territories | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
