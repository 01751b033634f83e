"""Where a path of a delivery stands in an object store, which has no folders."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """`prefix` as the address says it: `.` for none, with or without slashes around it."""

    prefix: str

    def key(self, path: str) -> str:
        """The name of the object at `path`."""
        return self._under(_parts(path))

    def folder(self, path: str) -> str:
        """What the names of all objects in `path` begin with; "" for the whole bucket."""
        found = self.key(path)
        return f"{found}/" if found else ""

    def path(self, key: str) -> str:
        """The inverse of `key`."""
        return key.removeprefix(self.folder("."))

    def _under(self, parts: list[str]) -> str:
        return "/".join([*_parts(self.prefix), *parts])


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]
