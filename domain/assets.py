"""A tenant's uploaded file: what was measured of its bytes, once, at ingest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.identifiers import asset_id
from deadwax.domain.media.measured import Analysis
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.vocabulary import AssetKind

DOLBY_ATMOS = "DolbyAtmos"
"""The immersive format that all versions of ERN can name."""


@dataclass(frozen=True, kw_only=True)
class AudioFacts:
    """Read of an audio file. `codec` and `container` are DDEX values; ms, Hz, bits.

    `bits_per_sample` is None for lossy codecs, and `bit_rate` (bits per second) for others.
    `immersive` names the format of an immersive edition (DolbyAtmos) where the file is one.
    """

    container: str
    codec: str
    channels: int
    sampling_rate: int
    bits_per_sample: int | None = None
    duration_ms: int
    immersive: str | None = None
    bit_rate: int | None = None


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
    """Lower-case hex digests, size in bytes, and the facts of its kind.

    `analysis` is what was measured of its content, None as long as that was not done;
    `awaits_analysis` whether it will be (what was taken in before there was analysis is not
    waiting for it).
    """

    sha256: str
    md5: str
    size: int
    filename: str
    kind: AssetKind
    audio: AudioFacts | None = None
    image: ImageFacts | None = None
    video: VideoFacts | None = None
    text: TextFacts | None = None
    awaits_analysis: bool = False
    analysis: Analysis | None = None


class AssetState(StrEnum):
    """STORED: not measured, and nobody will unless asked to. ANALYSING: it will be, or is."""

    STORED = "stored"
    ANALYSING = "analysing"
    ANALYSED = "analysed"

    @classmethod
    def of(cls, facts: AssetFacts) -> Self:
        if facts.awaits_analysis:
            return cls(cls.ANALYSING)
        return cls(cls.ANALYSED if facts.analysis else cls.STORED)


class Asset(Root):
    """One file of one tenant; its id follows from the tenant and the bytes."""

    TOPIC = "asset"

    if TYPE_CHECKING:
        facts: AssetFacts

    @classmethod
    def store(cls, tenant_id: UUID, facts: AssetFacts) -> Self:
        """`facts` without its analysis, which is an event of its own."""
        read = to_plain(replace(facts, analysis=None))
        del read["awaits_analysis"]
        return cls._create(
            AssetStored,
            id=asset_id(tenant_id, facts.sha256),
            facts=read,
            awaits_analysis=facts.awaits_analysis,
        )

    def analyse(self, analysis: Analysis) -> None:
        """Note what was measured of its content; nothing if that is known already."""
        if self.facts.analysis != analysis:
            self.trigger_event(AssetAnalysed, analysis=to_plain(analysis))

    def link(self, file: str, until: datetime) -> None:
        """Note that somebody was given a link to `file`, the SHA-256 of this asset or of a
        rendition of it: whoever has the link can fetch it until then."""
        self.trigger_event(AssetLinked, file=file, until=until.isoformat())


@dataclass(frozen=True)
class AssetStored(Created):
    TOPIC = "asset.stored"
    class_version: ClassVar[int] = 2
    facts: dict[str, Any]
    awaits_analysis: bool

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["awaits_analysis"] = False

    def apply(self, aggregate: Asset) -> None:
        facts = from_plain(AssetFacts, self.facts)
        aggregate.facts = replace(facts, awaits_analysis=self.awaits_analysis)


@dataclass(frozen=True)
class AssetAnalysed(Event):
    """`analysis` is a domain.media.measured.Analysis."""

    TOPIC = "asset.analysed"
    analysis: dict[str, Any]

    def apply(self, aggregate: Asset) -> None:
        analysis = from_plain(Analysis, self.analysis)
        aggregate.facts = replace(aggregate.facts, awaits_analysis=False, analysis=analysis)


@dataclass(frozen=True)
class AssetLinked(Event):
    """The link itself is nowhere: it is as good as a key."""

    TOPIC = "asset.linked"
    file: str
    until: str

    def apply(self, aggregate: Asset) -> None:
        """Nothing follows from it."""
