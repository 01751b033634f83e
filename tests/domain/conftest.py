"""Who acts in the tests of the domain, and repeatable property tests."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import settings

from deadwax.domain.cause import Cause, acting

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="module", autouse=True)
def somebody_acts() -> Iterator[Cause]:
    cause = Cause(UUID(int=7), "key:test", "correlation-1", "request-1")
    with acting(cause):
        yield cause
