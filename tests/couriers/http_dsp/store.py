"""What the platform has on its disk for one account: what is seen, and what is not yet."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4


class Wrong(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: str, words: str = "") -> None:
        super().__init__(words or code)
        self.status, self.code = status, code


class Store:
    """`visible` is what the platform shows; `hidden` holds uploads by a key."""

    def __init__(self, folder: Path) -> None:
        self.visible, self.hidden = folder / "visible", folder / "hidden"
        for place in (self.visible, self.hidden):
            place.mkdir(parents=True, exist_ok=True)

    def at(self, path: str) -> Path:
        place = (self.visible / path).resolve()
        if not place.is_relative_to(self.visible.resolve()) or not path:
            raise Wrong(400, "BAD_PATH")
        return place

    def part(self, key: str) -> Path:
        return self.hidden / hashlib.sha256(key.encode()).hexdigest()

    def new_key(self) -> str:
        return uuid4().hex

    def keep(self, key: str, data: bytes, at: int = 0, *, whole: bool = True) -> int:
        """Bytes of an upload, from `at`; its size then."""
        place = self.part(key)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if whole else 0), 0o600)
        try:
            os.pwrite(handle, data, at)
        finally:
            os.close(handle)
        return place.stat().st_size

    def publish(self, key: str, path: str, size: int | None = None) -> int:
        part, final = self.part(key), self.at(path)
        if not part.is_file():
            raise Wrong(404, "NO_SUCH_UPLOAD")
        if size is not None and part.stat().st_size != size:
            raise Wrong(422, "WRONG_SIZE")
        if final.exists():
            raise Wrong(409, "EXISTS")
        final.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part, final)
        return final.stat().st_size

    def put_new(self, path: str, data: bytes) -> None:
        key = self.new_key()
        self.keep(key, data)
        try:
            self.publish(key, path)
        finally:
            self.part(key).unlink(missing_ok=True)

    def look(self, path: str) -> tuple[int, str]:
        found = self.at(path)
        if not found.is_file():
            raise Wrong(404, "NOT_FOUND")
        data = found.read_bytes()
        return len(data), hashlib.sha256(data).hexdigest()

    def list(self, folder: str) -> list[tuple[str, int]]:
        place = self.at(folder) if folder else self.visible
        if not place.is_dir():
            raise Wrong(404, "NOT_FOUND")
        files = sorted(path for path in place.iterdir() if path.is_file())
        return [(path.name, path.stat().st_size) for path in files]

    def remove(self, path: str) -> None:
        found = self.at(path)
        if not found.is_file():
            raise Wrong(404, "NOT_FOUND")
        found.unlink()
        for folder in found.parents:
            if folder == self.visible.resolve() or any(folder.iterdir()):
                break
            folder.rmdir()


def account(root: Path, name: str) -> Store:
    return Store(root / quote(name, safe=""))
