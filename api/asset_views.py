"""What the API shows of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from deadwax.application.inspection import Inspection, inspection
from deadwax.domain.assets import AssetFacts, AssetState
from deadwax.domain.media.findings import Finding
from deadwax.domain.media.judging.judge import findings
from deadwax.domain.media.limits import DEFAULT, limits_of


@dataclass(frozen=True, kw_only=True)
class AssetView(AssetFacts):
    """A file with all that was measured of it. `progress` is how much is done, 0 to 1, null while
    nobody is at it. `findings` are those against the limits of `platform`; the same with the
    commonly asked values, flat, is the `inspection`."""

    state: AssetState
    progress: float | None
    platform: str
    findings: list[Finding]
    inspection: Inspection

    @classmethod
    def of(
        cls, facts: AssetFacts, progress: float | None = None, platform: str = DEFAULT, **more: Any
    ) -> Self:
        found = findings(facts, limits_of(platform))
        return cls(
            **vars(facts),
            state=AssetState.of(facts) if progress is None else AssetState.ANALYSING,
            progress=progress,
            platform=platform,
            findings=list(found),
            inspection=inspection(facts, found),
            **more,
        )


@dataclass(frozen=True, kw_only=True)
class AssetAccepted(AssetView):
    """A file that was taken in or measured; position 0 if that was so already."""

    position: int
