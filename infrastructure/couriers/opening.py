"""What a courier is given to open a connection, beside the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Opening:
    """`secret` reads a stored secret of the tenant by its name: used at once, never kept, shown
    or logged. It raises DeliveryFailed(AUTH_INVALID) for one that is not stored.
    `stall_seconds` is how long a call may go without progress."""

    secret: Callable[[str], str]
    stall_seconds: float
