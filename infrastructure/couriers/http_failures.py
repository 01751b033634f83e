"""What went wrong in a call by HTTP: by the status that came, or by why none came."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from deadwax.domain.failures import FailureCategory

STATUSES: Mapping[int, FailureCategory] = {
    HTTPStatus.UNAUTHORIZED: FailureCategory.AUTH_INVALID,
    HTTPStatus.FORBIDDEN: FailureCategory.PERMISSION_DENIED,
    HTTPStatus.NOT_FOUND: FailureCategory.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT: FailureCategory.NETWORK_TIMEOUT,
    HTTPStatus.CONFLICT: FailureCategory.INTEGRITY,
    HTTPStatus.PRECONDITION_FAILED: FailureCategory.INTEGRITY,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: FailureCategory.QUOTA_EXCEEDED,
    HTTPStatus.TOO_MANY_REQUESTS: FailureCategory.API_RATE_LIMIT,
    HTTPStatus.INSUFFICIENT_STORAGE: FailureCategory.QUOTA_EXCEEDED,
}
"""What they mean whatever is asked for, by object stores and interfaces alike."""

LONGEST_WAIT = timedelta(days=1)
"""What a Retry-After beyond it is cut to: nobody means more."""


def category_of_status(status: int) -> FailureCategory:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return STATUSES.get(status, FailureCategory.API_UNAVAILABLE)
    return STATUSES.get(status, FailureCategory.UNKNOWN)


def category_without_answer(error: BaseException) -> FailureCategory:
    """Clients wrap what the socket said, some twice: the chain tells. A certificate that does
    not prove the server is a matter for a person: no credential went to it."""
    kinds = list(chain(error))
    if any(isinstance(kind, ssl.SSLCertVerificationError) for kind in kinds):
        return FailureCategory.AUTH_INVALID
    if any(isinstance(kind, TimeoutError) for kind in kinds):
        return FailureCategory.NETWORK_TIMEOUT
    return FailureCategory.NETWORK_CONNECTIVITY


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """What led to it. Some clients only hold it: as an argument, or `inner_exception`."""
    while error is not None:
        yield error
        for held in (*error.args, getattr(error, "inner_exception", None)):
            if isinstance(held, BaseException) and held is not error:
                yield from chain(held)
        error = error.__cause__ or error.__context__


def retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The header Retry-After, in seconds or as a date (RFC 9110, 10.2.3); None without a valid
    one. Never in the past."""
    text = {name.lower(): value for name, value in headers.items()}.get("retry-after", "").strip()
    try:
        at = now + timedelta(seconds=int(text)) if text.isdecimal() else _date(text)
    except (ValueError, OverflowError):
        return None
    return min(max(at, now), now + LONGEST_WAIT)


def _date(text: str) -> datetime:
    found = parsedate_to_datetime(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
