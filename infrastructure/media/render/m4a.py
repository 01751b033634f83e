"""Tags of M4A that ffmpeg does not write: ISRC, barcode and label, where players look for them.

They stand in free-form atoms of iTunes' tag list: `moov/udta/meta/ilst/----`, each with `mean`,
`name` and `data` (QuickTime File Format, metadata; the names are those that taggers agree on).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from deadwax.domain.media.tags import Tags
from deadwax.infrastructure.media.render.plan import refused

_MEAN = b"com.apple.iTunes"
_UTF8 = 1
_HANDLER = bytes(4) + bytes(4) + b"mdir" + b"appl" + bytes(9)


def add(path: str, tags: Tags) -> None:
    """Into a file of ours, whose index (moov) comes last: no offset in it changes."""
    named = {"ISRC": tags.isrc, "BARCODE": tags.icpn, "LABEL": tags.label}
    atoms = b"".join(_free_form(name, value) for name, value in named.items() if value)
    if not atoms:
        return
    with open(path, "r+b") as file:
        start, moov = _last(file)
        file.seek(start)
        file.write(_box(b"moov", _with(moov, atoms, (b"udta", b"meta", b"ilst"))))


def _last(file: BinaryIO) -> tuple[int, bytes]:
    """Where moov stands, and what is in it."""
    size, at = file.seek(0, 2), 0
    while at + 8 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if length == 1:
            length = struct.unpack(">Q", file.read(8))[0]
        if kind == b"moov" and at + length == size:
            return at, file.read(length - 8)
        at += max(8, length)
    raise refused(
        "rendition_tags", "The encoder put the index of the file first.", "Leave the tags out."
    )


def _with(body: bytes, atoms: bytes, path: tuple[bytes, ...]) -> bytes:
    """`body` with `atoms` at the end of the box that `path` leads to, made where it is not."""
    if not path:
        return body + atoms
    first, rest = path[0], path[1:]
    head = 4 if body[8:12] == b"hdlr" else 0  # `meta` has version and flags before its boxes
    boxes = list(_boxes(body, head))
    if first not in [kind for kind, _ in boxes]:
        fresh = bytes(4) + _box(b"hdlr", _HANDLER) if first == b"meta" else b""
        boxes.append((first, fresh))
    return body[:head] + b"".join(
        _box(kind, _with(inside, atoms, rest) if kind == first else inside)
        for kind, inside in boxes
    )


def _boxes(body: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= len(body):
        length, kind = struct.unpack_from(">I4s", body, at)
        yield kind, body[at + 8 : at + length]
        at += max(8, length)


def _free_form(name: str, value: str) -> bytes:
    data = struct.pack(">II", _UTF8, 0) + value.encode()
    return _box(
        b"----",
        _box(b"mean", bytes(4) + _MEAN)
        + _box(b"name", bytes(4) + name.encode())
        + _box(b"data", data),
    )


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body
