"""Deliveries in folders: batches with their manifest, releases with their files, single messages.

Nothing outside the folder that was given is opened, whatever a message or a link says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from lxml import etree

from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.ern.untrusted import MESSAGE, Element, parse_untrusted
from deadwax.infrastructure.ern.versions import by_namespace

_MANIFESTS = "BatchComplete_*.xml"
_SUMS = ("HashSumValue", "HashSum")


@dataclass(frozen=True)
class FolderDelivery:
    """Implements application.imports.Delivery. `root` is the folder that was given; `md5` what
    the manifest states of the message."""

    path: Path
    root: Path
    md5: str | None = None

    @property
    def name(self) -> str:
        return str(self.path)

    def read(self) -> bytes:
        if not _is_within(self.path, self.root):
            raise _refused("file_missing", f"{self.path} is not there.", "Deliver it again.")
        if self.path.stat().st_size > MESSAGE.bytes:
            words = f"The file has more than {MESSAGE.bytes} bytes."
            raise _refused("xml_too_large", words, "Send fewer releases in one message.")
        data = self.path.read_bytes()
        found = hashlib.md5(data, usedforsecurity=False).hexdigest()
        if self.md5 is not None and found != self.md5.lower():
            words = f"Its MD5 is {found}, not {self.md5} as its manifest states."
            raise _refused("message_damaged", words, "Get it again.")
        return data

    def open(self, uri: str) -> BinaryIO | None:
        """By its path from the message, or its name in `resources`, which some leave out."""
        if "://" in uri or uri.startswith("/"):
            return None
        folder, name = self.path.parent, uri.rpartition("/")[2]
        for candidate in (uri, f"resources/{uri}", f"resources/{name}", name):
            for path in (folder / candidate, folder / unquote(candidate)):
                if name and _is_within(path, self.root):
                    return path.open("rb")
        return None


@dataclass(frozen=True)
class Found:
    """What is to be imported, and what is wrong with the folders: problems name their file."""

    deliveries: tuple[FolderDelivery, ...]
    problems: tuple[Problem, ...]


def find_deliveries(paths: list[Path]) -> Found:
    """Messages of the files and folders given. In a folder with a manifest only what it lists
    counts; a manifest that cannot be read, and what is there without being listed, is a
    problem. Elsewhere every release notification counts, and other XML is passed over."""
    deliveries: list[FolderDelivery] = []
    problems: list[Problem] = []
    for given in paths:
        if given.is_dir():
            _folder(given, deliveries, problems)
        else:
            deliveries.append(FolderDelivery(given, given.parent))
    return Found(tuple(deliveries), tuple(problems))


def _folder(root: Path, deliveries: list[FolderDelivery], problems: list[Problem]) -> None:
    listed: set[Path] = set()
    batches = sorted(root.rglob(_MANIFESTS))
    for manifest in batches:
        try:
            for delivery in _batch(manifest, root):
                deliveries.append(delivery)
                listed.add(delivery.path.resolve())
        except Refused as refused:
            problems += [Problem(p.code, str(manifest), p.message, p.fix) for p in refused.problems]
    for path in sorted(root.rglob("*.xml")):
        if path in batches or path.resolve() in listed or not _is_notification(path, root):
            continue
        if any(manifest.parent in path.parents for manifest in batches):
            said = "It is in the folder of a batch whose manifest does not list it."
            problems.append(Problem("not_in_manifest", str(path), said, "Import it by itself."))
        else:
            deliveries.append(FolderDelivery(path, root))


def _batch(manifest: Path, root: Path) -> Iterator[FolderDelivery]:
    message = parse_untrusted(FolderDelivery(manifest, root).read())
    if etree.QName(message).localname != "ManifestMessage":
        raise _refused("not_a_manifest", "It is no ManifestMessage.", "Get the batch again.")
    for entry in message.iterfind("MessageInBatch"):
        url = (entry.findtext("URL") or "").strip()
        yield FolderDelivery(manifest.parent / unquote(url.lstrip("/")), root, _md5(entry))


def _md5(entry: Element) -> str | None:
    """In 1.6 and 1.8 it is called differently; other algorithms are not used here."""
    holder = entry.find("HashSum")
    if holder is None:
        return None
    stated = next((t.strip() for n in _SUMS if (t := holder.findtext(n))), None)
    return stated if stated and len(stated) == 32 else None


def _is_notification(path: Path, root: Path) -> bool:
    """By its document element. What cannot be read may be one, and is refused by name."""
    try:
        message = parse_untrusted(FolderDelivery(path, root).read())
    except Refused:
        return True
    standard = by_namespace(etree.QName(message).namespace)
    return standard is not None and standard.family is not None


def _is_within(path: Path, root: Path) -> bool:
    """Whether it is a file below the root, links resolved."""
    try:
        return path.is_file() and path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError):
        return False


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The delivery was not read", [Problem(code, "", message, fix)])
