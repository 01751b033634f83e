"""What is found of immersive masters, and of a master beside its stereo recording."""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.domain.assets import DOLBY_ATMOS, AssetFacts, AudioFacts
from deadwax.domain.media.findings import Finding
from deadwax.domain.media.judging.found import FLOATING_POINT, found
from deadwax.domain.media.judging.length import seconds
from deadwax.domain.media.limits import DEFAULT, MediaLimits, limits_of
from deadwax.domain.media.measured import AudioMeasured


def immersive_form(audio: AudioFacts, limits: MediaLimits) -> Iterator[Finding]:
    wanted = limits.atmos
    if audio.immersive != DOLBY_ATMOS:
        yield found(limits, "atmos_not_dolby")
    if audio.sampling_rate not in wanted.sampling_rates:
        yield found(limits, "atmos_sampling_rate", audio.sampling_rate, wanted.sampling_rates)
    if audio.bits_per_sample not in wanted.bits:
        bits = audio.bits_per_sample or FLOATING_POINT
        yield found(limits, "atmos_bit_depth", bits, wanted.bits)


def immersive_level(heard: AudioMeasured, limits: MediaLimits) -> Iterator[Finding]:
    """A bed sounds as its channels do; what objects add, only a renderer knows."""
    wanted, peak = limits.atmos, heard.true_peak_dbtp
    if peak is not None and peak > wanted.true_peak_dbtp:
        at_s = heard.true_peak_at_s
        yield found(limits, "atmos_true_peak", peak, wanted.true_peak_dbtp, at_s)
    if heard.objects or heard.integrated_lufs is None:
        yield found(limits, "atmos_loudness_unmeasured")
    elif heard.integrated_lufs > wanted.loudness_lufs:
        yield found(limits, "atmos_loudness", heard.integrated_lufs, wanted.loudness_lufs)


def edition_findings(master: AssetFacts, stereo: AssetFacts) -> Iterator[Finding]:
    """What is wrong with an immersive master for the recording that it is an edition of."""
    if not (master.audio and stereo.audio):
        return
    limits, lasts, wanted = limits_of(DEFAULT), seconds(master), seconds(stereo)
    if abs(lasts - wanted) > limits.atmos.length_difference_s:
        yield found(limits, "atmos_length", lasts, wanted)
