"""Taking in releases from the messages of others: what would be drafted, and drafting it.

A draft's id follows from the sender and from how it identifies the release, and files are named
by their bytes. So an import that was interrupted is simply run again: what was drafted is
found, and nothing is stored twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import BinaryIO, Protocol
from uuid import UUID

from deadwax.application.assets import Assets
from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import NotFound
from deadwax.application.imported import Deviation, ImportedMessage, ImportKind, MessageReader
from deadwax.application.imported_files import FileCheck, check_file, with_files
from deadwax.application.releases import Releases
from deadwax.application.tenants import Tenants
from deadwax.domain.cause import current_cause
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import imported_release_id
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.release import Release

_CHUNK = 1 << 20
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Delivery(Protocol):
    """A message as it was delivered, with the files around it."""

    @property
    def name(self) -> str:
        """How to call it in a report."""
        ...

    def read(self) -> bytes:
        """The message. Raises Refused where it is not what was announced, or too large."""
        ...

    def open(self, uri: str) -> BinaryIO | None:
        """A file that the message names; None if it is not there, or not within the delivery."""
        ...


class Outcome(StrEnum):
    """READY: it would be drafted. EXISTS: it was imported before. SUPERSEDED: a later message
    of the same import is about the same release. NOT_A_RELEASE: a takedown or purge."""

    READY = "ready"
    DRAFTED = "drafted"
    EXISTS = "exists"
    SUPERSEDED = "superseded"
    NOT_A_RELEASE = "not_a_release"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class MessageImport:
    """What became of one message, or would. `report` is its fidelity report."""

    name: str
    outcome: Outcome
    version: str | None = None
    kind: ImportKind | None = None
    message_id: str | None = None
    title: str | None = None
    release_id: UUID | None = None
    metadata: ReleaseMetadata | None = None
    files: tuple[FileCheck, ...] = ()
    report: tuple[Deviation, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """Without `write` nothing is stored. `without_files` drafts releases whose files are not
    all there or not intact, without those; `add_labels` makes labels that the tenant has not."""

    write: bool = False
    without_files: bool = False
    add_labels: bool = False


@dataclass(frozen=True)
class Desk:
    """What it takes to store; within the tenant of the current cause."""

    catalogue: Catalogue
    releases: Releases
    assets: Assets
    tenants: Tenants


class Imports:
    """`desk` is None for a dry run that knows of no tenant: then it cannot say what exists."""

    def __init__(self, reader: MessageReader, desk: Desk | None) -> None:
        self._reader, self._desk = reader, desk

    def run(
        self, deliveries: Sequence[Delivery], options: ImportOptions
    ) -> Iterator[MessageImport]:
        """One result per message, in the order given, as each is done. Messages are read twice,
        so that one release at a time is in memory."""
        latest = self._latest(deliveries)
        for i, delivery in enumerate(deliveries):
            try:
                message, key = self._read(delivery)
            except Refused as refused:
                yield _refused(delivery, refused.problems)
                continue
            if latest.get(key, i) != i:
                yield _result(delivery, message, Outcome.SUPERSEDED)
                continue
            yield self._one(delivery, message, key, options)

    def _read(self, delivery: Delivery) -> tuple[ImportedMessage, str]:
        xml = delivery.read()
        message = self._reader.read(xml)
        return message, identity(message, xml)

    def _latest(self, deliveries: Sequence[Delivery]) -> dict[str, int]:
        """Which message is the last word on each release."""
        found: dict[str, tuple[datetime, int]] = {}
        for i, delivery in enumerate(deliveries):
            try:
                message, key = self._read(delivery)
            except Refused:
                continue
            said = (message.created_at or _LONG_AGO, i)
            found[key] = max(said, found.get(key, said))
        return {key: i for key, (_, i) in found.items()}

    def _one(
        self, delivery: Delivery, message: ImportedMessage, key: str, options: ImportOptions
    ) -> MessageImport:
        if message.kind is not ImportKind.NEW_RELEASE:
            return _result(delivery, message, Outcome.NOT_A_RELEASE)
        if message.metadata is None:
            return replace(_result(delivery, message, Outcome.REFUSED), problems=(_NO_TITLE,))
        id = imported_release_id(current_cause().tenant_id, key) if self._desk else None
        if id is not None and self._exists(id):
            return replace(_result(delivery, message, Outcome.EXISTS), release_id=id)
        checks = [check_file(file, delivery.open) for file in message.files]
        found = replace(
            _result(delivery, message, Outcome.READY), files=tuple(checks), release_id=id
        )
        problems = [] if options.without_files else [p for c in checks if (p := c.problem)]
        problems += self._label_problems(message, options)
        if problems:
            return replace(found, outcome=Outcome.REFUSED, problems=tuple(problems))
        if not options.write or self._desk is None or id is None:
            return found
        try:
            return self._draft(self._desk, delivery, message, found, options)
        except Refused as refused:
            return replace(found, outcome=Outcome.REFUSED, problems=refused.problems)

    def _draft(
        self,
        desk: Desk,
        delivery: Delivery,
        message: ImportedMessage,
        found: MessageImport,
        options: ImportOptions,
    ) -> MessageImport:
        assert found.metadata is not None
        assert found.release_id is not None
        taken = {}
        for check in found.files:
            if check.state.is_usable and check.sha256 is not None:
                self._ingest(desk.assets, delivery, check)
                taken[check.field] = check.sha256
        if options.add_labels and self._unknown_label(message) and message.label is not None:
            try:
                desk.tenants.add_label(message.label)
            except Refused:
                if self._unknown_label(message):  # else another import was first
                    raise
        metadata = with_files(found.metadata, taken)
        _, position = desk.releases.draft(metadata, found.release_id)
        if not position:  # by another import at the same time
            return replace(found, outcome=Outcome.EXISTS, files=())
        return replace(found, outcome=Outcome.DRAFTED, metadata=metadata)

    def _ingest(self, assets: Assets, delivery: Delivery, check: FileCheck) -> None:
        """Nothing to do where the tenant has these bytes already."""
        assert check.sha256 is not None
        try:
            assets.get(check.sha256)
            return
        except NotFound:
            pass
        file = delivery.open(check.uri)
        if file is None:
            raise Refused("The file was not taken", [check.missing()])
        with file:
            filename = check.uri.rpartition("/")[2]
            assets.ingest(_chunks(file), filename, check.sha256)

    def _exists(self, release_id: UUID) -> bool:
        return self._desk is not None and self._desk.catalogue.find(Release, release_id) is not None

    def _unknown_label(self, message: ImportedMessage) -> bool:
        label = message.metadata.label if message.metadata else None
        known = self._desk.tenants.current().labels if self._desk else {}
        return self._desk is not None and label is not None and label not in known

    def _label_problems(
        self, message: ImportedMessage, options: ImportOptions
    ) -> Iterable[Problem]:
        if not options.add_labels and self._unknown_label(message):
            assert message.metadata is not None
            said = f"There is no label {message.metadata.label}."
            yield Problem("label_unknown", "label", said, "Add it, or import with --add-labels.")


def identity(message: ImportedMessage, xml: bytes) -> str:
    """Which release a message is about: its sender, and GRid, ICPN or own identifier. Without
    any of these every message is about another, named by its id or by its bytes."""
    ids = message.ids
    own = next((f"{i.namespace}:{i.value}" for i in ids.ids), None)
    alone = f"message {message.message_id or hashlib.sha256(xml).hexdigest()}"
    sender = message.sender.dpid or message.sender.name or ""
    return f"{sender}/{ids.grid or ids.icpn or own or alone}"


_NO_TITLE = Problem(
    "title_missing", "title", "The release has no title.", "Give it one, and import it again."
)


def _result(delivery: Delivery, message: ImportedMessage, outcome: Outcome) -> MessageImport:
    metadata = message.metadata
    return MessageImport(
        name=delivery.name,
        outcome=outcome,
        version=message.version,
        kind=message.kind,
        message_id=message.message_id,
        title=metadata.title if metadata else None,
        metadata=metadata,
        report=message.report,
    )


def _refused(delivery: Delivery, problems: Sequence[Problem]) -> MessageImport:
    return MessageImport(name=delivery.name, outcome=Outcome.REFUSED, problems=tuple(problems))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
