"""What a message must have before it is built, beyond what a release must have anyway."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain import rules
from deadwax.domain.assets import AssetFacts
from deadwax.domain.deals import Deal
from deadwax.domain.errors import Problem
from deadwax.domain.parties import Contributor
from deadwax.domain.plain import to_plain
from deadwax.domain.texts import Currency
from deadwax.domain.tracks import LocalTitle
from deadwax.infrastructure.ern.contents_old import (
    AUDIO_FORMATS,
    IMAGE_FORMATS,
    is_simple_single,
    whole_seconds,
)
from deadwax.infrastructure.ern.deals import DOWNLOADS, SALE, track_models
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.versions import ERN
from deadwax.infrastructure.ern.xml import forbidden_characters

_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9()/_-]*")
_MD5 = re.compile(r"[0-9a-f]{32}")


def problems(spec: MessageSpec, schemas: Schemas) -> list[Problem]:
    """Everything that stands in the way of a message that says what the spec says."""
    with_deals = spec.kind is not MessageKind.TAKEDOWN
    found = [
        p
        for p in rules.problems(spec.release, spec.assets)
        if with_deals or not p.field.startswith(("deals", "rights"))
    ]
    found += _header(spec)
    found += _characters(spec)
    found += _titles(spec)
    found += _contributors(spec, schemas)
    found += _files(spec)
    if with_deals:
        found += _deals(spec, schemas)
    return found


def _header(spec: MessageSpec) -> Iterator[Problem]:
    for name in ("message_id", "thread_id"):
        if not getattr(spec, name).strip():
            yield Problem(f"{name}_missing", name, f"{name} is empty.", "Give the message its id.")
    if spec.created_at.tzinfo is None:
        yield Problem(
            "created_at_without_zone",
            "created_at",
            f"{spec.created_at} does not say in which time zone.",
            "Give the time in UTC.",
        )
    if spec.release.label is not None and spec.label.name != spec.release.label:
        yield Problem(
            "label_differs",
            "label",
            f"The release is on {spec.release.label}, the label given is {spec.label.name}.",
            "Give the label of the release.",
        )


def _characters(spec: MessageSpec) -> Iterator[Problem]:
    yield from forbidden_characters(to_plain(spec.release))
    for name in ("message_id", "thread_id", "sender", "recipient", "label"):
        yield from forbidden_characters(to_plain(getattr(spec, name)), name)


def _titles(spec: MessageSpec) -> Iterator[Problem]:
    release = spec.release
    listed: list[tuple[str, tuple[LocalTitle, ...]]] = [("titles", release.titles)]
    listed += [(f"tracks[{i}].titles", t.titles) for i, t in enumerate(release.tracks)]
    for field, local in listed:
        seen = {str(release.language)}
        for i, title in enumerate(local):
            if title.language in seen:
                yield Problem(
                    "title_language_twice",
                    f"{field}[{i}].language",
                    f"There is a title in {title.language} already.",
                    "Give one title per language; the main one is in that of the release.",
                )
            seen.add(title.language)


def _contributors(spec: MessageSpec, schemas: Schemas) -> Iterator[Problem]:
    release = spec.release
    standard = ERN[spec.ern]
    roles = schemas.allowed_values(standard, "ContributorRole")
    instruments = schemas.allowed_values(standard, "InstrumentType")
    listed: list[tuple[str, tuple[Contributor, ...]]] = [("contributors", release.contributors)]
    listed += [(f"tracks[{i}].contributors", t.contributors) for i, t in enumerate(release.tracks)]
    for field, people in listed:
        for i, person in enumerate(people):
            at = f"{field}[{i}]"
            if not person.roles:
                yield Problem(
                    "contributor_role_missing",
                    f"{at}.roles",
                    f"{person.name} has no role.",
                    "Name at least one DDEX ContributorRole.",
                )
            yield from _allowed(person.roles, roles, f"{at}.roles", "ContributorRole")
            yield from _allowed(
                person.instruments, instruments, f"{at}.instruments", "InstrumentType"
            )


def _allowed(
    values: tuple[str, ...], allowed: frozenset[str] | None, field: str, name: str
) -> Iterator[Problem]:
    """Without the schemas only the form is checked. UserDefined would need its meaning."""
    for i, value in enumerate(values):
        known = _VALUE.fullmatch(value) if allowed is None else value in allowed
        if not known or value == "UserDefined":
            code = {"ContributorRole": "contributor_role", "InstrumentType": "instrument"}[name]
            yield Problem(
                f"{code}_unknown",
                f"{field}[{i}]",
                f"{value} is not a DDEX {name}.",
                f"Use a value of DDEX's set{_near(value, allowed)}.",
            )


def _near(value: str, allowed: frozenset[str] | None) -> str:
    near = get_close_matches(value, sorted(allowed or ()), n=3)
    return f"; near it are {', '.join(near)}" if near else ""


def _files(spec: MessageSpec) -> Iterator[Problem]:
    wanted = [("cover", spec.release.cover)]
    wanted += [(f"tracks[{i}].audio", t.audio) for i, t in enumerate(spec.release.tracks)]
    for field, sha256 in wanted:
        facts = spec.assets.get(sha256) if sha256 else None
        if facts is not None:
            yield from _file(facts, field)


def _file(facts: AssetFacts, field: str) -> Iterator[Problem]:
    again = "Upload the file again."
    if not _MD5.fullmatch(facts.md5):
        yield Problem("asset_hash_missing", field, f"{facts.md5!r} is not an MD5.", again)
    if facts.size <= 0:
        yield Problem("asset_empty", field, f"The file has {facts.size} bytes.", again)
    if facts.audio is None and facts.image is None:
        yield Problem("asset_facts_missing", field, "The file was not measured.", again)
    if facts.audio is not None:
        if facts.audio.container not in AUDIO_FORMATS:
            yield Problem(
                "audio_container_unknown",
                field,
                f"{facts.audio.container} has no place in a message.",
                f"Use {', '.join(AUDIO_FORMATS)}.",
            )
        if whole_seconds(facts.audio.duration_ms) < 1:
            yield Problem(
                "audio_too_short",
                field,
                f"It lasts {facts.audio.duration_ms} ms; a message states whole seconds.",
                "Upload a recording of at least one second.",
            )
    if facts.image is not None and facts.image.codec not in IMAGE_FORMATS:
        yield Problem(
            "image_codec_unknown",
            field,
            f"{facts.image.codec} has no place in a message.",
            f"Use {', '.join(IMAGE_FORMATS)}.",
        )


def _deals(spec: MessageSpec, schemas: Schemas) -> Iterator[Problem]:
    currencies = schemas.allowed_values(ERN[spec.ern], "CurrencyCode")
    for i, deal in enumerate(spec.release.deals):
        yield from _deal(deal, f"deals[{i}]", currencies)
    deals = spec.release.deals
    if deals and not is_simple_single(spec.release) and not any(map(track_models, deals)):
        yield Problem(
            "track_deal_missing",
            "deals",
            "All that is stated is a price of the whole release, so the tracks have no deal.",
            "Add a deal for streams, or leave the price to the contract.",
        )


def _deal(deal: Deal, at: str, currencies: frozenset[str] | None) -> Iterator[Problem]:
    if deal.price is not None and SALE not in deal.models:
        yield Problem(
            "price_without_sale",
            f"{at}.price",
            f"A price per unit belongs to {SALE}.",
            f"Add {SALE} to the models, or leave the price out.",
        )
    if deal.price is not None and currencies and deal.price.currency not in currencies:
        yield Problem(
            "currency_unknown",
            f"{at}.price.currency",
            f"{deal.price.currency} is not a currency of DDEX's list.",
            Currency.fix,
        )
    if deal.pre_order_from is None:
        return
    if SALE not in deal.models or not any(use in DOWNLOADS for use in deal.uses):
        yield Problem(
            "pre_order_without_sale",
            f"{at}.pre_order_from",
            "A pre-order is a purchase, and the deal sells no download.",
            f"Add {SALE} and a download, or leave the pre-order out.",
        )
