"""Addresses of object stores come back from events as they went in, and hold no secret."""

from __future__ import annotations

from typing import Any

import pytest

from deadwax.domain.addresses.object_stores import (
    AzureBlobAddress,
    Bucket,
    GcsAddress,
    S3Address,
)
from deadwax.domain.errors import InvalidValue
from deadwax.domain.plain import from_plain, to_plain

PLAIN: dict[str, Any] = {"bucket": "dsp-inbox", "region": "eu-central-1", "secret": "s3"}
EVERYTHING: dict[str, Any] = {
    "bucket": "dsp-inbox",
    "region": "eu-central-1",
    "credentials": "instance_role",
    "role": {
        "arn": "arn:aws:iam::123456789012:role/dsp/delivery",
        "external_id": "label-42",
        "endpoint": "https://sts.dsp.example",
    },
    "endpoint": "https://s3.dsp.example:8443",
    "prefix": "label-42/incoming",
    "addressing": "virtual",
    "checksum": "sha256",
    "stored_as": {
        "acl": "bucket-owner-full-control",
        "storage_class": "STANDARD_IA",
        "encryption": "aws:kms",
        "kms_key": "alias/dsp",
    },
    "authority": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
}


@pytest.mark.parametrize("stored", [PLAIN, EVERYTHING])
def test_an_address_of_s3_comes_back_as_it_was(stored: dict[str, Any]) -> None:
    address = from_plain(S3Address, stored)
    plain = to_plain(address)
    assert from_plain(S3Address, plain) == address
    assert {name: plain[name] for name in stored} == stored


def test_amazon_is_meant_where_no_endpoint_is_given() -> None:
    address = from_plain(S3Address, PLAIN)
    assert address.host == "s3.eu-central-1.amazonaws.com"
    assert address.is_encrypted
    other = from_plain(S3Address, PLAIN | {"endpoint": "http://store.example:9000"})
    assert (other.host, other.is_encrypted) == ("store.example", False)
    assert other.evidence == {"endpoint": "http://store.example:9000/dsp-inbox"}


def test_the_others_come_back_as_they_were() -> None:
    azure = {"account_url": "https://a.blob.core.windows.net", "container": "x-1", "secret": "az"}
    google = {"bucket": "dsp-inbox", "secret": "gcs"}
    for kind, stored in ((AzureBlobAddress, azure), (GcsAddress, google)):
        address: Any = from_plain(kind, stored)
        assert from_plain(kind, to_plain(address)) == address
        assert address.is_encrypted


@pytest.mark.parametrize("bucket", ["", "a/b", "Bucket", "-a-", "s3://bucket"])
def test_a_bucket_is_a_name_alone(bucket: str) -> None:
    with pytest.raises(InvalidValue):
        Bucket(bucket)
