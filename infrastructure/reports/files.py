"""Status files that a person brings: CSV, XLSX, JSON."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook

from deadwax.application.statements import Statement, from_json, from_rows
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.reports import Fields, JsonPointer, Reports

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = ("text/csv", XLSX, "application/json")

_LIST = Fields(
    statements=JsonPointer(""),
    status=JsonPointer("/status"),
    message_id=JsonPointer("/message_id"),
    release_id=JsonPointer("/release_id"),
    information=JsonPointer("/information"),
)
"""A JSON file is a list of these."""

_MOST_UNPACKED = 256 * 1024 * 1024


def read_file(data: bytes, media_type: str, reports: Reports) -> list[Statement]:
    """Raises Refused for what is no such file; the first sheet of a workbook counts."""
    match media_type:
        case "text/csv":
            return _table(_csv(data))
        case "application/json":
            return from_json(data, _LIST)
        case _:
            return _table(_sheet(data))


def _table(rows: Iterator[list[str]]) -> list[Statement]:
    headers = next(rows, [])
    return from_rows((dict(zip(headers, row, strict=False)) for row in rows), headers)


def _csv(data: bytes) -> Iterator[list[str]]:
    """With commas, semicolons or tabs, as spreadsheets write it; UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable("It is not UTF-8.", "Save it as CSV in UTF-8.") from None
    if "\0" in text:
        raise _unreadable("It holds NUL characters.", "Save it as CSV in UTF-8.")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise _unreadable(f"It is no CSV: {error}.", "Save it as CSV again.") from None


def _sheet(data: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(member.file_size for member in packed.infolist())
        if unpacked > _MOST_UNPACKED:
            raise _unreadable("It unpacks to too much.", "Send fewer rows.")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell(value) for value in row]
    except Refused:
        raise
    except Exception:  # whatever the library meets in a file that somebody made up
        raise _unreadable("It is no workbook.", "Save it as XLSX again.") from None


def _cell(value: Any) -> str:
    """An ICPN in a cell of numbers has no decimals."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _unreadable(message: str, fix: str) -> Refused:
    return Refused("The file cannot be read", [Problem("report_file_unreadable", "", message, fix)])
