"""What a use case refuses beyond the domain's own rules, and why a delivery failed."""

from __future__ import annotations

from datetime import datetime

from deadwax.domain.failures import FailureCategory


class ApplicationError(Exception):
    """Base of the errors below; `code` is stable and shown to API users."""

    code = "error"


class NotFound(ApplicationError):
    """There is no such thing, or it belongs to another tenant."""

    code = "not_found"

    def __init__(self, what: str, id: object) -> None:
        super().__init__(f"There is no {what} {id}.")


class Conflict(ApplicationError):
    """Somebody else changed the aggregate first; reload and decide again."""

    code = "conflict"


class NotYet(ApplicationError):
    """It cannot be done now; the same again a little later can."""

    code = "not_yet"


class StoreUnavailable(ApplicationError, OSError):
    """The asset store cannot be reached, or refuses; the same a little later may do."""

    code = "store_unavailable"


class VersionMismatch(ApplicationError):
    """The caller's If-Match names another version than the current one."""

    code = "version_mismatch"


class DeliveryFailed(ApplicationError):
    """A delivery step failed; `category` decides what happens next.

    `detail` is shown to operators and stored in events: it must hold no secret.
    `retry_after` is the earliest time that the other side said it will answer.
    """

    code = "delivery_failed"

    def __init__(
        self, category: FailureCategory, detail: str, retry_after: datetime | None = None
    ) -> None:
        super().__init__(detail)
        self.category = category
        self.detail = detail
        self.retry_after = retry_after


class Stopped(ApplicationError):
    """The worker was asked to stop, or lost its lease, between two steps."""

    code = "stopped"


class Unsupported(ApplicationError):
    """The protocol of the target has no way to do this."""

    code = "unsupported_by_protocol"

    def __init__(self, what: str) -> None:
        super().__init__(f"This protocol cannot {what}.")
