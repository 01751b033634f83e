"""Uploads straight to the bucket, in parts, by signed addresses: nothing of one is kept before a
worker has read it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol
from uuid import UUID, uuid4

from deadwax.application.assets import Assets
from deadwax.application.errors import NotFound, NotYet, StoreUnavailable
from deadwax.application.ports import Check, StoredAsset
from deadwax.application.uploads import TooLong, Upload, UploadBook, UploadState, Way
from deadwax.domain import clock
from deadwax.domain.cause import Cause, acting, current_cause
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Sha256

_MOST_PARTS = 1000
"""So that all addresses fit into one answer."""
_SMALLEST_PART = 16 << 20
_SLOWEST = 4 << 20
"""Bytes a second at which a worker reads at least, or another one begins, too."""
_CLAIM_SECONDS, _AGAIN_SECONDS = 300.0, 30.0


@dataclass(frozen=True, kw_only=True)
class SentPart:
    """A part that the bucket has. `etag` as the answer to its PUT said it."""

    number: int
    etag: str
    size: int


class Outside(Protocol):
    """The bucket as clients see it: names below `uploads/`, apart from the assets. Every call may
    raise StoreUnavailable."""

    def begin(self, name: str) -> str:
        """A multipart upload; its id there."""
        ...

    def part_links(
        self, name: str, id: str, numbers: Sequence[int], seconds: int
    ) -> dict[int, str]:
        """Where to PUT each part, for so long."""
        ...

    def parts(self, name: str, id: str) -> list[SentPart]: ...

    def complete(self, name: str, id: str, parts: Mapping[int, str]) -> bool:
        """Put it together from these ETags, once; False where the parts are not as stated."""
        ...

    def take(self, name: str, size: int, check: Check) -> StoredAsset:
        """Read it, and keep it under its hash. Raises NotFound, and what `check` raises; Refused
        without reading it where it has another size."""
        ...

    def remove(self, name: str, id: str) -> None:
        """Of it, whatever there is."""
        ...


class DirectUploads:
    """`most` is the largest size; `seconds` how long an upload and its addresses stand."""

    def __init__(
        self, book: UploadBook, outside: Outside, assets: Assets, most: int, seconds: float
    ) -> None:
        self._book, self._outside, self._assets = book, outside, assets
        self._most, self._seconds = most, int(seconds)

    def begin(self, filename: str, size: int, sha256: Sha256) -> Upload:
        """Raises TooLong, StoreUnavailable."""
        if size > self._most:
            raise TooLong(f"At most {self._most} bytes are taken.")
        cause, id = current_cause(), uuid4()
        upload = Upload(
            id=id,
            tenant_id=cause.tenant_id,
            way=Way.DIRECT,
            filename=filename,
            size=size,
            sha256=sha256,
            actor=cause.actor,
            correlation_id=cause.correlation_id,
            expires_at=clock.now() + timedelta(seconds=self._seconds),
            multipart=self._outside.begin(str(id)),
            part_size=max(_SMALLEST_PART, -(-size // _MOST_PARTS)),
        )
        self._book.add(upload)
        return upload

    def sent(self, upload: Upload) -> list[SentPart]:
        """The parts that are there, while it is receiving."""
        if upload.state is not UploadState.RECEIVING or upload.multipart is None:
            return []
        return self._outside.parts(str(upload.id), upload.multipart)

    def links(self, upload: Upload, sent: Sequence[SentPart]) -> dict[int, str]:
        """Where the other parts go to; addresses end with the upload."""
        if upload.state is not UploadState.RECEIVING:
            return {}
        assert upload.multipart is not None
        assert upload.part_size is not None
        there = {part.number for part in sent}
        count = -(-upload.size // upload.part_size)
        numbers = [number for number in range(1, count + 1) if number not in there]
        left = int((upload.expires_at - clock.now()).total_seconds())
        return self._outside.part_links(str(upload.id), upload.multipart, numbers, max(1, left))

    def complete(self, id: UUID, parts: Mapping[int, str]) -> Upload:
        """All is there: a worker is to verify it. Again is the same.

        Raises NotFound; Refused where the parts are not those that are there, and it goes on.
        """
        upload = self._get(id)
        if upload.state is not UploadState.RECEIVING:
            return upload
        assert upload.multipart is not None
        if not self._outside.complete(str(id), upload.multipart, parts):
            raise Refused(
                "The parts are not those that were uploaded",
                [
                    Problem(
                        "upload_parts_wrong",
                        "parts",
                        "A part is missing, has another ETag, or is too small.",
                        "Look at the upload: it lists the parts that are there.",
                    )
                ],
            )
        self._book.verify(id)
        return replace(upload, state=UploadState.VERIFYING)

    def verify(self, id: UUID) -> None:
        """Read it back: an asset, or refused and gone. For workers; twice does no harm."""
        upload = self._book.find(id)
        seconds = _CLAIM_SECONDS + (upload.size / _SLOWEST if upload else 0)
        if upload is None or not self._book.claim(id, seconds):
            return
        with acting(Cause(upload.tenant_id, upload.actor, upload.correlation_id, str(id))):
            try:
                facts, position = self._assets.keep(
                    lambda check: self._outside.take(str(id), upload.size, check),
                    upload.filename,
                    upload.sha256,
                )
            except Refused as refused:
                self._book.refuse(id, refused.problems)
            except NotFound:
                self._book.remove(id)  # somebody deleted it meanwhile
            except StoreUnavailable:
                self._book.release(id, _AGAIN_SECONDS)
                raise
            else:
                self._book.settle(id, facts.sha256, position)
        self.remove(upload)

    def get(self, id: UUID) -> Upload:
        """Raises NotFound."""
        return self._get(id)

    def abandon(self, id: UUID) -> None:
        """Delete it; an asset stays. Raises NotFound, and NotYet while it is verified."""
        upload = self._get(id)
        if upload.state is UploadState.VERIFYING:
            raise NotYet("A worker is verifying it. Delete it afterwards.")
        self.remove(upload)
        self._book.remove(id)

    def remove(self, upload: Upload) -> None:
        """What the bucket has of it, beside the asset."""
        assert upload.multipart is not None
        self._outside.remove(str(upload.id), upload.multipart)

    def _get(self, id: UUID) -> Upload:
        upload = self._book.get(id)
        if upload.way is not Way.DIRECT:
            raise NotFound("upload", id)
        return upload
