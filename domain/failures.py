"""Why a delivery failed, and what is tried next: one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from deadwax.domain.errors import Problem


class FailureCategory(StrEnum):
    """The categories that operators filter by; decided by exception type, never by text."""

    CONTENT_FORMAT = "content_format"
    CONTENT_QUALITY = "content_quality"
    METADATA_INVALID = "metadata_invalid"
    AUTH_EXPIRED = "auth_expired"
    AUTH_INVALID = "auth_invalid"
    API_RATE_LIMIT = "api_rate_limit"
    API_UNAVAILABLE = "api_unavailable"
    NETWORK_TIMEOUT = "network_timeout"
    NETWORK_CONNECTIVITY = "network_connectivity"
    QUOTA_EXCEEDED = "quota_exceeded"
    PERMISSION_DENIED = "permission_denied"
    NOT_FOUND = "not_found"
    INTEGRITY = "integrity"
    RIGHTS = "rights"
    REJECTED_BY_PLATFORM = "rejected_by_platform"
    UNKNOWN = "unknown"


def category_of(problems: Iterable[Problem]) -> FailureCategory:
    """Why a message could not be composed."""
    beyond = any(problem.code == "deal_exceeds_rights" for problem in problems)
    return FailureCategory.RIGHTS if beyond else FailureCategory.METADATA_INVALID


@dataclass(frozen=True)
class RetryPolicy:
    """How many attempts may fail in a row before a person is needed."""

    attempts: int


_NEEDS_A_PERSON = RetryPolicy(attempts=1)
_BACKOFF = RetryPolicy(attempts=10)
_BRIEF = RetryPolicy(attempts=3)

RETRY_POLICIES: dict[FailureCategory, RetryPolicy] = {
    FailureCategory.CONTENT_FORMAT: _NEEDS_A_PERSON,
    FailureCategory.CONTENT_QUALITY: _NEEDS_A_PERSON,
    FailureCategory.METADATA_INVALID: _NEEDS_A_PERSON,
    FailureCategory.AUTH_EXPIRED: _BRIEF,
    FailureCategory.AUTH_INVALID: _NEEDS_A_PERSON,
    FailureCategory.API_RATE_LIMIT: _BACKOFF,
    FailureCategory.API_UNAVAILABLE: _BACKOFF,
    FailureCategory.NETWORK_TIMEOUT: _BACKOFF,
    FailureCategory.NETWORK_CONNECTIVITY: _BACKOFF,
    FailureCategory.QUOTA_EXCEEDED: _BRIEF,
    FailureCategory.PERMISSION_DENIED: _NEEDS_A_PERSON,
    FailureCategory.NOT_FOUND: _NEEDS_A_PERSON,
    FailureCategory.INTEGRITY: _BRIEF,
    FailureCategory.RIGHTS: _NEEDS_A_PERSON,
    FailureCategory.REJECTED_BY_PLATFORM: _NEEDS_A_PERSON,
    FailureCategory.UNKNOWN: _BRIEF,
}
