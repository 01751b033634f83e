"""The DealList: what is offered, as the offers say it."""

from __future__ import annotations

from deadwax.domain.deals import Price
from deadwax.infrastructure.ern.contents import MAIN
from deadwax.infrastructure.ern.four import visibility
from deadwax.infrastructure.ern.four.draft import Draft
from deadwax.infrastructure.ern.four.parties import proprietary_ids
from deadwax.infrastructure.ern.four.shown import Children
from deadwax.infrastructure.ern.offers import Offer
from deadwax.infrastructure.ern.write import leaf, leaves, node


def deal_list(draft: Draft) -> str:
    """Nothing if there is no deal: what has none is not available any more (ERN 6.19.4)."""
    if not draft.has_deals:
        return ""
    shown = visibility.in_deals(draft)
    groups = [
        node(
            "ReleaseDeal",
            leaves("DealReleaseReference", group.releases),
            *[_deal(o, shown if MAIN in group.releases else {}, draft) for o in group.offers],
        )
        for group in draft.deals
    ]
    children = {
        "ReleaseDeal": "".join(groups),
        "ReleaseVisibility": visibility.release_visibility(draft),
    }
    return draft.writer.composite("DealList", children)


def _deal(offer: Offer, shown: Children, draft: Draft) -> str:
    end = None if offer.end is None else offer.end.as_datetime
    is_promotional = offer.promotional if offer.promotional_code is None else None
    children = {
        **visibility.territory_children(offer.territories),
        "ValidityPeriod": node(
            "ValidityPeriod",
            leaf("StartDateTime", offer.start.as_datetime),
            leaf("EndDateTime", end),
        ),
        "CommercialModelType": leaves("CommercialModelType", offer.models),
        "UseType": leaves("UseType", offer.uses),
        "DistributionChannel": "".join(
            [
                node("DistributionChannel", node("PartyId", proprietary_ids((channel,))))
                for channel in offer.channels
            ]
        ),
        "RightsClaimPolicy": node(
            "RightsClaimPolicy", leaf("RightsClaimPolicyType", offer.claim_policy)
        ),
        "PriceInformation": _price(offer.price),
        "IsPromotional": leaf("IsPromotional", is_promotional),
        "PromotionalCode": leaf("PromotionalCode", offer.promotional_code),
        "IsPreOrderDeal": leaf("IsPreOrderDeal", offer.is_pre_order or None),
        "InstantGratificationResourceList": node(
            "InstantGratificationResourceList", leaves("DealResourceReference", offer.instant)
        ),
        **({} if offer.is_over else shown),
    }
    return node("Deal", draft.writer.composite("DealTerms", children))


def _price(price: Price | None) -> str:
    if price is None:
        return ""
    return node(
        "PriceInformation",
        leaf("PriceCode", price.tier, Namespace=price.tier_namespace),
        leaf("WholesalePricePerUnit", price.amount, CurrencyCode=price.currency),
    )
