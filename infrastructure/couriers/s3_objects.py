"""What stands in a bucket, and whether it is what we sent."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deadwax.application.ports import OutgoingFile
from deadwax.infrastructure.couriers.file_parts import Part
from deadwax.infrastructure.couriers.s3_failures import status_of
from deadwax.infrastructure.couriers.s3_multipart import SentPart, etag_of_parts, sha256_of_parts
from deadwax.infrastructure.couriers.samples import read_back

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True)
class Standing:
    """An object: `etag` and, where the server keeps one, `sha256` as it writes them."""

    size: int
    etag: str
    sha256: str | None

    def shows(self, sent: Sequence[SentPart]) -> bool:
        """Whether it was put together from these parts, or from the same."""
        if self.size != sum(part.size for part in sent):
            return False
        digests = [part.sha256 for part in sent if part.sha256]
        if self.sha256 and len(digests) == len(sent):
            return self.sha256 == sha256_of_parts(digests)
        return self.etag in {etag_of_parts([part.etag for part in sent]), sent[0].etag}


@dataclass(frozen=True)
class Bucket:
    """`keeps_sha256` where objects have checksums beside the ETag."""

    client: S3Client
    name: str
    keeps_sha256: bool

    def look(self, key: str) -> Standing | None:
        """None where nothing stands."""
        mode = {"ChecksumMode": "ENABLED"} if self.keeps_sha256 else {}
        try:
            found = self.client.head_object(Bucket=self.name, Key=key, **mode)  # type: ignore[arg-type]
        except ClientError as error:
            if status_of(error) == HTTPStatus.NOT_FOUND:
                return None
            # The answer to HEAD has no body to say why.
            self.read(key, 0, 1)
            raise
        return Standing(
            found["ContentLength"], found["ETag"].strip('"'), found.get("ChecksumSHA256")
        )

    def read(self, key: str, offset: int, size: int) -> bytes:
        wanted = f"bytes={offset}-{offset + size - 1}"
        with self.client.get_object(Bucket=self.name, Key=key, Range=wanted)["Body"] as body:
            return body.read()

    def compare(
        self, key: str, standing: Standing, file: OutgoingFile, parts: Sequence[Part]
    ) -> str | None:
        """By what it is proven to be the file, whose size it is known to have and whose parts
        these are; None if it is another. An ETag that is none of ours proves nothing: encrypted
        objects have others."""
        if standing.sha256 is not None and standing.sha256 in _sha256s(file, parts):
            return "sha256"
        if standing.etag in {etag_of_parts([part.md5.hex() for part in parts]), _md5(parts)}:
            return "md5"
        return read_back(file, lambda offset, size: self.read(key, offset, size))


def _sha256s(file: OutgoingFile, parts: Sequence[Part]) -> set[str]:
    """As it is written for an object in parts, and for one put at once."""
    digests = [b64encode(part.sha256).decode() for part in parts]
    return {sha256_of_parts(digests), b64encode(bytes.fromhex(file.sha256)).decode()}


def _md5(parts: Sequence[Part]) -> str | None:
    return parts[0].md5.hex() if len(parts) == 1 else None
