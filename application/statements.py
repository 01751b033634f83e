"""What a platform's report says, one statement for each release: read from JSON and tables, and
brought to the same few states."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deadwax.application.messages import Acknowledgement, Outcome
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.plain import to_plain
from deadwax.domain.reports import Fields, JsonPointer, Meaning, Reports

MOST_STATEMENTS = 50_000
_MOST_WORDS = 2_000


@dataclass(frozen=True, kw_only=True)
class Statement:
    """`at` is where it stands in the report: a row, a JSON pointer; empty for the whole."""

    at: str
    status: str
    message_id: str | None = None
    release_id: str | None = None
    information: str = ""

    @property
    def evidence(self) -> bytes:
        """What is kept of it: the same statement in another report is the same evidence."""
        plain = {name: value for name, value in to_plain(self).items() if name != "at"}
        return json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()


_OUTCOMES = {
    Meaning.PENDING: Outcome.PENDING,
    Meaning.ACCEPTED: Outcome.ACCEPTED,
    Meaning.LIVE: Outcome.LIVE,
    Meaning.REMOVED: Outcome.REMOVED,
    Meaning.REJECTED: Outcome.REJECTED,
}


def normalised(said: Statement, reports: Reports) -> Acknowledgement:
    """In our terms. Refused for words that nobody said the meaning of."""
    meaning = reports.meaning(said.status)
    if meaning is Meaning.UNCLEAR:
        raise Refused(
            "The status is not clear",
            [
                Problem(
                    "status_unclear",
                    said.at,
                    f"It is not known what {said.status[:100]!r} means at this platform.",
                    "Say so in reports.words of the target, then read the report again.",
                )
            ],
        )
    return Acknowledgement(
        message_id=said.message_id,
        outcome=_OUTCOMES[meaning],
        status=said.status,
        information=said.information,
        release_ids=(said.release_id,) if said.release_id else (),
    )


def from_json(data: bytes, fields: Fields) -> list[Statement]:
    """The statements of a JSON document. Refused if it is none, or has nothing at a pointer."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise _unreadable("report_not_json", "It is no JSON.", "") from None
    found = _at(document, fields.statements)
    items: Sequence[Any] = found if isinstance(found, list) else [found]
    _check_count(len(items))
    listed = isinstance(found, list)
    return [
        _statement(item, fields, f"{fields.statements}/{i}" if listed else fields.statements)
        for i, item in enumerate(items)
    ]


def value_at(document: Any, pointer: JsonPointer) -> str | None:
    """The text or number that stands there; None if nothing does."""
    found = _at(document, pointer)
    if isinstance(found, str):
        return found.strip() or None
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else None


def _statement(item: Any, fields: Fields, at: str) -> Statement:
    def read(pointer: JsonPointer | None) -> str | None:
        return value_at(item, pointer) if pointer is not None else None

    status = read(fields.status)
    if status is None:
        missing = f"There is no status at {fields.status or 'the whole'}."
        raise _unreadable("report_without_status", missing, at)
    return checked(
        Statement(
            at=at,
            status=status,
            message_id=read(fields.message_id),
            release_id=read(fields.release_id),
            information=(read(fields.information) or "")[:_MOST_WORDS],
        )
    )


def _at(document: Any, pointer: JsonPointer) -> Any:
    """RFC 6901; None if there is no such place."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict):
            document = document.get(name)
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document


COLUMNS: dict[str, str] = {
    **dict.fromkeys(("message_id", "messageid", "message", "delivery_id"), "message_id"),
    **dict.fromkeys(("release_id", "icpn", "upc", "ean", "barcode", "grid"), "release_id"),
    **dict.fromkeys(("status", "state", "delivery_status", "release_status"), "status"),
    **dict.fromkeys(("information", "info", "comment", "note", "reason", "error"), "information"),
}
"""What the columns of a status file may be called, in lower case with _ for what is between."""


def from_rows(rows: Iterable[Mapping[str, str]], headers: Sequence[str]) -> list[Statement]:
    """The statements of a table: `headers` as they stand in its first row, which is row 1; the
    others by header. Rows without any value are passed over. Refused without a column for the
    status and one for what it is about."""
    meant = {header: COLUMNS.get(_key(header)) for header in headers}
    has = set(meant.values())
    if "status" not in has or not has & {"message_id", "release_id"}:
        raise Refused(
            "The file cannot be read",
            [
                Problem(
                    "report_columns_missing",
                    "",
                    f"There are the columns {', '.join(headers)[:300] or '(none)'}.",
                    "Give a column status, and one of message_id, icpn, upc, ean, grid.",
                )
            ],
        )
    found = []
    for number, row in enumerate(rows, start=2):
        values = {
            column: row[header].strip()
            for header, column in meant.items()
            if column and row.get(header, "").strip()
        }
        if not values:
            continue
        _check_count(number)
        if "status" not in values:
            raise _unreadable("report_without_status", "The row has no status.", f"row {number}")
        found.append(checked(Statement(at=f"row {number}", **values)))
    return found


def _key(header: str) -> str:
    return "_".join(header.replace("-", " ").replace("_", " ").lower().split())


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def checked(statement: Statement) -> Statement:
    """The same; Refused if it is about nothing, or holds what is no text: it could not be kept."""
    if statement.message_id is None and statement.release_id is None:
        words = "It names neither a message nor a release."
        raise _unreadable("report_about_nothing", words, statement.at)
    if any(_UNSTORABLE.search(value) for value in vars(statement).values() if value):
        words = "It holds a NUL character or half a surrogate pair, which is no text."
        raise _unreadable("report_not_text", words, statement.at)
    return statement


def _check_count(count: int) -> None:
    if count > MOST_STATEMENTS:
        words = f"It has more than {MOST_STATEMENTS} statements."
        raise _unreadable("report_too_long", words, "")


def _unreadable(code: str, message: str, at: str) -> Refused:
    fix = "Correct the file, or the target's reports.fields, and send it again."
    return Refused("The report cannot be read", [Problem(code, at, message, fix)])
