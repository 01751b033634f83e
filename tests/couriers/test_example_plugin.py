"""A courier that an installed package brings: found by its entry point, held to the same suite."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from tests.couriers.http_site import running
from tests.ports import free_port

from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import Courier
from deadwax.domain.addresses.plugin import PluginAddress
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.failures import FailureCategory
from deadwax.domain.target import Route
from deadwax.infrastructure.couriers.contract import CourierContract
from deadwax.infrastructure.couriers.registry import CourierRegistry
from deadwax.infrastructure.secrets import FileSecrets
from deadwax.infrastructure.storage.local import LocalAssets

PLUGIN = Path(__file__).parent / "example_plugin"
KEY = "key-of-the-tray"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package, as pip installs it, in a folder of its own."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    alone = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(folder)]
    subprocess.run([*pip, *alone, str(PLUGIN)], check=True)
    sys.path.append(str(folder))
    importlib.invalidate_caches()
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def tray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    folder, port = tmp_path_factory.mktemp("tray"), free_port()
    command = [sys.executable, str(PLUGIN / "tray.py"), str(folder), str(port), KEY]
    with running(command, port, folder, httpx.Client()):
        yield folder, port


@dataclass
class TraySite:
    """By the registry, as an attempt opens it."""

    folder: Path
    port: int
    secrets: FileSecrets

    def connect(self, *, stall_seconds: float = 20.0, key: str = KEY) -> Courier:
        tenant_id = uuid4()
        self.secrets.put(tenant_id, "tray", key)
        assets = LocalAssets(self.folder)
        registry = CourierRegistry(self.secrets, assets, Catalogue(None), stall_seconds)  # type: ignore[arg-type]
        return registry.connect(tenant_id, self.route("tray"))

    def connect_with_wrong_secret(self) -> Courier:
        return self.connect(key="wrong")

    def route(self, courier: str) -> Route:
        address = PluginAddress(
            courier=courier,
            host="127.0.0.1",
            secret="tray",
            options={"port": self.port},
            is_encrypted=False,
        )
        return Route(protocol=Protocol.PLUGIN, address=address)

    def read(self, path: str) -> bytes | None:
        found = self.folder / "tray" / path
        return found.read_bytes() if found.is_file() else None

    def write(self, path: str, data: bytes) -> None:
        place = self.folder / "tray" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.folder / "tray" / folder).iterdir())


@pytest.fixture
def site(installed: Path, tray: tuple[Path, int], tmp_path: Path) -> TraySite:
    folder, port = tray
    for left in sorted(folder.rglob("*"), reverse=True):
        if left.name not in ("log", "tray"):
            left.rmdir() if left.is_dir() else left.unlink()
    return TraySite(folder, port, FileSecrets(tmp_path / "secrets"))


class TestTray(CourierContract):
    @pytest.fixture
    def site(self, site: TraySite) -> TraySite:
        return site


def test_a_courier_that_is_not_installed_is_told_with_those_that_are(site: TraySite) -> None:
    registry = CourierRegistry(site.secrets, LocalAssets(site.folder), Catalogue(None))  # type: ignore[arg-type]
    with pytest.raises(DeliveryFailed, match=r"there are: .*tray") as failed:
        registry.connect(uuid4(), site.route("conveyor"))
    assert failed.value.category is FailureCategory.NOT_FOUND
