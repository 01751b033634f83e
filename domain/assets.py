"""A tenant's uploaded file: what was measured of its bytes, once, at ingest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from deadwax.domain.aggregate import Created, Root
from deadwax.domain.identifiers import asset_id
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.vocabulary import AssetKind

DOLBY_ATMOS = "DolbyAtmos"
"""The immersive format that all versions of ERN can name."""


@dataclass(frozen=True, kw_only=True)
class AudioFacts:
    """Measured of an audio file. `codec` and `container` are DDEX values; ms, Hz, bits.

    `immersive` names the format of an immersive edition (DolbyAtmos) where the file is one.
    """

    container: str
    codec: str
    channels: int
    sampling_rate: int
    bits_per_sample: int
    duration_ms: int
    immersive: str | None = None


@dataclass(frozen=True, kw_only=True)
class VideoFacts:
    """Measured of a video file. Codecs and `container` are DDEX values; pixels, ms, frames
    per second as a decimal."""

    container: str
    codec: str
    width: int
    height: int
    duration_ms: int
    frame_rate: str | None = None
    audio_codec: str | None = None
    audio_channels: int | None = None
    audio_sampling_rate: int | None = None


@dataclass(frozen=True, kw_only=True)
class TextFacts:
    """`codec` is a DDEX TextCodecType such as PDF."""

    codec: str


@dataclass(frozen=True, kw_only=True)
class ImageFacts:
    """Measured of a picture. `codec` is a DDEX ImageCodecType; pixels."""

    codec: str
    width: int
    height: int


Facts = AudioFacts | ImageFacts | VideoFacts | TextFacts


@dataclass(frozen=True, kw_only=True)
class AssetFacts:
    """Lower-case hex digests, size in bytes, and the facts of its kind."""

    sha256: str
    md5: str
    size: int
    filename: str
    kind: AssetKind
    audio: AudioFacts | None = None
    image: ImageFacts | None = None
    video: VideoFacts | None = None
    text: TextFacts | None = None


class Asset(Root):
    """One file of one tenant; its id follows from the tenant and the bytes."""

    TOPIC = "asset"

    if TYPE_CHECKING:
        facts: AssetFacts

    @classmethod
    def store(cls, tenant_id: UUID, facts: AssetFacts) -> Self:
        return cls._create(AssetStored, id=asset_id(tenant_id, facts.sha256), facts=to_plain(facts))


@dataclass(frozen=True)
class AssetStored(Created):
    TOPIC = "asset.stored"
    facts: dict[str, Any]

    def apply(self, aggregate: Asset) -> None:
        aggregate.facts = from_plain(AssetFacts, self.facts)
