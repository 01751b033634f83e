"""A DSP that pulls: it knows an address and a key, and keeps to DDEX's part 4."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import etree

from deadwax.infrastructure.sandbox import acknowledgements
from deadwax.infrastructure.sandbox.acknowledgements import AVAILABLE, NOT_AVAILABLE
from deadwax.infrastructure.sandbox.checking import Checker, Fault
from deadwax.infrastructure.sandbox.erns import Ern, read_ern
from deadwax.infrastructure.sandbox.manifests import Manifest
from deadwax.infrastructure.sandbox.reading import parse

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@dataclass(frozen=True)
class Entry:
    """What a feed announces."""

    id: str
    title: str
    icpn: str
    message_url: str
    delete_url: str
    categories: tuple[str, ...]

    @classmethod
    def read(cls, entry: etree._Element) -> Entry:
        (message,) = entry.xpath("a:link[@rel='alternate']/@href", namespaces=ATOM)
        (delete,) = entry.xpath("a:link[@rel='delete']/@href", namespaces=ATOM)
        return cls(
            id=entry.findtext("a:id", "", ATOM),
            title=entry.findtext("a:title", "", ATOM),
            icpn=entry.findtext("ReleaseId/ICPN", ""),
            message_url=str(message),
            delete_url=str(delete),
            categories=tuple(map(str, entry.xpath("a:category/@term", namespaces=ATOM))),
        )


@dataclass(frozen=True)
class Taken:
    """A message with its files, as it lies in a folder of the DSP now."""

    entry: Entry
    ern: Ern
    path: Path


class PullingDsp:
    """It checks what it fetches as the sandbox that is delivered to does: schema, sizes, hashes."""

    def __init__(
        self, base_url: str, key: str, folder: Path, dpid: str, sender: str, schemas: Path
    ) -> None:
        self.base_url, self.folder, self.dpid, self.sender = base_url, folder, dpid, sender
        self.http = httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=30)
        self._checker = Checker(dpid, frozenset({sender}), schemas)

    def close(self) -> None:
        self.http.close()

    def feed(self, limit: int = 50) -> list[Entry]:
        """Every page of it."""
        url: str | None = f"{self.base_url}/feed?limit={limit}"
        entries: list[Entry] = []
        while url:
            response = self.http.get(url).raise_for_status()
            assert response.headers["Content-Type"] == "application/atom+xml"
            root = etree.fromstring(response.content)
            entries += map(Entry.read, root.iterfind("a:entry", ATOM))
            url = next(iter(root.xpath("a:link[@rel='next']/@href", namespaces=ATOM)), None)
        return entries

    def take(self, entry: Entry) -> Taken:
        """Fetch the message, then what it names, by URIs relative to it; faults are errors."""
        path = self.fetch(entry.message_url)
        data = path.read_bytes()
        ern = read_ern(parse(data))
        for file in ern.files:
            self.fetch(urljoin(entry.message_url, file.uri))
        manifest = Manifest.of_files(path.parent.name, [path.name])
        faults: list[Fault] = [
            *self._checker.message(ern, manifest, manifest.entries[0], data),
            *self._checker.files(ern, path, is_live=False),
        ]
        assert faults == []
        return Taken(entry, ern, path)

    def fetch(self, url: str) -> Path:
        """Resume what is there already, as after a broken connection."""
        path = self.folder / urlsplit(url).path.partition("/messages/")[2]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            there = file.tell()
            headers = {"Range": f"bytes={there}-"} if there else {}
            with self.http.stream("GET", url, headers=headers) as response:
                if response.status_code != 416:  # all of it was there
                    response.raise_for_status()
                    for block in response.iter_bytes():
                        file.write(block)
        return path

    def acknowledge(self, taken: Taken) -> httpx.Response:
        """Say in 1.8 that it is live, or gone; said again, in the same bytes."""
        answer = taken.path.with_suffix(".ack")
        if not answer.exists():
            answer.write_bytes(self._answer(taken))
        return self.http.post(
            f"{self.base_url}/acknowledgements",
            content=answer.read_bytes(),
            headers={"Content-Type": "application/xml"},
        )

    def _answer(self, taken: Taken) -> bytes:
        message = {
            "message_id": taken.ern.message_id,
            "sender": self.sender,
            "icpn": taken.ern.icpn,
            "batch_id": "",
            "test": taken.ern.is_test,
            "faults": [],
            "acknowledgements": "1.8",
        }
        step = {
            "status": NOT_AVAILABLE if taken.ern.is_takedown else AVAILABLE,
            "name": f"ACK_{taken.ern.message_id}",
            "due": datetime.now(UTC).isoformat(),
        }
        xml = acknowledgements.build(self.dpid, message, step)
        assert xml is not None
        return xml

    def delete(self, taken: Taken) -> int:
        return self.http.delete(taken.entry.delete_url).status_code
