"""Delivers into a bucket of S3, or of a store that speaks like it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deadwax.application.ports import Can, OutgoingFile, Probe, RemoteFile
from deadwax.domain.addresses.object_stores import PartChecksum, S3Address
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.certificates import authority_file, presented_certificate
from deadwax.infrastructure.couriers.file_parts import Part, reading
from deadwax.infrastructure.couriers.object_calls import ObjectCalls
from deadwax.infrastructure.couriers.object_names import Names
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.probe_file import probe_by_file
from deadwax.infrastructure.couriers.s3_client import open_client
from deadwax.infrastructure.couriers.s3_failures import code_of, failure_of
from deadwax.infrastructure.couriers.s3_multipart import Uploads, send_missing
from deadwax.infrastructure.couriers.s3_objects import Bucket

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MB = 1024 * 1024
PART_SIZE = 64 * MB
MOST_PARTS = 10_000

# Somebody was there first; or a complete whose answer was lost is repeated.
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchUpload"})


def open_courier(address: S3Address, opening: Opening, part_size: int = PART_SIZE) -> S3Courier:
    """Nothing is sent yet. Parts are of `part_size` bytes, 5 MB at least; fewer large ones are
    faster. Raises DeliveryFailed(AUTH_INVALID) for credentials or an authority that are none."""
    with ExitStack() as held:
        ca_file = held.enter_context(authority_file(address.authority))
        client = open_client(address, opening, ca_file)
        held.callback(client.close)
        courier = S3Courier(address, client, part_size, opening.stall_seconds, ca_file)
        courier.held = held.pop_all()
        return courier


class S3Courier:
    """See application.ports.Courier for the contract. Not thread-safe.

    An upload is a multipart upload that nobody sees; publishing completes it.
    """

    can = frozenset(Can)

    def __init__(
        self,
        address: S3Address,
        client: S3Client,
        part_size: int,
        stall_seconds: float,
        ca_file: str | None,
    ) -> None:
        self.held = ExitStack()
        self._address, self._client = address, client
        self._bucket, self._part_size = str(address.bucket), part_size
        self._stall_seconds, self._ca_file = stall_seconds, ca_file
        self._names = Names(address.prefix)
        self._calls = ObjectCalls[ClientError | BotoCoreError](
            f"{address.host}/{address.bucket}", (ClientError, BotoCoreError), failure_of
        )
        self._sent: dict[tuple[str, str], Sequence[Part]] = {}
        default = PartChecksum.SHA256 if address.endpoint is None else PartChecksum.MD5
        checksum = address.checksum or default
        self._uploads = Uploads(client, self._bucket, checksum, address.stored_as)
        self._objects = Bucket(client, self._bucket, checksum is PartChecksum.SHA256)

    def upload(
        self,
        file: OutgoingFile,
        *,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        key = self._names.key(file.path)
        with self._calls.call(f"upload of {key}"):
            standing = self._objects.look(key)
            if standing is not None and standing.size == file.size:
                return
            if standing is not None:
                raise self._calls.broken(
                    f"{key} stands with {standing.size} bytes instead of {file.size}"
                )
            with reading(file, self._size_of_parts(file), keep_going) as source:
                self._sent[key, file.sha256] = send_missing(self._uploads, key, source, progress)

    def publish(self, path: str) -> None:
        key = self._names.key(path)
        with self._calls.call(f"publishing {key}"):
            found = self._uploads.of(key)
            standing = self._objects.look(key)
            if not found:
                if standing is None:
                    raise self._calls.failure(
                        FailureCategory.NOT_FOUND, f"nothing was uploaded for {key}"
                    )
                return
            parts = self._uploads.parts(key, found[0])
            if standing is None:
                try:
                    self._uploads.complete(key, found[0], parts)
                except ClientError as error:
                    if code_of(error) not in _TAKEN:
                        raise
                    standing = self._objects.look(key)
                    if standing is None:
                        raise
            if standing is not None:
                if not standing.shows(parts):
                    raise self._calls.broken(f"{key} stands already and is a different file")
                for id in self._uploads.of(key):
                    self._uploads.abort(key, id)

    def verify(self, file: OutgoingFile) -> str:
        key = self._names.key(file.path)
        with self._calls.call(f"verifying {key}"):
            standing = self._objects.look(key)
            if standing is None:
                raise self._calls.failure(FailureCategory.NOT_FOUND, f"{key} is not there")
            if standing.size != file.size:
                raise self._calls.broken(f"{key} has {standing.size} bytes instead of {file.size}")
            means = self._objects.compare(key, standing, file, self._parts_of(key, file))
            if means is None:
                raise self._calls.broken(f"{key} has other bytes than those that were sent")
            return means

    def size(self, path: str) -> int | None:
        key = self._names.key(path)
        with self._calls.call(f"looking at {key}"):
            standing = self._objects.look(key)
            return None if standing is None else standing.size

    def pending(self, path: str) -> bool:
        key = self._names.key(path)
        with self._calls.call(f"looking at {key}"):
            return bool(self._uploads.of(key))

    def list(self, folder: str) -> list[RemoteFile]:
        lead = self._names.folder(folder)
        with self._calls.call(f"listing {lead}"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=lead, Delimiter="/"
            )
            found = [entry for page in pages for entry in page.get("Contents", ())]
        # A name that ends with a slash stands for the folder itself.
        return [
            RemoteFile(self._names.path(entry["Key"]), entry["Size"])
            for entry in found
            if not entry["Key"].endswith("/")
        ]

    def fetch(self, path: str, limit: int) -> bytes:
        key = self._names.key(path)
        with self._calls.call(f"fetching {key}"):
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            with answer["Body"] as body:
                data = body.read(limit + 1)
        if len(data) > limit:
            raise self._calls.broken(f"{key} is larger than {limit} bytes")
        return data

    def remove(self, path: str) -> None:
        key = self._names.key(path)
        with self._calls.call(f"removing {key}"):
            self._client.delete_object(Bucket=self._bucket, Key=key)
            for id in self._uploads.of(key):
                self._uploads.abort(key, id)

    def probe(self) -> Probe:
        started = time.perf_counter()
        with self._calls.call(f"looking at {self._bucket}"):
            self._client.list_objects_v2(
                Bucket=self._bucket, Prefix=self._names.folder("."), MaxKeys=1
            )
            latency_ms = (time.perf_counter() - started) * 1000
        with self._calls.call("looking at the certificate"):
            proof = presented_certificate(self._address.base, self._ca_file, self._stall_seconds)
        return probe_by_file(self, secrets.token_hex(8), proof, latency_ms)

    def close(self) -> None:
        self.held.close()

    def _parts_of(self, key: str, file: OutgoingFile) -> Sequence[Part]:
        """Hashed once, if this connection sent them."""
        if (key, file.sha256) not in self._sent:
            with reading(file, self._size_of_parts(file)) as source:
                self._sent[key, file.sha256] = list(source.parts())
        return self._sent[key, file.sha256]

    def _size_of_parts(self, file: OutgoingFile) -> int:
        return max(self._part_size, -(-file.size // MOST_PARTS))
