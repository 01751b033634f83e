"""The DealList: what the DSP may do with the release and with each of its tracks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deadwax.domain.deals import Deal, Price
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.texts import Moment
from deadwax.domain.vocabulary import CommercialModel, UseType
from deadwax.infrastructure.ern.contents_old import Contents, is_simple_single
from deadwax.infrastructure.ern.releases import MAIN
from deadwax.infrastructure.ern.xml import Element, maybe, tag

SALE = CommercialModel.PAY_AS_YOU_GO
DOWNLOADS = (UseType.PERMANENT_DOWNLOAD, UseType.CONDITIONAL_DOWNLOAD)


def deal_list(release: ReleaseMetadata, contents: Contents) -> Element:
    """The release gets every deal; the tracks those that are stated for any unit.

    A price is that of the whole release, so what is sold at a price is not offered track by
    track; nor is a pre-order.
    """
    main = (element for deal in release.deals for element in _of_release(deal))
    parts = [tag("ReleaseDeal", tag("DealReleaseReference", MAIN), *main)]
    if not is_simple_single(release):
        tracks = (tag("DealReleaseReference", r.track_release) for r in contents.recordings)
        shared = (
            _deal(deal, models, deal.uses, deal.start, deal.end)
            for deal in release.deals
            if (models := track_models(deal))
        )
        parts.append(tag("ReleaseDeal", *tracks, *shared))
    return tag("DealList", *parts)


def track_models(deal: Deal) -> list[CommercialModel]:
    """The models under which a deal offers the single tracks; none if it only states the
    price of the release."""
    return [m for m in deal.models if deal.price is None or m is not SALE]


def _of_release(deal: Deal) -> Iterator[Element]:
    if deal.pre_order_from is not None:
        uses = [use for use in deal.uses if use in DOWNLOADS]
        yield _deal(
            deal,
            [SALE],
            uses,
            deal.pre_order_from,
            deal.start,
            price=deal.price,
            is_pre_order=True,
        )
    if deal.price is None:
        yield _deal(deal, deal.models, deal.uses, deal.start, deal.end)
        return
    # A price counts for every model of its deal, so the sale stands in one of its own.
    yield _deal(deal, [SALE], deal.uses, deal.start, deal.end, price=deal.price)
    if others := track_models(deal):
        yield _deal(deal, others, deal.uses, deal.start, deal.end)


def _deal(
    deal: Deal,
    models: Sequence[CommercialModel],
    uses: Sequence[UseType],
    start: Moment,
    end: Moment | None,
    *,
    price: Price | None = None,
    is_pre_order: bool = False,
) -> Element:
    terms = tag(
        "DealTerms",
        *(tag("TerritoryCode", code) for code in deal.territories.included),
        *(tag("ExcludedTerritoryCode", code) for code in deal.territories.excluded),
        tag(
            "ValidityPeriod",
            tag("StartDateTime", start.as_datetime),
            maybe("EndDateTime", None if end is None else end.as_datetime),
        ),
        *(tag("CommercialModelType", model) for model in models),
        *(tag("UseType", use) for use in uses),
        _price(price),
        tag("IsPreOrderDeal", True) if is_pre_order else None,
    )
    return tag("Deal", terms)


def _price(price: Price | None) -> Element | None:
    if price is None:
        return None
    return tag(
        "PriceInformation",
        tag("WholesalePricePerUnit", price.amount, CurrencyCode=price.currency),
    )
