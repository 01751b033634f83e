"""What ERN 3.8.x asks for beyond what every message needs, and what it cannot say."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from deadwax.application.messages import MessageSpec
from deadwax.domain.assets import AssetFacts
from deadwax.domain.errors import Problem
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist, Contributor
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.audio_formats import OWN_WORDS
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.three.files import audio_codec
from deadwax.infrastructure.ern.three.recordings import spoken
from deadwax.infrastructure.ern.three.roles import ARTIST_ROLES, WORK_ROLES
from deadwax.infrastructure.ern.three.supplements import ELEMENTS
from deadwax.infrastructure.ern.versions import ERN
from deadwax.infrastructure.ern.words import Said, unknown


def problems(spec: MessageSpec, schemas: Schemas) -> Iterator[Problem]:
    yield from unknown(_said(spec), ERN[spec.ern], schemas)


def _said(spec: MessageSpec) -> Iterator[Said]:
    release = spec.release
    yield from _of_release(release)
    for i, track in enumerate(release.tracks):
        yield from _of_track(track, f"tracks[{i}].")
    for i, deal in enumerate(release.deals):
        at = f"deals[{i}]."
        yield Said("use", "UseType", f"{at}uses", deal.uses)
        yield Said("model", "CommercialModelType", f"{at}models", deal.models)
        for name in ("price", "pre_order_price"):
            price = getattr(deal, name)
            if price is not None and price.currency:
                yield _word("currency", "CurrencyCode", f"{at}{name}.currency", price.currency)
    if spec.with_files:
        for file in release.files():
            if facts := spec.assets.get(file.sha256):
                yield from _of_file(facts, file.field)


def _of_release(release: ReleaseMetadata) -> Iterator[Said]:
    if release.type:
        yield _word("release_type", "ReleaseType", "type", release.type)
    yield from _of_people(release.artists, release.contributors, "")
    for i, related in enumerate(release.related):
        field = f"related[{i}].relationship"
        yield _word("relationship", "ReleaseRelationshipType", field, related.relationship)
    for i, attachment in enumerate(release.attachments):
        kinds = f"{ELEMENTS[attachment.kind.asset_kind]}Type"
        yield _word("attachment_kind", kinds, f"attachments[{i}].kind", attachment.kind)


def _of_track(track: Track, at: str) -> Iterator[Said]:
    kinds = "VideoType" if track.is_video else "SoundRecordingType"
    yield _word("track_kind", kinds, f"{at}kind", track.recording_kind)
    yield from _of_people(track.artists, track.contributors, at)
    if track.language:
        yield _word("language", "IsoLanguageCode", f"{at}language", spoken(track.language))
    for i, language in enumerate(track.other_languages):
        field = f"{at}other_languages[{i}]"
        yield _word("language", "IsoLanguageCode", field, spoken(language))


def _of_people(
    artists: tuple[Artist, ...], contributors: tuple[Contributor, ...], at: str
) -> Iterator[Said]:
    for i, artist in enumerate(artists):
        field = f"{at}artists[{i}]"
        yield _word("artist_role", "ArtistRole", f"{field}.role", artist.role)
        yield from _roles(artist.roles, ARTIST_ROLES | WORK_ROLES, f"{field}.roles")
    for i, person in enumerate(contributors):
        yield from _roles(person.roles, WORK_ROLES, f"{at}contributors[{i}].roles")


def _roles(roles: tuple[str, ...], elsewhere: Collection[str], field: str) -> Iterator[Said]:
    """Those of no other set are credits of the recording."""
    for i, role in enumerate(roles):
        if role not in elsewhere:
            yield _word("contributor_role", "ResourceContributorRole", f"{field}[{i}]", role)


def _of_file(facts: AssetFacts, field: str) -> Iterator[Said]:
    if facts.audio and facts.audio.codec not in OWN_WORDS:
        yield _word("audio_codec", "AudioCodecType", field, audio_codec(facts.audio))
    if facts.video:
        yield _word("video_codec", "VideoCodecType", field, facts.video.codec)
        yield _word("video_container", "ContainerFormat", field, facts.video.container)
        if facts.video.audio_codec:
            yield _word("audio_codec", "AudioCodecType", field, facts.video.audio_codec)
    if facts.image:
        yield _word("image_codec", "ImageCodecType", field, facts.image.codec)
    if facts.text:
        yield _word("text_codec", "TextCodecType", field, facts.text.codec)


def _word(code: str, name: str, field: str, word: str) -> Said:
    return Said(code, name, field, (word,), is_list=False)
