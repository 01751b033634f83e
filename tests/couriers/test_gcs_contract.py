"""The suites of couriers against an emulator of Google Cloud Storage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.couriers.gcs_site import Account, GcsSite, new_bucket, token_endpoint
from tests.couriers.object_servers import gcs_emulator, numbers

from deadwax.infrastructure.couriers.connection_contract import CourierConnectionContract
from deadwax.infrastructure.couriers.contract import MB, CourierContract


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with gcs_emulator(tmp_path_factory.mktemp("gcs")) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with token_endpoint() as account:
        yield account


@pytest.fixture
def site(emulator: str, account: Account) -> GcsSite:
    return new_bucket(emulator, f"contract-{next(numbers)}", account)


class TestTheEmulator(CourierContract):
    LARGE = 9 * MB  # three parts


class TestOverAFailingNetwork(CourierConnectionContract):
    IDENTITY = False
