"""What the use cases need from outside, as Protocols that infrastructure implements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol
from uuid import UUID

from deadwax.domain.target import TargetSettings


@dataclass(frozen=True)
class StoredAsset:
    """Bytes in the asset store: lower-case hex digests, size in bytes."""

    sha256: str
    md5: str
    size: int


class AssetStore(Protocol):
    """Content-addressed bytes. The same bytes are stored once."""

    def put(
        self,
        chunks: Iterable[bytes],
        check: Callable[[StoredAsset, str], None] = lambda asset, path: None,
    ) -> StoredAsset:
        """Store a stream. `check` sees the digests and a local path before the bytes are
        kept; a stream or check that raises leaves nothing behind."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """A seekable binary file. Raises NotFound."""
        ...


@dataclass(frozen=True)
class OutgoingFile:
    """A file of a package: `path` is relative to the target's root, `/`-separated."""

    path: str
    size: int
    sha256: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class RemoteFile:
    """A file as the other side lists it; `path` is relative to the target's root."""

    path: str
    size: int


@dataclass(frozen=True)
class Probe:
    """What a connection test found. Times in milliseconds."""

    host_key: str
    latency_ms: float
    steps: tuple[str, ...]


class Courier(Protocol):
    """One open connection to a delivery target. Every call may raise DeliveryFailed.

    Paths are relative to the target's root. A call never blocks longer than the stall
    timeout without progress; `keep_going` is asked between blocks and a False answer
    ends the call with Stopped.
    """

    def upload(
        self,
        file: OutgoingFile,
        *,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        """Put the bytes at `file.path + ".part"`, resuming what the server already has.

        Nothing is sent when `file.path` already exists with the right size. The bytes
        are checked against `file.sha256` while they are read, and the remote size after
        the last write. `progress` gets the number of bytes newly sent.
        """
        ...

    def publish(self, path: str) -> None:
        """Rename `path + ".part"` to `path`, atomically; nothing if `path` stands already
        and the part does not."""
        ...

    def size(self, path: str) -> int | None:
        """Bytes of the remote file, None if there is none."""
        ...

    def list(self, folder: str) -> list[RemoteFile]:
        """The files directly in `folder`; empty if the folder does not exist."""
        ...

    def fetch(self, path: str, limit: int) -> bytes:
        """The bytes of a small remote file; DeliveryFailed(INTEGRITY) above `limit`."""
        ...

    def probe(self) -> Probe:
        """Write, rename, read back and delete a small file under the root."""
        ...

    def close(self) -> None: ...


class Couriers(Protocol):
    """Opens couriers by protocol."""

    def connect(self, tenant_id: UUID, settings: TargetSettings) -> Courier:
        """An authenticated connection, with the tenant's secret. Raises DeliveryFailed."""
        ...


class Secrets(Protocol):
    """Secrets by reference. A value is used at once and never stored or logged."""

    def get(self, tenant_id: UUID, name: str) -> str:
        """Raises DeliveryFailed(AUTH_INVALID) naming the reference, never the value."""
        ...


class Leases(Protocol):
    """Heartbeats of running attempts, kept outside the log: losing them loses nothing."""

    def beat(self, tokens: Mapping[UUID, int], seconds: float) -> bool:
        """Extend the leases of these attempts, by distribution, to now + seconds; False unless
        all of them were."""
        ...

    def release(self, tokens: Mapping[UUID, int]) -> None:
        """Forget the leases; failing to is no error."""
        ...


class Waiting(Protocol):
    """What waits for a worker: a work list that may be a moment behind the log."""

    def for_target(self, target_id: UUID, most: int) -> list[UUID]:
        """The distributions to be delivered to a target now, the longest waiting first."""
        ...


class BatchNumbers(Protocol):
    """Hands out batch ids: YYYYMMDDhhmmssnnn in UTC, rising, unique over all targets (several
    may lead to one server)."""

    def next(self) -> str: ...


class Correspondence(Protocol):
    """Which distributions a target's platform may speak of. A memory that may be lost and
    rebuilt: what it names is to be verified against the log."""

    def of_release(self, target_id: UUID, release_ids: Sequence[str]) -> list[UUID]:
        """Distributions whose last message is about a release with one of these ids (ICPN,
        GRid). Raises NotYet while it has not seen all that is in the log."""
        ...

    def awaited(self, target_id: UUID) -> list[UUID]:
        """Distributions whose platform has still to answer."""
        ...


class Inbox(Protocol):
    """Which files of a target's acknowledgement folder were read already. A memory that may
    be lost: the same evidence twice stores nothing."""

    def unread(self, target_id: UUID, files: Sequence[RemoteFile]) -> list[RemoteFile]: ...

    def mark_read(self, target_id: UUID, file: RemoteFile, note: str) -> None: ...
