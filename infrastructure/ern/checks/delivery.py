"""The files of a delivery on disk: there, and as their hash sums say.

These rules hold of a message that was read from a delivery; without its folder they find
nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from deadwax.infrastructure.ern.checks.files import hash_of
from deadwax.infrastructure.ern.checks.message import Element, Message
from deadwax.infrastructure.ern.checks.rule import NEW_RELEASE, Fault, rule
from deadwax.infrastructure.ern.findings import Severity

_ANY: frozenset[str] = frozenset()
_MESSAGES = NEW_RELEASE | {"ManifestMessage"}
_HASHES = {"MD5": "md5", "SHA1": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}


@rule(
    "ern_file_missing",
    "ErncFileStatus ResourceMissing",
    "Deliver it.",
    families=frozenset(),
    messages=_MESSAGES,
)
def missing(message: Message) -> Iterator[Fault]:
    """A file that is named is in the delivery."""
    for element, path in _local(message):
        if path is not None and not path.is_file():
            yield element, f"There is no file {_name(element)}."


@rule(
    "ern_file_differs",
    "ErncFileStatus SignatureOrHashSumWrongOrMissing",
    "Deliver the file that was hashed, or state its hash sum.",
    families=frozenset(),
    messages=_MESSAGES,
)
def differs(message: Message) -> Iterator[Fault]:
    """A file of the delivery has the hash sum that is stated."""
    for element, path in _local(message):
        if path is not None and path.is_file() and not _is_as_stated(element, path):
            yield element, f"{_name(element)} has another hash sum."


@rule(
    "ern_file_outside",
    "own rule",
    "Name a file beside the message.",
    families=frozenset(),
    messages=_MESSAGES,
)
def outside(message: Message) -> Iterator[Fault]:
    """What is named lies in the folder of the message."""
    for element, path in _local(message):
        if path is None:
            yield element, f"{_name(element)!r} leads out of the folder."


@rule(
    "ern_file_remote",
    "own rule",
    "Fetch it and compare.",
    severity=Severity.WARNING,
    families=frozenset(),
    messages=_MESSAGES,
)
def remote(message: Message) -> Iterator[Fault]:
    """A file that lies on a server is not looked at."""
    for element in _named(message):
        if _is_remote(_name(element)):
            yield element, f"{_name(element)!r} was not looked at."


def _local(message: Message) -> Iterator[tuple[Element, Path | None]]:
    """Each element that names a file of the delivery, and its path; None if that leads out."""
    for element in _named(message):
        name = _name(element)
        if message.folder is not None and not _is_remote(name):
            folder = message.folder.resolve()
            path = (folder / name).resolve()
            yield element, path if path.is_relative_to(folder) else None


def _named(message: Message) -> Iterator[Element]:
    """The File elements of what is delivered; the MessageInBatch elements of a manifest."""
    if message.folder is None:
        return
    if message.family is None:
        yield from message.root.iterfind("MessageInBatch")
    else:
        yield from message.delivered


def _name(element: Element) -> str:
    """As the message names it: a URI in 4.x, a path and a name in 3.8.x, or a URL."""
    whole = element.findtext("URI") or element.findtext("URL")
    if whole:
        return whole.strip()
    name = (element.findtext("FileName") or "").strip()
    path = (element.findtext("FilePath") or "").strip().rstrip("/")
    return f"{path}/{name}" if path else name


def _is_remote(name: str) -> bool:
    return bool(urlsplit(name).scheme)


def _is_as_stated(element: Element, path: Path) -> bool:
    """True where no hash sum is stated, or one that we cannot make."""
    stated = element.find("HashSum")
    algorithm, _, value = hash_of(stated) if stated is not None else ("", "", "")
    if algorithm not in _HASHES:
        return True
    with path.open("rb") as file:
        made = hashlib.file_digest(file, _HASHES[algorithm])
    return value.lower() == made.hexdigest() or value == base64.b64encode(made.digest()).decode()


RULES = (missing, differs, outside, remote)
