"""Booklets and lyrics: PDF, LRC and plain text, recognised by their bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from deadwax.domain.assets import TextFacts
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.media.measured import Fault, TextMeasured

_MOST = 1024 * 1024
_TAIL = 2048
_TIME_TAG = re.compile(r"^\[(\d{1,3}):(\d{2})(?:[.:](\d{2,3}))?\]")
_WORD_TIME = re.compile(r"<(\d{1,3}):(\d{2})[.:](\d{2,3})>")
_MARK = "\ufeff"


def recognise_text(head: bytes, path: str) -> TextFacts | None:
    """A PDF, or lyrics in UTF-8, timed (LRC) or plain; None for what is neither. Raises Refused
    for a PDF that does not end."""
    if head.startswith(b"%PDF-"):
        if not _pdf_ends(path):
            raise _refused("pdf_truncated", "The PDF does not end.", "Export it again.")
        return TextFacts(codec="PDF")
    text = _text(path)
    if text is None:
        return None
    timed = [line for line in text.splitlines() if _TIME_TAG.match(line)]
    if not timed:
        return TextFacts(codec="UTF8Text")
    return TextFacts(codec="EnhancedLRC" if any(map(_WORD_TIME.search, timed)) else "LRC")


def measure(path: str, facts: TextFacts) -> tuple[TextMeasured, tuple[Fault, ...]]:
    """`facts` are those recognised."""
    if facts.codec == "PDF":
        # Only here: pypdf takes its time to load, and PDFs are recognised without it.
        from deadwax.infrastructure.media import booklets

        return booklets.measure(path)
    text = _text(path) or ""
    marked, lines = text.startswith(_MARK), text.removeprefix(_MARK).splitlines()
    times: list[tuple[int, float]] = []
    faults: list[Fault] = []
    for number, line in enumerate(lines, start=1):
        found = list(_times(line))
        if any(seconds is None for seconds in found):
            message = f"Line {number} has a time with 60 seconds or more."
            faults.append(Fault(code="lyric_time_wrong", message=message, value=number))
        times += [(number, seconds) for seconds in found[:1] if seconds is not None]
    return (
        TextMeasured(
            lines=sum(1 for line in lines if line.strip()),
            timed_lines=len(times),
            last_time_s=max((seconds for _, seconds in times), default=None),
            unordered_line=next(
                (number for (_, before), (number, after) in pairwise(times) if after < before), None
            ),
            byte_order_mark=marked,
        ),
        tuple(faults[:1]),
    )


def _pdf_ends(path: str) -> bool:
    with open(path, "rb") as file:
        file.seek(-min(_TAIL, os.path.getsize(path)), os.SEEK_END)
        return b"%%EOF" in file.read()


def _times(line: str) -> Iterator[float | None]:
    """Seconds of the tags of a line, in their order: of the line, then of its words; None for one
    that is no time."""
    tag = _TIME_TAG.match(line)
    if tag:
        for minutes, seconds, rest in [tag.groups(), *_WORD_TIME.findall(line)]:
            valid = int(seconds) < 60
            yield int(minutes) * 60 + float(f"{seconds}.{rest or 0}") if valid else None


def _text(path: str) -> str | None:
    """UTF-8 of at most a megabyte without control characters but tabs and line ends."""
    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8") if file.stat().st_size <= _MOST else "\0"
    except UnicodeDecodeError:
        return None
    wanted = text.removeprefix(_MARK)
    if not wanted.strip() or any(
        (c < " " and c not in "\t\r\n") or "\x7f" <= c < "\xa0" for c in text
    ):
        return None
    return text


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The file was not taken", [Problem(code, "file", message, fix)])
