"""How long audio lasts."""

from __future__ import annotations

from deadwax.domain.assets import AssetFacts


def seconds(facts: AssetFacts) -> float:
    """As measured, as stated where it was not. Of audio only."""
    assert facts.audio
    if facts.analysis and facts.analysis.audio:
        return facts.analysis.audio.frames / facts.audio.sampling_rate
    return facts.audio.duration_ms / 1000
