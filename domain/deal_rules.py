"""What deals and rights must keep, each for itself and with the release.

Order in time is proven for every territory: pre-order, instant gratification, start, end.
Where a day or local time meets an instant, whose order depends on the zone, the order must
hold in every zone of the world.
"""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.domain.deal_windows import contradictions
from deadwax.domain.deals import Deal, RightsHeld
from deadwax.domain.errors import Problem
from deadwax.domain.identifiers import Dpid, Isrc
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.rights_proof import Part, RightsProof, prove
from deadwax.domain.texts import Moment
from deadwax.domain.visibility_rules import visibility_problems
from deadwax.domain.vocabulary import DOWNLOADS, CommercialModel

SALE, CLAIM = CommercialModel.PAY_AS_YOU_GO, CommercialModel.RIGHTS_CLAIM


def deal_problems(release: ReleaseMetadata) -> Iterator[Problem]:
    """All that is wrong with the deals of `release`, for any recipient."""
    if not release.deals:
        yield Problem("deals_missing", "deals", "There are no deals.", "Add at least one deal.")
    if not release.rights:
        yield Problem(
            "rights_missing", "rights", "No rights are stated.", "State which rights are held."
        )
    isrcs = {track.isrc for track in release.tracks if track.isrc}
    for i, deal in enumerate(release.deals):
        at = f"deals[{i}]"
        yield from _terms(deal, at)
        yield from _pre_order(deal, at)
        yield from _claim(deal, at)
        yield from _tracks(deal, isrcs, at)
    for i, right in enumerate(release.rights):
        yield from _right(right, isrcs, f"rights[{i}]")
    yield from visibility_problems(release.visibility, release.deals)
    yield from _incentives(release)
    yield from contradictions(release.deals)
    if release.deals and release.rights:
        yield from beyond_rights(rights_proof(release))


def _terms(deal: Deal, at: str) -> Iterator[Problem]:
    if not (deal.models and deal.uses and deal.territories.countries()):
        yield Problem(
            "deal_empty",
            at,
            "A deal needs models, uses and a country.",
            "Name at least one of each.",
        )
    for name in ("models", "uses", "tracks", "recipients", "channels"):
        named = getattr(deal, name)
        if len(set(named)) < len(named):
            twice = next(value for value in named if named.count(value) > 1)
            yield Problem(
                "deal_names_twice", f"{at}.{name}", f"{twice} is named twice.", "Name it once."
            )
    if deal.end and not deal.start.is_before(deal.end):
        yield Problem(
            "deal_period", at + ".end", "The deal ends before it starts.", "End it later."
        )
    for name in ("price", "pre_order_price"):
        price = getattr(deal, name)
        if price and price.tier and price.amount is not None:
            yield Problem(
                "price_twice",
                f"{at}.{name}",
                "The price is an amount and a tier of a rate card; a platform goes by one of them.",
                "Leave one of them out.",
            )
    if deal.promotional_code and deal.promotional is False:
        yield Problem(
            "promotional_code_contradicts",
            at + ".promotional_code",
            "The deal has a promotional code and is said to be no promotion.",
            "Leave one of them out.",
        )


def _pre_order(deal: Deal, at: str) -> Iterator[Problem]:
    opens = deal.pre_order_from
    if opens is None:
        for name in ("pre_order_price", "instant_gratification"):
            if getattr(deal, name):
                yield Problem(
                    "pre_order_missing",
                    f"{at}.{name}",
                    f"{name} belongs to a pre-order, and the deal has none.",
                    "Say from when it can be pre-ordered, or leave it out.",
                )
        return
    if not opens.is_before(deal.start):
        yield Problem(
            "pre_order_period",
            at + ".pre_order_from",
            "The pre-order does not start before the deal.",
            "Start it earlier, or leave it out.",
        )
    if SALE not in deal.models or not any(use in DOWNLOADS for use in deal.uses):
        yield Problem(
            "pre_order_without_sale",
            at + ".pre_order_from",
            "Only what is sold as a download can be pre-ordered.",
            f"Put the pre-order into a deal of {SALE} with a download.",
        )
    for j, early in enumerate(deal.instant_gratification):
        if early.start.may_precede(opens) or not early.start.is_before(deal.start):
            yield Problem(
                "instant_gratification_period",
                f"{at}.instant_gratification[{j}].start",
                f"{early.isrc} is to be given at {early.start}, which is not between the start"
                " of the pre-order and that of the deal in every territory.",
                "Give it within the pre-order.",
            )


def _claim(deal: Deal, at: str) -> Iterator[Problem]:
    claims = CLAIM in deal.models
    if claims and deal.claim_policy is None:
        yield Problem(
            "claim_policy_missing",
            at + ".claim_policy",
            f"A deal of {CLAIM} does not say what happens to what users upload.",
            "Give a policy: Monetize, ReportUsage or BlockAccess.",
        )
    if deal.claim_policy is not None and not claims:
        yield Problem(
            "claim_policy_without_claim",
            at + ".claim_policy",
            f"A claim policy belongs to a deal of {CLAIM}.",
            "Leave it out, or make it a deal of its own.",
        )
    if claims and len(deal.models) > 1:
        yield Problem(
            "claim_not_alone",
            at + ".models",
            f"{CLAIM} stands beside other models.",
            "Make it a deal of its own.",
        )


def _tracks(deal: Deal, isrcs: set[Isrc], at: str) -> Iterator[Problem]:
    yield from _unknown(deal.tracks, isrcs, at + ".tracks")
    for j, early in enumerate(deal.instant_gratification):
        if early.isrc not in (deal.tracks or isrcs):
            yield Problem(
                "deal_track_unknown",
                f"{at}.instant_gratification[{j}].isrc",
                f"The deal has no track {early.isrc}.",
                "Name a track that the deal is for.",
            )


def _unknown(named: tuple[Isrc, ...], isrcs: set[Isrc], field: str) -> Iterator[Problem]:
    for j, isrc in enumerate(named):
        if isrc not in isrcs:
            yield Problem(
                "deal_track_unknown",
                f"{field}[{j}]",
                f"The release has no track {isrc}.",
                "Name the ISRC of one of its tracks.",
            )


def _right(right: RightsHeld, isrcs: set[Isrc], at: str) -> Iterator[Problem]:
    if right.start and right.end and right.start >= right.end:
        yield Problem(
            "right_period", at + ".end", "The right ends before it starts.", "End it later."
        )
    yield from _unknown(right.tracks, isrcs, at + ".tracks")


def _incentives(release: ReleaseMetadata) -> Iterator[Problem]:
    if any(deal.pre_order_from for deal in release.deals):
        return
    for i, track in enumerate(release.tracks):
        if track.pre_order_incentive:
            yield Problem(
                "incentive_without_pre_order",
                f"tracks[{i}].pre_order_incentive",
                "The track is an incentive to pre-order, and no deal has a pre-order.",
                "Add the pre-order, or say that it is none.",
            )


def rights_proof(
    release: ReleaseMetadata, recipient: Dpid | None = None, ends: Moment | None = None
) -> RightsProof:
    """The proof that what `release` offers to `recipient` is held; see `prove`."""
    isrcs = [track.isrc for track in release.in_order() if track.isrc]
    return prove(release.deals, release.rights, isrcs, recipient, ends)


def beyond_rights(proof: RightsProof) -> Iterator[Problem]:
    """What the proof found to be dealt and not held."""
    for part in proof.uncovered:
        yield Problem(
            "deal_exceeds_rights",
            f"deals[{part.deal}]",
            f"{_offer(part)} is offered without the right {_where_and_when(part)}.",
            "Narrow the deal, or state the rights that are held.",
        )


def _offer(part: Part) -> str:
    offer = f"{', '.join(part.models)} / {', '.join(part.uses)}"
    return f"{offer} of {_few(part.tracks)}" if part.tracks else offer


def _where_and_when(part: Part) -> str:
    countries = sorted(part.territories.countries())
    until = f" until {part.end}" if part.end else ""
    return f"in {len(countries)} countries ({_few(countries)}) from {part.start}{until}"


def _few(names: tuple[Isrc, ...] | list[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
