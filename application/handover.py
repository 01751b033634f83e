"""Deliveries that a person hands over: what that person gets, and says."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.ports import AssetStore, OutgoingFile
from deadwax.application.sending import outgoing
from deadwax.application.stages import files_of
from deadwax.application.zip_stream import zipped
from deadwax.domain import clock
from deadwax.domain.addresses.local import ManualAddress
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.states import Status
from deadwax.domain.target import DeliveryTarget

_OUTCOMES = {"takedown": "removed"}
"""What it means that a message was handed over, by its kind; else that it is accepted."""

_CHECK = "Before handing it over, check that nothing was lost: sha256sum -c SHA256SUMS"


class Handover:
    def __init__(self, catalogue: Catalogue, assets: AssetStore) -> None:
        self._catalogue, self._assets = catalogue, assets

    def package(self, id: UUID) -> tuple[str, Iterator[bytes]]:
        """Name and bytes of a ZIP: the instructions, SHA256SUMS, and every file of the message
        at its path. The same bytes each time. Refused before the message is laid ready."""
        d, address = self._by_hand(id)
        if d.message is None or d.message["id"] not in d.sent:
            raise _refused("not_laid_ready", f"It is {d.status}.", "Wait until it was delivered.")
        files = [outgoing(file, self._assets) for file in files_of(d)]
        sums = "".join(f"{file.sha256}  {file.path}\n" for file in files)
        described = [
            _text("INSTRUCTIONS.txt", f"{address.instructions}\n\n{_CHECK}\n"),
            _text("SHA256SUMS", sums),
        ]
        return f"{d.message['id']}.zip", zipped([*described, *files])

    @redone_on_conflict
    def confirm(self, id: UUID, how: str, at: datetime | None) -> tuple[Distribution, int]:
        """A person handed the message over, at a time that is not in the future, or now; `how` is
        kept as evidence. Refused unless that is what is waited for."""
        d, _ = self._by_hand(id)
        now = clock.now()
        if at is not None and at > now:
            raise _refused(
                "time_in_future", f"{at.isoformat()} is to come.", "Give when it was.", field="at"
            )
        waits = (Status.PROCESSING_BY_PLATFORM, Status.NEEDS_ATTENTION)
        if d.message is None or d.message["id"] not in d.sent or d.status not in waits:
            raise _refused(
                "nothing_to_hand_over", f"It is {d.status}.", "Hand over what is laid ready."
            )
        said = {"information": how, "handed_over_at": (at or now).isoformat()}
        digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        outcome = _OUTCOMES.get(d.kind, "accepted")
        d.acknowledge(d.message["id"], outcome, said | {"sha256": digest})
        return d, self._catalogue.save(d)

    def _by_hand(self, id: UUID) -> tuple[Distribution, ManualAddress]:
        d = self._catalogue.get(Distribution, id)
        address = self._catalogue.get(DeliveryTarget, d.target_id).settings.address
        if not isinstance(address, ManualAddress):
            raise _refused(
                "not_by_hand", "Its target is delivered to by us.", "Give one of a manual target."
            )
        return d, address


def _text(path: str, text: str) -> OutgoingFile:
    data = text.encode()
    return OutgoingFile(
        path, len(data), hashlib.sha256(data).hexdigest(), partial(io.BytesIO, data)
    )


def _refused(code: str, message: str, fix: str, *, field: str = "distribution") -> Refused:
    return Refused("It is not handed over", [Problem(code, field, message, fix)])
