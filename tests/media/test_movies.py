"""Videos, by their headers: MP4, QuickTime, WebM, whole and broken."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from deadwax.domain.assets import VideoFacts
from deadwax.domain.errors import Refused
from deadwax.domain.media.measured import VideoMeasured
from deadwax.infrastructure.media import ffmpeg, movie

Make = Callable[..., Path]
_H264 = ("-c:v", "libx264", "-preset", "ultrafast")
_VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Two seconds of a moving picture, 180 x 320 at 25 frames a second, with a tone; once."""
    folder, kept = tmp_path_factory.mktemp("movies"), dict[tuple[str, ...], Path]()

    def make(ending: str, *options: str) -> Path:
        known = kept.get((ending, *options))
        if known is None:
            path = folder / f"{len(kept)}.{ending}"
            picture = "testsrc=duration=2:size=180x320:rate=25"
            sources = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=duration=2"]
            ffmpeg.run([*sources, *options, str(path)])
            known = kept[(ending, *options)] = path
        return known

    return make


def recognised(path: Path) -> VideoFacts:
    found = movie.recognise_movie(path.read_bytes()[:16], str(path))
    assert found is not None
    return found


def measured(path: Path) -> VideoMeasured:
    found, faults = movie.measure(str(path))
    assert faults == ()
    return found


def fault_codes(path: Path) -> list[str]:
    return [fault.code for fault in movie.measure(str(path))[1]]


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as caught:
        recognised(path)
    return caught.value.problems[0].code


def test_a_webm_is_recognised(made: Make) -> None:
    found = recognised(made("webm", *_VP8))
    assert (found.container, found.codec) == ("WebM", "VP8")
    assert (found.width, found.height, found.frame_rate) == (180, 320, "25")
    assert found.duration_ms == pytest.approx(2000, abs=30)
    assert (found.audio_codec, found.audio_channels, found.audio_sampling_rate) == (
        "Opus",
        1,
        48_000,
    )
    assert measured(made("webm", *_VP8)).fast_start is None


def test_a_webm_that_was_written_live_has_its_length_from_its_frames(made: Make) -> None:
    live = made("webm", *_VP8, "-live", "1")
    assert recognised(live).duration_ms == pytest.approx(2000, abs=30)
    assert measured(live).bitrate_bps > 1000


def test_where_the_index_stands_is_told(made: Make) -> None:
    assert measured(made("mp4", *_H264)).fast_start is False
    assert measured(made("mp4", *_H264, "-movflags", "faststart")).fast_start is True


def test_how_it_is_shown_is_told(made: Make, tmp_path: Path) -> None:
    plain = measured(made("mp4", *_H264))
    assert (plain.rotation, plain.shown_width, plain.shown_height) == (0, 180, 320)
    turned = tmp_path / "turned.mp4"
    source = ["-display_rotation", "90", "-i", str(made("mp4", *_H264))]
    ffmpeg.run([*source, "-c", "copy", str(turned)])
    found = measured(turned)
    assert (found.rotation, found.shown_width, found.shown_height) == (270, 320, 180)
    wide = measured(made("mp4", *_H264, "-vf", "setsar=2/1"))
    assert (wide.shown_width, wide.shown_height) == (360, 320)


@pytest.mark.parametrize(
    ("ending", "options"), [("mp4", (*_H264, "-movflags", "faststart")), ("webm", _VP8)]
)
def test_a_movie_that_ends_early_is_told_where_its_header_is_in_front(
    ending: str, options: tuple[str, ...], made: Make, tmp_path: Path
) -> None:
    cut, whole = tmp_path / f"cut.{ending}", made(ending, *options).read_bytes()
    for kept in (0.5, 1 - 1 / len(whole)):
        cut.write_bytes(whole[: int(len(whole) * kept)])
        assert recognised(cut).width == 180
        assert fault_codes(cut) == ["truncated"]


def test_media_that_is_shorter_than_its_samples_is_told(made: Make, tmp_path: Path) -> None:
    data = made("mp4", *_H264, "-movflags", "faststart").read_bytes()
    at = data.index(b"mdat") - 4
    lying = tmp_path / "lying.mp4"
    lying.write_bytes(data[:at] + struct.pack(">I", 1008) + data[at + 4 : at + 1008])
    assert fault_codes(lying) == ["truncated"]


def test_a_length_that_is_not_that_of_its_frames_is_told(made: Make, tmp_path: Path) -> None:
    data = bytearray(made("mp4", *_H264).read_bytes())
    at = data.index(b"mdhd") + 4
    scale, length = struct.unpack_from(">II", data, at + 12)
    struct.pack_into(">I", data, at + 16, length * 4)
    lying = tmp_path / "lying.mp4"
    lying.write_bytes(data)
    assert fault_codes(lying) == ["video_lengths_differ"]
    assert movie.measure(str(lying))[1][0].limit == pytest.approx(4 * length / scale)
    struct.pack_into(">I", data, at + 16, 0)
    lying.write_bytes(data)
    assert refusal(lying) == "video_format"


def test_a_webm_whose_header_lies_about_its_length_is_told(made: Make, tmp_path: Path) -> None:
    data = bytearray(made("webm", *_VP8).read_bytes())
    at = data.index(b"\x44\x89\x88") + 3
    struct.pack_into(">d", data, at, 8000.0)
    lying = tmp_path / "lying.webm"
    lying.write_bytes(data)
    assert fault_codes(lying) == ["video_lengths_differ"]


@pytest.mark.parametrize(
    ("ending", "options"),
    [("mp4", (*_H264, "-movflags", "frag_keyframe+empty_moov")), ("mkv", _H264), ("mp4", ("-vn",))],
)
def test_what_cannot_be_delivered_as_a_video_is_refused(
    ending: str, options: tuple[str, ...], made: Make
) -> None:
    assert refusal(made(ending, *options)) == "video_format"


def test_what_is_no_movie_is_left_to_others(tmp_path: Path) -> None:
    assert movie.recognise_movie(b"RIFF\x10\0\0\0WAVEfmt ", str(tmp_path)) is None


@pytest.mark.parametrize(("ending", "options"), [("mp4", _H264), ("webm", _VP8)])
def test_mutants_of_movies_are_measured_or_refused(
    ending: str, options: tuple[str, ...], made: Make, tmp_path: Path
) -> None:
    rng, mutant = np.random.default_rng(7), tmp_path / "mutant"
    whole = made(ending, *options).read_bytes()
    header = whole.index(b"moov") if ending == "mp4" else 0
    for _ in range(300):
        data = bytearray(whole)
        for place in rng.integers(header, min(header + 1500, len(data)), 3):
            data[place] = rng.integers(0, 256)
        mutant.write_bytes(data)
        with suppress(Refused):
            if movie.recognise_movie(data[:16], str(mutant)):
                movie.measure(str(mutant))
