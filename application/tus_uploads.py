"""Uploads that go on where they broke off, and may come in parallel parts: the rules of tus 1.0,
without its HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from deadwax.application.assets import Assets
from deadwax.application.ports import StoredAsset
from deadwax.application.uploads import (
    NoRoom,
    TooLong,
    Upload,
    UploadBook,
    UploadBusy,
    UploadEnded,
    UploadIsFinal,
    UploadState,
    Way,
    WrongChecksum,
    WrongOffset,
)
from deadwax.domain import clock
from deadwax.domain.cause import current_cause
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Sha256

_KEPT_FREE = 1 << 30
_PUT_OFF_EVERY = 60.0
"""Seconds between two times that a long request says that its upload is alive."""


class Writing(Protocol):
    """An upload's file, held by this request alone."""

    path: str

    @property
    def size(self) -> int: ...

    @property
    def known(self) -> StoredAsset | None:
        """The digests of all of it, where this process saw every byte."""
        ...

    def write(self, block: bytes) -> None: ...

    def cut(self, size: int) -> None: ...

    def sync(self) -> None:
        """What was written is on the disk, whatever happens."""
        ...


class Spool(Protocol):
    """The files of unfinished uploads."""

    def create(self, id: UUID) -> None: ...

    def writing(self, id: UUID) -> AbstractContextManager[Writing]:
        """Raises NotFound, and UploadBusy while another request holds it."""
        ...

    def size(self, id: UUID) -> int:
        """Of what is on the disk for sure. Raises NotFound."""
        ...

    def blocks(self, id: UUID) -> Iterator[bytes]: ...

    def remove(self, id: UUID) -> None:
        """Nothing where there is none."""
        ...

    def free(self) -> int:
        """Bytes that the disk has room for."""
        ...

    def left(self, seconds: float) -> list[UUID]:
        """Those that nobody wrote to for so long."""
        ...


class Summing(Protocol):
    """A checksum of what is added, as a request states it."""

    def update(self, block: bytes, /) -> None: ...

    def matches(self) -> bool: ...


@dataclass(frozen=True)
class Progress:
    """How much of an upload is there, and until when it is kept."""

    upload: Upload
    offset: int
    expires_at: datetime


class TusUploads:
    """`most` is the largest size; `seconds` how long an upload is kept that nobody goes on with."""

    def __init__(
        self, book: UploadBook, spool: Spool, assets: Assets, most: int, seconds: float
    ) -> None:
        self._book, self.spool, self._assets = book, spool, assets
        self.most, self._seconds = most, seconds
        self._sweep_at = 0.0

    def create(
        self,
        size: int,
        filename: str,
        sha256: Sha256 | None,
        metadata: str | None = None,
        *,
        partial: bool = False,
        parts: Sequence[UUID] = (),
    ) -> Upload:
        """Raises TooLong, NoRoom."""
        if size > self.most:
            raise TooLong(f"At most {self.most} bytes are taken.")
        if time.monotonic() > self._sweep_at:
            self._sweep_at = time.monotonic() + self._seconds
            self.sweep(self._seconds)
        if self.spool.free() < size + _KEPT_FREE:
            raise NoRoom("There is no room for it now.")
        cause = current_cause()
        upload = Upload(
            id=uuid4(),
            tenant_id=cause.tenant_id,
            way=Way.TUS,
            filename=filename,
            size=size,
            sha256=sha256,
            actor=cause.actor,
            correlation_id=cause.correlation_id,
            expires_at=clock.now() + timedelta(seconds=self._seconds),
            metadata=metadata,
            partial=partial,
            parts=tuple(parts),
        )
        self._book.add(upload)
        self.spool.create(upload.id)
        return upload

    def concatenate(
        self, parts: Sequence[UUID], filename: str, sha256: Sha256 | None, metadata: str | None
    ) -> Upload:
        """Put the asset together from partial uploads, which are gone then. Raises NotFound,
        WrongOffset for parts that are no partial uploads or not whole, and what `append` does."""
        found = [self._book.get(id) for id in parts]
        for part in found:
            whole = part.proven is None and self.spool.size(part.id) == part.size
            if not part.partial or not whole:
                raise WrongOffset(f"{part.id} is no partial upload that is whole.")
        size = sum(part.size for part in found)
        upload = self.create(size, filename, sha256, metadata, parts=parts)
        try:
            with self.spool.writing(upload.id) as writing:
                for part in found:
                    for block in self.spool.blocks(part.id):
                        writing.write(block)
                finished = self._finish(upload, writing)
        except Refused:
            self._discard(*parts)
            raise
        except BaseException:
            self._discard(upload.id)
            raise
        self._discard(*parts)
        return finished

    def append(
        self, id: UUID, offset: int, blocks: Iterable[bytes], checksum: Summing | None
    ) -> Progress:
        """Write on. When that makes it whole, it is stored; refused, it is gone.

        Raises NotFound, UploadBusy, UploadEnded, UploadIsFinal, WrongOffset, WrongChecksum, TooLong
        and Refused. What came before the connection broke stays, unless it had a checksum.
        """
        upload = self._open(id)
        if upload.parts:
            raise UploadIsFinal("It was put together from partial uploads.")
        if upload.state is UploadState.STORED:
            return self._ended(upload, offset)
        with self.spool.writing(id) as writing:
            upload = self._open(id)  # as it is now that nobody else has it
            self._cut_to_proven(upload, writing)
            if writing.size != offset:
                raise WrongOffset(f"The upload has {writing.size} bytes, not {offset}.")
            try:
                self._write(upload, writing, blocks, checksum)
            finally:
                writing.sync()
            expires_at = self._book.put_off(id)
            if writing.size == upload.size and not upload.partial:
                upload = self._finish(upload, writing)
            return Progress(upload, writing.size, expires_at)

    def look(self, id: UUID) -> Progress:
        """How far it is. One that is whole and was not stored, since its process ended just then,
        is stored now. Raises NotFound, UploadEnded, Refused."""
        upload = self._open(id)
        if upload.state is UploadState.STORED:
            return Progress(upload, upload.size, upload.expires_at)
        try:
            with self.spool.writing(id) as writing:
                upload = self._open(id)
                self._cut_to_proven(upload, writing)
                size = writing.size
                if size == upload.size and not upload.partial:
                    upload = self._finish(upload, writing)
        except UploadBusy:
            size = self.spool.size(id) if upload.proven is None else upload.proven
        return Progress(upload, size, upload.expires_at)

    def terminate(self, id: UUID) -> None:
        """Delete it, finished or not; an asset stays. Raises NotFound, UploadBusy."""
        upload = self._book.get(id)
        if upload.state is UploadState.RECEIVING:
            with self.spool.writing(id):
                self._discard(id)
        self._discard(id)

    def remove(self, upload: Upload) -> None:
        """What was received of it."""
        self.spool.remove(upload.id)

    def sweep(self, seconds: float) -> None:
        """Delete the files here of uploads that are remembered no more: each machine its own."""
        found = self.spool.left(seconds)
        known = self._book.known(found)
        for id in found:
            if id not in known:
                self.spool.remove(id)

    def _open(self, id: UUID) -> Upload:
        upload = self._book.get(id)
        if upload.state is UploadState.REFUSED:
            said = "; ".join(str(problem) for problem in upload.problems)
            raise UploadEnded(f"The upload was refused: {said}")
        return upload

    def _ended(self, upload: Upload, offset: int) -> Progress:
        if offset != upload.size:
            raise WrongOffset(f"The upload is whole: it has {upload.size} bytes.")
        return Progress(upload, upload.size, upload.expires_at)

    def _cut_to_proven(self, upload: Upload, writing: Writing) -> None:
        """Take away what a process left that ended before it knew its checksum to be right."""
        if upload.proven is not None:
            writing.cut(upload.proven)
            self._book.prove(upload.id, None)

    def _write(
        self,
        upload: Upload,
        writing: Writing,
        blocks: Iterable[bytes],
        checksum: Summing | None,
    ) -> None:
        begun_at, said_at = writing.size, time.monotonic()
        if checksum:
            self._book.prove(upload.id, begun_at)
        proven = checksum is None
        too_long = False
        try:
            for block in blocks:
                too_long = writing.size + len(block) > upload.size
                if too_long:
                    raise TooLong(f"The upload has {upload.size} bytes, and more came.")
                writing.write(block)
                if checksum:
                    checksum.update(block)
                if time.monotonic() - said_at > _PUT_OFF_EVERY:
                    said_at = time.monotonic()
                    self._book.put_off(upload.id)
            if checksum and not checksum.matches():
                raise WrongChecksum("The bytes are not those of Upload-Checksum.")
            proven = True
        finally:
            if too_long or not proven:
                writing.cut(begun_at)
            if checksum:
                self._book.prove(upload.id, None)

    def _finish(self, upload: Upload, writing: Writing) -> Upload:
        """It becomes an asset, to be analysed by a worker; Refused, and it is gone. Its file stays
        until that is noted: where the database is lost meanwhile, it is done once more."""
        try:
            facts, position = self._assets.take_in(
                writing.path, upload.filename, upload.sha256, writing.known
            )
        except Refused as refused:
            self._refuse(upload.id, refused.problems)
            raise
        self._book.settle(upload.id, facts.sha256, position)
        self.spool.remove(upload.id)
        return replace(
            upload, state=UploadState.STORED, asset=Sha256(facts.sha256), position=position
        )

    def _refuse(self, id: UUID, problems: Iterable[Problem]) -> None:
        self._book.refuse(id, problems)
        self.spool.remove(id)

    def _discard(self, *ids: UUID) -> None:
        for id in ids:
            self.spool.remove(id)
            self._book.remove(id)
