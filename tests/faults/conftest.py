"""An installation for each test that breaks one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.rig import Rig

from deadwax.infrastructure.embedded import EmbeddedServers


@pytest.fixture
def rig(own_servers: EmbeddedServers, short_tmp: Path, schemas: Path) -> Iterator[Rig]:
    rig = Rig(short_tmp, own_servers.database_url, own_servers.redis_url, schemas)
    try:
        yield rig
    finally:
        rig.close()
