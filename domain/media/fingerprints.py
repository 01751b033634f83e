"""How alike two recordings sound, by their Chromaprint fingerprints; and two pictures, by pHash.

`terms` are what an index of many is asked by: alike things share some, others hardly any.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

ALIKE = 0.15
"""Bit errors of two fingerprints that are of the same recording: at most this part of the bits."""

ALIKE_BITS = 6
"""Bits of 64 by which the pHashes of one picture may differ, resized or saved again."""

_LEAST_ITEMS = 24  # three seconds
_OFFSETS_TRIED = 4
_TERM_SHIFT = 8  # of an item's 32 bits the upper 24: enough to tell recordings apart
_SAMPLED = 3  # one of so many terms is kept, the same in every recording
_BANDS = (10, 9, 9, 9, 9, 9, 9)  # bits each: with 6 bits changed one of 7 is as it was
_THREE_BITS = {f"{value:03b}"[::-1]: value for value in range(8)}
_LEAST_BITS, _MOST_BITS = 20, 44  # a pHash has about 32; plain pictures have hardly any


def sound_terms(fingerprint: str) -> tuple[int, ...]:
    """Of items that come once: what repeats, such as silence, is in too many recordings."""
    times = Counter(_items(fingerprint))
    found = {item >> _TERM_SHIFT for item, count in times.items() if count == 1}
    return tuple(sorted(term for term in found if _mixed(term) % _SAMPLED == 0))


def picture_terms(perceptual_hash: str) -> tuple[int, ...]:
    """The bands of a pHash in hex, with their places; none for a plain picture."""
    bits = int(perceptual_hash, 16)
    if not _LEAST_BITS <= bits.bit_count() <= _MOST_BITS:
        return ()
    return tuple(_bands(bits))


def _bands(bits: int) -> Iterator[int]:
    for place, width in enumerate(_BANDS):
        yield (place << 16) | (bits & ((1 << width) - 1))
        bits >>= width


def bit_errors(one: str, other: str) -> float | None:
    """The part of the bits that differ where two fingerprints fit best, 0 to 1. None where they
    share too little, or fit only over less than half of the shorter."""
    first, second = _items(one), _items(other)
    best: float | None = None
    for offset in _offsets(first, second):
        start, end = max(0, offset), min(len(first), len(second) + offset)
        if end - start < max(_LEAST_ITEMS, min(len(first), len(second)) // 2):
            continue
        wrong = sum((first[i] ^ second[i - offset]).bit_count() for i in range(start, end))
        rate = wrong / (32 * (end - start))
        best = rate if best is None else min(best, rate)
    return best


def picture_distance(one: str, other: str) -> int:
    """The bits by which two pHashes in hex differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _offsets(first: Sequence[int], second: Sequence[int]) -> list[int]:
    """By how much the second begins later, as the items say that both have."""
    places: dict[int, list[int]] = {}
    for i, item in enumerate(first):
        places.setdefault(item >> _TERM_SHIFT, []).append(i)
    votes = Counter(
        i - j
        for j, item in enumerate(second)
        for i in places.get(item >> _TERM_SHIFT, ())[:_OFFSETS_TRIED]
    )
    return [offset for offset, _ in votes.most_common(_OFFSETS_TRIED)]


def _mixed(term: int) -> int:
    """Spreads neighbouring numbers (Knuth's multiplicative hash)."""
    return (term * 2_654_435_761 >> 12) & 0xFFFFF


@lru_cache(maxsize=64)
def _items(fingerprint: str) -> tuple[int, ...]:
    """The 32-bit items of a compressed fingerprint in base64. ValueError for what is none.

    Chromaprint's compression: each item as the distances of the bits in which it differs from the
    one before, three bits each and 0 at its end; of distances of 7 and more the rest follows
    behind all items, in five bits.
    """
    try:
        data = base64.urlsafe_b64decode(fingerprint + "=" * (-len(fingerprint) % 4))
    except binascii.Error as error:
        raise ValueError("The fingerprint is no base64.") from error
    count = int.from_bytes(data[1:4], "big")
    distances = _distances(data[4:], count)
    items: list[int] = []
    item = bit = 0
    for distance in distances:
        if distance:
            bit += distance
            item ^= 1 << (bit - 1)
        else:
            items.append(item & 0xFFFFFFFF)
            bit = 0
    if len(items) != count:
        raise ValueError("The fingerprint is cut off.")
    return tuple(items)


def _distances(data: bytes, count: int) -> list[int]:
    bits = int.from_bytes(data, "little")
    text = bin(bits)[2:].zfill(len(data) * 8)[::-1]
    found: list[int] = []
    large: list[int] = []
    at, ended = 0, 0
    while ended < count and at + 3 <= len(text):
        distance = _THREE_BITS[text[at : at + 3]]
        at += 3
        ended += distance == 0
        if distance == 7:
            large.append(len(found))
        found.append(distance)
    at = -(-at // 8) * 8
    for place in large:
        found[place] += int(text[at : at + 5][::-1] or "0", 2)
        at += 5
    return found
