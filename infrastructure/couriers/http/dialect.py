"""What differs between the interfaces that are reached by HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from deadwax.infrastructure.couriers.http.reading import Reading
from deadwax.infrastructure.couriers.http.values import Answer, Values

Found = dict[str, str]
"""What answers said of an upload: `upload`, `url`."""


class Dialect(Protocol):
    """`resumes`: whether `send` goes on where an upload ended."""

    @property
    def resumes(self) -> bool: ...

    def call(self, call: Any, values: Values, what: str) -> Answer:
        """Make a call of the address; DeliveryFailed unless it succeeded. `what` begins the
        words of a failure."""
        ...

    def content(self, call: Any, values: Values, what: str, limit: int) -> bytes:
        """The file that a call answers with; DeliveryFailed(INTEGRITY) above `limit`."""
        ...

    def send(
        self, reading: Reading, values: Values, found: Found, keep: Callable[[Found], None]
    ) -> Found:
        """Bring a file to the other side. `found` is what was found when this was tried before,
        `keep` takes what has to be known to go on after a crash."""
        ...

    def withdraw(self, found: Found, what: str) -> None:
        """Give an upload up, as far as the protocol itself has a way to."""
        ...
