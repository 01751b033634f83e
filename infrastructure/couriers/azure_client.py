"""Clients of Azure Blob Storage: with the account's key, a SAS, or tokens of an application."""

from __future__ import annotations

import json
import ssl
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
from azure.core.credentials import AccessToken, AzureNamedKeyCredential, AzureSasCredential
from azure.storage.blob import ContainerClient

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.object_stores import AzureBlobAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http_failures import (
    category_of_status,
    category_without_answer,
)
from deadwax.infrastructure.couriers.opening import Opening

Credential = Any
"""One of the three that the client takes."""


def open_container(
    address: AzureBlobAddress, opening: Opening, ca_file: str | None
) -> ContainerClient:
    """No call is made yet. Each ends after `stall_seconds` without progress and is made once:
    trying again is the engine's decision. Raises DeliveryFailed(AUTH_INVALID) for a secret that
    is none."""
    return ContainerClient(
        str(address.account_url),
        str(address.container),
        credential=_credential(address, opening, ca_file),
        connection_timeout=opening.stall_seconds,
        read_timeout=opening.stall_seconds,
        connection_verify=ca_file or True,
        retry_total=0,
        # What is said of us is said by the address alone.
        use_env_settings=False,
    )


def _credential(address: AzureBlobAddress, opening: Opening, ca_file: str | None) -> Credential:
    try:
        found = json.loads(opening.secret(address.secret))
        match set(found):
            case keys if keys == {"account_key"}:
                return AzureNamedKeyCredential(_account(address), found["account_key"])
            case keys if keys == {"sas_token"}:
                token = found["sas_token"].lstrip("?")
                _check_end(address, token)
                return AzureSasCredential(token)
            case keys if keys == {"tenant_id", "client_id", "client_secret"}:
                return _Tokens(str(address.login), found, opening.stall_seconds, ca_file)
    except (ValueError, TypeError, AttributeError):
        pass
    raise DeliveryFailed(
        FailureCategory.AUTH_INVALID,
        f"The secret {address.secret} is no JSON of account_key, of sas_token, or of tenant_id,"
        " client_id and client_secret.",
    )


def _check_end(address: AzureBlobAddress, token: str) -> None:
    """A SAS says itself when it ends; of one that has, Azure only says that it is none."""
    [end] = parse_qs(token).get("se", [""])
    try:
        at = datetime.fromisoformat(end)
    except ValueError:
        return  # the policy that it names says it
    if (at if at.tzinfo else at.replace(tzinfo=UTC)) <= datetime.now(UTC):
        raise DeliveryFailed(
            FailureCategory.AUTH_EXPIRED, f"The SAS in the secret {address.secret} ended {end}."
        )


def _account(address: AzureBlobAddress) -> str:
    """The first label of the host; after the host, where many accounts have one (azurite)."""
    path = address.account_url.partition("://")[2].partition("/")[2]
    return path or address.host.partition(".")[0]


class _Tokens:
    """OAuth 2.0 client credentials (RFC 6749, 4.4); the client asks anew when one ends."""

    def __init__(
        self, login: str, secret: dict[str, str], seconds: float, ca_file: str | None
    ) -> None:
        self._url = f"{login}/{secret['tenant_id']}/oauth2/v2.0/token"
        self._secret, self._seconds, self._ca_file = secret, seconds, ca_file

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._secret["client_id"],
            "client_secret": self._secret["client_secret"],
            "scope": " ".join(scopes),
        }
        what = "asking for a token"
        try:
            trusted = ssl.create_default_context(cafile=self._ca_file)
            answer = httpx.post(self._url, data=form, timeout=self._seconds, verify=trusted)
        except httpx.HTTPError as error:
            words = f"{what}: {type(error).__name__}."
            raise DeliveryFailed(category_without_answer(error), words) from error
        if answer.status_code in (400, 401):
            # RFC 6749, 5.2: the client, or what it asks for, is refused.
            raise DeliveryFailed(FailureCategory.AUTH_INVALID, f"{what}: {answer.status_code}.")
        if answer.status_code != 200:
            category = category_of_status(answer.status_code)
            raise DeliveryFailed(category, f"{what}: {answer.status_code}.")
        try:
            found = answer.json()
            return AccessToken(
                str(found["access_token"]), int(time.time()) + int(found["expires_in"])
            )
        except (ValueError, KeyError, TypeError):
            words = f"{what}: the answer holds none."
            raise DeliveryFailed(FailureCategory.API_UNAVAILABLE, words) from None
