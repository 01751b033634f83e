"""How the demo shows what the read models hold."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table


def progress(console: Console) -> Progress:
    """Bytes of an upload under way."""
    return Progress(
        TextColumn("          {task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
        transient=True,
    )


def board(console: Console, status: dict[str, Any]) -> None:
    table = Table(title=f"Status board: {status['overall']}", title_justify="left")
    for column in ("target", "message", "status", "attempts", "updated"):
        table.add_column(column)
    for row in status["items"]:
        table.add_row(
            row["platform"] or row["target_id"],
            row["kind"],
            row["status"],
            str(row["attempt"]),
            _time(row["updated_at"]),
        )
    console.print(table)


def timeline(console: Console, steps: list[dict[str, Any]]) -> None:
    table = Table(title="Timeline", title_justify="left")
    for column in ("at", "status", "what happened"):
        table.add_column(column)
    for step in steps:
        table.add_row(_time(step["at"]), step["status"] or "", step["summary"])
    console.print(table)


def findings(console: Console, found: list[tuple[str, dict[str, Any]]]) -> None:
    """What was found of each file when it was measured; nothing of what is only good to know."""
    found = [(file, finding) for file, finding in found if finding["severity"] != "info"]
    if not found:
        return
    table = Table(title="What was found in the files", title_justify="left")
    for column in ("file", "severity", "what"):
        table.add_column(column)
    for file, finding in found:
        table.add_row(escape(file), finding["severity"], escape(finding["message"]))
    console.print(table)


def files(console: Console, delivered: dict[str, list[dict[str, Any]]]) -> None:
    """What each message states of its files, and what the platform finds itself."""
    table = Table(title="What was delivered", title_justify="left")
    for column in ("platform", "files", "the message states", "the platform finds"):
        table.add_column(column)
    for platform, of in delivered.items():
        alike = Counter((_said(file["stated"]), _said(file["found"])) for file in of)
        for (stated, found), count in alike.items():
            table.add_row(platform, str(count), stated, found)
    console.print(table)


def _said(values: dict[str, str]) -> str:
    return " ".join(values.values())


def audit(console: Console, entries: list[dict[str, Any]]) -> None:
    shown = sorted(entries, key=lambda e: int(e["position"]))
    table = Table(title=f"Audit trail: {len(shown)} entries", title_justify="left")
    for column in ("position", "at", "actor", "event", "request"):
        table.add_column(column, no_wrap=True)
    for entry in shown:
        table.add_row(
            str(entry["position"]),
            _time(entry["at"]),
            entry["actor"].split("@")[0].removeprefix("process:")[:12],
            entry["type"],
            entry["correlation_id"][:8],
        )
    console.print(table)


def _time(at: str) -> str:
    return at[11:23]
