"""Draws the table of recipes in docs/renditions.md.

python docs/draw_renditions.py           print the page with the table drawn again
python docs/draw_renditions.py --write   write docs/renditions.md
"""

from __future__ import annotations

import sys
from pathlib import Path

from deadwax.domain.media.recipes import AUDIO_RECIPES, IMAGE_RECIPES, AudioRecipe

_PAGE = Path(__file__).with_name("renditions.md")
_BEGIN, _END = "<!-- drawn by docs/draw_renditions.py -->\n", "<!-- end -->\n"
_NAMES = {"wav": "WAV", "flac": "FLAC", "mp3": "MP3", "aac": "AAC in M4A", "opus": "Opus"}
_FOLLOWS = "of the source"


def page() -> str:
    head, _, rest = _PAGE.read_text().partition(_BEGIN)
    return f"{head}{_BEGIN}{_table()}\n{_END}{rest.partition(_END)[2]}"


def _table() -> str:
    rows = [("recipe", "makes", "rate", "bits", "bit rate")]
    rows += [(f"`{name}`", *_audio(recipe)) for name, recipe in AUDIO_RECIPES.items()]
    rows += [
        (f"`{name}`", f"JPEG in sRGB, at most {recipe.pixels} pixels, bare", "", "", "")
        for name, recipe in IMAGE_RECIPES.items()
    ]
    head, *lines = [f"| {' | '.join(row)} |\n" for row in rows]
    return "".join([head, "|---" * len(rows[0]), "|\n", *lines])


def _audio(recipe: AudioRecipe) -> tuple[str, str, str, str]:
    makes = _NAMES[recipe.format]
    if recipe.length is not None:
        makes += f", {recipe.length} s with fades of {recipe.fade:g} s"
    if not recipe.format.lossless:
        rate = "48 kHz" if recipe.format == "opus" else "48 or 44.1 kHz"
        return makes, rate, "", f"{(recipe.bitrate or 0) // 1000} kbit/s"
    rate = f"at most {recipe.sampling_rate / 1000:g} kHz" if recipe.sampling_rate else _FOLLOWS
    return makes, rate, f"at most {recipe.bits}" if recipe.bits else _FOLLOWS, ""


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        _PAGE.write_text(page())
    else:
        sys.stdout.write(page())
