"""What a message offers: the deals of a release made plain, release by release.

Both families of ERN write these down as they are; which deal counts for what is decided here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta

from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.deals import Deal, Price
from deadwax.domain.identifiers import Isrc
from deadwax.domain.message_style import TakedownForm, TerritorialTakedown
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.profiles import terms_of
from deadwax.domain.territories import Territories
from deadwax.domain.texts import Moment, Name
from deadwax.domain.vocabulary import DOWNLOADS, ClaimPolicy, CommercialModel, UseType
from deadwax.infrastructure.ern.contents import MAIN, Contents
from deadwax.infrastructure.ern.xml import timestamp

SALE = CommercialModel.PAY_AS_YOU_GO


@dataclass(frozen=True, kw_only=True, eq=False)
class Offer:
    """One deal as a message states it; `end` is the first moment without it. `instant` are the
    references of the resources that buyers of a pre-order get at once. `is_over` marks what is
    stated only to say that it has ended."""

    territories: Territories
    models: tuple[CommercialModel, ...]
    uses: tuple[UseType, ...]
    start: Moment
    end: Moment | None
    price: Price | None = None
    is_pre_order: bool = False
    instant: tuple[str, ...] = ()
    channels: tuple[ProprietaryId, ...] = ()
    claim_policy: ClaimPolicy | None = None
    promotional: bool | None = None
    promotional_code: Name | None = None
    is_over: bool = False


@dataclass(frozen=True)
class Offered:
    """`offers` hold for each of the releases with these references."""

    releases: tuple[str, ...]
    offers: tuple[Offer, ...]


def is_withdrawal(spec: MessageSpec) -> bool:
    """Whether the message says that nothing is offered any more. A release that is withdrawn
    later is offered until then."""
    return spec.kind is MessageKind.TAKEDOWN and spec.ends is None


def takedown_form(spec: MessageSpec, usual: TakedownForm) -> TakedownForm | None:
    """How this message says that the release is withdrawn; None if it does not say so. `usual`
    is the form of the version."""
    return (spec.style.takedown or usual) if is_withdrawal(spec) else None


def offered(
    spec: MessageSpec,
    contents: Contents,
    usual: TakedownForm,
    has_track_releases: bool | None = None,
) -> list[Offered]:
    """What each release of the message is offered for, those that share it together.

    `has_track_releases` is for versions that do not have them for the same profiles as 4.x. In a
    takedown by end date every offer has ended when the message was created; without deals there
    is none, nor where only tracks were offered, so that there is nothing of the release to end.
    """
    form = takedown_form(spec, usual)
    if form is TakedownForm.NO_DEAL:
        return []
    if has_track_releases is None:
        has_track_releases = terms_of(spec.release).track_releases
    groups = _grouped(_by_release(spec, contents, has_track_releases))
    if form is not None and not any(MAIN in group.releases for group in groups):
        return []
    if form is not None:
        return [
            Offered(g.releases, _ended(g.offers, Moment(timestamp(spec.created_at))))
            for g in groups
        ]
    if spec.withdrawn_from and spec.style.territorial_takedown is TerritorialTakedown.STATED:
        over = _withdrawn(spec)
        return [Offered(g.releases, (*g.offers, over)) for g in groups]
    return groups


def track_models(deal: Deal) -> tuple[CommercialModel, ...]:
    """The models under which a deal of the release also offers its single tracks: a price is
    that of the whole release, so what is sold at a price is not sold track by track."""
    return tuple(m for m in deal.models if deal.price is None or m is not SALE)


def instant_tracks(release_deals: Sequence[Deal]) -> frozenset[Isrc]:
    """The tracks that some pre-order gives at once."""
    return frozenset(i.isrc for deal in release_deals for i in deal.instant_gratification)


def _by_release(
    spec: MessageSpec, contents: Contents, has_track_releases: bool
) -> dict[str, list[Offer]]:
    found: dict[str, list[Offer]] = {MAIN: []}
    if has_track_releases:
        found |= {r.track_release: [] for r in contents.recordings}
    references = {r.track.isrc: r.reference for r in contents.recordings}
    for deal in spec.release.deals:
        if not deal.is_for(spec.recipient.dpid):
            continue
        whole = list(_of_release(deal, references))
        if not deal.tracks or not has_track_releases:
            found[MAIN] += whole
        if deal.whole_only or not has_track_releases:
            continue
        single = whole if deal.tracks else list(_of_tracks(deal))
        for recording in contents.recordings:
            isrc = recording.track.isrc
            if deal.tracks and isrc not in deal.tracks:
                continue
            found[recording.track_release] += single
            if not deal.tracks:
                found[recording.track_release] += _at_once(deal, isrc)
    return found


def _of_release(deal: Deal, references: dict[Isrc | None, str]) -> Iterator[Offer]:
    yield from _pre_order(deal, references)
    if deal.price is None:
        yield _offer(deal, deal.models)
        return
    # A price counts for every model of its deal, so the sale stands in one of its own.
    yield _offer(deal, (SALE,), price=deal.price)
    if others := track_models(deal):
        yield _offer(deal, others)


def _of_tracks(deal: Deal) -> Iterator[Offer]:
    if models := track_models(deal):
        yield _offer(deal, models)


def _pre_order(deal: Deal, references: dict[Isrc | None, str]) -> Iterator[Offer]:
    """A window for each moment from which more tracks are given at once."""
    opens = deal.pre_order_from
    if opens is None:
        return
    later = {i.start for i in deal.instant_gratification if opens.is_before(i.start)}
    moments = [opens, *sorted(later, key=lambda moment: moment.span()), deal.start]
    for start, end in itertools.pairwise(moments):
        given = [i for i in deal.instant_gratification if not start.is_before(i.start)]
        yield replace(
            _offer(deal, (SALE,), start=start, end=end),
            uses=_downloads(deal),
            price=deal.pre_order_price or deal.price,
            is_pre_order=True,
            instant=tuple(references[i.isrc] for i in given if i.isrc in references),
        )


def _at_once(deal: Deal, isrc: Isrc | None) -> list[Offer]:
    """What a pre-order gives at once is out from then on, until the release is."""
    return [
        replace(_offer(deal, (SALE,), start=i.start, end=deal.start), uses=_downloads(deal))
        for i in deal.instant_gratification
        if i.isrc == isrc
    ]


def _offer(
    deal: Deal,
    models: tuple[CommercialModel, ...],
    *,
    start: Moment | None = None,
    end: Moment | None = None,
    price: Price | None = None,
) -> Offer:
    return Offer(
        territories=deal.territories,
        models=models,
        uses=deal.uses,
        start=start or deal.start,
        end=end or deal.end,
        price=price,
        channels=deal.channels,
        claim_policy=deal.claim_policy if CommercialModel.RIGHTS_CLAIM in models else None,
        promotional=deal.promotional,
        promotional_code=deal.promotional_code,
    )


def _downloads(deal: Deal) -> tuple[UseType, ...]:
    return tuple(use for use in deal.uses if use in DOWNLOADS)


def _grouped(found: dict[str, list[Offer]]) -> list[Offered]:
    """Releases with the very same offers together, the main one apart."""
    groups: dict[tuple[bool, tuple[int, ...]], list[str]] = {}
    for reference, offers in found.items():
        if offers:
            key = reference == MAIN, tuple(map(id, offers))
            groups.setdefault(key, []).append(reference)
    return [Offered(tuple(refs), tuple(found[refs[0]])) for refs in groups.values()]


def _ended(offers: Sequence[Offer], now: Moment) -> tuple[Offer, ...]:
    return tuple(
        replace(o, end=o.end if o.end and o.end.is_before(now) else now, is_over=True)
        for o in offers
    )


def _withdrawn(spec: MessageSpec) -> Offer:
    """Only its end counts; the start is there because 4.x wants one."""
    day = (spec.created_at.astimezone(UTC) - timedelta(days=1)).date()
    return Offer(
        territories=Territories(included=spec.withdrawn_from),
        models=(),
        uses=(),
        start=Moment.on(day),
        end=Moment(timestamp(spec.created_at)),
        is_over=True,
    )
