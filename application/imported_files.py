"""Files that an imported message names: whether they are there, and intact."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, BinaryIO

from deadwax.application.imported import StatedFile
from deadwax.domain.errors import Problem
from deadwax.domain.identifiers import Sha256
from deadwax.domain.metadata import ReleaseMetadata

_CHUNK = 1 << 20
# DDEX HashSumAlgorithmType as hashlib calls it.
_ALGORITHMS = {
    "MD5": "md5",
    "SHA1": "sha1",
    "SHA-1": "sha1",
    "SHA-224": "sha224",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}
_PLACE = re.compile(r"(tracks|attachments)\[(\d+)\]\.(\w+)(?:\.(\w+))?")


class FileState(StrEnum):
    """UNCHECKED: it is there, but no hash that can be checked is stated. NOT_SENT: the message
    says that it does not come along."""

    INTACT = "intact"
    UNCHECKED = "unchecked"
    DAMAGED = "damaged"
    MISSING = "missing"
    NOT_SENT = "not_sent"

    @property
    def is_usable(self) -> bool:
        return self in (FileState.INTACT, FileState.UNCHECKED)


@dataclass(frozen=True, kw_only=True)
class FileCheck:
    """`sha256` is that of the bytes found; `why` says what is wrong, or could not be checked."""

    field: str
    uri: str
    state: FileState
    sha256: Sha256 | None = None
    size: int | None = None
    why: str = ""

    @property
    def problem(self) -> Problem | None:
        """What keeps the release from being imported whole."""
        if self.state is FileState.MISSING:
            return self.missing()
        if self.state is FileState.DAMAGED:
            return Problem("file_damaged", self.field, f"{self.uri}: {self.why}", "Get it again.")
        return None

    def missing(self) -> Problem:
        said = f"{self.uri} is not with the message."
        return Problem("file_missing", self.field, said, "Put it there, or import without files.")


def check_file(file: StatedFile, open: Callable[[str], BinaryIO | None]) -> FileCheck:
    """Reads the file once. `open` finds it by its URI."""
    found = FileCheck(field=file.field, uri=file.uri, state=FileState.NOT_SENT)
    if file.provided is False:
        return found
    source = open(file.uri)
    if source is None:
        return replace(found, state=FileState.MISSING)
    algorithm = _ALGORITHMS.get((file.hash_algorithm or "").upper())
    own = hashlib.new(algorithm, usedforsecurity=False) if algorithm and file.hash_value else None
    sha256, size = hashlib.sha256(), 0
    with source:
        while chunk := source.read(_CHUNK):
            sha256.update(chunk)
            size += len(chunk)
            if own is not None:
                own.update(chunk)
    found = replace(found, sha256=Sha256(sha256.hexdigest()), size=size)
    if own is not None and _digest(file.hash_value or "", own.digest_size) != own.digest():
        why = f"its {file.hash_algorithm} is {own.hexdigest()}, not {file.hash_value} as stated."
        return replace(found, state=FileState.DAMAGED, why=why)
    if own is None and file.size is not None and size not in (file.size, file.size // 1000):
        why = f"it has {size} bytes, not {file.size} as stated."  # in kB, or by some in bytes
        return replace(found, state=FileState.DAMAGED, why=why)
    if own is None:
        why = f"{file.hash_algorithm} is not checked." if file.hash_value else "no hash is stated."
        return replace(found, state=FileState.UNCHECKED, why=why)
    return replace(found, state=FileState.INTACT)


def with_files(metadata: ReleaseMetadata, taken: Mapping[str, Sha256]) -> ReleaseMetadata:
    """The release with assets in the fields that `taken` names."""
    lists: dict[str, list[Any]] = {
        "tracks": list(metadata.tracks),
        "attachments": list(metadata.attachments),
    }
    for field, sha256 in taken.items():
        if place := _PLACE.fullmatch(field):
            name, at, outer, inner = place.groups()
            item = lists[name][int(at)]
            value = sha256 if inner is None else replace(getattr(item, outer), **{inner: sha256})
            lists[name][int(at)] = replace(item, **{outer: value})
    made: dict[str, Any] = {name: tuple(items) for name, items in lists.items()}
    return replace(metadata, cover=taken.get("cover", metadata.cover), **made)


def _digest(value: str, size: int) -> bytes | None:
    """From hex, or Base64; a digest of that size has another length in each."""
    try:
        if len(value) == 2 * size:
            return bytes.fromhex(value)
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
