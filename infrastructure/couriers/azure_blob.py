"""Delivers into a container of Azure Blob Storage."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob import BlobClient, BlobProperties, ContainerClient

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import Can, OutgoingFile, Probe, RemoteFile
from deadwax.domain.addresses.object_stores import AzureBlobAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.azure_blocks import (
    blocks_of,
    commit,
    committed,
    stage,
    uncommitted,
    whole,
    withdraw,
)
from deadwax.infrastructure.couriers.azure_client import open_container
from deadwax.infrastructure.couriers.azure_failures import failure_of
from deadwax.infrastructure.couriers.certificates import authority_file, presented_certificate
from deadwax.infrastructure.couriers.file_parts import reading
from deadwax.infrastructure.couriers.object_calls import ObjectCalls
from deadwax.infrastructure.couriers.object_names import Names
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.probe_file import probe_by_file
from deadwax.infrastructure.couriers.samples import read_back

BLOCK_SIZE = 8 * 1024 * 1024
MOST_BLOCKS = 50_000
NO_BYTES = hashlib.sha256().hexdigest()


def open_courier(
    address: AzureBlobAddress, opening: Opening, block_size: int = BLOCK_SIZE
) -> AzureBlobCourier:
    """Nothing is sent yet. Raises DeliveryFailed(AUTH_INVALID) for credentials or an authority
    that are none."""
    with ExitStack() as held:
        ca_file = held.enter_context(authority_file(address.authority))
        container = open_container(address, opening, ca_file)
        held.callback(container.close)
        courier = AzureBlobCourier(address, container, block_size, opening, ca_file)
        courier.held = held.pop_all()
        return courier


class AzureBlobCourier:
    """See application.ports.Courier for the contract. Not thread-safe.

    An upload is a list of uncommitted blocks that nobody sees; publishing commits it.
    """

    can = frozenset(Can)

    def __init__(
        self,
        address: AzureBlobAddress,
        container: ContainerClient,
        block_size: int,
        opening: Opening,
        ca_file: str | None,
    ) -> None:
        self.held = ExitStack()
        self._address, self._container, self._block_size = address, container, block_size
        self._stall_seconds, self._ca_file = opening.stall_seconds, ca_file
        self._names = Names(address.prefix)
        self._calls = ObjectCalls(f"{address.host}/{address.container}", (AzureError,), failure_of)
        # Which content was uploaded last: blocks do not tell, and a file of no bytes has none.
        self._uploaded = opening.notes

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
            blob = self._container.get_blob_client(key)
            there = set(uncommitted(blob))
            try:
                with reading(file, self._size_of_blocks(file), keep_going) as source:
                    for block in blocks_of(source):
                        if block.id not in there:
                            stage(blob, block, source)
                            progress(block.part.size)
            except DeliveryFailed as failed:
                if failed.category is FailureCategory.INTEGRITY:
                    withdraw(blob)
                raise
            self._uploaded[self._note(key)] = file.sha256

    def publish(self, path: str) -> None:
        key = self._names.key(path)
        with self._calls.call(f"publishing {key}"):
            blob = self._container.get_blob_client(key)
            standing = self._look(key)
            there, sha256 = uncommitted(blob), self._uploaded.get(self._note(key))
            if not there and (standing is not None or sha256 != NO_BYTES):
                if standing is None:
                    raise self._calls.failure(
                        FailureCategory.NOT_FOUND, f"nothing was uploaded for {key}"
                    )
                return
            ids = whole(there, sha256)
            if ids is None:
                raise self._calls.failure(
                    FailureCategory.NOT_FOUND, f"{key} was not uploaded whole"
                )
            if standing is None:
                try:
                    commit(blob, ids)
                    self._forget(key)
                    return
                except (ResourceExistsError, ResourceModifiedError):
                    standing = self._look(key)
            if standing is None or committed(blob) != ids:
                raise self._calls.broken(f"{key} stands already and is a different file")
            commit(blob, ids, over=standing.etag)
            self._forget(key)

    def verify(self, file: OutgoingFile) -> str:
        key = self._names.key(file.path)
        with self._calls.call(f"verifying {key}"):
            standing = self._look(key)
            if standing is None:
                raise self._calls.failure(FailureCategory.NOT_FOUND, f"{key} is not there")
            if standing.size != file.size:
                raise self._calls.broken(f"{key} has {standing.size} bytes instead of {file.size}")
            blob = self._container.get_blob_client(key)
            with reading(file, self._size_of_blocks(file)) as source:
                ours = [block.id for block in blocks_of(source)]
            if committed(blob) == ours:
                return "md5"
            means = read_back(file, lambda offset, size: _read(blob, offset, size))
            if means is None:
                raise self._calls.broken(f"{key} has other bytes than those that were sent")
            return means

    def size(self, path: str) -> int | None:
        key = self._names.key(path)
        with self._calls.call(f"looking at {key}"):
            standing = self._look(key)
            return None if standing is None else int(standing.size)

    def pending(self, path: str) -> bool:
        key = self._names.key(path)
        with self._calls.call(f"looking at {key}"):
            found = uncommitted(self._container.get_blob_client(key))
        return bool(found) or self._uploaded.get(self._note(key)) == NO_BYTES

    def list(self, folder: str) -> list[RemoteFile]:
        lead = self._names.folder(folder)
        with self._calls.call(f"listing {lead}"):
            found = list(self._container.walk_blobs(name_starts_with=lead, delimiter="/"))
        return [
            RemoteFile(self._names.path(entry.name), entry.size)
            for entry in found
            if isinstance(entry, BlobProperties)
        ]

    def fetch(self, path: str, limit: int) -> bytes:
        key = self._names.key(path)
        with self._calls.call(f"fetching {key}"):
            data = _read(self._container.get_blob_client(key), 0, limit + 1)
        if len(data) > limit:
            raise self._calls.broken(f"{key} is larger than {limit} bytes")
        return data

    def remove(self, path: str) -> None:
        key = self._names.key(path)
        with self._calls.call(f"removing {key}"):
            blob = self._container.get_blob_client(key)
            with suppress(ResourceNotFoundError):
                blob.delete_blob()
            withdraw(blob)
            self._forget(key)

    def probe(self) -> Probe:
        started = time.perf_counter()
        with self._calls.call("looking"):
            next(self._container.list_blobs(self._names.folder("."), results_per_page=1), None)
            latency_ms = (time.perf_counter() - started) * 1000
        with self._calls.call("looking at the certificate"):
            url = str(self._address.account_url)
            proof = presented_certificate(url, self._ca_file, self._stall_seconds)
        return probe_by_file(self, secrets.token_hex(8), proof, latency_ms)

    def close(self) -> None:
        self.held.close()

    def _look(self, key: str) -> BlobProperties | None:
        """None where nothing stands."""
        blob = self._container.get_blob_client(key)
        try:
            return blob.get_blob_properties()
        except ResourceNotFoundError:
            return None
        except HttpResponseError:
            # The answer to HEAD has no body to say why.
            _read(blob, 0, 1)
            raise

    def _note(self, key: str) -> str:
        return f"{self._calls.where}/{key}"

    def _forget(self, key: str) -> None:
        self._uploaded.pop(self._note(key), None)

    def _size_of_blocks(self, file: OutgoingFile) -> int:
        return max(self._block_size, -(-file.size // MOST_BLOCKS))


def _read(blob: BlobClient, offset: int, size: int) -> bytes:
    data: bytes = blob.download_blob(offset=offset, length=size).readall()
    return data
