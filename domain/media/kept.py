"""What is known of a rendition without measuring it again, from what was measured of its source."""

from __future__ import annotations

from dataclasses import replace

from deadwax.domain.assets import AssetFacts
from deadwax.domain.media.measured import Analysis, AudioMeasured, ImageMeasured
from deadwax.domain.media.recipes import AudioRecipe
from deadwax.domain.renditions import Rendition


def facts_to_judge(source: AssetFacts, rendition: Rendition) -> AssetFacts:
    """The rendition's own facts, with what it keeps of its source's analysis. Faults of the
    source's file are not those of the file that was written from it."""
    known = source.analysis
    if known is None:
        return rendition.facts
    audio = known.audio and _audio(known.audio, rendition)
    image = known.image and _image(known.image)
    return replace(
        rendition.facts, analysis=Analysis(analyser=known.analyser, audio=audio, image=image)
    )


def _audio(heard: AudioMeasured, rendition: Rendition) -> AudioMeasured | None:
    """Silence, correlation and offset survive every conversion; levels one that does not change
    them; peaks, clipping and the end of the spectrum only one that keeps every sample."""
    facts = rendition.facts.audio
    recipe = rendition.recipe
    if facts is None or rendition.gain_db or not isinstance(recipe, AudioRecipe) or recipe.length:
        return None
    own = replace(
        heard,
        frames=facts.duration_ms * facts.sampling_rate // 1000,
        bitrate_bps=facts.bit_rate or rendition.facts.size * 8000 // max(facts.duration_ms, 1),
        bit_depth=facts.bits_per_sample,
        extensible=False,
        bytes_after=0,
        beds=(),
        objects=0,
    )
    if rendition.same_samples:
        return own
    return replace(
        own,
        effective_bits=None,
        true_peak_dbtp=None,
        true_peak_at_s=None,
        clipped_runs=0,
        clipped_longest=0,
        clipped_at_s=None,
        cutoff_hz=None,
        cutoff_drop_db=None,
        pcm_sha256=None,
    )


def _image(seen: ImageMeasured) -> ImageMeasured:
    """As ImageRecipe writes it: an upright picture in sRGB, 8 bits, with nothing else. Whether it
    is blurred is not known at another size."""
    return ImageMeasured(colour_space="RGB", bits=8, perceptual_hash=seen.perceptual_hash)
