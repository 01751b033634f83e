"""Where the sandbox DSP keeps things. Every move is one that can be repeated after a crash."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

PART = ".part"


@dataclass(frozen=True)
class Folders:
    """Below `root`: what senders see is `upload/`, what consumers see is `live/<ICPN>/`."""

    root: Path

    @property
    def upload(self) -> Path:
        return self.root / "upload"

    @property
    def acknowledgements(self) -> Path:
        return self.upload / "acknowledgements"

    @property
    def live(self) -> Path:
        return self.root / "live"

    @property
    def removed(self) -> Path:
        return self.root / "removed"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def rejected(self) -> Path:
        return self.root / "rejected"

    @property
    def journal(self) -> Path:
        return self.root / "journal.jsonl"

    @property
    def _staged(self) -> Path:
        return self.root / "staged"

    def create(self) -> None:
        for folder in (
            self.acknowledgements,
            self.live,
            self.removed,
            self.archive,
            self.rejected,
            self._staged,
        ):
            folder.mkdir(parents=True, exist_ok=True)

    def stage(self, release: Path, name: str) -> Path:
        """Copy a release folder out of the sender's reach, without unfinished files."""
        staged = self._staged / name
        self.unstage(name)
        shutil.copytree(release, staged, ignore=shutil.ignore_patterns(f"*{PART}"))
        return staged

    def unstage(self, name: str) -> None:
        shutil.rmtree(self._staged / name, ignore_errors=True)

    def complete(self, staged: str, icpn: str) -> None:
        """Take over the live files that a staged release describes anew and does not bring."""
        live, target = self.live / icpn, self._staged / staged
        for path in live.rglob("*"):
            new = target / path.relative_to(live)
            if path.is_file() and path.parent != live and not new.exists():
                new.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, new)

    def publish(self, staged: str, icpn: str) -> None:
        """Make the staged release the live one; nothing if that was done already."""
        source, live, old = self._staged / staged, self.live / icpn, self._staged / f"{staged}.old"
        if source.exists():
            if live.exists():
                shutil.rmtree(old, ignore_errors=True)
                live.rename(old)
            source.rename(live)
        shutil.rmtree(old, ignore_errors=True)

    def remove(self, staged: str, message: str, icpn: str) -> None:
        """Take the release down: `live/<ICPN>` becomes `removed/<ICPN>`, and the takedown
        message is `takedown.xml` in it."""
        live, removed = self.live / icpn, self.removed / icpn
        if live.exists():
            shutil.rmtree(removed, ignore_errors=True)
            live.rename(removed)
        removed.mkdir(exist_ok=True)
        source = self._staged / staged / message
        if source.exists():
            source.replace(removed / "takedown.xml")
        self.unstage(staged)

    def consume(self, batch: Path, rejected: bool) -> None:
        """Take a batch out of the sender's sight."""
        home = self.rejected if rejected else self.archive
        target, number = home / batch.name, 1
        while target.exists():
            number += 1
            target = home / f"{batch.name}.{number}"
        batch.rename(target)

    def acknowledge(self, name: str, data: bytes) -> None:
        """Write an acknowledgement for the sender to find, all at once."""
        part = self.acknowledgements / (name + PART)
        part.write_bytes(data)
        part.replace(self.acknowledgements / name)
