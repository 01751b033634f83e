"""What ERN 3.8.x cannot say is refused with the field, before anything is built."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.ern.releases import ADA, WORLD, album, digest, immersive, single, spec_of, stream

from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.deals import Price
from deadwax.domain.errors import Refused
from deadwax.domain.metadata import Attachment, RelatedRelease, ReleaseMetadata
from deadwax.domain.parties import Contributor
from deadwax.domain.target import ErnVersion
from deadwax.domain.texts import Currency, Language, Name
from deadwax.domain.tracks import Track
from deadwax.domain.vocabulary import AttachmentKind, CommercialModel, UseType
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.three.sequences import SEQUENCES

V382, V383 = SEQUENCES


def with_track(**changes: Any) -> ReleaseMetadata:
    tracks: tuple[Track, ...] = (replace(album().tracks[0], **changes), *album().tracks[1:])
    return replace(album(), tracks=tracks)


def sale(price: Price) -> ReleaseMetadata:
    deal = stream(
        models=(CommercialModel.PAY_AS_YOU_GO,), uses=(UseType.PERMANENT_DOWNLOAD,), price=price
    )
    return replace(album(), deals=(deal, stream(territories=WORLD)))


def credited(role: str) -> tuple[Contributor, ...]:
    return (Contributor(name=Name("Dora Press"), roles=(Name("Composer"), Name(role))),)


RELATED = RelatedRelease(relationship=Name("IsCoverOf"), icpn=album().icpn)
CASES: dict[str, tuple[ReleaseMetadata, str, str]] = {
    "a role of none of the sets": (
        with_track(contributors=credited("Mixologist")),
        "contributor_role_unknown",
        "tracks[0].contributors[0].roles[1]",
    ),
    "a role of ERN 4 only": (
        replace(album(), contributors=credited("ImmersiveMasteringEngineer")),
        "contributor_role_unknown",
        "contributors[0].roles[1]",
    ),
    "what an artist cannot do": (
        with_track(artists=(replace(ADA, roles=(Name("Conductor"), Name("Mixologist"))),)),
        "contributor_role_unknown",
        "tracks[0].artists[0].roles[1]",
    ),
    "a language without a code": (
        with_track(language=Language("qq")),
        "language_unknown",
        "tracks[0].language",
    ),
    "a relationship of recordings": (
        replace(album(), related=(RELATED,)),
        "relationship_unknown",
        "related[0].relationship",
    ),
    "a currency of nowhere": (
        sale(Price(amount=album().deals[0].price.amount, currency=Currency("ZZZ"))),  # type: ignore[union-attr]
        "currency_unknown",
        "deals[0].price.currency",
    ),
    "a tier of nobody's rate card": (
        sale(Price(tier=Name("FRONT"))),
        "price_tier_namespace_missing",
        "deals[0].price.tier_namespace",
    ),
}


@pytest.mark.parametrize("version", SEQUENCES)
@pytest.mark.parametrize("case", CASES)
def test_it_is_refused(case: str, version: ErnVersion, messages: DdexMessages) -> None:
    release, code, field = CASES[case]

    assert refusals(messages, spec_of(release, ern=version)) == [(code, field)]


def test_a_language_that_only_the_later_version_has_is_refused_in_the_earlier(
    messages: DdexMessages,
) -> None:
    release = with_track(language=Language("yue"))

    assert refusals(messages, spec_of(release, ern=V383)) == []
    assert refusals(messages, spec_of(release, ern=V382)) == [
        ("language_unknown", "tracks[0].language")
    ]


def test_an_immersive_format_without_a_word_is_refused_as_long_as_its_file_is_sent(
    messages: DdexMessages,
) -> None:
    spec = spec_of(immersive(), ern=V382)
    asset = spec.assets[digest("atmos")]
    assert asset.audio is not None
    other = replace(asset, audio=replace(asset.audio, immersive="ADM"))
    spec = replace(spec, assets={**spec.assets, asset.sha256: other})

    assert refusals(messages, spec) == [("immersive_format_unknown", "tracks[0].immersive.audio")]
    assert refusals(messages, replace(spec, with_files=False)) == []


def test_a_codec_that_the_version_does_not_have_is_refused(messages: DdexMessages) -> None:
    spec = spec_of(single(), ern=V382)
    asset = spec.assets[digest("flac")]
    assert asset.audio is not None
    odd = replace(asset, audio=replace(asset.audio, codec="Wax"))
    spec = replace(spec, assets={**spec.assets, asset.sha256: odd})

    assert refusals(messages, spec) == [("audio_codec_unknown", "tracks[0].audio")]


def test_a_takedown_is_not_refused_for_its_deals(messages: DdexMessages) -> None:
    release = sale(Price(tier=Name("FRONT")))

    assert refusals(messages, spec_of(release, MessageKind.TAKEDOWN, V382)) == []


def test_every_kind_of_attachment_and_use_has_a_word(messages: DdexMessages) -> None:
    files = {"image": "back", "text": "booklet", "video": "motion"}
    attachments = tuple(
        Attachment(kind=kind, file=digest(files[kind.asset_kind])) for kind in AttachmentKind
    )
    uses = stream(models=(CommercialModel.SUBSCRIPTION,), uses=tuple(UseType))
    release = replace(album(), attachments=attachments, deals=(uses,))

    for version in SEQUENCES:
        assert refusals(messages, spec_of(release, ern=version)) == []


def refusals(messages: DdexMessages, spec: MessageSpec) -> list[tuple[str, str]]:
    try:
        messages.build(spec)
    except Refused as refused:
        return [(problem.code, problem.field) for problem in refused.problems]
    return []
