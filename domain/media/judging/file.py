"""What is wrong with a file itself, whatever it holds."""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.domain.assets import AssetFacts
from deadwax.domain.media.checks import CHECKS
from deadwax.domain.media.findings import Finding, Severity
from deadwax.domain.media.limits import MediaLimits
from deadwax.domain.media.measured import Fault


def fault_findings(facts: AssetFacts, limits: MediaLimits) -> Iterator[Finding]:
    for fault in facts.analysis.faults if facts.analysis else ():
        yield _of(fault, limits)


def _of(fault: Fault, limits: MediaLimits) -> Finding:
    """A fault that only a later version of the analyser knows blocks: nobody here can say that
    it does no harm."""
    known = CHECKS.get(fault.code)
    return Finding(
        code=fault.code,
        severity=limits.severity(fault.code) if known else Severity.BLOCK,
        message=fault.message,
        fix=known.fix if known else "Export the file again and upload it.",
        value=fault.value,
        limit=fault.limit,
        at_s=fault.at_s,
    )
