"""What ERN 4.x asks for beyond what every message needs: words that the version knows."""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.application.messages import MessageSpec
from deadwax.domain.assets import AssetFacts
from deadwax.domain.errors import Problem
from deadwax.domain.message_style import TakedownForm
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist, Contributor
from deadwax.domain.tracks import Track
from deadwax.domain.vocabulary import AssetKind
from deadwax.infrastructure.ern.audio_formats import OWN_WORDS
from deadwax.infrastructure.ern.four.shape import SHAPES, Shape
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.versions import ERN
from deadwax.infrastructure.ern.words import Said, unknown

_ATTACHMENTS = {AssetKind.IMAGE: "ImageType", AssetKind.TEXT: "TextType"}


def problems(spec: MessageSpec, schemas: Schemas) -> Iterator[Problem]:
    if spec.style.takedown is TakedownForm.FLAG:
        yield Problem(
            "takedown_form_unknown",
            "style.takedown",
            f"ERN {spec.ern} has no TakeDown flag.",
            "Choose no_deal or end_date.",
        )
    yield from unknown(_said(spec, SHAPES[spec.ern]), ERN[spec.ern], schemas)


def _said(spec: MessageSpec, shape: Shape) -> Iterator[Said]:
    release = spec.release
    yield from _of_release(release, shape)
    for i, track in enumerate(release.tracks):
        yield from _of_track(track, f"tracks[{i}].", shape)
    for i, deal in enumerate(release.deals):
        at = f"deals[{i}]"
        yield Said("use", shape.use_types, f"{at}.uses", deal.uses)
        yield Said("model", shape.commercial_models, f"{at}.models", deal.models)
        for name in ("price", "pre_order_price"):
            price = getattr(deal, name)
            if price is not None and price.currency:
                field = f"{at}.{name}.currency"
                yield Said("currency", "CurrencyCode", field, (price.currency,), False)
    if spec.with_files:
        for file in release.files():
            if facts := spec.assets.get(file.sha256):
                yield from _of_file(facts, file.field)


def _of_release(release: ReleaseMetadata, shape: Shape) -> Iterator[Said]:
    if release.type:
        yield Said("release_type", "ReleaseType_ERN4", "type", (release.type,), False)
    yield Said("version_type", "VersionType", "version_types", release.version_types)
    yield from _of_people(release.artists, release.contributors, "")
    for i, related in enumerate(release.related):
        yield Said(
            "relationship",
            "ReleaseRelationshipType",
            f"related[{i}].relationship",
            (related.relationship,),
            False,
        )
    for i, attachment in enumerate(release.attachments):
        name = _ATTACHMENTS.get(attachment.kind.asset_kind, shape.video_types)
        kind = attachment.kind.value
        if name == shape.video_types:
            kind, _ = shape.video_type(kind)
        yield Said("attachment_kind", name, f"attachments[{i}].kind", (kind,), False)


def _of_track(track: Track, at: str, shape: Shape) -> Iterator[Said]:
    kinds, (kind, _) = "SoundRecordingType", (track.recording_kind.value, None)
    if track.is_video:
        kinds, (kind, _) = shape.video_types, shape.video_type(kind)
    yield Said("track_kind", kinds, f"{at}kind", (kind,), False)
    yield Said("version_type", "VersionType", f"{at}version_types", track.version_types)
    yield from _of_people(track.artists, track.contributors, at)
    for i, related in enumerate(track.related):
        yield Said(
            "relationship",
            "ResourceRelationshipType",
            f"{at}related[{i}].relationship",
            (related.relationship,),
            False,
        )
    if not shape.language_has_script:
        languages = {"language": track.language} | {
            f"other_languages[{i}]": language for i, language in enumerate(track.other_languages)
        }
        for name, language in languages.items():
            if language:
                base = (language.partition("-")[0],)
                yield Said("language", "IsoLanguageCode", f"{at}{name}", base, False)


def _of_people(
    artists: tuple[Artist, ...], contributors: tuple[Contributor, ...], at: str
) -> Iterator[Said]:
    for i, artist in enumerate(artists):
        field = f"{at}artists[{i}]"
        yield Said("artist_role", "DisplayArtistRole", f"{field}.role", (artist.role,), False)
        yield Said("contributor_role", "ContributorRole", f"{field}.roles", artist.roles)
    for i, person in enumerate(contributors):
        field = f"{at}contributors[{i}]"
        yield Said("contributor_role", "ContributorRole", f"{field}.roles", person.roles)
        yield Said("instrument", "InstrumentType", f"{field}.instruments", person.instruments)


def _of_file(facts: AssetFacts, field: str) -> Iterator[Said]:
    """An immersive edition is named by the word of the version."""
    if facts.audio and not facts.audio.immersive and facts.audio.codec not in OWN_WORDS:
        yield Said("audio_codec", "AudioCodecType", field, (facts.audio.codec,), False)
    if facts.video:
        yield Said("video_codec", "VideoCodecType", field, (facts.video.codec,), False)
        if facts.video.audio_codec:
            yield Said("audio_codec", "AudioCodecType", field, (facts.video.audio_codec,), False)
    if facts.text:
        yield Said("text_codec", "TextCodecType", field, (facts.text.codec,), False)
