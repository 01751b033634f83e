"""Lyrics and booklets: what is recognised, measured and wrong."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from deadwax.domain.assets import TextFacts
from deadwax.domain.errors import Refused
from deadwax.domain.media.measured import TextMeasured
from deadwax.infrastructure.media import texts

LRC = "[ti:One]\n[00:12.00]Round\n\n[00:15.30]and round\n[01:02.5]it goes\n"


def recognised(path: Path, data: bytes) -> TextFacts | None:
    path.write_bytes(data)
    return texts.recognise_text(data[:16], str(path))


def measured(path: Path, data: bytes) -> tuple[TextMeasured, list[str]]:
    facts = recognised(path, data)
    assert facts is not None
    found, faults = texts.measure(str(path), facts)
    return found, [fault.code for fault in faults]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.bin"


def test_timed_lyrics_are_measured(file: Path) -> None:
    assert recognised(file, LRC.encode()) == TextFacts(codec="LRC")
    assert measured(file, LRC.encode()) == (
        TextMeasured(lines=4, timed_lines=3, last_time_s=62.5),
        [],
    )


def test_enhanced_lyrics_are_measured_by_their_lines(file: Path) -> None:
    text = "[00:12.00]<00:12.00>Round <00:12.40>and\n[00:14.00]<00:14.00>round\n"
    assert recognised(file, text.encode()) == TextFacts(codec="EnhancedLRC")
    assert measured(file, text.encode())[0] == TextMeasured(
        lines=2, timed_lines=2, last_time_s=14.0
    )


def test_plain_lyrics_have_no_times(file: Path) -> None:
    found = measured(file, "Es läuft\n\nund läuft\n".encode())
    assert found == (TextMeasured(lines=2), [])


def test_times_out_of_order_are_told_with_their_line(file: Path) -> None:
    text = "[00:12.00]one\n[00:30.00]two\n[00:15.00]three\n[00:16.00]four\n"
    found, codes = measured(file, text.encode())
    assert (found.unordered_line, found.last_time_s, codes) == (3, 30.0, [])


def test_a_line_that_is_sung_again_has_several_times(file: Path) -> None:
    text = "[00:12.00][01:10.00]chorus\n[00:30.00]verse\n"
    found, _ = measured(file, text.encode())
    assert (found.timed_lines, found.unordered_line, found.last_time_s) == (2, None, 70.0)


@pytest.mark.parametrize("line", ["[00:61.00]one", "[00:12.00]<00:75.00>one"])
def test_a_time_that_is_none_is_a_fault(line: str, file: Path) -> None:
    assert measured(file, f"[00:01.00]a\n{line}\n".encode())[1] == ["lyric_time_wrong"]


def test_a_byte_order_mark_is_told(file: Path) -> None:
    assert measured(file, b"\xef\xbb\xbf" + LRC.encode())[0].byte_order_mark
    assert not measured(file, LRC.encode())[0].byte_order_mark
    assert measured(file, b"\xef\xbb\xbf" + LRC.encode())[0].timed_lines == 3


@pytest.mark.parametrize(
    "data",
    [b"\x00\x01", b"caf\xe9", b"a\x1bb", "a\x85b".encode(), b" \n\t", b"", b"a" * (1 << 20) + b"b"],
)
def test_what_is_no_text_in_utf_8_is_left_to_others(data: bytes, file: Path) -> None:
    assert recognised(file, data) is None


def pdf(change: Callable[[PdfWriter], object] = lambda writer: None, pages: int = 3) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(300, 300)
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _scripted(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("1")}
    writer.pages[0][NameObject("/AA")] = DictionaryObject(
        {NameObject("/O"): DictionaryObject(action)}
    )


def _launching(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("sh")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


def test_a_booklet_is_measured(file: Path) -> None:
    assert measured(file, pdf()) == (TextMeasured(pages=3), [])
    assert measured(file, pdf(pages=0))[0].pages == 0


@pytest.mark.parametrize(
    ("change", "active"),
    [
        (_scripted, ("JavaScript",)),
        (lambda writer: writer.add_attachment("notes.txt", b"hello"), ("attached files",)),
        (_launching, ("a program to launch",)),
    ],
)
def test_what_acts_by_itself_is_told(
    change: Callable[[PdfWriter], object], active: tuple[str, ...], file: Path
) -> None:
    assert measured(file, pdf(change))[0].active_content == active


def test_a_link_is_nothing_that_acts(file: Path) -> None:
    def link(writer: PdfWriter) -> None:
        action = {
            NameObject("/S"): NameObject("/URI"),
            NameObject("/URI"): TextStringObject("https://example.org"),
        }
        writer.root_object[NameObject("/X")] = DictionaryObject(action)

    assert measured(file, pdf(link))[0].active_content == ()


def test_an_encrypted_booklet_is_told(file: Path) -> None:
    found, codes = measured(file, pdf(lambda writer: writer.encrypt("secret", algorithm="RC4-128")))
    assert (found.encrypted, codes) == (True, [])


def test_a_booklet_that_cannot_be_read_is_a_fault(file: Path) -> None:
    assert measured(file, b"%PDF-1.7\nnothing\n%%EOF\n")[1] == ["pdf_broken"]


def test_a_booklet_that_ends_early_is_refused(file: Path) -> None:
    with pytest.raises(Refused) as caught:
        recognised(file, pdf()[:-40])
    assert caught.value.problems[0].code == "pdf_truncated"


def test_mutants_of_booklets_are_measured_or_refused(file: Path) -> None:
    rng, whole = np.random.default_rng(9), pdf(_scripted)
    for _ in range(200):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), 4):
            data[place] = rng.integers(0, 256)
        with suppress(Refused):
            if recognised(file, bytes(data)):
                measured(file, bytes(data))
