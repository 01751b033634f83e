"""Files with random damage, each from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable

_HEAD = 400
Change = Callable[[random.Random, bytearray], None]


def _flip_bits(chance: random.Random, data: bytearray) -> None:
    for _ in range(chance.choice((1, 2, 8))):
        at = _place(chance, data)
        data[at] ^= 1 << chance.randrange(8)


def _set_number(chance: random.Random, data: bytearray) -> None:
    """A size, count or offset, as any of its widths, at the edges of what it can be."""
    width = chance.choice((1, 2, 4, 8))
    values = (0, 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1, chance.randrange(2**64), len(data))
    number = chance.choice(values) % 256**width
    at = _place(chance, data)
    data[at : at + width] = number.to_bytes(width, chance.choice(("big", "little")))


def _cut(chance: random.Random, data: bytearray) -> None:
    del data[_place(chance, data) :]


def _remove(chance: random.Random, data: bytearray) -> None:
    at = _place(chance, data)
    del data[at : at + chance.choice((1, 4, 8, 100))]


def _insert(chance: random.Random, data: bytearray) -> None:
    at = _place(chance, data)
    data[at:at] = chance.randbytes(chance.choice((1, 4, 8, 100)))


def _repeat(chance: random.Random, data: bytearray) -> None:
    """A piece of the file again, elsewhere: a chunk twice, a box within itself."""
    at, length = _place(chance, data), chance.choice((4, 8, 32, 200))
    to = _place(chance, data)
    data[to:to] = data[at : at + length]


def _place(chance: random.Random, data: bytearray) -> int:
    """Mostly in the header, or in the index at the end."""
    size = max(1, len(data))
    where = chance.random()
    if where < 0.6:
        return chance.randrange(min(_HEAD, size))
    return size - 1 - chance.randrange(min(1500, size)) if where < 0.8 else chance.randrange(size)


_CHANGES: tuple[Change, ...] = (_flip_bits, _set_number, _cut, _remove, _insert, _repeat)
_WEIGHTS = (4, 6, 1, 2, 2, 2)


def mutant(data: bytes, seed: int) -> bytes:
    """With one to three changes; the same for the same seed."""
    chance, changed = random.Random(seed), bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3))):
        if changed:
            chance.choices(_CHANGES, _WEIGHTS)[0](chance, changed)
    return bytes(changed)
