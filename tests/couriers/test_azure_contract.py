"""The suites of couriers against azurite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conftest import required
from tests.couriers.azure_site import AzureSite, new_container
from tests.couriers.object_servers import AZURITE, azurite, numbers

from deadwax.infrastructure.couriers.connection_contract import CourierConnectionContract
from deadwax.infrastructure.couriers.contract import MB, CourierContract


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    required(AZURITE.exists(), "azurite (make test-servers)")
    with azurite(tmp_path_factory.mktemp("azurite")) as url:
        yield url


@pytest.fixture
def site(account: str) -> AzureSite:
    return new_container(account, f"contract-{next(numbers)}")


class TestAzurite(CourierContract):
    LARGE = 9 * MB  # three blocks


class TestOverAFailingNetwork(CourierConnectionContract):
    IDENTITY = False
    EXPIRES = True
