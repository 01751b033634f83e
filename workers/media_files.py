"""One file, measured and judged where it lies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from deadwax.application.assets import by_kind
from deadwax.application.inspection import Inspection, inspection, unreadable
from deadwax.application.media import Fraction, MediaTools
from deadwax.domain.assets import AssetFacts
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.media.findings import Finding, Severity
from deadwax.domain.media.judging.judge import findings
from deadwax.domain.media.limits import limits_of

_BLOCK = 1 << 20
_DIGESTS = 0.3
"""How much of the time goes into hash sums, about."""


@dataclass(frozen=True)
class Inspected:
    """`problems` are why it cannot be read; then nothing is found of it."""

    inspection: Inspection
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 clean, 1 something blocks, 2 unreadable."""
        if self.problems:
            return 2
        return int(any(finding.severity is Severity.BLOCK for finding in self.findings))


def inspected(tools: MediaTools, path: Path, platform: str, progress: Fraction) -> Inspected:
    """Never raises for what the file is, or that there is none."""
    try:
        sha256, md5 = _digests(path, progress)
    except OSError as error:
        why = error.strerror or type(error).__name__
        problem = Problem("file_unreadable", "file", f"{path}: {why}.", "Name a file.")
        return Inspected(unreadable([problem]), problems=(problem,))
    try:
        read = tools.recognise(str(path), path.name)
        analysis = tools.analyse(
            str(path), path.name, read, lambda done: progress(_DIGESTS + (1 - _DIGESTS) * done)
        )
    except Refused as refused:
        said = unreadable(refused.problems, sha256, md5)
        return Inspected(said, problems=refused.problems)
    facts = AssetFacts(
        sha256=sha256,
        md5=md5,
        size=path.stat().st_size,
        filename=path.name,
        analysis=analysis,
        **by_kind(read),
    )
    found = findings(facts, limits_of(platform))
    return Inspected(inspection(facts, found), found)


def _digests(path: Path, progress: Fraction) -> tuple[str, str]:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size, read = path.stat().st_size, 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            sha256.update(block)
            md5.update(block)
            read += len(block)
            progress(_DIGESTS * min(1.0, read / max(size, 1)))
    return sha256.hexdigest(), md5.hexdigest()
