"""Uploads on their way: what is remembered of them until they are assets, or gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from deadwax.application.errors import ApplicationError
from deadwax.domain.errors import Problem
from deadwax.domain.identifiers import Sha256


class UploadState(StrEnum):
    """`receiving`: bytes are awaited. `verifying`: all are there, and a worker reads them.
    `stored`: they are an asset. `refused`: they are not, and are gone."""

    RECEIVING = "receiving"
    VERIFYING = "verifying"
    STORED = "stored"
    REFUSED = "refused"


class Way(StrEnum):
    """How the bytes come: by tus to us, or straight to the bucket."""

    TUS = "tus"
    DIRECT = "direct"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """`sha256` is what the client stated; `asset` what became of it, stored at `position`.

    `actor` and `correlation_id` are of who began it, in whose name it is stored.

    Of tus: `metadata` as it was sent; `partial` for one of which a final one is put together, and
    `parts` of which that was. `proven` is up to where bytes count while a request runs whose
    checksum is not known to be right yet.

    Of the bucket: `multipart` is the id there, `part_size` that of all parts but the last.
    """

    id: UUID
    tenant_id: UUID
    way: Way
    filename: str
    size: int
    sha256: Sha256 | None
    actor: str
    correlation_id: str
    expires_at: datetime
    state: UploadState = UploadState.RECEIVING
    metadata: str | None = None
    partial: bool = False
    parts: tuple[UUID, ...] = ()
    proven: int | None = None
    multipart: str | None = None
    part_size: int | None = None
    asset: Sha256 | None = None
    position: int | None = None
    problems: tuple[Problem, ...] = ()


class UploadBook(Protocol):
    """Remembers uploads."""

    def add(self, upload: Upload) -> None: ...

    def get(self, id: UUID) -> Upload:
        """NotFound for one that expired, and for another tenant's."""
        ...

    def find(self, id: UUID) -> Upload | None:
        """Of any tenant, for processes."""
        ...

    def put_off(self, id: UUID) -> datetime:
        """Somebody goes on with it: until when it is kept from now on."""
        ...

    def prove(self, id: UUID, size: int | None) -> None:
        """Only the first `size` bytes count; None: all that are there."""
        ...

    def verify(self, id: UUID) -> None:
        """All bytes are there: a worker is to read them."""
        ...

    def claim(self, id: UUID, seconds: float) -> bool:
        """Whether this process is the one to read it now, and others are not for so long."""
        ...

    def release(self, id: UUID, seconds: float) -> None:
        """Others may claim it after so many seconds."""
        ...

    def settle(self, id: UUID, asset: str, position: int) -> None:
        """It is an asset."""
        ...

    def refuse(self, id: UUID, problems: Iterable[Problem]) -> None: ...

    def remove(self, id: UUID) -> None: ...

    def expired(self, most: int) -> list[Upload]: ...

    def known(self, ids: Iterable[UUID]) -> set[UUID]:
        """Those of these that are remembered."""
        ...


def remove_expired(
    book: UploadBook, removes: Mapping[Way, Callable[[Upload], None]], most: int = 100
) -> None:
    """Delete uploads whose time is over, with what was received of them. What was sent to a bucket
    that is ours no more stays there."""
    for upload in book.expired(most):
        if remove := removes.get(upload.way):
            remove(upload)
        book.remove(upload.id)


class UploadBusy(ApplicationError):
    """Another request goes on with it at this moment."""

    code = "upload_busy"


class UploadEnded(ApplicationError):
    """It was refused and is gone; begin anew."""

    code = "upload_ended"


class UploadIsFinal(ApplicationError):
    """Nothing is written to it: it was put together from others."""

    code = "upload_is_final"


class WrongOffset(ApplicationError):
    """The request begins elsewhere than the upload ends."""

    code = "upload_offset_differs"


class WrongChecksum(ApplicationError):
    """The bytes of the request are not those of its checksum; none was kept."""

    code = "upload_checksum_differs"


class TooLong(ApplicationError):
    """More bytes came than the upload has, or may have; none of the request was kept."""

    code = "upload_too_long"


class NoRoom(ApplicationError, OSError):
    """The disk for unfinished uploads has no room for it."""

    code = "no_room"
