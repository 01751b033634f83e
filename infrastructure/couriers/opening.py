"""What a courier is given to open a connection, beside the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deadwax.application.errors import Unsupported
from deadwax.application.ports import OutgoingFile


class Notes(Protocol):
    """A memory that outlives a connection, and may be lost; a dict is one that does not."""

    def get(self, name: str, /) -> str | None: ...

    def __setitem__(self, name: str, note: str, /) -> None: ...

    def pop(self, name: str, default: None, /) -> str | None:
        """Forget it; says what it was."""
        ...


def no_links(file: OutgoingFile, base_url: str, seconds: int) -> str:
    raise Unsupported("sign links here")


@dataclass(frozen=True)
class Opening:
    """`secret` reads a stored secret of the tenant by its name: used at once, never kept, shown
    or logged. It raises DeliveryFailed(AUTH_INVALID) for one that is not stored.
    `stall_seconds` is how long a call may go without progress. `fresh`: credentials that were
    fetched before (a token) were refused, and are to be fetched anew. `folder` is what the operator
    set aside on this machine for the tenant's deliveries, None if nothing.

    `notes` is what a courier wants to find again over later connections, such as the address of
    an unfinished upload; it may be lost, and then the upload starts over. `link` signs an address
    below a base URL, that of our API as the platform reaches it, where the file is served for so
    many seconds."""

    secret: Callable[[str], str]
    stall_seconds: float
    folder: Path | None = None
    fresh: bool = False
    notes: Notes = field(default_factory=dict[str, str])
    link: Callable[[OutgoingFile, str, int], str] = no_links
