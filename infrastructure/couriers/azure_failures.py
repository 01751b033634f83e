"""What Azure Blob Storage says went wrong, as a category."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from azure.core.exceptions import AzureError, HttpResponseError

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http_failures import (
    category_of_status,
    category_without_answer,
    retry_after,
)

_CATEGORY_OF: Mapping[str, FailureCategory] = {
    "AuthenticationFailed": FailureCategory.AUTH_INVALID,
    "InvalidAuthenticationInfo": FailureCategory.AUTH_INVALID,
    "NoAuthenticationInformation": FailureCategory.AUTH_INVALID,
    "AccountIsDisabled": FailureCategory.PERMISSION_DENIED,
    # Of a caller that the account's network rules keep out; azurite, of a wrong signature.
    "AuthorizationFailure": FailureCategory.AUTH_INVALID,
    "AuthorizationPermissionMismatch": FailureCategory.PERMISSION_DENIED,
    "InsufficientAccountPermissions": FailureCategory.PERMISSION_DENIED,
    "ServerBusy": FailureCategory.API_RATE_LIMIT,
    "IngressOverAccountLimit": FailureCategory.API_RATE_LIMIT,
    "OperationTimedOut": FailureCategory.NETWORK_TIMEOUT,
    "InternalError": FailureCategory.API_UNAVAILABLE,
    "ContainerBeingDeleted": FailureCategory.NOT_FOUND,
    "BlockCountExceedsLimit": FailureCategory.QUOTA_EXCEEDED,
    "Md5Mismatch": FailureCategory.INTEGRITY,
    "InvalidBlockList": FailureCategory.INTEGRITY,
    "InvalidBlobOrBlock": FailureCategory.INTEGRITY,
    "BlobAlreadyExists": FailureCategory.INTEGRITY,
    "BlobImmutableDueToPolicy": FailureCategory.PERMISSION_DENIED,
}


def code_of(error: HttpResponseError) -> str:
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code) or "")


def failure_of(error: AzureError, what: str) -> DeliveryFailed:
    """The words hold code and status of the answer, and never what it quotes of the request."""
    if isinstance(error, HttpResponseError) and error.response is not None:
        code, status = code_of(error), int(error.status_code or 0)
        category = _CATEGORY_OF.get(code) or category_of_status(status)
        when = retry_after(getattr(error.response, "headers", {}), datetime.now(UTC))
        return DeliveryFailed(category, f"{what}: {code or 'refused'} ({status}).", when)
    return DeliveryFailed(category_without_answer(error), f"{what}: {type(error).__name__}.")
