"""What is uploaded, in which order: the files of a delivery by its target's choreography."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from deadwax.application.messages import (
    DeliveryType,
    MessageKind,
    MessageSpec,
    ProductType,
    ResourceFile,
)
from deadwax.application.ports import StoredAsset
from deadwax.domain.assets import AssetFacts
from deadwax.domain.choreography import Choreography
from deadwax.domain.choreography_versions import BatchPriority, Checksums, Completion, UploadOrder
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.file_names import PathPattern, Placeholders
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.package_paths import PackagePaths, checksum_path
from deadwax.domain.vocabulary import ReleaseType

Put = Callable[[bytes], StoredAsset]
"""Keeps bytes in the asset store."""


PURGE_NOT_IN_BATCH = Problem(
    "purge_not_in_batch",
    "choreography.kind",
    "A batch's manifest can name NewReleaseMessages only, not a purge.",
    "Ask the platform how it takes purges; release by release it can be sent.",
)


class Role(StrEnum):
    """What a file of a delivery is for."""

    RESOURCE = "resource"
    MESSAGE = "message"
    CHECKSUM = "checksum"
    MANIFEST = "manifest"
    MARKER = "marker"


@dataclass(frozen=True, kw_only=True)
class PackageFile:
    """`path` is relative to the target's root."""

    path: str
    role: Role
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class ReleaseFiles:
    """One message with the files that it names; `assets` holds their facts by SHA-256."""

    ids: Placeholders
    message: StoredAsset
    resources: Sequence[ResourceFile]
    assets: Mapping[str, AssetFacts]


def resource_uri(
    pattern: PathPattern,
    release: ReleaseMetadata,
    *,
    technical: str,
    kind: str,
    sha256: str,
    extension: str,
    isrc: str | None = None,
    disc: int | None = None,
    track: int | None = None,
) -> str:
    """Where a resource lies, seen from its message: what the message states as its URI.

    `technical` is its TechnicalResourceDetailsReference, `kind` what it is in one word.
    Raises Refused where the pattern asks for what the release lacks.
    """
    place = {"isrc": isrc, "disc": disc, "track": track}
    file = {"technical": technical, "kind": kind, "hash": sha256, "extension": extension}
    known = {name: str(value) for name, value in place.items() if value is not None}
    return pattern.fill(release_ids(release) | file | known)


def release_ids(release: ReleaseMetadata) -> Placeholders:
    """What the release may be called by in paths."""
    ids = {"icpn": release.icpn, "grid": release.grid}
    return {name: str(id) for name, id in ids.items() if id}


@dataclass(frozen=True, kw_only=True)
class Package:
    """A delivery: the files of each release, and what completes them all."""

    releases: Sequence[Sequence[PackageFile]]
    ending: Sequence[PackageFile]

    @property
    def by_release(self) -> list[list[PackageFile]]:
        """For each release its files and the ending, in upload order; the last one completes
        the delivery."""
        return [[*files, *self.ending] for files in self.releases]

    @property
    def manifest_sha256(self) -> str | None:
        return next((f.sha256 for f in self.ending if f.role is Role.MANIFEST), None)


def package_of(
    paths: PackagePaths, releases: Sequence[ReleaseFiles], manifest: bytes | None, put: Put
) -> Package:
    """Every file of a delivery in upload order.

    A checksum comes before its file, so that a file that is there can be verified. Raises
    Refused if two different files would have one path.
    """
    own = [_once(_of_release(paths, release, put)) for release in releases]
    ending, first = [], releases[0].ids
    if manifest is not None:
        ending.append(_file(paths.manifest(first), Role.MANIFEST, put(manifest)))
    if paths.choreography.completed_by is Completion.MARKER:
        ending.append(_file(paths.marker(first), Role.MARKER, put(b"")))
    _once(file for files in (*own, ending) for file in files)
    return Package(releases=own, ending=ending)


def _of_release(paths: PackagePaths, release: ReleaseFiles, put: Put) -> Iterator[PackageFile]:
    choreography, folder = paths.choreography, paths.release(release.ids)
    resources: list[PackageFile] = []
    for r in release.resources:
        file = PackageFile(
            path=f"{folder}/{r.uri}", role=Role.RESOURCE, sha256=r.sha256, size=r.size
        )
        if choreography.checksums is Checksums.ALL:
            resources.append(_checksum(file, release.assets[r.sha256].md5, put))
        resources.append(file)
    message = [_file(paths.message(release.ids), Role.MESSAGE, release.message)]
    if choreography.checksums is not Checksums.NONE:
        message.insert(0, _checksum(message[0], release.message.md5, put))
    last = choreography.order is UploadOrder.RESOURCES_FIRST
    yield from (*resources, *message) if last else (*message, *resources)


def _checksum(of: PackageFile, md5: str, put: Put) -> PackageFile:
    """As `md5sum` writes and checks it."""
    line = f"{md5}  {of.path.rpartition('/')[2]}\n"
    return _file(checksum_path(of.path), Role.CHECKSUM, put(line.encode()))


def _file(path: str, role: Role, stored: StoredAsset) -> PackageFile:
    return PackageFile(path=path, role=role, sha256=stored.sha256, size=stored.size)


def _once(files: Iterable[PackageFile]) -> list[PackageFile]:
    """One resource may be named twice by a message and is sent once."""
    by_path: dict[str, PackageFile] = {}
    for file in files:
        if by_path.setdefault(file.path, file).sha256 != file.sha256:
            raise Refused(
                "The files cannot be named",
                [
                    Problem(
                        "file_names_collide",
                        "choreography.names",
                        f"Two different files would both be {file.path}.",
                        "Give the target patterns that tell the files of this release apart.",
                    )
                ],
            )
    return list(by_path.values())


def delivery_type(spec: MessageSpec, choreography: Choreography) -> DeliveryType:
    """How a batch announces the message; an update is the whole release again, and so is a
    takedown that takes effect later.

    Raises Refused for a purge, which no manifest can name (DDEX ErnMessageType).
    """
    if spec.kind is MessageKind.PURGE:
        raise Refused("The message cannot go into a batch", [PURGE_NOT_IN_BATCH])
    if spec.kind is MessageKind.TAKEDOWN and spec.ends is None:
        return DeliveryType.TAKEDOWN
    if choreography.priority is BatchPriority.HIGH:
        return DeliveryType.HIGH_PRIORITY
    if spec.kind in (MessageKind.UPDATE, MessageKind.TAKEDOWN):
        return DeliveryType.REDELIVERY
    days = choreography.back_catalogue_days
    if days is not None and _age(spec.release, spec.created_at) >= days:
        return DeliveryType.BACK_CATALOGUE
    return DeliveryType.NEW_RELEASE


def _age(release: ReleaseMetadata, now: datetime) -> int:
    """Days since the release first came out; negative before it does."""
    day = release.original_release_date or release.release_date
    return (now.date() - day).days if isinstance(day, date) else -1


def product_type(release: ReleaseMetadata) -> ProductType:
    """What the release is, by what its tracks are."""
    if release.type is ReleaseType.RINGTONE:
        return ProductType.MOBILE
    videos = {track.is_video for track in release.tracks}
    if videos == {True}:
        return ProductType.VIDEO
    return ProductType.MIXED_MEDIA if True in videos else ProductType.AUDIO
