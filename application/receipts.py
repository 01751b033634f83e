"""Receipts: what was delivered, how, and how that is known, signed by the installation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from deadwax.application.errors import NotFound
from deadwax.application.log import EventLog
from deadwax.application.ports import AssetStore, Signer
from deadwax.application.stages import files_of
from deadwax.domain import clock
from deadwax.domain.aggregate import Event
from deadwax.domain.distribution import Distribution
from deadwax.domain.distribution_events import Sent
from deadwax.domain.target import Route, TargetSettings

File = dict[str, Any]

FORMAT = "deadwax receipt 1"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """How a delivery is known. `established` is `published` by the attempt itself, or the role
    of the file that a later look at the server found; `verified` says by path how a file was
    compared with what stood there; `listing` is what the other side listed of them, None if it
    cannot be asked. Without `started`, `published` and `sent` (bytes by path): nobody saw it."""

    established: str
    verified: Mapping[str, str]
    listing: list[dict[str, Any]] | None
    started: datetime | None = None
    published: datetime | None = None
    sent: Mapping[str, int] | None = None

    def compared(self, files: Sequence[File]) -> list[File]:
        return [file | {"verified": self.verified.get(file["path"])} for file in files]

    def bytes_of(self, files: Sequence[File]) -> int | None:
        """Newly sent."""
        if self.sent is None:
            return None
        return sum(self.sent.get(file["path"], 0) for file in files)

    @property
    def seconds(self) -> float:
        assert self.started
        assert self.published
        return (self.published - self.started).total_seconds()


class Receipts:
    def __init__(self, assets: AssetStore, signer: Signer) -> None:
        self._assets, self._signer = assets, signer

    def give(
        self, d: Distribution, settings: TargetSettings, way: TargetSettings | Route, seen: Seen
    ) -> dict[str, str]:
        """Keep a receipt of the message that `d` holds: the SHA-256 of its bytes in the asset
        store, the key's id, and the signature."""
        key = self._signer.key()
        document = _document(d, settings, way, seen) | {
            "key": {"id": key.id, "public_key": key.public_key}
        }
        data = canonical(document)
        signature = self._signer.sign(key.id, data)
        return {
            "receipt": self._assets.put([data]).sha256,
            "key": key.id,
            "signature": signature,
        }


@dataclass(frozen=True, kw_only=True)
class KeptReceipt:
    message_id: str
    at: datetime
    sha256: str
    key: str
    signature: str


def receipts_among(events: Iterable[Event]) -> list[KeptReceipt]:
    """Those of a distribution's history, the oldest first. What a person or an acknowledgement
    established has none: the statement, or the file, is the evidence."""
    return [
        KeptReceipt(
            message_id=event.message_id,
            at=event.timestamp,
            sha256=event.evidence["receipt"],
            key=event.evidence["key"],
            signature=event.evidence["signature"],
        )
        for event in events
        if isinstance(event, Sent) and "receipt" in event.evidence
    ]


def read_receipt(
    log: EventLog, assets: AssetStore, distribution_id: UUID, message_id: str
) -> tuple[KeptReceipt, dict[str, Any]]:
    """The receipt of a message and its document. Raises NotFound."""
    for kept in receipts_among(log.load(distribution_id)):
        if kept.message_id == message_id:
            with assets.open(kept.sha256) as file:
                return kept, json.loads(file.read())
    raise NotFound("receipt of message", message_id)


def canonical(document: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: JSON with sorted keys and no spaces, in UTF-8. There are no
    fractions in it, which would not be written alike everywhere."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _document(
    d: Distribution, settings: TargetSettings, way: TargetSettings | Route, seen: Seen
) -> dict[str, Any]:
    assert d.message is not None
    message, files, proof = d.message, files_of(d), dict(way.address.evidence)
    return {
        "format": FORMAT,
        "message_id": message["id"],
        "kind": message["kind"],
        "distribution_id": str(d.id),
        "release_id": str(d.release_id),
        "tenant_id": str(d.tenant_id),
        "target": {
            "id": str(d.target_id),
            "platform": settings.platform,
            "recipient": settings.recipient.dpid,
            "mode": settings.mode.value,
        },
        "route": d.route,
        "protocol": way.protocol.value,
        "endpoint": proof.pop("endpoint", None),
        "proof": proof,
        "batch_id": message.get("batch_id"),
        "batch": message.get("batch", [d.id.hex]),
        "attempt": d.attempt,
        "established": seen.established,
        "files": seen.compared(files),
        "listing": _own(seen.listing, files),
        "bytes_sent": seen.bytes_of(files),
        "started_at": _iso(seen.started),
        "published_at": _iso(seen.published),
        "confirmed_at": _iso(clock.now()),
    }


def _own(listing: list[File] | None, files: Sequence[File]) -> list[File] | None:
    """Receipts of a batch each show their own."""
    paths = {file["path"] for file in files}
    return None if listing is None else [seen for seen in listing if seen["path"] in paths]


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
