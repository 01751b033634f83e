"""The DealList: what the DSP may do with the release and with each of its tracks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from deadwax.application.messages import MessageSpec
from deadwax.domain.deals import Price, Visibility
from deadwax.domain.message_style import TakedownForm
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.territories import Territories
from deadwax.domain.texts import Moment
from deadwax.infrastructure.ern.contents import MAIN, Contents
from deadwax.infrastructure.ern.offers import Offer, offered, takedown_form
from deadwax.infrastructure.ern.three.profiles import has_track_releases
from deadwax.infrastructure.ern.three.territories import codes_of
from deadwax.infrastructure.ern.write import Writer, leaf, leaves, node

USUAL_TAKEDOWN = TakedownForm.END_DATE
"""As DDEX's sample for ERN 3.8.2 does it: a deal that has nothing but its end."""

# Each moment of a Visibility and where it stands in DealTerms.
_VISIBLE = (
    ("release", "ReleaseDisplayStartDate"),
    ("track_list", "TrackListingPreviewStartDate"),
    ("cover", "CoverArtPreviewStartDate"),
    ("clips", "ClipPreviewStartDate"),
)


def deal_list(w: Writer, spec: MessageSpec, contents: Contents) -> str:
    """Nothing if nothing is dealt."""
    is_flag = takedown_form(spec, USUAL_TAKEDOWN) is TakedownForm.FLAG
    groups = offered(spec, contents, USUAL_TAKEDOWN, has_track_releases(spec.release))
    parts = []
    for group in groups:
        if is_flag:
            deals = [_flagged(w, group.offers)]
        else:
            is_main = MAIN in group.releases
            every = (d for o in group.offers for d in _deals(w, spec, contents, o, is_main))
            deals = list(dict.fromkeys(every))
        parts.append(node("ReleaseDeal", leaves("DealReleaseReference", group.releases), *deals))
    return node("DealList", *parts)


def _flagged(w: Writer, offers: Sequence[Offer]) -> str:
    """TakeDown, wherever there was an offer."""
    countries = frozenset[str]().union(*(o.territories.countries() for o in offers))
    return _cancelled(w, "TakeDown", Territories.naming(countries), offers[0].end)


def _cancelled(w: Writer, flag: str, where: Territories, since: Moment | None) -> str:
    """No word on what was offered: whatever it was, it is over from that moment on."""
    children = {
        flag: leaf(flag, True),
        **codes_of(where),
        "ValidityPeriod": _period(since, None),
    }
    return node("Deal", w.composite("DealTerms", children))


def _deals(
    w: Writer, spec: MessageSpec, contents: Contents, offer: Offer, is_main: bool
) -> Iterator[str]:
    if not offer.uses:
        yield _cancelled(w, "AllDealsCancelled", offer.territories, offer.end)
        return
    common = {
        "CommercialModelType": leaves("CommercialModelType", offer.models),
        "Usage": node("Usage", leaves("UseType", offer.uses)),
        "DistributionChannel": "".join([_channel(id) for id in offer.channels]),
    }
    if offer.is_over:
        period = {**codes_of(offer.territories), "ValidityPeriod": _period(None, offer.end)}
        yield node("Deal", w.composite("DealTerms", common | period))
        return
    common |= {
        "PriceInformation": _price(w, offer.price),
        **_promotion(offer),
        "ValidityPeriod": _period(offer.start, offer.end),
    }
    if offer.is_pre_order:
        common |= _pre_order(offer, contents, is_main)
    if offer.claim_policy is not None:
        common["RightsClaimPolicy"] = node(
            "RightsClaimPolicy", leaf("RightsClaimPolicyType", offer.claim_policy.value)
        )
    # A track has no track list: the dates, of which all are needed, are those of the release.
    wanted = spec.release.visibility if is_main else ()
    for where, visibility in _by_visibility(offer.territories, wanted):
        dates = {} if visibility is None else _visible(visibility, offer.start)
        yield node("Deal", w.composite("DealTerms", {**common, **codes_of(where), **dates}))


def _period(start: Moment | None, end: Moment | None) -> str:
    """Dates count from the first to the last and included, so an end is said to the second."""
    if start is not None and end is None and _is_day(start):
        return node("ValidityPeriod", leaf("StartDate", start))
    return node(
        "ValidityPeriod",
        leaf("StartDateTime", start and start.as_datetime),
        leaf("EndDateTime", end and end.as_datetime),
    )


def _pre_order(offer: Offer, contents: Contents, is_main: bool) -> dict[str, str]:
    """PreOrderReleaseDate is when it can first be ordered; it is not for tracks."""
    children = {"IsPreOrderDeal": leaf("IsPreOrderDeal", True)}
    if is_main:
        incentives = [r.reference for r in contents.recordings if r.track.pre_order_incentive]
        children |= {
            "PreOrderReleaseDate": leaf("PreOrderReleaseDate", offer.start.day),
            "PreOrderIncentiveResourceList": _resources(
                "PreOrderIncentiveResourceList", incentives
            ),
            "InstantGratificationResourceList": _resources(
                "InstantGratificationResourceList", offer.instant
            ),
        }
    return children


def _resources(name: str, references: Iterable[str]) -> str:
    return node(name, leaves("DealResourceReference", references))


def _promotion(offer: Offer) -> dict[str, str]:
    """A code stands instead of the flag."""
    if offer.promotional_code is not None:
        return {"PromotionalCode": leaf("PromotionalCode", offer.promotional_code)}
    return {"IsPromotional": leaf("IsPromotional", offer.promotional)}


def _price(w: Writer, price: Price | None) -> str:
    if price is None:
        return ""
    children = {
        "PriceType": leaf("PriceType", price.tier, Namespace=price.tier_namespace),
        "WholesalePricePerUnit": leaf(
            "WholesalePricePerUnit", price.amount, CurrencyCode=price.currency
        ),
    }
    return w.composite("PriceInformation", children)


def _channel(channel: ProprietaryId) -> str:
    return node("DistributionChannel", leaf("PartyId", channel.value, Namespace=channel.namespace))


def _by_visibility(
    territories: Territories, wanted: Sequence[Visibility]
) -> list[tuple[Territories, Visibility | None]]:
    """The territories of a deal, split where they are shown from different moments on. The
    first that is for a country counts."""
    if not wanted:
        return [(territories, None)]
    left = territories.countries()
    parts: list[tuple[frozenset[str], Visibility | None]] = []
    for visibility in wanted:
        where = visibility.territories
        here = left if where is None else left & where.countries()
        if here:
            parts.append((here, visibility))
            left -= here
    if left:
        parts.append((left, None))
    if len(parts) == 1:
        return [(territories, parts[0][1])]
    return [(Territories.naming(here), visibility) for here, visibility in parts]


def _visible(visibility: Visibility, start: Moment) -> dict[str, str]:
    """All four dates are needed. Without one of its own something is shown with the release,
    and the release with the deal (the XSD on ReleaseDisplayStartDate)."""
    shown = visibility.release or start
    moments = {name: getattr(visibility, of) or shown for of, name in _VISIBLE}
    if all(map(_is_day, moments.values())):
        return {name: leaf(name, moment) for name, moment in moments.items()}
    return {f"{n}Time": leaf(f"{n}Time", m.as_datetime) for n, m in moments.items()}


def _is_day(moment: Moment) -> bool:
    return moment == moment[:10]
