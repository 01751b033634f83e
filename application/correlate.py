"""Which message a platform speaks of: by message id, or by release and batch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from deadwax.application.catalogue import Catalogue
from deadwax.application.log import EventLog
from deadwax.application.message_ids import distribution_of
from deadwax.application.messages import Acknowledgement
from deadwax.application.ports import Correspondence
from deadwax.domain.distribution import Distribution
from deadwax.domain.distribution_events import MessageComposed
from deadwax.domain.errors import Problem, Refused

_BATCH_ID = re.compile(r"(?<![0-9])[0-9]{17}(?![0-9])")


@dataclass(frozen=True)
class Meant:
    """A message of a distribution, and why it was sent."""

    distribution_id: UUID
    message_id: str
    kind: str
    batch_id: str


class Correlator:
    """What the read side proposes counts only if the log agrees."""

    def __init__(self, catalogue: Catalogue, log: EventLog, correspondence: Correspondence) -> None:
        self._catalogue, self._log, self._correspondence = catalogue, log, correspondence

    def find(self, target_id: UUID, said: Acknowledgement, path: str, sha256: str) -> Meant:
        """The message that `said`, from the file at `path`, is about.

        Without a message id it is the newest one about the release, in the batch or of the day
        that is named. Raises Refused if nothing of this target's is meant, NotYet while the
        read side cannot tell.
        """
        if said.message_id is not None:
            return self._by_id(target_id, said.message_id)
        release_ids = said.release_ids or _release_in(path)
        if not release_ids:
            raise _unplaced("ack_release_unnamed", "It names no message and no release.")
        found = [
            meant
            for id in self._correspondence.of_release(target_id, release_ids)
            for meant in self._about(target_id, id, release_ids, sha256)
        ]
        found = _narrowed(found, said, path)
        if not found:
            words = f"No message about {' or '.join(release_ids)} that it may mean was sent."
            raise _unplaced("ack_release_unknown", words)
        return max(found, key=lambda meant: meant.batch_id)

    def _by_id(self, target_id: UUID, message_id: str) -> Meant:
        id = distribution_of(message_id)
        distribution = self._catalogue.find(Distribution, id) if id else None
        if distribution is None or distribution.target_id != target_id:
            words = f"Message {message_id} is not one of this target's."
            raise _unplaced("ack_message_unknown", words)
        kinds = {m["id"]: m["kind"] for m in self._messages(distribution.id)}
        kind = kinds.get(message_id, distribution.kind)
        return Meant(distribution.id, message_id, kind, "")

    def _about(
        self, target_id: UUID, id: UUID, release_ids: tuple[str, ...], sha256: str
    ) -> Iterator[Meant]:
        """The messages about the release that were sent; if this file is known, the one it
        was about then."""
        d = self._catalogue.find(Distribution, id)
        if d is None or d.target_id != target_id:
            return
        known = {message_id for message_id, file in d.confirmed if file == sha256}
        sent = {*d.sent, d.message["id"]} if d.publishing and d.message else {*d.sent}
        for message in self._messages(id):
            names = {message.get("icpn"), message.get("grid")}
            if message["id"] in (known or sent) and names & set(release_ids):
                yield Meant(id, message["id"], message["kind"], message["batch_id"])

    def _messages(self, distribution_id: UUID) -> list[dict[str, Any]]:
        events = self._log.load(distribution_id)
        return [event.message for event in events if isinstance(event, MessageComposed)]


def _narrowed(found: list[Meant], said: Acknowledgement, path: str) -> list[Meant]:
    """Those of the batch that is named; else, those of the day that is named."""
    batches = {said.batch_id, *_BATCH_ID.findall(path)}
    of_batch = [meant for meant in found if meant.batch_id in batches]
    if of_batch or said.day is None:
        return of_batch or found
    day = said.day.replace("-", "")
    return [meant for meant in found if meant.batch_id.startswith(day)]


def _release_in(path: str) -> tuple[str, ...]:
    """`ACK_<datetime>_<ReleaseId>.xml`, as choreographies up to 1.7 name the file."""
    match = re.fullmatch(r"ACK_[0-9]+_([A-Za-z0-9-]+)", PurePosixPath(path).stem)
    return (match[1],) if match else ()


def _unplaced(code: str, message: str) -> Refused:
    fix = "Read what it says, and resolve the distribution that it is about, if there is one."
    return Refused("The acknowledgement matches nothing", [Problem(code, "", message, fix)])
