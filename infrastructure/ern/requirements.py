"""What a message must have before it is built, beyond what a release must have anyway."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain import rules
from deadwax.domain.deals import Deal
from deadwax.domain.errors import Problem
from deadwax.domain.plain import to_plain
from deadwax.domain.profiles import terms_of
from deadwax.infrastructure.ern import file_requirements, text_requirements
from deadwax.infrastructure.ern.four import requirements as four
from deadwax.infrastructure.ern.header_requirements import header_problems
from deadwax.infrastructure.ern.offers import SALE, is_withdrawal, track_models
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.three import requirements as three
from deadwax.infrastructure.ern.versions import ERN, Family
from deadwax.infrastructure.ern.xml import forbidden_characters

_OF_FAMILY: dict[Family | None, Callable[[MessageSpec, Schemas], Iterator[Problem]]] = {
    Family.FOUR: four.problems,
    Family.THREE: three.problems,
}
# What is withdrawn is not offered: nothing in these fields can stand in the way of it.
_OF_OFFERS = ("deals", "rights", "visibility")
# A release is put right before it is sent; what was sent before a rule existed can always be
# taken down.
_OF_QUALITY = ("isrc_twice", "resource_id_twice", "warning_for_the_world", "single_too_long")
# What is said of files only, where a message names none.
_OF_FILES = (
    *("file_missing", "cover_missing", "asset_unknown"),
    *("immersive_as_track", "immersive_format_unknown", "preview_after_end"),
)


def problems(spec: MessageSpec, schemas: Schemas) -> list[Problem]:
    """Everything that stands in the way of a message that says what the spec says.

    Characters that XML cannot hold are looked for where something else is wrong: of a message
    that is written no parser accepts them.
    """
    found = _purge(spec) if spec.kind is MessageKind.PURGE else _new_release(spec, schemas)
    return found + list(characters(spec)) if found else found


def characters(spec: MessageSpec) -> Iterator[Problem]:
    """Those that no XML can hold, not even escaped."""
    yield from forbidden_characters(to_plain(spec.release))
    for name in ("message_id", "thread_id", "sender", "recipient", "label"):
        yield from forbidden_characters(to_plain(getattr(spec, name)), name)


def _new_release(spec: MessageSpec, schemas: Schemas) -> list[Problem]:
    found = [*_header(spec), *_release(spec)]
    found += text_requirements.problems(spec.release)
    found += file_requirements.problems(spec)
    if not is_withdrawal(spec):
        found += _deals(spec)
    of_family = _OF_FAMILY.get(ERN[spec.ern].family)
    if of_family is not None:
        found += of_family(spec, schemas)
    if is_withdrawal(spec):
        found = [p for p in found if not _matters_no_more(p)]
    return found


def _matters_no_more(problem: Problem) -> bool:
    return problem.field.startswith(_OF_OFFERS) or problem.code in _OF_QUALITY


def _release(spec: MessageSpec) -> Iterator[Problem]:
    without_files = not file_requirements.names_files(spec)
    for problem in rules.message_problems(spec.release, spec.assets):
        if not (without_files and problem.code in _OF_FILES):
            yield problem


def _header(spec: MessageSpec) -> Iterator[Problem]:
    yield from header_problems(spec)
    if spec.release.label is not None and spec.label.name != spec.release.label:
        yield Problem(
            "label_differs",
            "label",
            f"The release is on {spec.release.label}, the label given is {spec.label.name}.",
            "Give the label of the release.",
        )


def _purge(spec: MessageSpec) -> list[Problem]:
    """A purge needs to say which release it is, and in which language."""
    release, found = spec.release, list(_header(spec))
    if not (release.icpn or release.grid):
        said = "There is no identifier."
        found.append(Problem("icpn_missing", "icpn", said, "Say which release is to be deleted."))
    if release.language is None:
        said = "language is missing."
        found.append(Problem("language_missing", "language", said, "Give that of the title."))
    return found


def _deals(spec: MessageSpec) -> Iterator[Problem]:
    deals = [d for d in spec.release.deals if d.is_for(spec.recipient.dpid)]
    if spec.release.deals and not deals:
        yield Problem(
            "deal_for_recipient_missing",
            "deals",
            f"No deal is for {spec.recipient.name} ({spec.recipient.dpid}).",
            "Add one, or do not send it there.",
        )
        return
    for i, deal in enumerate(spec.release.deals):
        if deal.price is not None and SALE not in deal.models:
            yield Problem(
                "price_without_sale",
                f"deals[{i}].price",
                f"A price per unit belongs to {SALE}.",
                f"Add {SALE} to the models, or leave the price out.",
            )
        for name in ("price", "pre_order_price"):
            price = getattr(deal, name)
            if price is not None and price.tier and not price.tier_namespace:
                yield Problem(
                    "price_tier_namespace_missing",
                    f"deals[{i}].{name}.tier_namespace",
                    "It is not said whose rate card the tier is of.",
                    "Give the DPID of the party that keeps it.",
                )
    if deals and terms_of(spec.release).track_releases:
        yield from _of_track_releases(deals)


def _of_track_releases(deals: list[Deal]) -> Iterator[Problem]:
    if all(deal.tracks for deal in deals):
        yield Problem(
            "release_deal_missing",
            "deals",
            "Every deal is for certain tracks, so the release itself has none.",
            "Add a deal for all of it.",
        )
    if not any(deal.tracks or deal.whole_only or track_models(deal) for deal in deals):
        yield Problem(
            "track_deal_missing",
            "deals",
            "All that is stated is a price of the whole release, so the tracks have no deal.",
            "Add a deal for streams, leave the price to the contract, or say whole_only.",
        )
