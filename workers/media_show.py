"""How `deadwax media inspect` shows a file to people."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from deadwax.domain.media.findings import Finding, Severity
from deadwax.workers.media_files import Inspected

_COLOURS = {
    Severity.BLOCK: "red",
    Severity.FIX: "yellow",
    Severity.WARN: "yellow",
    Severity.INFO: "dim",
}
_VERDICTS = ("clean", "blocked", "cannot be read")
_UNITS = {
    "hz": "Hz",
    "s": "s",
    "bps": "bit/s",
    "dbfs": "dBFS",
    "dbtp": "dBTP",
    "lufs": "LUFS",
    "lu": "LU",
    "px": "px",
}


def show(console: Console, file: Path, found: Inspected) -> None:
    """Its values, then what is found of it, with what to do."""
    console.print(f"[bold]{escape(str(file))}[/bold]: {_VERDICTS[found.exit_code]}", soft_wrap=True)
    for name, value in asdict(found.inspection).items():
        if name != "findings" and value is not None:
            console.print(f"  {_row(name, value)}", soft_wrap=True, markup=False)
    for finding in found.findings:
        console.print(f"  {_line(finding)}", soft_wrap=True)
    for problem in found.problems:
        said = f"{problem.message} {problem.fix} [{problem.code}]"
        console.print(f"  [red]block[/red] {escape(said)}", soft_wrap=True)
    console.print()


def _row(name: str, value: object) -> str:
    words, _, unit = name.rpartition("_")
    shown = f"{value:.6g}" if isinstance(value, float) else str(value)
    if words and unit in _UNITS:
        return f"{words.replace('_', ' '):17} {shown} {_UNITS[unit]}"
    return f"{name.replace('_', ' '):17} {shown}"


def _line(finding: Finding) -> str:
    colour = _COLOURS[finding.severity]
    at = "" if finding.at_s is None else f" (at {finding.at_s:.1f} s)"
    said = escape(f"{finding.message}{at} {finding.fix} [{finding.code}]")
    return f"[{colour}]{finding.severity:5}[/{colour}] {said}"
