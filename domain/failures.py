"""Why a delivery failed, and what is tried next: one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

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


class Recovery(StrEnum):
    """What is done about a failure. `immediate` without waiting; `exponential` with full jitter;
    `scheduled` when the other side said, or its maintenance ends; `refresh_credentials` with new
    ones fetched; `alternative_route` by the target's fallback; or a person has to act."""

    IMMEDIATE = "immediate"
    EXPONENTIAL = "exponential"
    SCHEDULED = "scheduled"
    REFRESH_CREDENTIALS = "refresh_credentials"
    ALTERNATIVE_ROUTE = "alternative_route"
    NEEDS_A_PERSON = "needs_a_person"


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """`attempts` may fail in a row before a person is needed; waits in seconds."""

    recovery: Recovery
    attempts: int = 1
    base_seconds: float = 30.0
    cap_seconds: float = 3600.0
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


_NEEDS_A_PERSON = Strategy(recovery=Recovery.NEEDS_A_PERSON)
_BACKOFF = Strategy(recovery=Recovery.EXPONENTIAL, attempts=10)
_SCHEDULED = Strategy(recovery=Recovery.SCHEDULED, attempts=10)
_BRIEF = Strategy(recovery=Recovery.EXPONENTIAL, attempts=3)
_AT_ONCE = Strategy(recovery=Recovery.IMMEDIATE, attempts=3)

STRATEGIES: dict[FailureCategory, Strategy] = {
    FailureCategory.CONTENT_FORMAT: _NEEDS_A_PERSON,
    FailureCategory.CONTENT_QUALITY: _NEEDS_A_PERSON,
    FailureCategory.METADATA_INVALID: _NEEDS_A_PERSON,
    FailureCategory.AUTH_EXPIRED: Strategy(recovery=Recovery.REFRESH_CREDENTIALS, attempts=3),
    FailureCategory.AUTH_INVALID: _NEEDS_A_PERSON,
    FailureCategory.API_RATE_LIMIT: _SCHEDULED,
    FailureCategory.API_UNAVAILABLE: _SCHEDULED,
    FailureCategory.NETWORK_TIMEOUT: _BACKOFF,
    FailureCategory.NETWORK_CONNECTIVITY: _BACKOFF,
    FailureCategory.QUOTA_EXCEEDED: _BRIEF,
    FailureCategory.PERMISSION_DENIED: _NEEDS_A_PERSON,
    FailureCategory.NOT_FOUND: _NEEDS_A_PERSON,
    FailureCategory.INTEGRITY: _AT_ONCE,
    FailureCategory.RIGHTS: _NEEDS_A_PERSON,
    FailureCategory.REJECTED_BY_PLATFORM: _NEEDS_A_PERSON,
    FailureCategory.UNKNOWN: _BRIEF,
}
