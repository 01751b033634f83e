"""How much detail a picture has for its size."""

from __future__ import annotations

import numpy as np
from PIL import Image

_TILE = 256
_MOST_TILES = 12  # along each side, evenly spread
_FLAT = 1.0  # mean square of the levels (0 to 255) below which a tile has nothing to measure


def high_band_db(picture: Image.Image) -> float | None:
    """The energy of a picture's luminance above half of Nyquist, in either direction, against all
    of it but the mean, in dB: of tiles of 256 pixels with a Hann window, weighted by their energy.
    None for pictures that are smaller than a tile or plain.

    Scaling up by three or more, or blurring, leaves that band empty."""
    taper = np.hanning(_TILE).astype(np.float32)
    window = np.outer(taper, taper)
    band = np.abs(np.fft.fftfreq(_TILE)) >= 0.25
    high_bins = (band[:, None] | band[None, :])[:, : _TILE // 2 + 1]
    high = whole = 0.0
    for left in _starts(picture.width):
        for top in _starts(picture.height):
            box = (left, top, left + _TILE, top + _TILE)
            tile = np.asarray(_luminance(picture.crop(box)), dtype=np.float32)
            tile = (tile - tile.mean()) * window
            if float(np.mean(tile * tile)) < _FLAT:
                continue
            energy = np.abs(np.fft.rfft2(tile)) ** 2
            high += float(energy[high_bins].sum())
            whole += float(energy.sum())
    return round(10 * float(np.log10(max(high / whole, 1e-12))), 1) if whole else None


def _luminance(tile: Image.Image) -> Image.Image:
    return tile.getchannel("L") if tile.mode == "LAB" else tile.convert("L")


def _starts(length: int) -> list[int]:
    count = min(length // _TILE, _MOST_TILES)
    if count == 0:
        return []
    return [round(at) for at in np.linspace(0, length - _TILE, count)]
