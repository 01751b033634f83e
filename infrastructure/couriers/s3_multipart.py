"""An unfinished multipart upload: what S3 keeps out of everybody's sight until it is completed."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.object_stores import PartChecksum, StoredAs
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.file_parts import Part, Source
from deadwax.infrastructure.couriers.s3_failures import code_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef


@dataclass(frozen=True)
class SentPart:
    """A part as the server lists it; `etag` and `sha256` as it writes them."""

    number: int
    size: int
    etag: str
    sha256: str | None = None

    def holds(self, part: Part) -> bool:
        """Whether these are our bytes, as the server itself hashed them. Where it tells neither
        (an ETag of encrypted bytes is no MD5), they are sent again."""
        if (self.number, self.size) != (part.number, part.size):
            return False
        if self.sha256 is not None:
            return self.sha256 == b64encode(part.sha256).decode()
        return self.etag == part.md5.hex()

    def as_completed(self) -> CompletedPartTypeDef:
        named: CompletedPartTypeDef = {"PartNumber": self.number, "ETag": f'"{self.etag}"'}
        if self.sha256:
            named["ChecksumSHA256"] = self.sha256
        return named


def etag_of_parts(etags: Sequence[str]) -> str:
    """How S3 names an object that came in parts with these ETags; "" where one is no MD5."""
    try:
        joined = b"".join(bytes.fromhex(etag) for etag in etags)
    except ValueError:
        return ""
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(etags)}"


def sha256_of_parts(digests: Sequence[str]) -> str:
    """The checksum that S3 keeps of an object whose parts came with these."""
    joined = b"".join(b64decode(digest) for digest in digests)
    return f"{b64encode(hashlib.sha256(joined).digest()).decode()}-{len(digests)}"


@dataclass(frozen=True)
class Uploads:
    """The unfinished uploads of a bucket."""

    client: S3Client
    bucket: str
    checksum: PartChecksum
    stored_as: StoredAs

    def of(self, key: str) -> list[str]:
        """Their ids, the newest first."""
        pages = self.client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.bucket, Prefix=key
        )
        try:
            found = [
                (upload["Initiated"], upload["UploadId"])
                for page in pages
                for upload in page.get("Uploads", ())
                if upload["Key"] == key
            ]
        except ClientError as error:
            # What some servers say where there is none in the whole bucket.
            if code_of(error) != "NoSuchUpload":
                raise
            return []
        return [id for _, id in sorted(found, reverse=True)]

    def parts(self, key: str, id: str) -> list[SentPart]:
        pages = self.client.get_paginator("list_parts").paginate(
            Bucket=self.bucket, Key=key, UploadId=id
        )
        return [
            SentPart(
                part["PartNumber"],
                part["Size"],
                part["ETag"].strip('"'),
                part.get("ChecksumSHA256"),
            )
            for page in pages
            for part in page.get("Parts", ())
        ]

    def begin(self, key: str) -> str:
        request: dict[str, Any] = {"Bucket": self.bucket, "Key": key}
        for name, value in {
            "ACL": self.stored_as.acl,
            "StorageClass": self.stored_as.storage_class,
            "ServerSideEncryption": self.stored_as.encryption,
            "SSEKMSKeyId": self.stored_as.kms_key,
            "ChecksumAlgorithm": "SHA256" if self.checksum is PartChecksum.SHA256 else None,
        }.items():
            if value is not None:
                request[name] = str(value)
        return str(self.client.create_multipart_upload(**request)["UploadId"])

    def send(self, key: str, id: str, source: Source, part: Part) -> None:
        """The server takes the part only if it arrives with the digest that we computed."""
        body = source.body(part)
        proof: dict[str, Any] = (
            {"ChecksumSHA256": b64encode(part.sha256).decode()}
            if self.checksum is PartChecksum.SHA256
            else {"ContentMD5": b64encode(part.md5).decode()}
        )
        try:
            self.client.upload_part(
                Bucket=self.bucket,
                Key=key,
                UploadId=id,
                PartNumber=part.number,
                Body=body if part.size else b"",  # type: ignore[arg-type]
                **proof,
            )
        except HTTPClientError:
            if body.broken is not None:
                raise body.broken from None
            raise

    def complete(self, key: str, id: str, parts: list[SentPart]) -> None:
        """Show the object, unless one stands there; some servers ignore that condition."""
        self.client.complete_multipart_upload(
            Bucket=self.bucket,
            Key=key,
            UploadId=id,
            MultipartUpload={"Parts": [part.as_completed() for part in parts]},
            IfNoneMatch="*",
        )

    def abort(self, key: str, id: str) -> None:
        self.client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=id)


def send_missing(
    uploads: Uploads, key: str, source: Source, progress: Callable[[int], None]
) -> list[Part]:
    """Bring every part of `source` to the server, into the newest upload for `key` as far as its
    parts are ours; for another content it starts over. What our own bytes fail on is withdrawn."""
    found = uploads.of(key)
    for older in found[1:]:
        uploads.abort(key, older)
    for id in found[:1]:
        listed = {part.number: part for part in uploads.parts(key, id)}
        parts = _go_on(uploads, key, id, listed, source, progress)
        if parts:
            return parts
    return _go_on(uploads, key, uploads.begin(key), {}, source, progress)


def _go_on(
    uploads: Uploads,
    key: str,
    id: str,
    listed: dict[int, SentPart],
    source: Source,
    progress: Callable[[int], None],
) -> list[Part]:
    """None, and the upload is gone, where a part is of another content: one upload never holds
    parts of two, since it might be completed as it stands."""
    parts = []
    try:
        for part in source.parts():
            parts.append(part)
            sent = listed.pop(part.number, None)
            if sent is not None and not sent.holds(part):
                uploads.abort(key, id)
                return []
            if sent is None:
                uploads.send(key, id, source, part)
                progress(part.size)
    except DeliveryFailed as failed:
        if failed.category is FailureCategory.INTEGRITY:
            uploads.abort(key, id)
        raise
    if listed:
        uploads.abort(key, id)
        return []
    return parts
