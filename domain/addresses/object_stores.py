"""Addresses of object stores: S3 and what speaks like it, Azure Blob, Google Cloud Storage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import urlsplit

from deadwax.domain.addresses.parts import BaseUrl, SecretName
from deadwax.domain.errors import InvalidValue
from deadwax.domain.texts import Name, Paragraph
from deadwax.domain.values import Text

NO_PREFIX = Name(".")
GOOGLE = BaseUrl("https://storage.googleapis.com")
MICROSOFT = BaseUrl("https://login.microsoftonline.com")


class Bucket(Text):
    code, pattern, example = "bucket_invalid", r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]", "dsp-inbox"
    fix = "Give the name of the bucket or container alone, as the platform told it."


class Region(Text):
    code, pattern, example = "region_invalid", r"[A-Za-z0-9-]{1,64}", "eu-central-1"
    fix = "Give the region as the provider writes it."


class RoleArn(Text):
    code, example = "role_arn_invalid", "arn:aws:iam::123456789012:role/label-delivery"
    pattern = r"arn:[a-z-]{3,20}:iam:[a-z0-9-]*:[0-9]{0,12}:role/[A-Za-z0-9+=,.@_/-]{1,512}"
    fix = "Give the ARN of the role, which begins with arn:."


class CredentialSource(StrEnum):
    """`access_keys`: the secret is {access_key_id, secret_access_key, session_token?} in JSON.
    `instance_role`: the role that the machine or container has which our worker runs on."""

    ACCESS_KEYS = "access_keys"
    INSTANCE_ROLE = "instance_role"


class Addressing(StrEnum):
    """Where the bucket is named: `path` after the host, `virtual` as part of it."""

    PATH = "path"
    VIRTUAL = "virtual"


class PartChecksum(StrEnum):
    """What the server is asked to check, and to keep beside the object. `md5` every server
    knows; `sha256` AWS and servers as new as its interface of 2022."""

    MD5 = "md5"
    SHA256 = "sha256"


class Encryption(StrEnum):
    """How the bucket's owner wants objects encrypted at rest."""

    AES256 = "AES256"
    KMS = "aws:kms"


class ObjectAcl(StrEnum):
    """What the bucket's owner may do with an object of ours."""

    PRIVATE = "private"
    BUCKET_OWNER_READ = "bucket-owner-read"
    BUCKET_OWNER_FULL_CONTROL = "bucket-owner-full-control"


@dataclass(frozen=True, kw_only=True)
class AssumedRole:
    """A role of the platform's AWS account that it lets us take on. `external_id` as it told us.
    Without `endpoint`, STS of the bucket's region is asked."""

    arn: RoleArn
    external_id: Name | None = None
    endpoint: BaseUrl | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class StoredAs:
    """How the platform wants objects stored; what is not given, its bucket decides."""

    acl: ObjectAcl | None = None
    storage_class: Name | None = None
    encryption: Encryption | None = None
    kms_key: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if self.kms_key is not None and self.encryption is not Encryption.KMS:
            raise InvalidValue(
                "kms_key_without_kms",
                "A key of KMS goes with the encryption aws:kms only.",
                "Give encryption aws:kms, or no kms_key.",
            )


@dataclass(frozen=True, kw_only=True)
class S3Address:
    """`prefix` is put before every path. Without `endpoint` it is AWS's own of the region.

    `credentials` say who we are; `role`, whom the platform lets us act as. Without `addressing`
    AWS is asked by host name and others by path; without `checksum` AWS keeps sha256 and others
    md5. `authority` is the PEM of a private CA that the endpoint's certificate is to come from.
    """

    bucket: Bucket
    region: Region
    secret: SecretName | None = None
    credentials: CredentialSource = CredentialSource.ACCESS_KEYS
    role: AssumedRole | None = None
    endpoint: BaseUrl | None = None
    prefix: Name = NO_PREFIX
    addressing: Addressing | None = None
    checksum: PartChecksum | None = None
    stored_as: StoredAs = StoredAs()
    authority: Paragraph | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if (self.secret is None) is (self.credentials is CredentialSource.ACCESS_KEYS):
            raise InvalidValue(
                "credentials_unclear",
                f"The credentials {self.credentials} "
                + ("need a secret." if self.secret is None else "are no stored secret."),
                "Give access_keys with a secret, or instance_role without one.",
            )

    @property
    def host(self) -> str:
        return str(urlsplit(self.base).hostname)

    @property
    def base(self) -> str:
        return str(self.endpoint or f"https://s3.{self.region}.amazonaws.com")

    @property
    def is_encrypted(self) -> bool:
        return self.base.startswith("https://")

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"{self.base}/{self.bucket}"}


@dataclass(frozen=True, kw_only=True)
class AzureBlobAddress:
    """`account_url` as Azure shows it, such as https://label.blob.core.windows.net.

    The secret is JSON: {account_key}, {sas_token}, or {tenant_id, client_id, client_secret} of
    an application that `login` gives tokens to.
    """

    account_url: BaseUrl
    container: Bucket
    secret: SecretName
    prefix: Name = NO_PREFIX
    login: BaseUrl = MICROSOFT
    authority: Paragraph | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def host(self) -> str:
        return str(urlsplit(self.account_url).hostname)

    @property
    def is_encrypted(self) -> bool:
        return self.account_url.startswith("https://")

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"{self.account_url}/{self.container}"}


@dataclass(frozen=True, kw_only=True)
class GcsAddress:
    """`secret` names the JSON of a service account's key."""

    bucket: Bucket
    secret: SecretName
    endpoint: BaseUrl = GOOGLE
    prefix: Name = NO_PREFIX
    authority: Paragraph | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def host(self) -> str:
        return str(urlsplit(self.endpoint).hostname)

    @property
    def is_encrypted(self) -> bool:
        return self.endpoint.startswith("https://")

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"{self.endpoint}/{self.bucket}"}
