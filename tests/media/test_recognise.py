"""Movies, booklets and lyrics as they are recognised, and what is no media."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from deadwax.domain.assets import AudioFacts, TextFacts, VideoFacts
from deadwax.domain.errors import Refused
from deadwax.infrastructure.media.recognise import recognise


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("movie") / "clip.mp4", "-c:v", "libx264", "-c:a", "aac")


def made(path: Path, *codecs: str) -> Path:
    """Two seconds of a moving picture, 320 x 180 at 25 frames a second, with a tone."""
    picture = "testsrc=duration=2:size=320x180:rate=25"
    tone = "sine=frequency=440:duration=2:sample_rate=48000"
    sources = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *sources, "-ac", "2"]
    subprocess.run([*command, *codecs, str(path)], check=True, timeout=60)
    return path


def measure(path: Path) -> object:
    return recognise(str(path), path.name)


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as caught:
        measure(path)
    return caught.value.problems[0].code


def test_an_mp4_is_measured(movie: Path) -> None:
    assert measure(movie) == VideoFacts(
        container="MP4",
        codec="AVC",
        width=320,
        height=180,
        duration_ms=2000,
        frame_rate="25",
        audio_codec="AAC",
        audio_channels=2,
        audio_sampling_rate=48000,
    )


def test_a_quicktime_movie_is_measured(tmp_path: Path) -> None:
    found = measure(made(tmp_path / "clip.mov", "-c:v", "prores_ks", "-c:a", "pcm_s24le"))
    assert isinstance(found, VideoFacts)
    assert found.container == "QuickTime"
    assert found.codec.startswith("ProRes-")
    assert found.audio_codec == "PCM"


def test_a_movie_that_ends_early_is_refused(movie: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(movie.read_bytes()[:-500])
    assert refusal(cut) == "video_truncated"


@pytest.mark.parametrize("kept", [12, 40, 200])
def test_a_stump_of_a_movie_is_refused(movie: Path, tmp_path: Path, kept: int) -> None:
    stump = tmp_path / "stump.mp4"
    stump.write_bytes(movie.read_bytes()[:kept])
    assert refusal(stump) in ("video_truncated", "video_format")


def test_an_mp4_without_video_is_audio(tmp_path: Path) -> None:
    sound = tmp_path / "sound.mp4"
    tone = ["-f", "lavfi", "-i", "sine=duration=1"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *tone, "-c:a", "aac", str(sound)]
    subprocess.run(command, check=True, timeout=60)
    assert isinstance(measure(sound), AudioFacts)


def test_a_booklet_and_lyrics_are_known_by_their_bytes(tmp_path: Path) -> None:
    files = {
        "PDF": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n",
        "UTF8Text": "Es läuft\nund läuft\n".encode(),
        "LRC": b"[ti:One]\n[00:12.00]Round\n[00:15.30]and round\n",
        "EnhancedLRC": b"[00:12.00]<00:12.00>Round <00:12.40>and\n",
    }
    for codec, data in files.items():
        path = tmp_path / "file.bin"
        path.write_bytes(data)
        assert measure(path) == TextFacts(codec=codec)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"%PDF-1.7\n1 0 obj\n", "pdf_truncated"),
        (b"\x00\x01\x02\x03 no text", "media_unknown"),
        (b"\xff\xfea\x00b\x00", "media_unknown"),
        (b"  \n \n", "media_unknown"),
    ],
)
def test_what_is_no_media_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(data)
    assert refusal(path) == code
