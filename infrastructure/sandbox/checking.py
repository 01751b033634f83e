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
from deadwax.infrastructure.sandbox.reading import (
    CHOREOGRAPHY_18,
    ERN_43,
    Element,
    Ern,
    HashSum,
    Manifest,
    ManifestEntry,
    NamedFile,
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
    leaves the XSDs unchecked."""

    dpid: str
    senders: frozenset[str] | None
    schemas: Path | None

    def manifest(self, manifest: Manifest, folder: str) -> Iterator[Fault]:
        if manifest.root.tag != f"{{{CHOREOGRAPHY_18}}}ManifestMessage":
            yield invalid(f"the manifest is a {manifest.root.tag}, not a 1.8 ManifestMessage")
            return
        yield from self._schema(manifest.root, "ern-c-sftp-18/ern-choreography-sftp.xsd")
        if manifest.recipient != self.dpid:
            yield invalid(
                f"the batch is for {manifest.recipient or 'nobody'}, not for {self.dpid}",
                "DoNotResendRelease",
            )
        if not self._knows(manifest.sender):
            yield invalid(f"the sender {manifest.sender!r} is not known here", "DoNotResendRelease")
        if manifest.root_directory != folder:
            yield invalid(f"RootDirectory is {manifest.root_directory!r} in the folder {folder}")
        if manifest.declared != str(len(manifest.entries)):
            yield invalid(
                f"NumberOfMessages is {manifest.declared}, the batch lists {len(manifest.entries)}"
            )
        if len({entry.message_id for entry in manifest.entries}) != len(manifest.entries):
            yield invalid("the batch lists a MessageId twice")

    def _knows(self, sender: str) -> bool:
        if self.senders is not None:
            return sender in self.senders
        return _problem(Dpid, sender) == ""

    def message(
        self, ern: Ern, manifest: Manifest, entry: ManifestEntry, data: bytes, folder: Path
    ) -> Iterator[Fault]:
        """`data` are the bytes of the message, `folder` is where its URIs start."""
        if ern.root.tag != f"{{{ERN_43}}}NewReleaseMessage":
            yield invalid(f"the message is a {ern.root.tag}, not an ERN 4.3 NewReleaseMessage")
            return
        if entry.hash_sum is not None and not _matches(entry.hash_sum, data):
            yield Fault(
                "SignatureOrHashSumWrongOrMissing",
                f"{entry.url} does not have the hash sum that the manifest states",
                "ResendXmlOnly",
            )
        yield from self._schema(ern.root, "ern-43/release-notification.xsd")
        yield from self._header(ern, manifest, entry)
        yield from _identifiers(ern, entry)
        if not ern.is_takedown:
            yield from _files(ern, folder)

    def _header(self, ern: Ern, manifest: Manifest, entry: ManifestEntry) -> Iterator[Fault]:
        if ern.message_id != entry.message_id or not ern.message_id:
            yield invalid(
                f"MessageId is {ern.message_id!r}, in the manifest it is {entry.message_id!r}"
            )
        if ern.sender != manifest.sender:
            yield invalid(f"the message is from {ern.sender}, the batch from {manifest.sender}")
        if self.dpid not in ern.recipients:
            yield invalid(
                f"the message is for {', '.join(ern.recipients)}, not for {self.dpid}",
                "DoNotResendRelease",
            )
        if ern.is_test != manifest.is_test:
            kinds = {True: "a test", False: "live"}
            yield invalid(
                f"the message is {kinds[ern.is_test]}, the batch is {kinds[manifest.is_test]}"
            )

    def _schema(self, root: Element, name: str) -> Iterator[Fault]:
        if self.schemas is None:
            return
        schema = _compiled(self.schemas / name)
        if not schema.validate(root):
            log: Any = schema.error_log
            errors = "; ".join(f"line {error.line}: {error.message}" for error in log[:3])
            yield invalid(f"not valid by {name}: {errors}")


@cache
def _compiled(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True, huge_tree=True)))


def _identifiers(ern: Ern, entry: ManifestEntry) -> Iterator[Fault]:
    if len(ern.icpns) != 1:
        yield Fault(
            "MetadataMissing", f"one ICPN was expected, not {len(ern.icpns)}", "ResendXmlOnly"
        )
    elif problem := _problem(Icpn, ern.icpn):
        yield Fault("IdentifierInvalid", problem, "ResendXmlOnly")
    elif entry.icpn not in ("", ern.icpn):
        yield invalid(f"the message is for {ern.icpn}, the manifest says {entry.icpn}")
    for isrc in ern.isrcs:
        if problem := _problem(Isrc, isrc):
            yield Fault("IdentifierSyntaxInvalid", problem, "ResendXmlOnly")


def _problem(kind: type[Dpid | Icpn | Isrc], value: str) -> str:
    try:
        kind(value)
    except InvalidValue as error:
        return str(error)
    return ""


def _files(ern: Ern, folder: Path) -> Iterator[Fault]:
    if not ern.files:
        yield Fault("ResourceMissing", "the message has deals and names no delivered file")
    for file in ern.files:
        yield from _file(file, folder)


def _file(file: NamedFile, folder: Path) -> Iterator[Fault]:
    path = inside(folder, file.uri)
    if path is None or not path.is_file():
        yield Fault("ResourceMissing", f"{file.uri} is named in the message and was not delivered")
        return
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
