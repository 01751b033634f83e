"""What a message is about: each track, cover and attachment, with its references and its file.

Recordings are A1, A2, … in their order and releases of their own R1, R2, …; cover and
attachments go on counting. An immersive edition is A1I, a preview T1C.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from deadwax.application.messages import MessageKind, MessageSpec, ResourceFile
from deadwax.application.packaging import resource_uri
from deadwax.domain.assets import AssetFacts
from deadwax.domain.file_names import PathPattern
from deadwax.domain.metadata import Attachment
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.texts import Name
from deadwax.domain.tracks import ImmersiveEdition, Track
from deadwax.domain.vocabulary import AssetKind
from deadwax.infrastructure.ern import audio_formats

MAIN = "R0"
"""The reference of the main release."""
FRONT_COVER = "FrontCoverImage"

# Container or codec as measured: extension.
VIDEO_FORMATS: dict[str, str] = {"MP4": "mp4", "QuickTime": "mov", "AVI": "avi"}
IMAGE_FORMATS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "TIFF": "tif"}
TEXT_FORMATS = {
    "PDF": "pdf",
    "HTML": "html",
    "XHTML": "xhtml",
    "RTF": "rtf",
    "EPUB": "epub",
    "TTML": "ttml",
    "LRC": "lrc",
    "EnhancedLRC": "lrc",
    "SRT": "srt",
    "VTT": "vtt",
    "UTF8Text": "txt",
    "ASCII": "txt",
}


@dataclass(frozen=True)
class File:
    """A file that the message names; `delivered` is False in an update of the metadata alone."""

    technical: str
    uri: str
    asset: AssetFacts
    delivered: bool


@dataclass(frozen=True)
class Immersive:
    """The immersive edition of a recording. `reference` is for versions in which it is a
    resource of its own."""

    reference: str
    edition: ImmersiveEdition
    file: File | None


@dataclass(frozen=True)
class Supplement:
    """The front cover or an attachment. `type` is a DDEX ImageType, TextType or VideoType;
    `id` is the label's own identifier, or one made of that of the release."""

    reference: str
    type: str
    kind: AssetKind
    id: ProprietaryId
    file: File | None
    seconds: int
    attachment: Attachment | None = None


@dataclass(frozen=True)
class Recording:
    """The `n`th primary resource, counted from 1 over all discs. `linked` are the attachments
    of this track."""

    n: int
    track: Track
    seconds: int
    file: File | None
    immersive: Immersive | None
    linked: tuple[Supplement, ...]

    @property
    def reference(self) -> str:
        return f"A{self.n}"

    @property
    def clip(self) -> str:
        """The technical reference of the preview."""
        return f"T{self.n}C"

    @property
    def track_release(self) -> str:
        return f"R{self.n}"


@dataclass(frozen=True)
class Contents:
    """`linked` are the attachments of the release as a whole."""

    recordings: tuple[Recording, ...]
    cover: Supplement
    linked: tuple[Supplement, ...]

    @classmethod
    def of(cls, spec: MessageSpec) -> Self:
        """The contents of a spec that has no problems."""
        return cls(*_Maker(spec).contents())

    @property
    def supplements(self) -> Iterator[Supplement]:
        """Cover and attachments."""
        yield self.cover
        yield from self.linked
        for recording in self.recordings:
            yield from recording.linked

    def files(self) -> tuple[ResourceFile, ...]:
        """What is delivered, in the order of the references."""
        return tuple(
            ResourceFile(uri=f.uri, sha256=f.asset.sha256, size=f.asset.size)
            for f in self._files()
            if f is not None and f.delivered
        )

    def _files(self) -> Iterator[File | None]:
        for recording in self.recordings:
            yield recording.file
            yield recording.immersive.file if recording.immersive else None
        for supplement in self.supplements:
            yield supplement.file


def length_seconds(facts: AssetFacts | None, said: int | None = None) -> int:
    """How long a recording lasts: measured, or as the label `said`; 0 if neither is known."""
    measured = facts and (facts.audio or facts.video)
    return whole_seconds(measured.duration_ms) if measured else said or 0


def whole_seconds(duration_ms: int) -> int:
    """Rounded half up. A release lasts the sum of these, so that the figures add up."""
    return (duration_ms + 500) // 1000


def extension_of(asset: AssetFacts) -> str | None:
    """None for a format that has no place in a message."""
    if asset.audio:
        return audio_formats.extension(asset.audio)
    if asset.video:
        return VIDEO_FORMATS.get(asset.video.container)
    if asset.image:
        return IMAGE_FORMATS.get(asset.image.codec)
    return TEXT_FORMATS.get(asset.text.codec) if asset.text else None


class _Maker:
    def __init__(self, spec: MessageSpec) -> None:
        self._spec = spec
        self._names_files = spec.kind is not MessageKind.TAKEDOWN

    def contents(self) -> tuple[tuple[Recording, ...], Supplement, tuple[Supplement, ...]]:
        release, names = self._spec.release, self._spec.names
        tracks = release.in_order()
        n = len(tracks) + 1
        cover_file = self._file(release.cover, f"T{n}", names.cover, "CoverArt")
        cover_id = release.cover_id or self._own_id("cover")
        cover = Supplement(f"A{n}", FRONT_COVER, AssetKind.IMAGE, cover_id, cover_file, 0)
        by_track: dict[str | None, list[Supplement]] = {}
        for i, attachment in enumerate(release.attachments, start=1):
            supplement = self._supplement(attachment, n + i, i)
            by_track.setdefault(attachment.isrc, []).append(supplement)
        recordings = tuple(
            self._recording(n, track, tuple(by_track.get(track.isrc, ())))
            for n, track in enumerate(tracks, start=1)
        )
        return recordings, cover, tuple(by_track.get(None, ()))

    def _recording(self, n: int, track: Track, linked: tuple[Supplement, ...]) -> Recording:
        kind = "Video" if track.is_video else "SoundRecording"
        file = self._file(track.file, f"T{n}", self._spec.names.track, kind, track)
        seconds = length_seconds(self._facts(track.file), track.duration)
        immersive = None
        if track.immersive:
            its = self._file(
                track.immersive.audio, f"T{n}I", self._spec.names.other, "SoundRecording", track
            )
            immersive = Immersive(f"A{n}I", track.immersive, its)
        return Recording(n, track, seconds, file, immersive, linked)

    def _supplement(self, attachment: Attachment, n: int, i: int) -> Supplement:
        kind = attachment.kind.asset_kind
        file = self._file(attachment.file, f"T{n}", self._spec.names.other, kind.value.title())
        return Supplement(
            f"A{n}",
            attachment.kind.value,
            kind,
            attachment.id or self._own_id(str(i)),
            file,
            length_seconds(self._facts(attachment.file)),
            attachment,
        )

    def _file(
        self,
        sha256: str | None,
        technical: str,
        pattern: PathPattern,
        kind: str,
        track: Track | None = None,
    ) -> File | None:
        asset = self._facts(sha256)
        if asset is None or not self._names_files:
            return None
        uri = resource_uri(
            pattern,
            self._spec.release,
            technical=technical,
            kind=kind,
            sha256=asset.sha256,
            extension=extension_of(asset) or "",
            isrc=track.isrc if track else None,
            disc=track.disc if track else None,
            track=track.number if track else None,
        )
        return File(technical, uri, asset, self._spec.with_files)

    def _facts(self, sha256: str | None) -> AssetFacts | None:
        return self._spec.assets.get(sha256) if sha256 else None

    def _own_id(self, name: str) -> ProprietaryId:
        release = self._spec.release
        value = Name(f"{release.icpn or release.grid}_{name}")
        return ProprietaryId(namespace=Name(self._spec.sender.dpid), value=value)
