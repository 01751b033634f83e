"""What a platform has at a path, by its own word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.http_calls import Finding
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http.dialect import Dialect
from deadwax.infrastructure.couriers.http.values import Values, number


@dataclass(frozen=True)
class Standing:
    """`sha256` in small digits, None where the platform does not tell it."""

    size: int
    sha256: str | None


def standing_of(dialect: Dialect, call: Any, values: Values, what: str) -> Standing | None:
    """None where nothing stands. Raises DeliveryFailed, also for an answer that tells no size."""
    try:
        answer = dialect.call(call, values, what)
    except DeliveryFailed as failed:
        if failed.category is FailureCategory.NOT_FOUND:
            return None
        raise
    where = call.finds[Finding.SIZE]
    size = number(answer.find(where))
    if size is None and not answer.tells(where):
        raise DeliveryFailed(FailureCategory.API_UNAVAILABLE, f"{what}: the answer tells no size.")
    digest = answer.find(call.finds.get(Finding.SHA256))
    return None if size is None else Standing(size, digest.lower() if digest else None)
