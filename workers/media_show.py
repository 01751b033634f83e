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
_DECIMALS = {"hz": 0, "s": 3, "dbfs": 2, "dbtp": 2, "lufs": 2, "lu": 2}


def show(console: Console, file: Path, found: Inspected) -> None:
    """Its values, then what is found of it, with what to do."""
    console.print(f"[bold]{escape(str(file))}[/bold]: {_verdict(found)}", soft_wrap=True)
    for name, value in asdict(found.inspection).items():
        if name != "findings" and value is not None:
            console.print(f"  {_row(name, value)}", soft_wrap=True, markup=False)
    for finding in found.findings:
        console.print(f"  {_line(finding)}", soft_wrap=True)
    for problem in found.problems:
        said = f"{problem.message} {problem.fix} [{problem.code}]"
        console.print(f"  [red]block[/red] {escape(said)}", soft_wrap=True)
    console.print()


def _verdict(found: Inspected) -> str:
    """ "clean" only where nothing was found but what is good to know."""
    if found.problems:
        return "cannot be read"
    severities = {finding.severity for finding in found.findings}
    if Severity.BLOCK in severities:
        return "blocked"
    if Severity.FIX in severities:
        return "passes, but needs a rendition before it is delivered"
    return "passes, with warnings" if Severity.WARN in severities else "clean"


def _row(name: str, value: object) -> str:
    words, _, unit = name.rpartition("_")
    shown = _figure(value, unit) if isinstance(value, float) else str(value)
    if words and unit in _UNITS:
        return f"{words.replace('_', ' '):17} {shown} {_UNITS[unit]}"
    return f"{name.replace('_', ' '):17} {shown}"


def _figure(value: float, unit: str) -> str:
    """As exact as it means something; --json has all digits."""
    decimals = _DECIMALS.get(unit)
    if decimals is None:
        return f"{value:.3g}"
    shown = f"{value:.{decimals}f}"
    return shown.rstrip("0").rstrip(".") if unit == "s" else shown


def _line(finding: Finding) -> str:
    colour = _COLOURS[finding.severity]
    at = "" if finding.at_s is None else f" (at {finding.at_s:.1f} s)"
    said = escape(f"{finding.message}{at} {finding.fix} [{finding.code}]")
    return f"[{colour}]{finding.severity:5}[/{colour}] {said}"
