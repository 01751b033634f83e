"""Decides about one complete batch: what is accepted, refused, or here for the second time."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lxml import etree

from deadwax.infrastructure.sandbox import acknowledgements
from deadwax.infrastructure.sandbox.acknowledgements import (
    AVAILABLE,
    INGESTED,
    NOT_AVAILABLE,
    REFUSED,
)
from deadwax.infrastructure.sandbox.checking import Checker, Fault, inside, invalid
from deadwax.infrastructure.sandbox.folders import Folders
from deadwax.infrastructure.sandbox.journal import Journal, Record
from deadwax.infrastructure.sandbox.reading import (
    Ern,
    Manifest,
    ManifestEntry,
    Unreadable,
    parse,
    read_ern,
    read_manifest,
)

_ADDRESSABLE = re.compile(r"PADPIDA[a-zA-Z0-9]+")


@dataclass(frozen=True)
class Batch:
    """`[P|N|M]_<BatchId>` with its `BatchComplete_<BatchId>.xml`."""

    folder: Path
    id: str

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def manifest(self) -> Path:
        return self.folder / f"BatchComplete_{self.id}.xml"


@dataclass(frozen=True)
class Examination:
    folders: Folders
    checker: Checker
    journal: Journal
    live_after: timedelta

    def of(self, batch: Batch) -> Record:
        """The journal record of a batch. What it will publish is staged; nothing else is
        changed, so that an examination can be repeated."""
        manifest, faults = self._manifest(batch)
        messages = [
            self._message(batch, manifest, entry, f"{batch.name}_{number}", faults)
            for number, entry in enumerate(manifest.entries, start=1)
        ]
        outcomes = {message["outcome"] for message in messages}
        if not messages or "rejected" in outcomes:
            event = "rejected"
        else:
            event = "ingested" if "ingested" in outcomes else "duplicate"
        return {
            "event": event,
            "at": stamp(now()),
            "batch": batch.name,
            "faults": [asdict(fault) for fault in faults],
            "messages": messages,
        }

    def _manifest(self, batch: Batch) -> tuple[Manifest, list[Fault]]:
        try:
            manifest = read_manifest(parse(batch.manifest.read_bytes()))
        except Unreadable as error:
            return _guessed(batch), [invalid(f"the manifest cannot be read: {error}")]
        faults = list(self.checker.manifest(manifest, batch.name))
        return manifest if manifest.entries else _guessed(batch), faults

    def _message(
        self,
        batch: Batch,
        manifest: Manifest,
        entry: ManifestEntry,
        staged: str,
        batch_faults: list[Fault],
    ) -> Record:
        path = inside(batch.folder, entry.url)
        data = path.read_bytes() if path is not None and path.is_file() else b""
        faults, ern = list(batch_faults), None
        try:
            ern = read_ern(parse(data)) if data else None
        except Unreadable as error:
            faults.append(invalid(str(error)))
        if not data:
            faults.append(Fault("ErnMissing", f"{entry.url} is listed and was not delivered"))
        message: Record = {
            "message_id": entry.message_id or (ern.message_id if ern else ""),
            "sender": manifest.sender or (ern.sender if ern else ""),
            "test": manifest.is_test,
            "icpn": entry.icpn or (ern.icpn if ern else ""),
            "sha256": hashlib.sha256(data).hexdigest(),
            "url": entry.url,
            "batch_id": batch.id,
            "schema": "valid" if self.checker.schemas else "not checked",
        }
        twin = self.journal.accepted.get((message["sender"], message["message_id"]))
        is_same = twin is not None and twin["sha256"] == message["sha256"]
        if twin is not None and is_same and not faults:
            return self._duplicate(message, twin)
        if twin is not None and not is_same:
            words = f"the MessageId {message['message_id']} was used before for another message"
            faults.append(Fault("IdentifierInvalid", words, "ResendXmlOnly"))
        if not faults and ern is not None and path is not None:
            folder = self.folders.stage(path.parent, staged)
            faults += self.checker.message(ern, manifest, entry, data, folder)
        if faults or ern is None:
            self.folders.unstage(staged)
            return self._rejected(message, faults)
        return self._ingested(message, ern, staged)

    def _ingested(self, message: Record, ern: Ern, staged: str) -> Record:
        status = NOT_AVAILABLE if ern.is_takedown else AVAILABLE
        event = "removed" if ern.is_takedown else "published"
        at = now()
        steps = [
            self._step(message, INGESTED, at, "acknowledged"),
            self._step(message, status, at + self.live_after, event) | {"staged": staged},
        ]
        return message | {"outcome": "ingested", "faults": [], "steps": steps}

    def _duplicate(self, message: Record, twin: Record) -> Record:
        """Say again what was said, and what is true now; change nothing."""
        statuses = [INGESTED]
        if not any(step["name"] in self.journal.open_steps for step in twin["steps"]):
            is_live = (self.folders.live / twin["icpn"]).exists()
            statuses.append(AVAILABLE if is_live else NOT_AVAILABLE)
        steps = [self._step(message, status, now(), "acknowledged") for status in statuses]
        return message | {"outcome": "duplicate", "faults": [], "steps": steps}

    def _rejected(self, message: Record, faults: list[Fault]) -> Record:
        addressable = _ADDRESSABLE.fullmatch(message["sender"])
        steps = [self._step(message, REFUSED, now(), "acknowledged")] if addressable else []
        return message | {
            "outcome": "rejected",
            "faults": [asdict(fault) for fault in faults],
            "schema": "not checked",
            "steps": steps,
        }

    def _step(self, message: Record, status: str, at: datetime, event: str) -> Record:
        name = acknowledgements.file_name(message["message_id"], at, self.journal.names)
        self.journal.names.add(name)
        return {"name": name, "status": status, "due": stamp(at), "event": event}


def _guessed(batch: Batch) -> Manifest:
    """What a batch without a readable manifest seems to hold, so that its sender hears of it."""
    names = sorted(folder.name for folder in batch.folder.iterdir() if folder.is_dir())
    return Manifest(
        root=etree.Element("none"),
        sender="",
        recipient="",
        is_test=False,
        root_directory=batch.name,
        declared="",
        entries=tuple(ManifestEntry("", f"{name}/{name}.xml", "", None) for name in names),
    )


def now() -> datetime:
    return datetime.now(UTC)


def stamp(at: datetime) -> str:
    """Sortable, and an xs:dateTime."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
