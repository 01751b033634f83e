"""Bodies of requests: bytes of ours, and a file that is read while it is sent."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

from deadwax.infrastructure.couriers.http.reading import Reading


@dataclass(frozen=True)
class FilePiece:
    """Bytes `start` to before `end` of a file; `base64` as text (RFC 4648, 4)."""

    reading: Reading
    start: int = 0
    end: int | None = None
    base64: bool = False

    @property
    def size(self) -> int:
        count = (self.reading.file.size if self.end is None else self.end) - self.start
        return (count + 2) // 3 * 4 if self.base64 else count

    def blocks(self) -> Iterator[bytes]:
        blocks = self.reading.blocks(self.start, self.end)
        return _encoded(blocks) if self.base64 else blocks


@dataclass(frozen=True)
class Body:
    """Can be sent again: every `blocks()` begins at the beginning."""

    type: str
    pieces: tuple[bytes | FilePiece, ...]

    @property
    def size(self) -> int:
        return sum(len(p) if isinstance(p, bytes) else p.size for p in self.pieces)

    def blocks(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                yield from piece.blocks()


def form(fields: Mapping[str, str], part: str, file: FilePiece, name: str, type: str) -> Body:
    """multipart/form-data (RFC 7578), the file last."""
    boundary = f"deadwax-{uuid4().hex}"
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(key)}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    head += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(part)}"; '
        f'filename="{_quoted(name)}"\r\nContent-Type: {type}\r\n\r\n'
    )
    tail = f"\r\n--{boundary}--\r\n".encode()
    return Body(f"multipart/form-data; boundary={boundary}", (head.encode(), file, tail))


def _quoted(name: str) -> str:
    """As browsers do it (WHATWG, multipart/form-data encoding algorithm)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _encoded(blocks: Iterator[bytes]) -> Iterator[bytes]:
    left = b""
    for block in blocks:
        data = left + block
        whole = len(data) // 3 * 3
        left = data[whole:]
        yield base64.b64encode(data[:whole])
    if left:
        yield base64.b64encode(left)
