"""Multipart bodies, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    headers: dict[str, str]
    data: bytes

    @property
    def name(self) -> str:
        found = re.search(r'\bname="([^"]*)"', self.headers.get("content-disposition", ""))
        return found[1] if found else ""


def parts(content_type: str, body: bytes) -> list[Part]:
    boundary = re.search(r'boundary="?([^";]+)', content_type)
    assert boundary is not None
    mark = b"--" + boundary[1].encode()
    first, *pieces, last = body.split(mark)
    assert first.strip() == b"", "something stands before the first boundary"
    assert last == b"--\r\n", "the end is missing"
    return [_part(piece) for piece in pieces]


def _part(piece: bytes) -> Part:
    assert piece.startswith(b"\r\n")
    assert piece.endswith(b"\r\n")
    head, _, data = piece[2:-2].partition(b"\r\n\r\n")
    lines = (line.partition(":") for line in head.decode().split("\r\n"))
    return Part({name.lower(): value.strip() for name, _, value in lines}, data)
