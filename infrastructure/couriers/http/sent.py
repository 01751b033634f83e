"""What was sent for the paths of a platform, and is not published yet."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import orjson

from deadwax.application.ports import OutgoingFile
from deadwax.infrastructure.couriers.http.dialect import Found
from deadwax.infrastructure.couriers.opening import Notes


@dataclass
class Sent:
    """`whole` once the server has all of it; `found` is what it answered; `showing` from when it
    was asked to publish it until it said that it did not."""

    size: int
    sha256: str
    whole: bool = False
    found: Found = field(default_factory=dict)
    showing: bool = False

    def is_of(self, file: OutgoingFile) -> bool:
        return (self.size, self.sha256) == (file.size, file.sha256)


class SentFiles:
    """In notes that outlive the connection, under the address and the path."""

    def __init__(self, notes: Notes, base_url: str) -> None:
        self._notes, self._base_url = notes, base_url

    def of(self, path: str) -> Sent | None:
        note = self._notes.get(self._name(path))
        return Sent(**orjson.loads(note)) if note else None

    def keep(self, path: str, sent: Sent) -> None:
        self._notes[self._name(path)] = orjson.dumps(asdict(sent)).decode()

    def forget(self, path: str) -> None:
        self._notes.pop(self._name(path), None)

    def _name(self, path: str) -> str:
        return f"{self._base_url} {path}"
