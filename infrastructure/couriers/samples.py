"""Reading back what stands in a store, where it keeps no digest that could be compared."""

from __future__ import annotations

import random
from collections.abc import Callable

from deadwax.application.ports import OutgoingFile
from deadwax.infrastructure.couriers.file_parts import reading

_BLOCK = 64 * 1024
_SAMPLES = 6
SMALL = 1024 * 1024
"""Bytes up to which a file is read back whole."""


def read_back(file: OutgoingFile, read: Callable[[int, int], bytes]) -> str | None:
    """By what it was found to be the same, None if it differs. `read` gets offset and size; the
    sizes are known to agree."""
    with reading(file, SMALL) as source:
        for offset, size in _ranges(file.size):
            if read(offset, size) != source.range(offset, size):
                return None
    return "sha256" if file.size <= SMALL else "sampled"


def _ranges(size: int) -> list[tuple[int, int]]:
    """Other blocks each time, so that looking twice finds more; the first and the last always."""
    if size <= SMALL:
        return [(0, size)] if size else []
    last = size - _BLOCK
    between = random.sample(range(1, last), _SAMPLES - 2)
    return [(offset, _BLOCK) for offset in (0, *sorted(between), last)]
