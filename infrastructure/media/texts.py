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
_TIME = r"(\d{1,3}):(\d{2})(?:[.:](\d{1,3}))?"
_TIME_TAG = re.compile(rf"\[{_TIME}\]")
_WORD_TIME = re.compile(rf"<{_TIME}>")
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
    timed = [line for line in text.removeprefix(_MARK).splitlines() if _TIME_TAG.match(line)]
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
    # Each with the number of its line; a line that is sung again has several.
    times = [(n, list(_times(_TIME_TAG, line))) for n, line in enumerate(lines, start=1)]
    words = [(n, list(_times(_WORD_TIME, line))) for n, line in enumerate(lines, start=1)]
    timed = [(n, [s for s in seconds if s is not None]) for n, seconds in times if seconds]
    firsts = [(n, seconds[0]) for n, seconds in timed if seconds]
    return (
        TextMeasured(
            lines=sum(1 for line in lines if line.strip()),
            timed_lines=len(firsts),
            last_time_s=max((max(seconds) for _, seconds in timed if seconds), default=None),
            unordered_line=next(
                (n for (_, before), (n, after) in pairwise(firsts) if after < before), None
            ),
            byte_order_mark=marked,
        ),
        tuple(
            Fault(
                code="lyric_time_wrong",
                message=f"Line {n} has a time with 60 seconds or more.",
                value=n,
            )
            for n, seconds in sorted(times + words, key=lambda line: line[0])
            if None in seconds
        )[:1],
    )


def _times(tag: re.Pattern[str], line: str) -> Iterator[float | None]:
    """Seconds of the tags of a line, in their order; None for one that is no time."""
    for minutes, seconds, rest in tag.findall(line) if _TIME_TAG.match(line) else ():
        whole = int(minutes) * 60 + int(seconds)
        yield whole + float(f"0.{rest or 0}") if int(seconds) < 60 else None


def _pdf_ends(path: str) -> bool:
    with open(path, "rb") as file:
        file.seek(-min(_TAIL, os.path.getsize(path)), os.SEEK_END)
        return b"%%EOF" in file.read()


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
