"""Clients of S3: as whom and where to is said by the address, and by nothing around us."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3.session
from botocore.config import Config
from botocore.credentials import (
    ContainerProvider,
    CredentialProvider,
    CredentialResolver,
    Credentials,
    DeferredRefreshableCredentials,
    InstanceMetadataProvider,
)
from botocore.loaders import Loader, create_loader
from botocore.session import Session
from botocore.utils import InstanceMetadataFetcher

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.object_stores import (
    Addressing,
    AssumedRole,
    CredentialSource,
    S3Address,
)
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.opening import Opening

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_SESSION_NAME = "deadwax"


class _Given(CredentialProvider):
    """Exactly these, and no search for others."""

    METHOD = "deadwax"

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def load(self) -> Credentials:
        return self._credentials


def open_client(address: S3Address, opening: Opening, ca_file: str | None) -> S3Client:
    """No call is made yet. Each ends after `stall_seconds` without progress and is made once:
    trying again is the engine's decision. Raises DeliveryFailed(AUTH_INVALID) for a secret that
    is none."""
    providers = _providers(address, opening)
    if address.role is not None:
        base = _session(providers)
        providers = [_Given(_assumed(base, address, address.role, opening.stall_seconds, ca_file))]
    default = Addressing.VIRTUAL if address.endpoint is None else Addressing.PATH
    config = _config(
        opening.stall_seconds,
        s3={
            "addressing_style": str(address.addressing or default),
            # TLS guards the bytes on the way, and the part's checksum is compared on arrival.
            "payload_signing_enabled": False,
        },
    )
    return boto3.session.Session(botocore_session=_session(providers)).client(
        "s3",
        region_name=str(address.region),
        endpoint_url=str(address.endpoint) if address.endpoint else None,
        verify=ca_file or True,
        config=config,
    )


def _providers(address: S3Address, opening: Opening) -> list[CredentialProvider]:
    if address.credentials is CredentialSource.INSTANCE_ROLE:
        metadata = InstanceMetadataFetcher(timeout=2, num_attempts=2, user_agent=_SESSION_NAME)
        return [ContainerProvider(), InstanceMetadataProvider(iam_role_fetcher=metadata)]
    assert address.secret is not None
    return [_Given(access_keys(address.secret, opening.secret(address.secret)))]


def access_keys(name: str, secret: str) -> Credentials:
    """Of a stored secret in JSON; DeliveryFailed(AUTH_INVALID) for one that is none."""
    try:
        found = json.loads(secret)
        return Credentials(
            str(found["access_key_id"]), str(found["secret_access_key"]), found.get("session_token")
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DeliveryFailed(
            FailureCategory.AUTH_INVALID,
            f"The secret {name} is no JSON of access_key_id and secret_access_key.",
        ) from None


def _assumed(
    base: Session, address: S3Address, role: AssumedRole, stall_seconds: float, ca_file: str | None
) -> Credentials:
    """Asked for when first needed, and again before they end."""
    sts = boto3.session.Session(botocore_session=base).client(
        "sts",
        region_name=str(address.region),
        endpoint_url=str(role.endpoint) if role.endpoint else None,
        verify=ca_file or True,
        config=_config(stall_seconds),
    )
    told: dict[str, Any] = {} if role.external_id is None else {"ExternalId": str(role.external_id)}

    def ask() -> dict[str, str]:
        found = sts.assume_role(RoleArn=str(role.arn), RoleSessionName=_SESSION_NAME, **told)[
            "Credentials"
        ]
        return {
            "access_key": found["AccessKeyId"],
            "secret_key": found["SecretAccessKey"],
            "token": found["SessionToken"],
            "expiry_time": found["Expiration"].isoformat(),
        }

    return DeferredRefreshableCredentials(refresh_using=ask, method="assume-role")


def _config(stall_seconds: float, **more: Any) -> Config:
    return Config(
        connect_timeout=stall_seconds,
        read_timeout=stall_seconds,
        retries={"total_max_attempts": 1},
        # Servers other than AWS refuse the checksums that newer clients add unasked.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        ignore_configured_endpoint_urls=True,  # type: ignore[call-arg]
        **more,
    )


def _session(providers: list[CredentialProvider]) -> Session:
    """One that reads no profile, no configuration file and no credentials of its own accord."""
    nowhere = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    session = Session(session_vars=nowhere)
    session.register_component("credential_provider", CredentialResolver(providers))
    session.register_component("data_loader", _loader())
    return session


@cache
def _loader() -> Loader:
    """Shared: the descriptions of the services are large, and the same for all."""
    return create_loader()
