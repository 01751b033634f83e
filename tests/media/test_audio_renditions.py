"""Audio in another form: what stays as it is stays so exactly, and what changes is told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.media.formats import LOSSLESS, LOSSY, Format
from tests.media.rendering import rendered, samples, signal, wav
from tests.media.signals import integers, measured, noise, silence, tone

from deadwax.domain.assets import AudioFacts
from deadwax.domain.errors import Refused
from deadwax.domain.media.recipes import AUDIO_RECIPES, AudioFormat, AudioRecipe
from deadwax.infrastructure.media.audio.pcm_hash import PcmHash
from deadwax.infrastructure.media.render import lossless

FLAC, WAV = AUDIO_RECIPES["flac"], AUDIO_RECIPES["wav"]
LOSSY_RECIPES = ("mp3_320", "aac_256", "opus_192")


def _code(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.problems[0].code


@pytest.mark.parametrize("recipe", [FLAC, WAV], ids=["flac", "wav"])
@pytest.mark.parametrize("name", LOSSLESS)
def test_a_lossless_rendition_has_every_sample_of_its_source(
    name: str, recipe: AudioRecipe, tmp_path: Path
) -> None:
    form: Format = LOSSLESS[name]
    assert form.bits
    said = noise(44_100, 0.4)
    form.write(source := tmp_path / f"a.{form.ending}", said, 44_100)

    made, out = rendered(source, recipe)

    assert made.same_samples
    assert made.gain_db == 0.0
    assert made.facts == AudioFacts(
        container=recipe.format.upper(),
        codec="FLAC" if recipe is FLAC else "PCM",
        channels=2,
        sampling_rate=44_100,
        bits_per_sample=form.bits,
        duration_ms=400,
    )
    assert np.array_equal(samples(out), integers(said, form.bits))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_samples_survive(data: st.DataObject, tmp_path: Path) -> None:
    """Of any length, also shorter than a FLAC block, full scale, one channel or eight."""
    bits = data.draw(st.sampled_from([16, 24]))
    channels, frames = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 9_000))
    seed, quiet = data.draw(st.integers(0, 2**32)), data.draw(st.integers(0, bits - 1))
    full = 2 ** (bits - 1) >> quiet
    values = np.random.default_rng(seed).integers(-full, full, (frames, channels), endpoint=False)
    exact = values / 2 ** (bits - 1)
    source = wav(tmp_path / "a.wav", exact, data.draw(st.sampled_from([44_100, 96_000])), bits)
    (tmp_path / "a.rendition").unlink(missing_ok=True)

    made, out = rendered(source, FLAC)

    assert made.same_samples
    assert np.array_equal(samples(out), integers(exact, bits))


def test_what_was_not_written_as_it_is_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given an encoder that loses a bit, when a rendition is made, then it does not pass."""
    source = wav(tmp_path / "a.wav", noise(44_100, 0.2), 44_100, 16)
    hashed = PcmHash.add

    def lie(self: PcmHash, block: Any) -> None:
        hashed(self, block)
        block[0] ^= 256  # what is hashed before it is written

    monkeypatch.setattr(PcmHash, "add", lie)
    monkeypatch.setattr(lossless.Samples, "add", lambda self, block: self._hash.add(block))

    with pytest.raises(Refused) as refused:
        rendered(source, FLAC)

    assert _code(refused) == "rendition_not_exact"


@pytest.mark.parametrize(
    ("rate", "bits", "recipe", "expected"),
    [
        (44_100, 16, "flac_24_96", (44_100, 16)),
        (48_000, 24, "flac_24_96", (48_000, 24)),
        (192_000, 24, "flac_24_96", (96_000, 24)),
        (96_000, 24, "flac_16_44", (44_100, 16)),
        (96_000, 24, "wav_16_44", (44_100, 16)),
        (88_200, 32, "wav", (88_200, 32)),
        (88_200, 32, "flac", (88_200, 24)),
        (96_000, None, "flac", (96_000, 24)),
        (96_000, 24, "mp3_320", (48_000, None)),
        (88_200, 24, "aac_256", (44_100, None)),
        (44_100, 16, "opus_192", (48_000, None)),
    ],
)
def test_rate_and_bits_are_lowered_and_never_raised(
    rate: int, bits: int | None, recipe: str, expected: tuple[int, int | None], tmp_path: Path
) -> None:
    source = wav(tmp_path / "a.wav", noise(rate, 0.3), rate, bits)

    made, _ = rendered(source, AUDIO_RECIPES[recipe])

    assert isinstance(made.facts, AudioFacts)
    assert (made.facts.sampling_rate, made.facts.bits_per_sample) == expected
    assert abs(made.facts.duration_ms - 300) <= 60  # lossy codecs count in blocks


@pytest.mark.parametrize("name", [*AUDIO_RECIPES])
def test_the_same_bytes_come_out_each_time(name: str, tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", noise(96_000, 0.5), 96_000)
    recipe = AUDIO_RECIPES[name]

    _, out = rendered(source, recipe)
    first = out.read_bytes()
    out.unlink()
    rendered(source, recipe)

    assert out.read_bytes() == first


def test_wav_is_written_with_the_plain_header(tmp_path: Path) -> None:
    """Some platforms do not read EXTENSIBLE, which ffmpeg writes for 24 bits."""
    source = wav(tmp_path / "a.wav", noise(96_000, 0.1), 96_000, 24)

    _, out = rendered(source, WAV)

    head = out.read_bytes()[:36]
    assert head[12:16] == b"fmt "
    assert head[20:22] == b"\x01\x00"


# -- fewer bits


def test_dither_leaves_noise_and_no_distortion(tmp_path: Path) -> None:
    """A tone of a twentieth of a 16 bit step is lost by rounding. Dithered it is there, at its
    level, with no harmonics, above the noise floor of TPDF: 4.77 dB more than that of rounding."""
    rate, step = 48_000, 2.0**-15
    hz = 480.0  # whole periods in any second
    quiet = tone(rate, 4, 0.0, hz=hz, channels=1) * step * 0.5
    source = wav(tmp_path / "a.wav", quiet, rate, 24)

    _, out = rendered(source, replace(FLAC, bits=16))

    found = signal(out)[:, 0]
    spectrum = np.abs(np.fft.rfft(found)) / len(found) * 2
    at = round(hz * 4)
    floor = np.sqrt(np.mean(np.delete(spectrum, [0, at]) ** 2))
    assert spectrum[at] / step == pytest.approx(0.5, abs=0.03)
    for harmonic in (2, 3, 5, 7):
        assert spectrum[at * harmonic] < 4.5 * floor
    power = np.var(found - quiet[:, 0]) / step**2
    assert power == pytest.approx(0.25, rel=0.02)
    assert abs(np.mean(found - quiet[:, 0])) < 0.01 * step


def test_dither_is_as_strong_whatever_the_signal(tmp_path: Path) -> None:
    """The noise power of rounding follows the signal: noise modulation, which is heard."""
    rate, step = 48_000, 2.0**-15
    for offset in (0.0, 0.25, 0.5):
        level = np.full((rate, 1), offset * step)
        source = wav(tmp_path / f"{offset}.wav", level, rate, 24)

        _, out = rendered(source, replace(FLAC, bits=16))

        assert np.var(signal(out)) / step**2 == pytest.approx(0.25, rel=0.03)


# -- fewer samples


def test_resampling_keeps_what_is_below_and_nothing_of_what_is_above(tmp_path: Path) -> None:
    """soxr's very high quality: flat to 91 % of Nyquist, what would alias at least 140 dB down."""
    rate, to = 96_000, 44_100
    low, high = tone(rate, 1, -6, hz=19_000, channels=1), tone(rate, 1, -6, hz=25_000, channels=1)
    recipe = replace(FLAC, sampling_rate=to)

    _, kept = rendered(wav(tmp_path / "low.wav", low, rate), recipe)
    _, gone = rendered(wav(tmp_path / "high.wav", high, rate), recipe)

    inner = slice(to // 10, -to // 10)
    level = np.sqrt(2 * np.mean(signal(kept)[inner] ** 2))
    assert 20 * np.log10(level) == pytest.approx(-6.0, abs=0.01)
    spectrum = np.abs(np.fft.rfft(signal(gone)[inner][:, 0])) / (0.4 * to)
    assert 20 * np.log10(spectrum.max()) < -135  # what is left is 24 bit dither


def test_no_sample_is_cut_off_at_full_scale(tmp_path: Path) -> None:
    """Clipped noise has peaks between its samples that another rate lays bare: the whole is made
    softer by as much, and that is told."""
    loud = np.clip(noise(96_000, 1, -3.0), -1, 1 - 2**-23)
    source = wav(tmp_path / "a.wav", loud, 96_000)

    made, out = rendered(source, AUDIO_RECIPES["flac_16_44"])

    assert made.gain_db < -0.1
    assert made.held_by_peak
    heard = measured(signal(out), 44_100)
    assert heard.clipped_runs == 0
    assert heard.sample_peak_dbfs == pytest.approx(0.0, abs=0.001)


# -- loudness


@pytest.mark.parametrize("recipe", ["flac_16_44", "wav_24_96", *LOSSY_RECIPES])
@pytest.mark.parametrize("target", [-14.0, -23.0])
def test_loudness_is_what_was_asked_for(recipe: str, target: float, tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", tone(48_000, 4, -20.0, hz=997), 48_000)

    made, out = rendered(source, replace(AUDIO_RECIPES[recipe], loudness=target))

    assert isinstance(made.facts, AudioFacts)
    heard = measured(signal(out), made.facts.sampling_rate)
    assert heard.integrated_lufs == pytest.approx(target, abs=0.1)
    assert not made.held_by_peak


@pytest.mark.parametrize("recipe", ["flac_16_44", "opus_192"])
def test_a_peak_holds_the_loudness_down_and_is_not_limited(recipe: str, tmp_path: Path) -> None:
    said = tone(48_000, 4, -30.0, hz=997)
    said[100_000:100_040] *= 20.0
    source = wav(tmp_path / "a.wav", said, 48_000)

    made, out = rendered(source, replace(AUDIO_RECIPES[recipe], loudness=-10.0))

    assert isinstance(made.facts, AudioFacts)
    heard = measured(signal(out), made.facts.sampling_rate)
    assert made.held_by_peak
    assert heard.true_peak_dbtp is not None
    assert -1.5 < heard.true_peak_dbtp <= -1.0
    assert heard.integrated_lufs is not None
    assert heard.integrated_lufs < -15.0


def test_silence_has_no_loudness_and_is_left_alone(tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", silence(44_100, 2), 44_100)

    made, _ = rendered(source, replace(FLAC, loudness=-14.0))

    assert (made.gain_db, made.held_by_peak) == (0.0, False)


# -- previews


def _preview(**more: Any) -> AudioRecipe:
    return replace(FLAC, **{"start": 2, "length": 3, "fade": 1.0, **more})


def test_a_preview_is_cut_where_asked_and_fades_in_and_out(tmp_path: Path) -> None:
    rate = 44_100
    said = np.linspace(0.1, 0.9, 8 * rate)[:, None].repeat(2, axis=1)
    source = wav(tmp_path / "a.wav", said, rate)

    made, out = rendered(source, _preview())

    found = signal(out)
    assert isinstance(made.facts, AudioFacts)
    assert (len(found), made.facts.duration_ms) == (3 * rate, 3_000)
    expected = said[2 * rate : 5 * rate].copy()
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(rate) / (rate - 1))
    expected[:rate] *= ramp[:, None]
    expected[-rate:] *= ramp[::-1, None]
    assert np.abs(found - expected).max() < 2 * 2.0**-23
    assert not made.same_samples


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_a_resampled_preview_has_its_length_to_the_sample(rate: int, tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", noise(rate, 5), rate)

    _, out = rendered(source, _preview(sampling_rate=44_100, fade=0.5))

    assert len(signal(out)) == 3 * 44_100


def test_a_preview_ends_with_the_track(tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", noise(44_100, 3.5), 44_100)

    _, out = rendered(source, _preview(fade=1.0))

    found = signal(out)
    assert len(found) == round(1.5 * 44_100)
    assert np.abs(found[-1]).max() < 2.0**-20


def test_a_preview_behind_the_end_is_refused(tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", noise(44_100, 1.5), 44_100)

    with pytest.raises(Refused) as refused:
        rendered(source, _preview())

    assert _code(refused) == "rendition_preview_start"


# -- what is not made


@pytest.mark.parametrize("name", LOSSY)
def test_a_lossy_source_does_not_become_a_master(name: str, tmp_path: Path) -> None:
    form = LOSSY[name]
    form.write(source := tmp_path / f"a.{form.ending}", noise(48_000, 0.5), 48_000)

    with pytest.raises(Refused) as refused:
        rendered(source, FLAC)
    made, _ = rendered(source, AUDIO_RECIPES["opus_192"])

    assert _code(refused) == "rendition_of_lossy"
    assert isinstance(made.facts, AudioFacts)
    assert made.facts.codec == "Opus"


def test_more_channels_than_a_codec_has_are_refused(tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", noise(48_000, 0.2, channels=6), 48_000)

    with pytest.raises(Refused) as refused:
        rendered(source, AUDIO_RECIPES["mp3_320"])

    assert _code(refused) == "rendition_channels"
    made, _ = rendered(source, FLAC)
    assert made.same_samples


def test_a_damaged_source_is_not_rendered_in_part(tmp_path: Path) -> None:
    LOSSLESS["flac_16"].write(source := tmp_path / "a.flac", noise(44_100, 2), 44_100)
    data = bytearray(source.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2_000] = bytes(2_000)
    source.write_bytes(data)

    with pytest.raises(Refused) as refused:
        rendered(source, WAV)

    assert _code(refused) == "rendition_source_damaged"


def test_every_refusal_is_told_of_in_the_documentation() -> None:
    root = Path(__file__).parents[2]
    sources = [*(root / "infrastructure/media/render").glob("*.py")]
    sources += [*(root / "application").glob("rendition*.py")]
    raised = {
        code for path in sources for code in re.findall(r'"(rendition_\w+)"', path.read_text())
    }
    told = set(re.findall(r"\| `(rendition_\w+)`", (root / "docs/renditions.md").read_text()))

    assert raised == told
    assert len(raised) > 5


def test_progress_goes_up_to_one(tmp_path: Path) -> None:
    from deadwax.infrastructure.media.render.audio import render

    source = wav(tmp_path / "a.wav", noise(96_000, 3), 96_000)
    told: list[float] = []

    recipe = AudioRecipe(format=AudioFormat.FLAC, sampling_rate=44_100, bits=16, loudness=-20.0)
    render(str(source), recipe, str(tmp_path / "out"), told.append)

    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == 1.0
