"""All that is found of a file against limits."""

from __future__ import annotations

from deadwax.domain.assets import AssetFacts
from deadwax.domain.media.findings import Finding
from deadwax.domain.media.judging.audio import audio_findings
from deadwax.domain.media.judging.file import fault_findings
from deadwax.domain.media.judging.image import image_findings
from deadwax.domain.media.judging.text import text_findings
from deadwax.domain.media.judging.video import video_findings
from deadwax.domain.media.limits import MediaLimits


def findings(facts: AssetFacts, limits: MediaLimits) -> tuple[Finding, ...]:
    """In a fixed order. What was not measured (yet) is not judged."""
    return (
        *fault_findings(facts, limits),
        *audio_findings(facts, limits),
        *image_findings(facts, limits),
        *video_findings(facts, limits),
        *text_findings(facts, limits),
    )
