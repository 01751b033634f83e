"""The DealList: what the DSP may do with the release and with each of its tracks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deadwax.application.messages import MessageSpec
from deadwax.domain.deals import Price
from deadwax.domain.message_style import TakedownForm
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.territories import Territories
from deadwax.domain.texts import Moment
from deadwax.infrastructure.ern.contents import MAIN, Contents
from deadwax.infrastructure.ern.offers import Offer, Offered, offered, takedown_form
from deadwax.infrastructure.ern.three.profiles import has_track_releases
from deadwax.infrastructure.ern.three.territories import codes_of
from deadwax.infrastructure.ern.three.visibility import by_visibility, dates, is_day
from deadwax.infrastructure.ern.write import Writer, leaf, leaves, node

USUAL_TAKEDOWN = TakedownForm.END_DATE
"""As DDEX's sample for ERN 3.8.2 does it: a deal that has nothing but its end."""


def deal_list(w: Writer, spec: MessageSpec, contents: Contents) -> str:
    """Nothing if nothing is dealt."""
    is_flag = takedown_form(spec, USUAL_TAKEDOWN) is TakedownForm.FLAG
    groups = offered(spec, contents, USUAL_TAKEDOWN, has_track_releases(spec.release))
    parts = []
    for group in groups:
        deals = _Deals(w, spec, contents, group)
        written = [deals.flagged()] if is_flag else dict.fromkeys(deals.all())
        parts.append(node("ReleaseDeal", leaves("DealReleaseReference", group.releases), *written))
    return node("DealList", *parts)


class _Deals:
    """What one group of releases is offered for."""

    def __init__(self, w: Writer, spec: MessageSpec, contents: Contents, group: Offered) -> None:
        self._w, self._contents, self._offers = w, contents, group.offers
        self._is_main = MAIN in group.releases
        # A track has no track list: the dates, of which all are needed, are the release's.
        self._visibility = spec.release.visibility if self._is_main else ()

    def flagged(self) -> str:
        """TakeDown, wherever there was an offer."""
        where = frozenset[str]().union(*(o.territories.countries() for o in self._offers))
        ends = [offer.end for offer in self._offers if offer.end is not None]
        last = max(ends, key=lambda end: end.span(), default=None)
        return self._cancelled("TakeDown", Territories.naming(where), last)

    def all(self) -> Iterator[str]:
        for offer in self._offers:
            if not offer.uses:
                yield self._cancelled("AllDealsCancelled", offer.territories, offer.end)
            elif offer.is_over:
                yield self._ended(offer)
            else:
                yield from self._open(offer)

    def _cancelled(self, flag: str, where: Territories, since: Moment | None) -> str:
        """No word on what was offered: whatever it was, it is over from that moment on."""
        return self._deal({flag: leaf(flag, True), "ValidityPeriod": _period(since, None)}, where)

    def _ended(self, offer: Offer) -> str:
        children = {**_what(offer), "ValidityPeriod": _period(None, offer.end)}
        return self._deal(children, offer.territories)

    def _open(self, offer: Offer) -> Iterator[str]:
        children = {
            **_what(offer),
            "PriceInformation": self._price(offer.price),
            **self._promotion(offer),
            "ValidityPeriod": _period(offer.start, offer.end),
        }
        if offer.is_pre_order:
            children |= self._pre_order(offer)
        if offer.claim_policy is not None:
            children["RightsClaimPolicy"] = node(
                "RightsClaimPolicy", leaf("RightsClaimPolicyType", offer.claim_policy.value)
            )
        for where, visibility in by_visibility(offer.territories, self._visibility):
            yield self._deal(children | dates(visibility, offer.start), where)

    def _deal(self, children: dict[str, str], where: Territories) -> str:
        return node("Deal", self._w.composite("DealTerms", children | codes_of(where)))

    def _pre_order(self, offer: Offer) -> dict[str, str]:
        """PreOrderReleaseDate is when the release can first be ordered; it and the lists are of
        no use to a track."""
        flag = {"IsPreOrderDeal": leaf("IsPreOrderDeal", True)}
        if not self._is_main:
            return flag
        windows = (o for o in self._offers if o.is_pre_order)
        opened = min(
            (o.start for o in windows if o.territories == offer.territories),
            key=lambda start: start.span(),
        )
        recordings = self._contents.recordings
        incentives = [r.reference for r in recordings if r.track.pre_order_incentive]
        return flag | {
            "PreOrderReleaseDate": leaf("PreOrderReleaseDate", opened.day),
            **_resources("PreOrderIncentiveResourceList", incentives),
            **_resources("InstantGratificationResourceList", offer.instant),
        }

    def _promotion(self, offer: Offer) -> dict[str, str]:
        """A code stands instead of the flag."""
        if offer.promotional_code is None:
            return {"IsPromotional": leaf("IsPromotional", offer.promotional)}
        if offer.promotional is not None:
            self._w.omitted["DealTerms/IsPromotional (beside PromotionalCode)"] = None
        return {"PromotionalCode": leaf("PromotionalCode", offer.promotional_code)}

    def _price(self, price: Price | None) -> str:
        if price is None:
            return ""
        children = {
            "PriceType": leaf("PriceType", price.tier, Namespace=price.tier_namespace),
            "WholesalePricePerUnit": leaf(
                "WholesalePricePerUnit", price.amount, CurrencyCode=price.currency
            ),
        }
        return self._w.composite("PriceInformation", children)


def _what(offer: Offer) -> dict[str, str]:
    return {
        "CommercialModelType": leaves("CommercialModelType", offer.models),
        "Usage": node("Usage", leaves("UseType", offer.uses)),
        "DistributionChannel": "".join([_channel(id) for id in offer.channels]),
    }


def _period(start: Moment | None, end: Moment | None) -> str:
    """Dates count from the first to the last and included, so an end is said to the second."""
    if start is not None and end is None and is_day(start):
        return node("ValidityPeriod", leaf("StartDate", start))
    return node(
        "ValidityPeriod",
        leaf("StartDateTime", start and start.as_datetime),
        leaf("EndDateTime", end and end.as_datetime),
    )


def _resources(name: str, references: Iterable[str]) -> dict[str, str]:
    return {name: node(name, leaves("DealResourceReference", references))}


def _channel(channel: ProprietaryId) -> str:
    return node("DistributionChannel", leaf("PartyId", channel.value, Namespace=channel.namespace))
