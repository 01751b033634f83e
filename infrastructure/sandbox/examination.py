"""Decides about one whole delivery: what is accepted, refused, or here for the second time."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from deadwax.infrastructure.sandbox import acknowledgements
from deadwax.infrastructure.sandbox.acknowledgements import (
    AVAILABLE,
    INGESTED,
    NOT_AVAILABLE,
    REFUSED,
)
from deadwax.infrastructure.sandbox.arrivals import Agreement, Arrival
from deadwax.infrastructure.sandbox.checking import Checker, Fault, inside, invalid
from deadwax.infrastructure.sandbox.erns import Ern, read_ern
from deadwax.infrastructure.sandbox.folders import Folders
from deadwax.infrastructure.sandbox.journal import Journal, Record
from deadwax.infrastructure.sandbox.manifests import Manifest, ManifestEntry, read_manifest
from deadwax.infrastructure.sandbox.reading import Unreadable, parse

_ADDRESSABLE = re.compile(r"PADPIDA[a-zA-Z0-9]+")


@dataclass(frozen=True)
class Examination:
    folders: Folders
    checker: Checker
    journal: Journal
    live_after: timedelta
    agreement: Agreement

    def of(self, arrival: Arrival) -> Record:
        """The journal record of a delivery. What it will publish is staged; nothing else is
        changed, so that an examination can be repeated."""
        manifest, faults = self._manifest(arrival)
        messages = [
            self._message(arrival, manifest, entry, f"{arrival.name}_{number}", faults)
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
            "batch": arrival.name,
            "faults": [asdict(fault) for fault in faults],
            "messages": messages,
        }

    def _manifest(self, arrival: Arrival) -> tuple[Manifest, list[Fault]]:
        seems = Manifest.of_files(arrival.name, arrival.messages)
        if arrival.release_id and len(seems.entries) != 1:
            words = f"{len(seems.entries)} messages are in the folder of one release"
            return seems, [invalid(words)]
        if arrival.manifest is None:
            return seems, []
        try:
            manifest = read_manifest(parse(arrival.manifest.read_bytes()))
        except Unreadable as error:
            return seems, [invalid(f"the manifest cannot be read: {error}")]
        faults = list(self.checker.manifest(manifest, arrival))
        return manifest if manifest.entries else seems, faults

    def _message(
        self,
        arrival: Arrival,
        manifest: Manifest,
        entry: ManifestEntry,
        staged: str,
        of_all: list[Fault],
    ) -> Record:
        path = inside(arrival.folder, entry.url)
        data = path.read_bytes() if path is not None and path.is_file() else b""
        faults, ern = list(of_all), None
        try:
            ern = read_ern(parse(data)) if data else None
        except Unreadable as error:
            faults.append(invalid(str(error)))
        if not data:
            faults.append(Fault("ErnMissing", f"{entry.url} is listed and was not delivered"))
        message: Record = {
            "message_id": entry.message_id or (ern.message_id if ern else ""),
            "sender": manifest.sender or (ern.sender if ern else ""),
            "test": manifest.is_test if manifest.is_stated or not ern else ern.is_test,
            "icpn": ern.icpn if ern and ern.icpn else "".join(entry.release_ids[-1:]),
            "sha256": hashlib.sha256(data).hexdigest(),
            "url": entry.url,
            "release_id": _folder_of(arrival, entry),
            "batch_id": arrival.id,
            "schema": "valid" if self.checker.schemas else "not checked",
            "acknowledgements": self.agreement.acknowledgements,
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
            is_live = (self.folders.live / message["icpn"]).exists()
            faults += self.checker.message(ern, manifest, entry, data)
            faults += self.checker.files(ern, folder / path.name, is_live=is_live)
            if arrival.release_id and arrival.release_id not in (*ern.icpns, *ern.grids):
                words = f"the folder is {arrival.name}, the release {ern.icpn}"
                faults.append(invalid(words))
        if faults or ern is None:
            self.folders.unstage(staged)
            return self._rejected(message, faults)
        if not ern.files and not ern.is_takedown:
            self.folders.complete(staged, message["icpn"])
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
        steps = [
            self._step(message, status, now(), "acknowledged")
            for status in statuses
            if acknowledgements.has_word(message, status)
        ]
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
        if acknowledgements.has_word(message, status):
            name = acknowledgements.file_name(message, at, self.journal.names)
        else:
            name = f"{event} {message['message_id']}"
        self.journal.names.add(name)
        return {"name": name, "status": status, "due": stamp(at), "event": event}


def _folder_of(arrival: Arrival, entry: ManifestEntry) -> str:
    """The ReleaseId of a message as its folder has it."""
    return arrival.release_id or PurePosixPath(entry.url).parent.name


def now() -> datetime:
    return datetime.now(UTC)


def stamp(at: datetime) -> str:
    """Sortable, and an xs:dateTime."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
