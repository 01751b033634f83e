"""What `deadwax ern validate` says of one file, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from deadwax.application.messages import SchemaCheck
from deadwax.domain.errors import Refused
from deadwax.infrastructure.ern.check import check
from deadwax.infrastructure.ern.findings import Checked, Finding, Severity
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.untrusted import MESSAGE, as_utf8
from deadwax.infrastructure.ern.workbench import second_opinion

# What makes a file "not checked" rather than invalid.
_CANNOT_CHECK = frozenset({"ern_version_unknown", "schema_unusable", "file_unreadable"})
_NO_SCHEMA = Finding(
    "schemas_missing",
    "",
    "The XSD is not here.",
    "Set DEADWAX_DDEX_SCHEMAS, or run deadwax ern schemas install DIR|ZIP.",
)


class Verdict(Enum):
    """In words; as JSON says it; as an exit code."""

    VALID = ("valid", True, 0)
    INVALID = ("invalid", False, 1)
    UNKNOWN = ("could not be checked", None, 2)

    @property
    def exit_code(self) -> int:
        return int(self.value[2])


@dataclass(frozen=True)
class Validation:
    file: Path
    checked: Checked

    @property
    def verdict(self) -> Verdict:
        """Invalid beats unknown: a rule that finds an error needs no schema."""
        codes = {problem.code for problem in self.checked.errors}
        if codes & _CANNOT_CHECK or codes == {_NO_SCHEMA.code}:
            return Verdict.UNKNOWN
        return Verdict.INVALID if codes else Verdict.VALID

    @property
    def schema(self) -> str:
        is_invalid = any(f.code == "ern_schema" for f in self.checked.findings)
        return "invalid" if is_invalid else self.checked.schema.value

    def as_json(self) -> dict[str, Any]:
        return {
            "file": str(self.file),
            "valid": self.verdict.value[1],
            "standard": self.checked.standard,
            "message": self.checked.message,
            "schema": self.schema,
            "problems": [_plain(finding) for finding in self.checked.findings],
        }

    def lines(self) -> Iterator[str]:
        """One per finding, then the verdict."""
        for finding in self.checked.findings:
            yield _line(self.file, finding)
        what = f"{self.checked.standard} {self.checked.message}".strip()
        words = [self.verdict.value[0], what, f"schema {self.schema}"]
        yield f"{self.file}: {'; '.join(filter(None, words))}"


def validated(
    file: Path, schemas: Schemas, delivered: bool = False, workbench: str | None = None
) -> Validation:
    """Check one file. `delivered`: look at the files that it names, beside it. `workbench`: the
    address of a server to ask too. Never raises for what the file is."""
    try:
        with file.open("rb") as opened:
            xml = opened.read(MESSAGE.bytes + 1)
        checked = check(xml, schemas, file.parent if delivered else None)
    except OSError as error:
        words = f"It cannot be read: {error.strerror}."
        unread = Finding("file_unreadable", "", words, "Name a file that can be read.")
        return Validation(file, Checked(SchemaCheck.NOT_CHECKED, (unread,)))
    except Refused as refused:
        unusable = (Finding(p.code, p.field, p.message, p.fix) for p in refused.problems)
        return Validation(file, Checked(SchemaCheck.NOT_CHECKED, tuple(unusable)))
    more: list[Finding] = []
    if not checked.errors and checked.schema is not SchemaCheck.VALID:
        more.append(_NO_SCHEMA)
    if workbench and checked.message == "NewReleaseMessage":
        more += second_opinion(workbench, as_utf8(xml).decode("utf-8-sig"), checked.standard)
    findings = (*checked.findings, *more)
    return Validation(file, Checked(checked.schema, findings, checked.standard, checked.message))


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.code,
        "severity": finding.severity.value,
        "line": finding.line,
        "column": finding.column,
        "xpath": finding.xpath,
        "field": finding.field,
        "message": finding.message,
        "fix": finding.fix,
        "document": finding.document,
    }


def _line(file: Path, finding: Finding) -> str:
    place = f"{file}:{finding.line}:{finding.column}" if finding.line else str(file)
    kind = "warning" if finding.severity is Severity.WARNING else "error"
    about = f" {finding.field}:" if finding.field and finding.field != finding.xpath else ""
    source = "; ".join(filter(None, (finding.code, finding.document)))
    where = f" at {finding.xpath}" if finding.xpath else ""
    return f"{place}: {kind}:{about} {finding.message} {finding.fix} [{source}]{where}"
