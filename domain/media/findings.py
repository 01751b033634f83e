"""What is found of a file against limits: a stable code, what was measured, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """BLOCK stops submission. FIX stops the delivery of the file as it is, to a platform whose
    limits it breaks; a rendition mends it. WARN and INFO stop nothing."""

    BLOCK = "block"
    FIX = "fix"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`message` is a sentence for a person, `fix` what to do. `value` was measured and `limit` is
    what it broke, in the unit that the code's row in docs/media-checks.md gives; `at_s` is where
    in time, in seconds."""

    code: str
    severity: Severity
    message: str
    fix: str
    value: int | float | str | None = None
    limit: int | float | str | None = None
    at_s: float | None = None
