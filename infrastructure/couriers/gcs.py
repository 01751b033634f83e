"""Delivers into a bucket of Google Cloud Storage."""

from __future__ import annotations

import secrets
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import ExitStack, suppress

import google_crc32c
from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud.storage import Blob

from deadwax.application.ports import Can, OutgoingFile, Probe, RemoteFile
from deadwax.domain.addresses.object_stores import GcsAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.certificates import authority_file, presented_certificate
from deadwax.infrastructure.couriers.file_parts import BLOCK, reading
from deadwax.infrastructure.couriers.gcs_client import GcsClient, open_bucket
from deadwax.infrastructure.couriers.gcs_failures import ERRORS, failure_of
from deadwax.infrastructure.couriers.gcs_parts import CONTENT, MOST_PARTS, Parts, SentParts
from deadwax.infrastructure.couriers.object_calls import ObjectCalls
from deadwax.infrastructure.couriers.object_names import Names
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.probe_file import probe_by_file

PART_SIZE = 16 * 1024 * 1024
APART = ".deadwax"
"""The folder of what is not published yet, below the target's root."""


def open_courier(address: GcsAddress, opening: Opening, part_size: int = PART_SIZE) -> GcsCourier:
    """Nothing is sent yet. Raises DeliveryFailed(AUTH_INVALID) for a key or an authority that is
    none."""
    with ExitStack() as held:
        ca_file = held.enter_context(authority_file(address.authority))
        client = open_bucket(address, opening, ca_file)
        held.callback(client.close)
        courier = GcsCourier(address, client, part_size, ca_file)
        courier.held = held.pop_all()
        return courier


class GcsCourier:
    """See application.ports.Courier for the contract. Not thread-safe.

    An upload is objects in a folder apart; publishing composes them into one.
    """

    can = frozenset(Can)

    def __init__(
        self, address: GcsAddress, client: GcsClient, part_size: int, ca_file: str | None
    ) -> None:
        self.held = ExitStack()
        self._address, self._client, self._part_size = address, client, part_size
        self._ca_file = ca_file
        self._names = Names(address.prefix)
        self._calls = ObjectCalls(f"{address.host}/{address.bucket}", ERRORS, failure_of)

    def upload(
        self,
        file: OutgoingFile,
        *,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        key = self._names.key(file.path)
        with self._calls.call(f"upload of {key}"):
            standing = self._look(key)
            if standing is not None and standing.size == file.size:
                return
            if standing is not None:
                raise self._calls.broken(
                    f"{key} stands with {standing.size} bytes instead of {file.size}"
                )
            part_size = max(self._part_size, -(-file.size // MOST_PARTS))
            with reading(file, part_size, keep_going) as source:
                self._parts(file.path).send_missing(source, progress)

    def publish(self, path: str) -> None:
        key = self._names.key(path)
        with self._calls.call(f"publishing {key}"):
            parts, standing = self._parts(path), self._look(key)
            found = parts.there()
            if not found:
                if standing is None:
                    raise self._calls.failure(
                        FailureCategory.NOT_FOUND, f"nothing was uploaded for {key}"
                    )
                return
            if len(found) > 1 or not found[0].is_whole:
                raise self._calls.failure(
                    FailureCategory.NOT_FOUND, f"{key} was not uploaded whole"
                )
            sent = found[0]
            if standing is None:
                try:
                    self._compose(key, sent)
                except PreconditionFailed:
                    standing = self._look(key)
                    if standing is None:
                        raise
            if standing is not None and not _shows(standing, sent):
                raise self._calls.broken(f"{key} stands already and is a different file")
            parts.delete(sent.blobs)

    def _compose(self, key: str, sent: SentParts) -> None:
        """Unless something stands there."""
        blob = self._client.bucket.blob(key)
        blob.content_type = "application/octet-stream"
        blob.metadata = {CONTENT: sent.content}
        blob.compose(list(sent.blobs), if_generation_match=0, **self._client.once)

    def verify(self, file: OutgoingFile) -> str:
        key = self._names.key(file.path)
        with self._calls.call(f"verifying {key}"):
            standing = self._look(key)
            if standing is None:
                raise self._calls.failure(FailureCategory.NOT_FOUND, f"{key} is not there")
            if standing.size != file.size:
                raise self._calls.broken(f"{key} has {standing.size} bytes instead of {file.size}")
            if standing.crc32c != _crc32c(file):
                raise self._calls.broken(f"{key} has other bytes than those that were sent")
            return "crc32c"

    def size(self, path: str) -> int | None:
        key = self._names.key(path)
        with self._calls.call(f"looking at {key}"):
            standing = self._look(key)
            return None if standing is None else int(standing.size)

    def pending(self, path: str) -> bool:
        with self._calls.call(f"looking at {self._names.key(path)}"):
            return bool(self._parts(path).there())

    def list(self, folder: str) -> list[RemoteFile]:
        lead = self._names.folder(folder)
        with self._calls.call(f"listing {lead}"):
            found = list(
                self._client.client.list_blobs(
                    self._client.bucket, prefix=lead, delimiter="/", **self._client.once
                )
            )
        # A name that ends with a slash stands for the folder itself.
        return [
            RemoteFile(self._names.path(blob.name), blob.size)
            for blob in found
            if not blob.name.endswith("/")
        ]

    def fetch(self, path: str, limit: int) -> bytes:
        key = self._names.key(path)
        with self._calls.call(f"fetching {key}"):
            standing = self._look(key)
            if standing is None:
                raise self._calls.failure(FailureCategory.NOT_FOUND, f"{key} is not there")
            if standing.size > limit:
                raise self._calls.broken(f"{key} is larger than {limit} bytes")
            blob = self._client.bucket.blob(key)
            data: bytes = blob.download_as_bytes(**self._client.once)
        return data

    def remove(self, path: str) -> None:
        key = self._names.key(path)
        with self._calls.call(f"removing {key}"):
            with suppress(NotFound):
                self._client.bucket.blob(key).delete(**self._client.once)
            self._parts(path).delete_all()

    def probe(self) -> Probe:
        started = time.perf_counter()
        with self._calls.call("looking"):
            lead = self._names.folder(".")
            list(
                self._client.client.list_blobs(
                    self._client.bucket, prefix=lead, max_results=1, **self._client.once
                )
            )
            latency_ms = (time.perf_counter() - started) * 1000
        with self._calls.call("looking at the certificate"):
            url = str(self._address.endpoint)
            proof = presented_certificate(url, self._ca_file, self._client.seconds)
        return probe_by_file(self, secrets.token_hex(8), proof, latency_ms)

    def close(self) -> None:
        self.held.close()

    def _parts(self, path: str) -> Parts:
        return Parts(self._client, self._names.folder(f"{APART}/{path}"))

    def _look(self, key: str) -> Blob | None:
        """None where nothing stands."""
        blob = self._client.bucket.blob(key)
        try:
            blob.reload(**self._client.once)
        except NotFound:
            return None
        return blob


def _shows(standing: Blob, sent: SentParts) -> bool:
    """Whether it was composed of these parts; it says so itself, since it was."""
    size = sum(blob.size for blob in sent.blobs)
    return bool((standing.metadata or {}).get(CONTENT) == sent.content and standing.size == size)


def _crc32c(file: OutgoingFile) -> str:
    """As Google writes it."""
    found = google_crc32c.Checksum()
    with reading(file, max(1, file.size)) as source:
        while block := source.read(BLOCK):
            found.update(block)
    return b64encode(found.digest()).decode()
