"""Files below one folder, which no path, `..` or symbolic link leads out of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Beneath:
    """Every step of a path is opened from the folder before it, and a link is never followed:
    what is checked is what is used, also while others change the tree. Paths are relative and
    `/`-separated. Raises OSError; ELOOP or ENOTDIR for a symbolic link, ValueError for a path that
    is not below the folder.
    """

    def __init__(self, descriptor: int) -> None:
        """It belongs to this object from now on."""
        self._top = descriptor

    @classmethod
    def at(cls, folder: os.PathLike[str]) -> Self:
        """The operator's own folder, which may be a link."""
        return cls(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))

    def below(self, path: str, *, make: bool = False) -> Self:
        """A folder in it, kept open by itself."""
        with self.folder(path, make=make) as at:
            return type(self)(os.dup(at))

    def close(self) -> None:
        os.close(self._top)

    @contextmanager
    def folder(self, path: str, *, make: bool = False) -> Iterator[int]:
        """A descriptor of the folder at `path`; with `make` it is made where it is missing, and
        stays made after a power cut."""
        at = os.dup(self._top)
        try:
            for name in steps(path):
                following = _enter(at, name, make=make)
                os.close(at)
                at = following
            yield at
        finally:
            os.close(at)

    @contextmanager
    def parent(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """The folder that `path` is in, and its name there."""
        *folders, name = steps(path)
        with self.folder("/".join(folders), make=make) as at:
            yield at, name


def steps(path: str) -> list[str]:
    """The names that a relative path is made of. Raises ValueError if it leads elsewhere."""
    names = path.split("/") if path else []
    if any(name in ("", ".", "..") or "\0" in name for name in names):
        raise ValueError(f"{path!r} does not stay below its folder")
    return names


def open_file(at: int, name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=at)


def _enter(at: int, name: str, *, make: bool) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=at)
    except FileNotFoundError:
        if not make:
            raise
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=at)
        os.fsync(at)
    return os.open(name, _FOLDER, dir_fd=at)
