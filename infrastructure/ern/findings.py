"""What a check finds: a problem with its place in the file and the rule it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deadwax.application.messages import SchemaCheck
from deadwax.domain.errors import Problem


class Severity(StrEnum):
    """A warning is told, and keeps nothing from being sent."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding(Problem):
    """A problem of a message: `code` is the id of the rule, `document` what the rule is from.

    `field` is the field of the release that the element holds, such as `tracks[2].isrc`; the
    XPath where it holds none. `line` and `column` count from 1; 0 where there is no place.
    """

    severity: Severity = Severity.ERROR
    document: str = ""
    xpath: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True)
class Checked:
    """What is known of a message. `schema` is VALID only if the XSD was there and found
    nothing; `standard` and `message` are empty for what is no DDEX message."""

    schema: SchemaCheck
    findings: tuple[Finding, ...]
    standard: str = ""
    message: str = ""

    @property
    def errors(self) -> list[Problem]:
        """What keeps the message from being sent."""
        return [f for f in self.findings if f.severity is Severity.ERROR]
