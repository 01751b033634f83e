"""What a message is about: each recording and the cover, with its references and its file.

The names follow the DDEX practice `<ICPN>/resources/<ICPN>_<disc>_<track>.<ext>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from deadwax.application.messages import MessageSpec, ResourceFile
from deadwax.application.packaging import resource_uri
from deadwax.domain.assets import AssetFacts, AudioFacts, ImageFacts
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.tracks import Track
from deadwax.domain.vocabulary import ReleaseType

# Container as measured: extension, and the DDEX ContainerFormat if the set has one. It has
# none for native FLAC, where the codec says it all.
AUDIO_FORMATS: dict[str, tuple[str, str | None]] = {
    "WAV": ("wav", "WAV"),
    "AIFF": ("aiff", "AIFF"),
    "FLAC": ("flac", None),
}
IMAGE_FORMATS = {"JPEG": "jpg", "PNG": "png"}


@dataclass(frozen=True)
class Recording:
    """The `n`th primary resource, counted from 1 over all discs."""

    n: int
    track: Track
    asset: AssetFacts
    audio: AudioFacts
    uri: str

    @property
    def reference(self) -> str:
        return f"A{self.n}"

    @property
    def technical(self) -> str:
        return f"T{self.n}"

    @property
    def clip(self) -> str:
        return f"T{self.n}C"

    @property
    def track_release(self) -> str:
        return f"R{self.n}"

    @property
    def seconds(self) -> int:
        return whole_seconds(self.audio.duration_ms)


@dataclass(frozen=True)
class Cover:
    reference: str
    technical: str
    asset: AssetFacts
    image: ImageFacts
    uri: str


@dataclass(frozen=True)
class Contents:
    recordings: tuple[Recording, ...]
    cover: Cover

    @classmethod
    def of(cls, spec: MessageSpec) -> Self:
        """The contents of a spec that has no problems."""
        release = spec.release
        recordings = []
        for n, track in enumerate(release.in_order(), start=1):
            asset = spec.assets[track.audio or ""]
            assert asset.audio is not None
            extension, _ = AUDIO_FORMATS[asset.audio.container]
            uri = resource_uri(
                spec.names.track,
                release,
                technical=f"T{n}",
                kind="SoundRecording",
                sha256=asset.sha256,
                extension=extension,
                isrc=track.isrc,
                disc=track.disc,
                track=track.number,
            )
            recordings.append(Recording(n, track, asset, asset.audio, uri))
        asset = spec.assets[release.cover or ""]
        assert asset.image is not None
        n = len(recordings) + 1
        uri = resource_uri(
            spec.names.cover,
            release,
            technical=f"T{n}",
            kind="CoverArt",
            sha256=asset.sha256,
            extension=IMAGE_FORMATS[asset.image.codec],
        )
        return cls(tuple(recordings), Cover(f"A{n}", f"T{n}", asset, asset.image, uri))

    def files(self) -> tuple[ResourceFile, ...]:
        named = [(r.uri, r.asset) for r in self.recordings] + [(self.cover.uri, self.cover.asset)]
        return tuple(ResourceFile(uri=uri, sha256=a.sha256, size=a.size) for uri, a in named)


def is_simple_single(release: ReleaseMetadata) -> bool:
    """Whether the profile SimpleAudioSingle applies: a Single of one recording. Such a message
    has a main release only, no track releases (Release Profiles 6.5)."""
    return release.type is ReleaseType.SINGLE and len(release.tracks) == 1


def whole_seconds(duration_ms: int) -> int:
    """Rounded half up. A release lasts the sum of these, so that the figures add up."""
    return (duration_ms + 500) // 1000
