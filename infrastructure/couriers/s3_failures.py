"""What S3 says went wrong, as a category: by its code, else by the status, else by why there was
no answer at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
)

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http_failures import (
    category_of_status,
    category_without_answer,
    retry_after,
)

_CODES: Mapping[FailureCategory, frozenset[str]] = {
    FailureCategory.AUTH_INVALID: frozenset(
        {
            *("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "NotSignedUp"),
            *("InvalidClientTokenId", "UnrecognizedClientException", "IncompleteSignature"),
            *("AuthorizationHeaderMalformed", "MissingSecurityHeader", "AccountProblem"),
        }
    ),
    # The clock counts too: signed at a time that is over, or is not yet.
    FailureCategory.AUTH_EXPIRED: frozenset(
        {
            *("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"),
            "RequestTimeTooSkewed",
        }
    ),
    FailureCategory.PERMISSION_DENIED: frozenset(
        {
            *("AccessDenied", "AllAccessDisabled", "AccessControlListNotSupported"),
            *("InvalidObjectState", "KMS.DisabledException", "KMS.NotFoundException"),
        }
    ),
    FailureCategory.API_RATE_LIMIT: frozenset(
        {
            *("SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded"),
            *("TooManyRequests", "BandwidthLimitExceeded"),
        }
    ),
    FailureCategory.API_UNAVAILABLE: frozenset({"ServiceUnavailable", "InternalError", "Busy"}),
    FailureCategory.NETWORK_TIMEOUT: frozenset({"RequestTimeout"}),
    FailureCategory.NETWORK_CONNECTIVITY: frozenset({"IncompleteBody"}),
    FailureCategory.NOT_FOUND: frozenset(
        {"NoSuchBucket", "NoSuchKey", "NoSuchUpload", "PermanentRedirect"}
    ),
    FailureCategory.QUOTA_EXCEEDED: frozenset(
        {"QuotaExceeded", "EntityTooLarge", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"}
    ),
    FailureCategory.INTEGRITY: frozenset(
        {
            *("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "InvalidPart"),
            *("InvalidPartOrder", "PreconditionFailed", "ConditionalRequestConflict"),
        }
    ),
}
_CATEGORY_OF = {code: category for category, codes in _CODES.items() for code in codes}

NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def failure_of(error: ClientError | BotoCoreError, what: str) -> DeliveryFailed:
    """The words hold code and status of the answer, and never what it quotes of the request."""
    if isinstance(error, ClientError):
        code, status = code_of(error), status_of(error)
        category = _CATEGORY_OF.get(code) or category_of_status(status)
        metadata: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
        when = retry_after(metadata.get("HTTPHeaders", {}), datetime.now(UTC))
        return DeliveryFailed(category, f"{what}: {code or 'refused'} ({status}).", when)
    if isinstance(error, NO_CREDENTIALS):
        words = "there are no credentials here of the kind that the address names"
        return DeliveryFailed(FailureCategory.AUTH_INVALID, f"{what}: {words}.")
    return DeliveryFailed(category_without_answer(error), f"{what}: {type(error).__name__}.")
