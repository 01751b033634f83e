"""What clients are let do with the bucket themselves: fetch by link, and upload beside the assets
into a place that is looked through before anything of it is kept."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from botocore.exceptions import ClientError

from deadwax.application.direct_uploads import SentPart
from deadwax.application.errors import NotFound, StoreUnavailable
from deadwax.application.ports import Check, StoredAsset
from deadwax.domain.assets import AssetFacts
from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.couriers.s3_failures import code_of, status_of
from deadwax.infrastructure.media_types import media_type
from deadwax.infrastructure.storage.s3 import Place, calls

_COPIED_AT_ONCE = 1 << 30
_GONE = frozenset({"NoSuchUpload", "NoSuchKey"})
_INVALID = frozenset({"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "NoSuchUpload"})


class S3Outside:
    """`public` signs addresses for clients; all calls of ours go by `place`.

    Implements application.direct_uploads.Outside.
    """

    def __init__(self, place: Place, public: Place) -> None:
        self._place, self._public = place, public

    def download(self, tenant_id: UUID, file: AssetFacts, base_url: str, seconds: int) -> str:
        """An address of the bucket's own. Implements application.asset_links.Downloads."""
        name = quote(file.filename, "")
        said = {
            "ResponseContentDisposition": f"attachment; filename*=UTF-8''{name}",
            "ResponseContentType": media_type(file.filename),
        }
        return self._signed("get_object", seconds, Key=self._place.key(file.sha256), **said)

    def begin(self, name: str) -> str:
        with calls("beginning an upload"):
            answer = self._place.client.create_multipart_upload(**self._at(name))
            return str(answer["UploadId"])

    def part_links(
        self, name: str, id: str, numbers: Sequence[int], seconds: int
    ) -> dict[int, str]:
        at = self._at(name)
        return {
            number: self._signed(
                "upload_part", seconds, Key=at["Key"], UploadId=id, PartNumber=number
            )
            for number in numbers
        }

    def parts(self, name: str, id: str) -> list[SentPart]:
        with calls("looking at an upload"):
            return [
                SentPart(number=part.number, etag=part.etag, size=part.size)
                for part in self._place.uploads.parts(self._at(name)["Key"], id)
            ]

    def complete(self, name: str, id: str, parts: Mapping[int, str]) -> bool:
        with calls("completing an upload"):
            try:
                self._place.client.complete_multipart_upload(
                    **self._at(name),
                    UploadId=id,
                    MultipartUpload={
                        "Parts": [
                            {"PartNumber": number, "ETag": f'"{etag}"'}
                            for number, etag in sorted(parts.items())
                        ]
                    },
                )
            except ClientError as error:
                if code_of(error) not in _INVALID:
                    raise
                return self._place.size_of(self._at(name)["Key"]) is not None
        return True

    def take(self, name: str, size: int, check: Check) -> StoredAsset:
        place, key = self._place, self._at(name)["Key"]
        with calls("reading an upload back"):
            present = place.size_of(key)
        if present is None:
            raise NotFound("upload", name)
        if present != size:
            raise _other_size(present, size)
        with place.fetched(key, size) as (stored, path):
            check(stored, path)
            with calls("moving an upload"):
                if place.size_of(place.key(stored.sha256)) != stored.size:
                    self._copy(key, place.key(stored.sha256), size)
        return stored

    def remove(self, name: str, id: str) -> None:
        with calls("removing an upload"):
            self._place.client.delete_object(**self._at(name))
            with _unless_gone():
                self._place.client.abort_multipart_upload(**self._at(name), UploadId=id)

    def probe(self) -> str:
        """Write, read, list and delete as we shall; says what was found. A signed address is tried
        as clients do, by the public endpoint."""
        name, data = f"probe-{uuid4()}", b"deadwax"
        at, client = self._at(name), self._place.client
        with calls("writing"):
            client.put_object(**at, Body=data, IfNoneMatch="*")
        try:
            link = self._signed("get_object", 60, Key=at["Key"])
            with calls("reading"):
                if client.get_object(**at)["Body"].read() != data:
                    raise StoreUnavailable("The asset store: reading: other bytes than written.")
            try:
                with urllib.request.urlopen(link, timeout=10) as got:  # noqa: S310
                    signed = got.read() == data
            except OSError:
                signed = False
            try:
                client.put_object(**at, Body=data, IfNoneMatch="*")
                guarded = False
            except ClientError as error:
                guarded = status_of(error) == HTTPStatus.PRECONDITION_FAILED
            with calls("listing unfinished uploads"), _unless_gone():
                client.list_multipart_uploads(Bucket=at["Bucket"], Prefix=at["Key"])
        finally:
            with calls("deleting"):
                client.delete_object(**at)
        said = ["written, read, listed, deleted"]
        said.append("signed links work" if signed else "SIGNED LINKS DO NOT WORK from here")
        said.append(f"If-None-Match is {'kept to' if guarded else 'ignored, a look goes before'}")
        return "; ".join(said)

    def _at(self, name: str) -> dict[str, Any]:
        return {"Bucket": self._place.bucket, "Key": f"{self._place.prefix}uploads/{name}"}

    def _signed(self, method: str, seconds: int, **what: Any) -> str:
        return self._public.client.generate_presigned_url(
            method, Params={"Bucket": self._place.bucket, **what}, ExpiresIn=seconds
        )

    def _copy(self, key: str, final: str, size: int) -> None:
        """By the server; in parts where it is too large for one call. It is what was read and
        hashed: nobody has a link by which a completed upload can be changed."""
        client, bucket = self._place.client, self._place.bucket
        source: Any = {"Bucket": bucket, "Key": key}
        if size <= _COPIED_AT_ONCE:
            client.copy_object(Bucket=bucket, Key=final, CopySource=source)
            return
        uploads = self._place.uploads
        id = uploads.begin(final)
        try:
            for number, first in enumerate(range(0, size, _COPIED_AT_ONCE), 1):
                last = min(first + _COPIED_AT_ONCE, size) - 1
                client.upload_part_copy(
                    Bucket=bucket,
                    Key=final,
                    UploadId=id,
                    PartNumber=number,
                    CopySource=source,
                    CopySourceRange=f"bytes={first}-{last}",
                )
            uploads.complete(final, id, uploads.parts(final, id))
        except BaseException:
            with suppress(ClientError):
                uploads.abort(final, id)
            raise


def _other_size(present: int, stated: int) -> Refused:
    """Addresses of parts do not bound how much is sent to them: that much may not fit here."""
    message = f"The parts have {present} bytes together, not {stated} as stated."
    problem = Problem("upload_size_differs", "file", message, "Upload the file again.")
    return Refused("The file was not taken", [problem])


@contextmanager
def _unless_gone() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if code_of(error) not in _GONE and status_of(error) != HTTPStatus.NOT_FOUND:
            raise
