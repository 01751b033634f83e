"""What is found of a file is what breaks a limit, nothing else, and always said."""

from __future__ import annotations

import re
from dataclasses import replace
from math import inf, nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.measuring import (
    FORM,
    HEARD,
    IMMERSIVE,
    QUIETER,
    audio,
    codes,
    found,
    heard,
    lasting,
    shaped,
)

from deadwax.domain.assets import AssetFacts, AudioFacts
from deadwax.domain.media.checks import CHECKS
from deadwax.domain.media.findings import Severity
from deadwax.domain.media.judging.atmos import edition_findings
from deadwax.domain.media.judging.found import in_words
from deadwax.domain.media.limits import AudioLimits, MediaLimits, limits_of
from deadwax.domain.media.measured import AudioMeasured, Fault

DEFAULT = limits_of("default")
FRAME = 1 / FORM.sampling_rate


def up(value: float) -> float:
    return nextafter(value, inf)


def down(value: float) -> float:
    return nextafter(value, -inf)


def _atmos(**changes: object) -> AssetFacts:
    form = {k: v for k, v in changes.items() if k in AudioFacts.__dataclass_fields__}
    rest = {k: v for k, v in changes.items() if k not in form}
    shape = replace(IMMERSIVE, **form)
    return audio(shape, replace(QUIETER, frames=60 * shape.sampling_rate, **rest))


def _cut(rate: int, hz: float, drop: float = 60.0) -> AssetFacts:
    form = replace(FORM, sampling_rate=rate)
    return audio(form, replace(HEARD, frames=60 * rate, cutoff_hz=hz, cutoff_drop_db=drop))


# The code, what is still within, what is just beyond.
EDGES = {
    "too_short": (lasting(30), lasting(30 - FRAME)),
    "too_long": (lasting(600), lasting(600 + FRAME)),
    "lossy_master": (
        shaped(codec="ALAC", container="MP4"),
        shaped(codec="AAC", container="MP4", bits_per_sample=None, bit_rate=256_000),
    ),
    "container_not_taken": (shaped(container="AIFF"), shaped(container="QuickTime")),
    "sampling_rate": (shaped(sampling_rate=44_100), shaped(sampling_rate=44_099)),
    "bit_depth": (shaped(bits_per_sample=16), shaped(bits_per_sample=32)),
    "mono": (shaped(channels=2), shaped(channels=1)),
    "channels": (shaped(channels=2), shaped(channels=3)),
    "leading_silence": (heard(leading_silence_s=3.0), heard(leading_silence_s=up(3.0))),
    "trailing_silence": (heard(trailing_silence_s=3.0), heard(trailing_silence_s=up(3.0))),
    "leading_silence_long": (None, heard(leading_silence_s=up(10.0))),
    "trailing_silence_long": (None, heard(trailing_silence_s=up(10.0))),
    "inner_silence": (heard(inner_silence_s=10.0), heard(inner_silence_s=up(10.0))),
    "silent": (
        heard(sample_peak_dbfs=-90.3),
        heard(sample_peak_dbfs=None, true_peak_dbtp=None, integrated_lufs=None, correlation=None),
    ),
    "true_peak": (heard(true_peak_dbtp=-1.0), heard(true_peak_dbtp=up(-1.0))),
    "loudness": (heard(integrated_lufs=-14.0), heard(integrated_lufs=up(-14.0))),
    "clipping": (heard(clipped_runs=0), heard(clipped_runs=1, clipped_at_s=2.5)),
    "dc_offset": (heard(dc_offset=-0.01), heard(dc_offset=down(-0.01))),
    "phase_low": (heard(correlation=-0.5), heard(correlation=down(-0.5))),
    "phase_inverted": (None, heard(correlation=-0.98)),
    "dual_mono": (heard(correlation=1.0), heard(correlation=1.0, dual_mono=True)),
    "padded_bits": (heard(effective_bits=17), heard(effective_bits=16)),
    "fake_high_resolution": (_cut(96_000, up(24_200)), _cut(96_000, 24_200)),
    "lossy_origin": (_cut(48_000, 20_200), _cut(48_000, down(20_200))),
    "extensible": (heard(), heard(extensible=True)),
    "bytes_after": (heard(), heard(bytes_after=34)),
    "atmos_sampling_rate": (_atmos(), _atmos(sampling_rate=96_000)),
    "atmos_bit_depth": (_atmos(), _atmos(bits_per_sample=16)),
    "atmos_true_peak": (_atmos(true_peak_dbtp=-1.0), _atmos(true_peak_dbtp=up(-1.0))),
    "atmos_not_dolby": (_atmos(), _atmos(immersive="ADM")),
    "atmos_loudness_unmeasured": (_atmos(), _atmos(objects=1)),
    "atmos_loudness": (_atmos(integrated_lufs=-18.0), _atmos(integrated_lufs=up(-18.0))),
}


@pytest.mark.parametrize("code", EDGES)
def test_nothing_is_found_at_a_limit_and_just_one_thing_beyond(code: str) -> None:
    within, beyond = EDGES[code]
    assert codes(within or audio()) == []
    assert codes(beyond) == [code]


def test_a_long_silence_or_a_turned_channel_is_told_once_as_what_it_is() -> None:
    assert codes(heard(leading_silence_s=10.0)) == ["leading_silence"]
    assert codes(heard(trailing_silence_s=10.0)) == ["trailing_silence"]
    assert codes(heard(correlation=up(-0.98))) == ["phase_low"]


def test_high_resolution_is_only_asked_of_what_claims_it() -> None:
    assert codes(_cut(48_000, 22_000)) == []
    assert codes(_cut(88_200, 22_000)) == ["fake_high_resolution"]
    assert codes(_cut(88_200, 22_000, drop=29.9)) == []
    assert codes(_cut(96_000, 16_000)) == ["fake_high_resolution", "lossy_origin"]


def test_loud_music_needs_more_headroom() -> None:
    assert codes(heard(integrated_lufs=-9.0, true_peak_dbtp=-2.0)) == ["loudness"]
    loud = found(heard(integrated_lufs=-9.0, true_peak_dbtp=-1.9))
    assert [(f.code, f.limit) for f in loud] == [("true_peak", -2.0), ("loudness", -14.0)]


def test_a_lossy_file_is_not_also_suspected_of_a_lossy_origin() -> None:
    form = replace(FORM, codec="MP3", container="MP3", bits_per_sample=None, bit_rate=128_000)
    mp3 = audio(form, replace(HEARD, cutoff_hz=16_000.0, cutoff_drop_db=60.0))
    assert codes(mp3) == ["lossy_master"]


def test_floating_point_is_named_as_what_it_is() -> None:
    (finding,) = found(shaped(bits_per_sample=None))
    assert finding.value == "floating point"
    assert finding.message == "The samples are floating point; 16 bit or 24 bit is taken."


def test_what_was_not_measured_is_not_judged() -> None:
    assert codes(audio(FORM, None)) == []
    assert codes(audio(replace(FORM, channels=1), None)) == ["mono"]
    assert codes(audio(replace(FORM, duration_ms=29_999), None)) == ["too_short"]


def test_where_in_time_is_told() -> None:
    at = {f.code: f.at_s for f in found(heard(trailing_silence_s=20.0, leading_silence_s=4.0))}
    assert at == {"leading_silence": 0.0, "trailing_silence_long": 160.0}
    (clipped,) = found(heard(clipped_runs=2, clipped_at_s=2.5))
    assert clipped.at_s == 2.5


def test_more_channels_than_have_a_loudness_are_said_to_have_none() -> None:
    assert codes(_atmos(integrated_lufs=None)) == ["atmos_loudness_unmeasured"]


def test_an_immersive_master_lasts_as_long_as_its_recording() -> None:
    def told(stereo: float, master: float) -> list[str]:
        recording = lasting(stereo, replace(FORM, sampling_rate=44_100))
        return [f.code for f in edition_findings(lasting(master, IMMERSIVE), recording)]

    assert told(180.0, 180.0) == told(180.0, 180.09) == told(180.0, 179.91) == []
    assert told(180.0, 180.11) == told(180.0, 179.89) == ["atmos_length"]


def test_a_fault_of_the_file_is_found_in_the_analysers_words() -> None:
    fault = Fault(code="truncated", message="It ends at 12 s.", value=12.0, limit=180.0, at_s=12.0)
    (finding,) = found(audio(FORM, HEARD, fault))
    assert (finding.severity, finding.message) == (Severity.BLOCK, "It ends at 12 s.")
    assert (finding.value, finding.limit, finding.at_s) == (12.0, 180.0, 12.0)
    assert finding.fix == CHECKS["truncated"].fix


def test_a_fault_that_only_a_later_version_knows_blocks() -> None:
    (finding,) = found(audio(FORM, HEARD, Fault(code="of_2031", message="Odd.")))
    assert (finding.code, finding.severity) == ("of_2031", Severity.BLOCK)


def test_a_platform_may_make_a_check_graver_or_lighter() -> None:
    strict = replace(DEFAULT, severities={"mono": Severity.FIX})
    assert [f.severity for f in found(shaped(channels=1))] == [Severity.WARN]
    assert [f.severity for f in found(shaped(channels=1), strict)] == [Severity.FIX]


def test_every_check_of_audio_has_its_edge_here() -> None:
    of_audio = {code for code, check in CHECKS.items() if check.group in ("audio", "atmos")}
    of_forms = {"codec_not_taken", "bitrate"}  # of platforms only: test_media_limits
    assert of_audio == EDGES.keys() | of_forms | {"atmos_length"}


def test_a_message_never_reads_as_if_the_limit_were_kept() -> None:
    for _, beyond in EDGES.values():
        for finding in found(beyond):
            numbers = re.findall(r"-?\d[\d.]*", finding.message)
            assert len(numbers) == len(set(numbers)), finding.message


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (44_100, "Hz", "44.1 kHz"),
        (50, "Hz", "50 Hz"),
        (12_345_678, "bytes", "12.35 MB"),
        (34, "bytes", "34 bytes"),
        (1, "channels", "1 channel"),
        (320_000, "bit/s", "320 kbit/s"),
        (630.0, "s", "10.5 min"),
        (30.0, "s", "30 s"),
        (-0.5, "dBTP", "-0.5 dBTP"),
        ((16, 24), "bit", "16 bit or 24 bit"),
        (("PCM", "FLAC", "ALAC"), "", "PCM, FLAC or ALAC"),
    ],
)
def test_numbers_are_written_as_people_write_them(value: object, unit: str, said: str) -> None:
    assert in_words(value, unit) == said  # type: ignore[arg-type]


# Properties: anything within the limits is silent; worse is never better.

small = st.floats(0, 1, allow_nan=False)
MEASURED = st.builds(
    AudioMeasured,
    frames=st.integers(1, 700 * 192_000),
    bitrate_bps=st.just(1_411_200),
    bit_depth=st.sampled_from([16, 24]),
    effective_bits=st.integers(1, 24),
    sample_peak_dbfs=st.floats(-60, 0) | st.none(),
    true_peak_dbtp=st.floats(-60, 3),
    integrated_lufs=st.floats(-70, 0) | st.none(),
    clipped_runs=st.integers(0, 5),
    leading_silence_s=st.floats(0, 20),
    trailing_silence_s=st.floats(0, 20),
    inner_silence_s=st.floats(0, 20),
    dc_offset=st.floats(-0.1, 0.1),
    correlation=st.floats(-1, 1) | st.none(),
    dual_mono=st.booleans(),
    cutoff_hz=st.floats(8000, 40_000) | st.none(),
    cutoff_drop_db=st.floats(10, 90),
    extensible=st.booleans(),
    bytes_after=st.integers(0, 100),
)
FORMS = st.builds(
    AudioFacts,
    container=st.sampled_from(["WAV", "FLAC", "AIFF", "MP4", "MP3", "Ogg"]),
    codec=st.sampled_from(["PCM", "FLAC", "ALAC", "MP3", "AAC", "Opus"]),
    channels=st.integers(1, 12),
    sampling_rate=st.sampled_from([8000, 22_050, 44_100, 48_000, 96_000, 192_000, 384_000]),
    bits_per_sample=st.sampled_from([8, 16, 24, 32, None]),
    duration_ms=st.integers(1, 1_000_000),
    immersive=st.sampled_from([None, None, "DolbyAtmos"]),
    bit_rate=st.none() | st.integers(32_000, 320_000),
)
ANYTHING = st.builds(audio, FORMS, MEASURED)


@given(
    st.sampled_from(DEFAULT.audio.sampling_rates),
    st.sampled_from(DEFAULT.audio.bits),
    st.floats(30.001, 599.999),
    st.floats(-70, -14),
    st.floats(-60, -1),
    st.floats(0, 3),
    st.floats(-0.01, 0.01),
    st.floats(-0.5, 1),
)
def test_what_keeps_every_limit_has_no_finding(
    rate: int,
    bits: int,
    seconds: float,
    lufs: float,
    peak: float,
    silence: float,
    dc: float,
    correlation: float,
) -> None:
    form = replace(FORM, sampling_rate=rate, bits_per_sample=bits)
    sound = replace(
        HEARD,
        bit_depth=bits,
        effective_bits=bits,
        integrated_lufs=lufs,
        true_peak_dbtp=peak,
        leading_silence_s=silence,
        trailing_silence_s=silence,
        dc_offset=dc,
        correlation=correlation,
    )
    assert codes(lasting(seconds, form, sound)) == []


def _stricter(limits: AudioLimits, name: str, by: float) -> AudioLimits:
    """`by` of 0 to 1, how much stricter."""
    value = getattr(limits, name)
    if isinstance(value, tuple):
        return replace(limits, **{name: value[: max(1, round(len(value) * (1 - by)))]})
    return replace(limits, **{name: value + _TOWARDS[name] * by})


_TOWARDS = {
    "lossy_bitrate": 320_000,
    "shortest_s": 60.0,
    "longest_s": -599.0,
    "edge_silence_warn_s": -3.0,
    "edge_silence_block_s": -10.0,
    "inner_silence_s": -10.0,
    "true_peak_dbtp": -6.0,
    "true_peak_loud_dbtp": -6.0,
    "loud_lufs": -20.0,
    "dc_offset": -0.01,
    "correlation_low": 1.0,
    "correlation_inverted": 1.0,
    "cutoff_drop_db": -20.0,
    "lossy_cutoff_hz": 4000.0,
    "high_resolution_hz": -40_000,
    "high_resolution_cutoff_hz": 10_000.0,
}
_LISTS = ("codecs", "containers", "sampling_rates", "bits", "channels")
_RANK = (Severity.INFO, Severity.WARN, Severity.FIX, Severity.BLOCK)
_SUBJECT = {"phase_inverted": "phase_low", "container_not_taken": "form"} | dict.fromkeys(
    ("codec_not_taken", "lossy_master"), "form"
)


def _subjects(facts: AssetFacts, limits: MediaLimits) -> dict[str, int]:
    """How grave what is found is, by subject: codes of degrees of one thing are one."""
    return {
        _SUBJECT.get(f.code, f.code.removesuffix("_long")): _RANK.index(f.severity)
        for f in found(facts, limits)
    }


@given(ANYTHING, st.sampled_from([*_TOWARDS, *_LISTS]), small)
def test_a_stricter_limit_never_loses_a_finding(facts: AssetFacts, name: str, by: float) -> None:
    before = _subjects(facts, DEFAULT)
    after = _subjects(facts, replace(DEFAULT, audio=_stricter(DEFAULT.audio, name, by)))
    assert {subject: after.get(subject, -1) >= rank for subject, rank in before.items()} == (
        dict.fromkeys(before, True)
    )


WORSE = {
    "leading_silence_s": 1.0,
    "trailing_silence_s": 1.0,
    "inner_silence_s": 1.0,
    "true_peak_dbtp": 1.0,
    "integrated_lufs": 1.0,
    "clipped_runs": 1,
    "correlation": -0.1,
    "cutoff_hz": -1000.0,
    "cutoff_drop_db": 5.0,
}


@given(ANYTHING, st.sampled_from(sorted(WORSE)), st.integers(1, 10))
def test_worse_sound_never_has_fewer_or_lighter_findings(
    facts: AssetFacts, name: str, steps: int
) -> None:
    assert facts.analysis
    assert facts.analysis.audio
    sound = facts.analysis.audio
    value = getattr(sound, name)
    if value is None:
        return
    worse = replace(sound, **{name: value + WORSE[name] * steps})
    before = _subjects(facts, DEFAULT)
    after = _subjects(replace(facts, analysis=replace(facts.analysis, audio=worse)), DEFAULT)
    assert all(after.get(subject, -1) >= rank for subject, rank in before.items())


@given(ANYTHING)
def test_each_finding_is_of_the_table_and_whole(facts: AssetFacts) -> None:
    said = found(facts)
    assert len({f.code for f in said}) == len(said)
    for finding in said:
        assert finding.code in CHECKS
        assert finding.severity is DEFAULT.severity(finding.code)
        assert "{" not in finding.message
        assert finding.message.endswith(".")
        assert finding.fix.endswith(".")
