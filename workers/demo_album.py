"""An album to try things with: real WAV files and a real cover, made here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image, ImageDraw

_RATE = 44_100
_SCALE = (0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24, 26)
_TITLES = (
    "Lead-in Groove", "First Side", "Lacquer", "Lathe", "Matrix Number", "Stamper",
    "Locked Groove", "Second Side", "Test Pressing", "Centre Hole", "Sleeve Notes", "Run-out",
)  # fmt: skip
TRACKS = len(_TITLES)


def make_album(folder: Path, icpn: str, seconds: int, tracks: int = TRACKS) -> None:
    """Write `tracks` stereo WAV files (16 bit, 44.1 kHz; at most 12), cover.jpg (3000 x 3000) and
    release.json."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(_SCALE[:tracks], start=1):
        _write_wav(folder / f"{number:02d}.wav", 110.0 * 2 ** (step / 12), seconds)
    _write_cover(folder / "cover.jpg")
    (folder / "release.json").write_text(json.dumps(_release(icpn, tracks), indent=2))


def _write_wav(path: Path, pitch: float, seconds: int) -> None:
    """A chord of three partials that swells and fades."""
    t = np.arange(seconds * _RATE) / _RATE
    swell = 6000 * np.sin(np.pi * t / seconds)
    left = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in (1, 2, 3))
    right = sum(np.sin(2 * np.pi * pitch * k * 1.5 * t) / k for k in (1, 2))
    samples = np.stack([left * swell, right * swell], axis=1).astype(np.int16)
    soundfile.write(path, samples, _RATE, subtype="PCM_16", format="WAV")


def _write_cover(path: Path) -> None:
    picture = Image.new("RGB", (3000, 3000), (24, 24, 28))
    draw = ImageDraw.Draw(picture)
    for radius in range(1400, 420, -14):
        shade = 40 + (radius * 7) % 40
        box = (1500 - radius, 1500 - radius, 1500 + radius, 1500 + radius)
        draw.ellipse(box, outline=(shade, shade, shade + 6), width=4)
    draw.ellipse((1090, 1090, 1910, 1910), fill=(196, 64, 48))
    draw.ellipse((1470, 1470, 1530, 1530), fill=(24, 24, 28))
    picture.save(path, "JPEG", quality=90, dpi=(300, 300))


def _release(icpn: str, count: int) -> dict[str, Any]:
    artist = {"name": "The Matrix Etchings", "role": "MainArtist"}
    line = {"year": 2026, "text": "2026 Run-out Records"}
    tracks = [
        {
            "number": number,
            "isrc": f"QZDWX26{int(icpn[3:11]) % 100 * 100 + number:05d}",
            "title": title,
            "artists": [artist],
            "contributors": [{"name": "Ada Lathe", "roles": ["Composer"]}],
            "genre": "Electronic",
            "language": "zxx",
            "instrumental": True,
            "parental_warning": "NotExplicit",
            "p_line": line,
            "preview_start": 5,
            "audio": f"{number:02d}.wav",
        }
        for number, title in enumerate(_TITLES[:count], start=1)
    ]
    return {
        "title": "Etched in the Run-out",
        "type": "Album",
        "label": "Run-out Records",
        "icpn": icpn,
        "catalogue_number": "ROR-001",
        "artists": [artist],
        "genre": "Electronic",
        "language": "en",
        "p_line": line,
        "c_line": line,
        "release_date": "2026-12-04",
        "original_release_date": "2026-12-04",
        "parental_warning": "NotExplicit",
        "tracks": tracks,
        "rights": [{"territories": {"included": ["Worldwide"]}}],
        "deals": [
            {
                "territories": {"included": ["Worldwide"]},
                "models": ["PayAsYouGoModel"],
                "uses": ["PermanentDownload"],
                "start": "2026-12-04",
                "price": {"amount": "5.49", "currency": "EUR"},
            },
            {
                "territories": {"included": ["Worldwide"]},
                "models": ["SubscriptionModel", "AdvertisementSupportedModel"],
                "uses": ["OnDemandStream"],
                "start": "2026-12-04",
            },
        ],
    }
