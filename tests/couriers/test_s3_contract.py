"""The suites of couriers against real servers of S3."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conftest import required
from tests.couriers.object_servers import (
    ceph_gateway,
    ceph_is_here,
    moto_server,
    numbers,
    rclone_s3,
)
from tests.couriers.s3_site import S3Site, new_bucket

from deadwax.infrastructure.couriers.connection_contract import CourierConnectionContract
from deadwax.infrastructure.couriers.contract import MB, CourierContract


@pytest.fixture(scope="module")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    required(ceph_is_here(), "Ceph's radosgw, ceph-mon and ceph-osd")
    with ceph_gateway(tmp_path_factory.mktemp("ceph")) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with rclone_s3(tmp_path_factory.mktemp("rclone") / "buckets") as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with moto_server(tmp_path_factory.mktemp("moto")) as endpoint:
        yield endpoint


class OfS3(CourierContract):
    LARGE = 11 * MB  # three parts


class TestCephsGateway(OfS3):
    @pytest.fixture
    def site(self, ceph: str) -> S3Site:
        return new_bucket(ceph, f"contract-{next(numbers)}")


class TestRclonesServer(OfS3):
    @pytest.fixture
    def site(self, rclone: str) -> S3Site:
        return new_bucket(rclone, f"contract-{next(numbers)}", prefix=".")


class TestOverAFailingNetwork(CourierConnectionContract):
    IDENTITY = False

    @pytest.fixture
    def site(self, ceph: str) -> S3Site:
        return new_bucket(ceph, f"connection-{next(numbers)}")
