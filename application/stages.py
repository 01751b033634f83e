"""In which order files go, and which of them may go at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from deadwax.application.packaging import Role
from deadwax.domain.distribution import Distribution
from deadwax.domain.uploads import COMPLETING

File = dict[str, Any]


def files_of(d: Distribution) -> list[File]:
    assert d.message is not None
    return list(d.message["files"])


def in_order(members: Sequence[Distribution]) -> tuple[list[list[File]], File]:
    """Every file once: stages, the files of which have no order among themselves, and the one
    that completes the delivery.

    Of one message all files keep their order, but for resources, which may overtake one another:
    checksums before what they are of, and what belongs to all messages after them.
    """
    ranked: dict[str, tuple[tuple[int, int], File]] = {}
    ending: dict[str, File] = {}
    for d in members:
        own = [file for file in files_of(d) if file.get("role") not in COMPLETING]
        for rank, file in _ranked(own):
            ranked.setdefault(file["path"], (rank, file))
        for file in files_of(d):
            if file.get("role") in COMPLETING:
                ending.setdefault(file["path"], file)
    last = list(ending.values()) or [file for _, file in ranked.values()][-1:]
    ranked.pop(last[-1]["path"], None)
    stages: defaultdict[tuple[int, int], list[File]] = defaultdict(list)
    for rank, file in ranked.values():
        stages[rank].append(file)
    ordered = [stages[rank] for rank in sorted(stages)]
    return [*ordered, *([file] for file in last[:-1])], last[-1]


def _ranked(files: Sequence[File]) -> Iterator[tuple[tuple[int, int], File]]:
    """Files of one role that follow one another share a rank; a checksum has that of its file,
    but goes before. Messages that were stored before there were roles keep their order."""
    block, before = -1, None
    for n, file in enumerate(files):
        of = next((f.get("role") for f in files[n:] if f.get("role") != Role.CHECKSUM), None)
        if of is None or of != before:
            block += 1
        before = of
        yield (block, 0 if file.get("role") == Role.CHECKSUM else 1), file
