"""What a DSP refuses, each fault with its DDEX status and the action it asks for."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from lxml import etree

from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Dpid, Icpn, Isrc
from deadwax.infrastructure.sandbox.arrivals import Arrival
from deadwax.infrastructure.sandbox.erns import Ern, NamedFile
from deadwax.infrastructure.sandbox.manifests import Manifest, ManifestEntry
from deadwax.infrastructure.sandbox.probing import differing
from deadwax.infrastructure.sandbox.reading import Element, HashSum

_DELIVERIES = (
    "NewReleaseDelivery",
    "ReDelivery",
    "BackCatalogDelivery",
    "HighPriorityDelivery",
    "TakeDown",
)
# The names that hashlib has for what the DDEX set allows and we compute.
_ALGORITHMS = {
    "MD5": "md5",
    "SHA1": "sha1",
    "SHA-224": "sha224",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


@dataclass(frozen=True)
class Fault:
    """`status` is an ErncFileStatus, `action` an ErncProposedActionType."""

    status: str
    text: str
    action: str = "ResendXmlAndResources"


def invalid(text: str, action: str = "ResendXmlOnly") -> Fault:
    return Fault("NewReleaseMessageInvalid", text, action)


@dataclass(frozen=True)
class Checker:
    """The rules of one DSP. `senders` None accepts every well-formed DPID; `schemas` None
    leaves the XSDs unchecked; `checksums` demands an .md5 beside every file."""

    dpid: str
    senders: frozenset[str] | None
    schemas: Path | None
    checksums: bool = False

    def manifest(self, manifest: Manifest, arrival: Arrival) -> Iterator[Fault]:
        version = manifest.version
        if version is None:
            yield invalid(f"the manifest is a {manifest.root.tag}, not a ManifestMessage")
            return
        yield from self._schema(manifest.root, version.schema, "ern-choreography-sftp.xsd")
        if version.bare != arrival.is_bare:
            yield invalid(f"in {version.name} the folder is not called {arrival.name}")
        if manifest.recipient != self.dpid:
            yield invalid(
                f"the batch is for {manifest.recipient or 'nobody'}, not for {self.dpid}",
                "DoNotResendRelease",
            )
        yield from self._sender(manifest.sender)
        if manifest.root_directory != arrival.name:
            yield invalid(
                f"RootDirectory is {manifest.root_directory!r} in the folder {arrival.name}"
            )
        if manifest.declared != str(len(manifest.entries)):
            yield invalid(
                f"NumberOfMessages is {manifest.declared}, the batch lists {len(manifest.entries)}"
            )
        if len({entry.message_id for entry in manifest.entries}) != len(manifest.entries):
            yield invalid("the batch lists a MessageId twice")

    def _sender(self, sender: str) -> Iterator[Fault]:
        known = _problem(Dpid, sender) == "" if self.senders is None else sender in self.senders
        if not known:
            yield invalid(f"the sender {sender!r} is not known here", "DoNotResendRelease")

    def message(
        self, ern: Ern, manifest: Manifest, entry: ManifestEntry, data: bytes
    ) -> Iterator[Fault]:
        """`data` are the bytes of the message. What a manifest states must be so."""
        if ern.schema is None:
            yield invalid(f"the message is a {ern.root.tag}, not an ERN that is taken here")
            return
        yield from self._schema(ern.root, ern.schema, "release-notification.xsd")
        if not ern.message_id:
            yield invalid("the message has no MessageId")
        if self.dpid not in ern.recipients:
            yield invalid(
                f"the message is for {', '.join(ern.recipients)}, not for {self.dpid}",
                "DoNotResendRelease",
            )
        yield from _identifiers(ern)
        if manifest.is_stated:
            yield from _announced(ern, manifest, entry, data)
        else:
            yield from self._sender(ern.sender)

    def files(self, ern: Ern, xml: Path, *, is_live: bool) -> Iterator[Fault]:
        """The files beside the message `xml`. What is live may be described anew without them."""
        yield from self._checksum(xml)
        if ern.is_takedown:
            return
        if not ern.files and not is_live:
            yield Fault("ResourceMissing", "the message has deals and names no delivered file")
        for file in ern.files:
            path = inside(xml.parent, file.uri)
            if path is None or not path.is_file():
                words = f"{file.uri} is named in the message and was not delivered"
                yield Fault("ResourceMissing", words)
                continue
            yield from _file(file, path)
            yield from (invalid(words) for words in differing(file.stated, path))
            yield from self._checksum(path)

    def _checksum(self, path: Path) -> Iterator[Fault]:
        """The .md5 beside a file, as `md5sum` writes it."""
        beside = path.with_name(path.name + ".md5")
        if not beside.is_file():
            if self.checksums:
                words = f"{path.name} has no .md5 beside it"
                yield Fault("SignatureOrHashSumWrongOrMissing", words)
            return
        stated = beside.read_text(errors="replace").split()
        if not stated or not _file_matches(HashSum("MD5", stated[0], base64=False), path):
            words = f"{path.name} does not have the MD5 of {beside.name}"
            yield Fault("SignatureOrHashSumWrongOrMissing", words)

    def _schema(self, root: Element, folder: str | None, name: str) -> Iterator[Fault]:
        if self.schemas is None or folder is None:
            return
        schema = _compiled(self.schemas / folder / name)
        if not schema.validate(root):
            log: Any = schema.error_log
            errors = "; ".join(f"line {error.line}: {error.message}" for error in log[:3])
            yield invalid(f"not valid by {folder}/{name}: {errors}")


def _announced(ern: Ern, manifest: Manifest, entry: ManifestEntry, data: bytes) -> Iterator[Fault]:
    """Whether the message is what the manifest says of it."""
    if entry.hash_sum is not None and not _matches(entry.hash_sum, data):
        yield Fault(
            "SignatureOrHashSumWrongOrMissing",
            f"{entry.url} does not have the hash sum that the manifest states",
            "ResendXmlOnly",
        )
    if ern.message_id != entry.message_id:
        yield invalid(
            f"MessageId is {ern.message_id!r}, in the manifest it is {entry.message_id!r}"
        )
    if ern.sender != manifest.sender:
        yield invalid(f"the message is from {ern.sender}, the batch from {manifest.sender}")
    if ern.is_test != manifest.is_test:
        kinds = {True: "a test", False: "live"}
        yield invalid(
            f"the message is {kinds[ern.is_test]}, the batch is {kinds[manifest.is_test]}"
        )
    ids = {*ern.icpns, *ern.grids}
    if not ids & set(entry.release_ids):
        yield invalid(f"the message is for {ern.icpn}, the manifest says {entry.release_ids}")
    if entry.type != "NewReleaseMessage":
        yield invalid(f"the manifest lists a {entry.type or 'message without type'}")
    if entry.delivery not in _DELIVERIES:
        yield invalid(f"the DeliveryType is {entry.delivery!r}")
    elif ern.is_takedown != (entry.delivery == "TakeDown"):
        said = "takes the release down" if ern.is_takedown else "offers the release"
        yield invalid(f"the message {said}, the manifest calls it {entry.delivery}")


@cache
def _compiled(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True, huge_tree=True)))


def _identifiers(ern: Ern) -> Iterator[Fault]:
    if len(ern.icpns) != 1:
        yield Fault(
            "MetadataMissing", f"one ICPN was expected, not {len(ern.icpns)}", "ResendXmlOnly"
        )
    elif problem := _problem(Icpn, ern.icpn):
        yield Fault("IdentifierInvalid", problem, "ResendXmlOnly")
    for isrc in ern.isrcs:
        if problem := _problem(Isrc, isrc):
            yield Fault("IdentifierSyntaxInvalid", problem, "ResendXmlOnly")


def _problem(kind: type[Dpid | Icpn | Isrc], value: str) -> str:
    try:
        kind(value)
    except InvalidValue as error:
        return str(error)
    return ""


def _file(file: NamedFile, path: Path) -> Iterator[Fault]:
    size = path.stat().st_size
    if file.size and not _is_kilobytes(file.size, size):
        yield Fault("ResourceCorrupt", f"{file.uri} has {size} bytes, stated are {file.size} kB")
    if file.hash_sum is None:
        yield Fault(
            "SignatureOrHashSumWrongOrMissing", f"{file.uri} has no hash sum", "ResendXmlOnly"
        )
    elif not _file_matches(file.hash_sum, path):
        yield Fault(
            "SignatureOrHashSumWrongOrMissing",
            f"{file.uri} does not have the {file.hash_sum.algorithm} that the message states",
        )


def _is_kilobytes(stated: str, size: int) -> bool:
    """FileSize is in kilobytes (ERN 4.3, type File)."""
    try:
        return Decimal(stated) * 1000 == size
    except InvalidOperation:
        return False


def inside(folder: Path, relative: str) -> Path | None:
    """The path that `relative` names, None if it leads out of `folder`."""
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts:
        return None
    path = (folder / pure).resolve()
    return path if path.is_relative_to(folder.resolve()) else None


def _matches(hash_sum: HashSum, data: bytes) -> bool:
    name = _ALGORITHMS.get(hash_sum.algorithm)
    return name is not None and _stated(hash_sum) == hashlib.new(name, data).digest()


def _file_matches(hash_sum: HashSum, path: Path) -> bool:
    name = _ALGORITHMS.get(hash_sum.algorithm)
    if name is None:
        return False
    with path.open("rb") as file:
        return _stated(hash_sum) == hashlib.file_digest(file, name).digest()


def _stated(hash_sum: HashSum) -> bytes | None:
    try:
        if hash_sum.base64:
            return base64.b64decode(hash_sum.value, validate=True)
        return bytes.fromhex(hash_sum.value)
    except ValueError:
        return None
