"""Chromaprint fingerprints of made-up items, as Chromaprint packs them."""

from __future__ import annotations

import base64
from collections.abc import Sequence


def compressed(items: Sequence[int]) -> str:
    """Base64 of the items as distances of changed bits: three bits each, the rest in five."""
    small: list[int] = []
    large: list[int] = []
    before = 0
    for item in items:
        last = 0
        for place in range(32):
            if (item ^ before) >> place & 1:
                distance = place + 1 - last
                small.append(min(distance, 7))
                if distance >= 7:
                    large.append(distance - 7)
                last = place + 1
        small.append(0)
        before = item
    data = bytes([1]) + len(items).to_bytes(3, "big") + _packed(small, 3) + _packed(large, 5)
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _packed(values: Sequence[int], width: int) -> bytes:
    bits = int("".join(f"{value:0{width}b}" for value in reversed(values)) or "0", 2)
    return bits.to_bytes(-(-len(values) * width // 8), "little")
