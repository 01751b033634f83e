"""Stores of every kind, over real servers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from tests.conftest import required
from tests.couriers.object_servers import ceph_gateway, ceph_is_here, moto_server, rclone_s3
from tests.couriers.s3_site import ACCESS_KEY, PART, SECRET_KEY

from deadwax.application.ports import AssetStore
from deadwax.domain.cause import SYSTEM_TENANT
from deadwax.infrastructure.secrets import FileSecrets
from deadwax.infrastructure.settings import Settings
from deadwax.infrastructure.storage.opening import Stores, open_stores

numbers = itertools.count(1)
Folders = pytest.TempPathFactory


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: Folders) -> Iterator[str]:
    required(ceph_is_here(), "Ceph's radosgw, ceph-mon and ceph-osd")
    with ceph_gateway(tmp_path_factory.mktemp("ceph")) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: Folders) -> Iterator[str]:
    with rclone_s3(tmp_path_factory.mktemp("rclone") / "buckets") as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def moto(tmp_path_factory: Folders) -> Iterator[str]:
    with moto_server(tmp_path_factory.mktemp("moto")) as endpoint:
        yield endpoint


@dataclass(frozen=True)
class Site:
    """A store and what is behind it: `names()` are those of everything that is kept, finished or
    not, also in the spool."""

    stores: Stores
    settings: Settings
    client: Any = None

    @property
    def store(self) -> AssetStore:
        return self.stores.assets

    def names(self) -> list[str]:
        folders = (self.settings.assets_dir, self.settings.spool_dir)
        local = [p.name for folder in folders for p in folder.rglob("*") if p.is_file()]
        if self.client is None:
            return sorted(local)
        bucket = self.bucket
        found = self.client.list_objects_v2(Bucket=bucket).get("Contents", [])
        try:
            open = self.client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        except self.client.exceptions.NoSuchUpload:  # what rclone says where there is none
            open = []
        return sorted(
            local + [o["Key"].rpartition("/")[2] for o in found] + [o["UploadId"] for o in open]
        )

    @property
    def bucket(self) -> str:
        return str(self.settings.assets_url).split("/")[2]


def on_disk(folder: Path) -> Site:
    settings = Settings.from_env({"DEADWAX_HOME": str(folder / "home")})
    return Site(open_stores(settings), settings)


def in_bucket(endpoint: str, folder: Path, prefix: str = "/label/assets", **more: str) -> Site:
    """A bucket of its own, reached with a stored secret."""
    bucket = f"assets-{next(numbers)}"
    environ = {
        "DEADWAX_HOME": str(folder / "home"),
        "DEADWAX_ASSETS_URL": f"s3://{bucket}{prefix}",
        "DEADWAX_ASSETS_ENDPOINT": endpoint,
        "DEADWAX_ASSETS_SECRET": "assets",
    }
    settings = Settings.from_env(environ | more)
    keys = f'{{"access_key_id": "{ACCESS_KEY}", "secret_access_key": "{SECRET_KEY}"}}'
    FileSecrets(settings.secrets_dir).put(SYSTEM_TENANT, "assets", keys)
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    client.create_bucket(Bucket=bucket)
    return Site(open_stores(settings, PART), settings, client)


@pytest.fixture(params=["disk", "ceph", "rclone"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    if request.param == "disk":
        return on_disk(tmp_path)
    return in_bucket(request.getfixturevalue(request.param), tmp_path)


@pytest.fixture(params=["ceph", "moto"])
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return in_bucket(request.getfixturevalue(request.param), tmp_path)
