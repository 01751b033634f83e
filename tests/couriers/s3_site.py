"""A bucket of a real server, seen from behind by a client of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from deadwax.domain.addresses.object_stores import Bucket, Region, S3Address
from deadwax.domain.addresses.parts import BaseUrl, SecretName
from deadwax.infrastructure.couriers.contract import MB
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.s3 import S3Courier, open_courier

ACCESS_KEY, SECRET_KEY = "deadwaxtestkey", "deadwaxtestsecret"
PART = 5 * MB  # the least that S3 takes of a part that is not the last


def keys(access: str = ACCESS_KEY, secret: str = SECRET_KEY, **more: str) -> str:
    return json.dumps({"access_key_id": access, "secret_access_key": secret, **more})


@dataclass(frozen=True)
class S3Site:
    """`address.prefix` is the target's root; the bucket is only this test's."""

    address: S3Address
    secret: str = keys()
    wrong_secret: str = keys(secret="wrong")

    @property
    def endpoint(self) -> tuple[str, int]:
        parts = urlsplit(self.address.base)
        return str(parts.hostname), int(parts.port or 443)

    @property
    def client(self) -> Any:
        found = json.loads(self.secret)
        return boto3.client(
            "s3",
            endpoint_url=self.address.base,
            region_name=self.address.region,
            aws_access_key_id=found["access_key_id"],
            aws_secret_access_key=found["secret_access_key"],
            config=Config(
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def connect(self, *, stall_seconds: float = 20.0, through: int | None = None) -> S3Courier:
        address = self.address
        if through is not None:
            scheme = urlsplit(address.base).scheme
            address = replace(address, endpoint=BaseUrl(f"{scheme}://127.0.0.1:{through}"))
        return opened(address, self.secret, stall_seconds)

    def connect_with_wrong_secret(self) -> S3Courier:
        return opened(self.address, self.wrong_secret)

    def read(self, path: str) -> bytes | None:
        try:
            found = self.client.get_object(Bucket=self.address.bucket, Key=self._key(path))
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return None
        data: bytes = found["Body"].read()
        return data

    def write(self, path: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.address.bucket, Key=self._key(path), Body=data)

    def names(self, folder: str) -> list[str]:
        lead = self._key(folder + "/" if folder else "")
        found = self.client.list_objects_v2(Bucket=self.address.bucket, Prefix=lead)
        keys = (entry["Key"].removeprefix(lead) for entry in found.get("Contents", ()))
        return sorted({key.partition("/")[0] for key in keys})

    def _key(self, path: str) -> str:
        return path if self.address.prefix == "." else f"{self.address.prefix}/{path}"


def opened(address: S3Address, secret: str, stall_seconds: float = 20.0) -> S3Courier:
    return open_courier(address, Opening(lambda _: secret, stall_seconds), part_size=PART)


def new_bucket(endpoint: str, name: str, prefix: str = "label/inbox", **more: Any) -> S3Site:
    """A site on a bucket that is made for it."""
    address = S3Address(
        bucket=Bucket(name),
        region=Region("us-east-1"),
        secret=SecretName("s3"),
        endpoint=BaseUrl(endpoint),
        prefix=prefix,
        **more,
    )
    site = S3Site(address)
    site.client.create_bucket(Bucket=name)
    return site
