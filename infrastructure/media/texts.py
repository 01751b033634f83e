"""Booklets and lyrics: PDF, LRC and plain text, recognised by their bytes."""

from __future__ import annotations

import re
from pathlib import Path

from deadwax.domain.assets import TextFacts
from deadwax.domain.errors import Problem, Refused

_MOST = 1024 * 1024
_TIME_TAG = re.compile(r"^\[\d{1,3}:\d{2}([.:]\d{2,3})?\]")
_WORD_TIME = re.compile(r"<\d{1,3}:\d{2}[.:]\d{2,3}>")


def is_pdf(head: bytes) -> bool:
    return head.startswith(b"%PDF-")


def measure_pdf(path: str) -> TextFacts:
    """Raises Refused for a PDF without an end."""
    with open(path, "rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 2048))
        if b"%%EOF" not in file.read():
            raise _refused("pdf_truncated", "The PDF does not end.", "Export it again.")
    return TextFacts(codec="PDF")


def measure_text(path: str) -> TextFacts | None:
    """Lyrics in UTF-8, timed (LRC) or plain; None for what is no text."""
    data = Path(path).read_bytes() if Path(path).stat().st_size <= _MOST else b"\x00"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.strip() or any(c < " " and c not in "\t\r\n" for c in text):
        return None
    timed = [line for line in text.splitlines() if _TIME_TAG.match(line)]
    if not timed:
        return TextFacts(codec="UTF8Text")
    return TextFacts(codec="EnhancedLRC" if any(map(_WORD_TIME.search, timed)) else "LRC")


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The file was not taken", [Problem(code, "file", message, fix)])
