"""What lies whole in the upload folder: batches, and releases that came alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deadwax.infrastructure.sandbox.folders import PART

_BATCH = re.compile(r"(?:[PNM]_)?([0-9]{17})")
_RELEASE = re.compile(r"(?:[PNL]_)?([A-Za-z0-9-]+)_([0-9]{17})")


@dataclass(frozen=True)
class Agreement:
    """What the DSP and its senders agreed beside DDEX.

    `acknowledgements` is the version that it answers in: 1.6, which knows FileOK and errors, or
    1.8. `marker` is the file that completes a delivery (`{batch}` is the 17 digits of its
    folder); None leaves that to the manifest, and to the message where there is none.
    `checksums` demands an .md5 beside every file.
    """

    acknowledgements: str = "1.8"
    marker: str | None = None
    checksums: bool = False


USUAL = Agreement()


@dataclass(frozen=True)
class Arrival:
    """A delivery that is whole. `release_id` is that of a release that came alone, else empty."""

    folder: Path
    id: str
    release_id: str

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def is_bare(self) -> bool:
        """Whether the folder has no priority, as before 1.6."""
        return self.name[1] != "_"

    @property
    def manifest(self) -> Path | None:
        """That of a batch. An empty one, or none beside an agreed marker, is only a signal."""
        path = self.folder / f"BatchComplete_{self.id}.xml"
        return path if path.is_file() and path.stat().st_size else None

    @property
    def messages(self) -> list[str]:
        """Where messages lie that no manifest names, seen from the folder."""
        if self.release_id:
            return sorted(path.name for path in self.folder.glob("*.xml"))
        folders = (path for path in self.folder.iterdir() if path.is_dir())
        return sorted(f"{folder.name}/{folder.name}.xml" for folder in folders)


def arrivals(upload: Path, agreement: Agreement) -> list[Arrival]:
    """Every whole delivery, in the order of the times in their names."""
    return sorted(_arrivals(upload, agreement), key=lambda arrival: arrival.id)


def _arrivals(upload: Path, agreement: Agreement) -> Iterator[Arrival]:
    for folder in upload.iterdir():
        if match := _BATCH.fullmatch(folder.name):
            arrival = Arrival(folder, match[1], "")
        elif match := _RELEASE.fullmatch(folder.name):
            arrival = Arrival(folder, match[2], match[1])
        else:
            continue
        if _is_whole(arrival, agreement):
            yield arrival


def _is_whole(arrival: Arrival, agreement: Agreement) -> bool:
    if agreement.marker is not None:
        return (arrival.folder / agreement.marker.replace("{batch}", arrival.id)).is_file()
    if arrival.release_id:
        return any(not path.name.endswith(PART) for path in arrival.folder.glob("*.xml"))
    return (arrival.folder / f"BatchComplete_{arrival.id}.xml").is_file()
