"""Assets in a bucket of S3, or of a store that speaks like it, named by their hash."""

from __future__ import annotations

import os
import shutil
import tempfile
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from deadwax.application.errors import NotFound, StoreUnavailable
from deadwax.application.ports import Check, OutgoingFile, StoredAsset, unchecked
from deadwax.domain.addresses.object_stores import PartChecksum, StoredAs
from deadwax.infrastructure.couriers.file_parts import reading
from deadwax.infrastructure.couriers.s3_failures import code_of, status_of
from deadwax.infrastructure.couriers.s3_multipart import Uploads
from deadwax.infrastructure.storage.s3_reader import open_object
from deadwax.infrastructure.storage.spooling import BLOCK, Digests, digests_of, spooled, sweep

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import MultipartUploadTypeDef

_MOST_PARTS = 10_000
_KEPT_FREE = 1 << 30
"""Of the local disk, whatever is fetched or spooled."""

# Somebody was there first, with the same bytes, since the name is their hash; or a complete whose
# answer was lost was repeated.
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchUpload"})
_BROKEN: tuple[type[Exception], ...] = (BotoCoreError, HTTPError, OSError)


@dataclass(frozen=True)
class Place:
    """Where in which bucket: `prefix` is empty or ends with a slash. `checksum` is what the
    server is asked to check of what it is sent. `spool` is a local folder for what comes and goes.
    """

    client: S3Client
    bucket: str
    prefix: str
    checksum: PartChecksum
    spool: Path
    part_size: int

    def key(self, sha256: str) -> str:
        return f"{self.prefix}{sha256[:2]}/{sha256[2:4]}/{sha256}"

    @property
    def uploads(self) -> Uploads:
        return Uploads(self.client, self.bucket, self.checksum, StoredAs())

    def size_of(self, key: str) -> int | None:
        """None where nothing stands."""
        try:
            return self.client.head_object(Bucket=self.bucket, Key=key)["ContentLength"]
        except ClientError as error:
            if status_of(error) == HTTPStatus.NOT_FOUND:
                return None
            raise

    def open(self, key: str, size: int) -> BinaryIO:
        def fetch(first: int, last: int) -> Any:
            with calls(f"reading {key}"):
                wanted = f"bytes={first}-{last}"
                return self.client.get_object(Bucket=self.bucket, Key=key, Range=wanted)["Body"]

        return open_object(size, fetch, _BROKEN)

    @contextmanager
    def fetched(self, key: str, size: int) -> Iterator[tuple[StoredAsset, str]]:
        """A local copy, and its digests; gone after the context. Raises StoreUnavailable where the
        local disk has no room for it."""
        self.spool.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.spool).free < size + _KEPT_FREE:
            raise StoreUnavailable(f"There is no room in {self.spool} for {size} bytes of {key}.")
        handle, path = tempfile.mkstemp(dir=self.spool)
        try:
            digests = Digests()
            with os.fdopen(handle, "wb") as copy, self.open(key, size) as object:
                while block := object.read(BLOCK):
                    copy.write(block)
                    digests.add(block)
            yield digests.stored, path
        finally:
            Path(path).unlink(missing_ok=True)


@contextmanager
def calls(what: str) -> Iterator[None]:
    """Turn what the client raises into StoreUnavailable: with code and status of the answer, and
    never what it quotes of the request."""
    try:
        yield
    except ClientError as error:
        said = f"{code_of(error) or 'refused'} ({status_of(error)})"
        raise StoreUnavailable(f"The asset store: {what}: {said}.") from error
    except BotoCoreError as error:
        raise StoreUnavailable(f"The asset store: {what}: {type(error).__name__}.") from error


class S3Assets:
    """`<prefix>ab/cd/abcd…`. An object appears whole or not at all, and is never written over."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def put(self, chunks: Iterable[bytes], check: Check = unchecked) -> StoredAsset:
        with spooled(chunks, self._place.spool) as (stored, path):
            check(stored, path)
            self._send(path, stored)
        return stored

    def take(
        self, path: str, check: Check = unchecked, known: StoredAsset | None = None
    ) -> StoredAsset:
        stored = known or digests_of(path)
        check(stored, path)
        self._send(path, stored)
        return stored

    def open(self, sha256: str) -> BinaryIO:
        key, size = self._found(sha256)
        return self._place.open(key, size)

    @contextmanager
    def local(self, sha256: str) -> Iterator[str]:
        key, size = self._found(sha256)
        with self._place.fetched(key, size) as (copy, path):
            if copy.sha256 != sha256:
                raise StoreUnavailable(
                    f"The asset store: {key} has other bytes than its name says."
                )
            yield path

    def sweep(self, seconds: float) -> None:
        """Uploads below `uploads/` are somebody's who knows of them."""
        place, before = self._place, datetime.now(UTC) - timedelta(seconds=seconds)
        sweep(place.spool, seconds)
        with calls("looking for unfinished uploads"):
            for upload in self._unfinished():
                own = not upload["Key"].startswith(f"{place.prefix}uploads/")
                if own and upload["Initiated"] < before:
                    place.uploads.abort(upload["Key"], upload["UploadId"])

    def _unfinished(self) -> list[MultipartUploadTypeDef]:
        place = self._place
        pages = place.client.get_paginator("list_multipart_uploads").paginate(
            Bucket=place.bucket, Prefix=place.prefix
        )
        try:
            return [upload for page in pages for upload in page.get("Uploads", ())]
        except ClientError as error:
            if code_of(error) != "NoSuchUpload":  # which some servers say where there is none
                raise
            return []

    def _found(self, sha256: str) -> tuple[str, int]:
        key = self._place.key(sha256)
        with calls(f"looking for {key}"):
            size = self._place.size_of(key)
        if size is None:
            raise NotFound("asset", sha256)
        return key, size

    def _send(self, path: str, stored: StoredAsset) -> None:
        place, key = self._place, self._place.key(stored.sha256)
        with calls(f"storing {key}"):
            if place.size_of(key) == stored.size:
                return
            try:
                if stored.size <= place.part_size:
                    self._send_whole(key, path, stored)
                else:
                    self._send_parts(key, path, stored)
            except ClientError as error:
                if code_of(error) not in _TAKEN or place.size_of(key) != stored.size:
                    raise

    def _send_whole(self, key: str, path: str, stored: StoredAsset) -> None:
        proof = (
            {"ChecksumSHA256": b64encode(bytes.fromhex(stored.sha256)).decode()}
            if self._place.checksum is PartChecksum.SHA256
            else {"ContentMD5": b64encode(bytes.fromhex(stored.md5)).decode()}
        )
        with open(path, "rb") as file:
            self._place.client.put_object(
                Bucket=self._place.bucket,
                Key=key,
                Body=file,
                IfNoneMatch="*",
                **proof,  # type: ignore[arg-type]
            )

    def _send_parts(self, key: str, path: str, stored: StoredAsset) -> None:
        uploads = self._place.uploads
        part_size = max(self._place.part_size, -(-stored.size // _MOST_PARTS))
        file = OutgoingFile(key, stored.size, stored.sha256, partial(FileIO, path))
        id = uploads.begin(key)
        try:
            with reading(file, part_size) as source:
                for part in source.parts():
                    uploads.send(key, id, source, part)
            uploads.complete(key, id, uploads.parts(key, id))
        except BaseException:
            with suppress(ClientError, BotoCoreError):  # then it is swept up later
                uploads.abort(key, id)
            raise
