"""A rig without processes: what a worker does, the test does, and a thread follows the log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.rig import Rig
from tests.projecting import projecting


@pytest.fixture
def rig(database_url: str, redis_url: str, short_tmp: Path, schemas: Path) -> Iterator[Rig]:
    rig = Rig(short_tmp, database_url, redis_url, schemas)
    try:
        with projecting(database_url):
            yield rig
    finally:
        rig.close()
