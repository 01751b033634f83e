"""What Google Cloud Storage says went wrong, as a category."""

from __future__ import annotations

from datetime import UTC, datetime

import requests
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError, RefreshError

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http_failures import (
    category_of_status,
    category_without_answer,
    retry_after,
)

ERRORS = (GoogleAPICallError, GoogleAuthError, requests.RequestException)


def failure_of(error: Exception, what: str) -> DeliveryFailed:
    """The words hold the status of the answer, and never what it quotes of the request."""
    answer = getattr(error, "response", None)
    if isinstance(answer, requests.Response):
        status = int(answer.status_code)
        when = retry_after(answer.headers, datetime.now(UTC))
        return DeliveryFailed(category_of_status(status), f"{what}: refused ({status}).", when)
    if isinstance(error, RefreshError):
        refused = FailureCategory.AUTH_INVALID
        category = FailureCategory.API_UNAVAILABLE if error.retryable else refused
        return DeliveryFailed(category, f"{what}: no token is given for the key.")
    if isinstance(error, GoogleAPICallError):
        status = int(error.code or 0)
        return DeliveryFailed(category_of_status(status), f"{what}: refused ({status}).")
    return DeliveryFailed(category_without_answer(error), f"{what}: {type(error).__name__}.")
