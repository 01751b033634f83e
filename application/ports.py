"""What the use cases need from outside, as Protocols that infrastructure implements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol
from uuid import UUID

from deadwax.domain.target import Route, TargetSettings


@dataclass(frozen=True)
class StoredAsset:
    """Bytes in the asset store: lower-case hex digests, size in bytes."""

    sha256: str
    md5: str
    size: int


Check = Callable[[StoredAsset, str], None]
"""Sees the digests of bytes and a local path with them before they are kept; raises to refuse."""


def unchecked(asset: StoredAsset, path: str) -> None:
    """Keeps whatever comes."""


class Keeping(Protocol):
    """Keeps bytes under their hash. The same bytes are stored once. Every call may raise
    StoreUnavailable."""

    def put(self, chunks: Iterable[bytes], check: Check = unchecked) -> StoredAsset:
        """Store a stream. A stream or check that raises leaves nothing behind."""
        ...


class AssetStore(Keeping, Protocol):
    """Gives back what it keeps."""

    def take(
        self, path: str, check: Check = unchecked, known: StoredAsset | None = None
    ) -> StoredAsset:
        """Store a finished local file, which stays where it is and must not be changed any more.
        `known` are its digests, where they were computed already."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """A seekable binary file. Raises NotFound; reading it raises OSError."""
        ...

    def local(self, sha256: str) -> AbstractContextManager[str]:
        """The path of a local file with the bytes, for tools that read files; not to be changed,
        and gone after the context where it was fetched for it. Raises NotFound."""
        ...

    def sweep(self, seconds: float) -> None:
        """Delete what processes left that ended while they stored something: what nobody went on
        with for so long."""
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
    """What a connection test found. `steps` were done, in this order; `proof` is what shows that
    it was the right server ({"host_key": ...}, {"certificate": ...}), `free_bytes` what it says
    it has room for, None where it cannot tell."""

    proof: Mapping[str, str]
    latency_ms: float
    steps: tuple[str, ...]
    free_bytes: int | None = None


class Can(StrEnum):
    """What a courier can do beside uploading and publishing; not every protocol can all."""

    RESUME = "resume"
    """A later connection goes on where an upload ended."""
    LOOK = "look"
    """`size` and `verify` ask the server what stands there."""
    LIST = "list"
    FETCH = "fetch"
    REMOVE = "remove"


class Courier(Protocol):
    """One open connection to a delivery target. Every call may raise DeliveryFailed, with the
    category that the other side's answer or the exception's type calls for; one that the courier
    does not have in `can` raises Unsupported. Not thread-safe: files go in parallel by as many
    connections.

    Paths are relative to the target's root. A call never blocks longer than the stall timeout
    without progress; `keep_going` is asked between blocks and a False answer ends the call with
    Stopped.
    """

    @property
    def can(self) -> frozenset[Can]: ...

    def upload(
        self,
        file: OutgoingFile,
        *,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        """Bring the bytes to the other side, so that `publish` only has to show them: nothing
        stands at `file.path` by it (a `.part` beside it, an unfinished multipart upload, ...).

        What the server already has of it is not sent again. Nothing is sent when `file.path`
        stands already with the right size; DeliveryFailed(INTEGRITY) if with another. The bytes
        are checked against `file.sha256` while they are read, and what the server then has
        against `file.size`; what fails is withdrawn. `progress` gets the number of bytes newly
        sent.
        """
        ...

    def publish(self, path: str) -> None:
        """Show at `path` what was uploaded for it, in one step, and never over another file
        (DeliveryFailed(INTEGRITY)); nothing if the same stands there already.
        DeliveryFailed(NOT_FOUND) if nothing was uploaded."""
        ...

    def verify(self, file: OutgoingFile) -> str:
        """Compare what stands at `file.path` with the file, by size and then by the best means
        that the server has; says by which: sha256, md5, crc64nvme, ... or `sampled` (blocks read
        back), or `size`. DeliveryFailed(INTEGRITY) if it differs, (NOT_FOUND) if there is none.
        """
        ...

    def size(self, path: str) -> int | None:
        """Bytes of the published remote file, None if there is none."""
        ...

    def pending(self, path: str) -> bool:
        """Whether something was uploaded for `path` that is not published yet, whole or not."""
        ...

    def list(self, folder: str) -> list[RemoteFile]:
        """The published files directly in `folder`; empty if the folder does not exist."""
        ...

    def fetch(self, path: str, limit: int) -> bytes:
        """The bytes of a small remote file; DeliveryFailed(INTEGRITY) above `limit`, (NOT_FOUND)
        if there is none."""
        ...

    def remove(self, path: str) -> None:
        """Delete what stands at `path`, and what was uploaded for it and not published; nothing
        if there is neither."""
        ...

    def probe(self) -> Probe:
        """Write, publish, read back and delete a small file under the root, as far as the
        protocol can."""
        ...

    def close(self) -> None: ...


class Couriers(Protocol):
    """Opens couriers by protocol."""

    def connect(
        self, tenant_id: UUID, route: Route | TargetSettings, *, fresh: bool = False
    ) -> Courier:
        """An authenticated connection by the protocol and to the address of `route`, with the
        tenant's secrets; `fresh` where credentials that were fetched before did not do any
        more. Raises DeliveryFailed."""
        ...


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """How far a delivery is. `bytes_done` counts what stood there already, `bytes_sent` does not;
    `rate` in bytes per second is that of the last seconds, `seconds_left` an estimate by it, None
    while nothing moves. `file` is the one begun last."""

    route: str
    file: str
    files_done: int
    files: int
    bytes_done: int
    bytes_total: int
    bytes_sent: int
    rate: int
    seconds_left: int | None


class Progress(Protocol):
    """How far running deliveries are, shown to people: losing it loses nothing."""

    def show(self, tokens: Mapping[UUID, int], snapshot: Snapshot) -> None:
        """That of these attempts, which share a delivery; failing to is no error."""
        ...

    def forget(self, tokens: Mapping[UUID, int]) -> None:
        """Failing to is no error."""
        ...


@dataclass(frozen=True)
class SigningKey:
    """`id` names the key; `public_key` is what signatures are checked with, in base64."""

    id: str
    public_key: str


class Signer(Protocol):
    """The installation's key for what it attests."""

    def key(self) -> SigningKey:
        """The key that signs now; made on first use."""
        ...

    def sign(self, key_id: str, data: bytes) -> str:
        """The signature in base64. Raises NotFound for a key that does not sign any more."""
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
