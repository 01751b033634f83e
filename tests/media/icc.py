"""An ICC profile of a printing press with inks that no other press has (ICC.1:2001-04)."""

from __future__ import annotations

import itertools
import struct

import numpy as np

Lab = tuple[float, float, float]

WHITE: Lab = (100.0, 0.0, 0.0)
BLACK: Lab = (0.0, 0.0, 0.0)


def press(inks: dict[tuple[int, int, int, int], Lab], name: str = "Test press") -> bytes:
    """A CMYK profile: the colour of full inks, as (C, M, Y, K) of 0 and 1; of those that are not
    given, black. Between them colours are mixed."""
    corners = itertools.product((0, 1), repeat=4)
    colours = [{(0, 0, 0, 0): WHITE, **inks}.get(corner, BLACK) for corner in corners]
    grid = bytes(
        round(value) for light, a, b in colours for value in (light * 2.55, a + 128, b + 128)
    )
    straight = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + matrix + straight * 4 + grid + straight * 3
    text = name.encode() + b"\0"
    described = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(8 + 67 + 3)
    rights = b"text" + bytes(4) + b"none\0"
    return _profile({b"desc": described, b"cprt": rights, b"A2B0": table})


def _profile(tags: dict[bytes, bytes]) -> bytes:
    at = 128 + 4 + 12 * len(tags)
    index, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags.items():
        index += struct.pack(">4sII", name, at + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    head = bytearray(128)
    struct.pack_into(">I4xI", head, 0, at + len(bodies), 0x02100000)
    head[12:24] = b"prtrCMYKLab "
    head[36:40] = b"acsp"
    struct.pack_into(">3i", head, 68, 63190, 65536, 54061)  # D50
    return bytes(head) + index + bodies


def srgb(colour: Lab) -> tuple[int, ...]:
    """What a Lab colour is in sRGB (IEC 61966-2-1, adapted from D50)."""
    light, a, b = colour
    fy = (light + 16) / 116
    f = np.array([fy + a / 500, fy, fy - b / 200])
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    xyz = xyz * (0.9642, 1.0, 0.8249)
    matrix = [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ]
    linear = np.clip(np.array(matrix) @ xyz, 0, 1)
    value = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
    return tuple(round(float(v) * 255) for v in value)
