"""Deliveries into a folder of this machine."""

from __future__ import annotations

import errno
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest

from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import DeliveryFailed
from deadwax.application.log import EventLog
from deadwax.domain.addresses.local import FolderAddress, FolderPath
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.errors import InvalidValue
from deadwax.domain.failures import FailureCategory
from deadwax.domain.target import Route
from deadwax.infrastructure.couriers.beneath import Beneath
from deadwax.infrastructure.couriers.contract import (
    CourierContract,
    outgoing,
    some_bytes,
    upload,
)
from deadwax.infrastructure.couriers.folder import FolderCourier, open_courier
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.registry import CourierRegistry
from deadwax.infrastructure.secrets import FileSecrets
from deadwax.infrastructure.storage.local import LocalAssets


@dataclass(frozen=True)
class FolderSite:
    """`top` is the tenant's folder, and the target's is `store` in it."""

    top: Path

    @property
    def root(self) -> Path:
        return self.top / "store"

    def connect(self, *, stall_seconds: float = 20.0) -> FolderCourier:
        return self.open("store")

    def connect_with_wrong_secret(self) -> FolderCourier:
        raise NotImplementedError

    def open(self, path: str) -> FolderCourier:
        opening = Opening(lambda _: "", 20.0, folder=self.top)
        return open_courier(FolderAddress(path=FolderPath(path)), opening)

    def read(self, path: str) -> bytes | None:
        found = self.root / path
        return found.read_bytes() if found.is_file() else None

    def write(self, path: str, data: bytes) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def names(self, folder: str) -> list[str]:
        return sorted(os.listdir(self.root / folder))


@pytest.fixture
def site(tmp_path: Path) -> FolderSite:
    (tmp_path / "tenant" / "store").mkdir(parents=True)
    return FolderSite(tmp_path / "tenant")


class TestFolder(CourierContract):
    SECRET = False


def category(call: Callable[[], object]) -> FailureCategory:
    with pytest.raises(DeliveryFailed) as failed:
        call()
    return failed.value.category


OUTSIDE = ["..", "../other", "store/../..", "/etc", "store/./x", "store//x", "a\0b"]


@pytest.mark.parametrize("path", [*OUTSIDE, ""])
def test_no_target_is_opened_outside_the_tenants_folder(path: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        FolderPath(path)
    assert refused.value.code == "folder_path_invalid"


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_leads_out_of_a_folder(site: FolderSite, path: str) -> None:
    (site.top / "other").mkdir()
    courier = site.connect()
    denied = FailureCategory.PERMISSION_DENIED
    assert category(lambda: upload(courier, outgoing(path, b"x"))) is denied
    assert category(lambda: courier.size(path)) is denied
    assert category(lambda: courier.list(path)) is denied
    with pytest.raises(ValueError, match="stay below"), Beneath.at(site.top).folder(path):
        pass
    assert sorted(os.listdir(site.top)) == ["other", "store"]


def test_a_folder_that_is_a_link_is_not_entered(site: FolderSite, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (site.top / "link").symlink_to(tmp_path / "elsewhere")
    (site.root / "resources").symlink_to(tmp_path / "elsewhere")
    denied = FailureCategory.PERMISSION_DENIED
    assert category(lambda: site.open("link")) is denied
    courier = site.connect()
    assert category(lambda: upload(courier, outgoing("resources/1.wav", b"x"))) is denied
    assert category(lambda: courier.fetch("../other", 10)) is denied
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_file_that_is_a_link_is_neither_written_through_nor_read(
    site: FolderSite, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    for name in ("1.wav.part", "2.wav"):
        (site.root / name).symlink_to(secret)
    courier = site.connect()
    denied = FailureCategory.PERMISSION_DENIED
    assert category(lambda: upload(courier, outgoing("1.wav", b"ours"))) is denied
    assert category(lambda: courier.fetch("2.wav", 10)) is FailureCategory.NOT_FOUND
    assert courier.list("") == []
    upload(courier, outgoing("2.wav", b"ours"))
    assert category(lambda: courier.publish("2.wav")) is denied
    assert secret.read_bytes() == b"secret"


def test_what_is_not_there_is_not_made(site: FolderSite) -> None:
    """An unmounted disk, or a misspelled name."""
    assert category(lambda: site.open("stroe")) is FailureCategory.NOT_FOUND
    assert os.listdir(site.top) == ["store"]


def test_without_a_folder_set_aside_nothing_is_delivered() -> None:
    opening = Opening(lambda _: "", 20.0)
    with pytest.raises(DeliveryFailed, match="DEADWAX_DELIVERY_FOLDER") as failed:
        open_courier(FolderAddress(path=FolderPath("store")), opening)
    assert failed.value.category is FailureCategory.NOT_FOUND


def test_what_a_power_cut_spoilt_is_not_kept(site: FolderSite) -> None:
    """Of the right length, with zeros where blocks were not yet written."""
    data = some_bytes(3_000_000)
    site.write("album.wav.part", data[:1_200_000] + bytes(1_800_000))
    courier = site.connect()
    assert 0 < upload(courier, outgoing("album.wav", data)) < len(data)
    courier.publish("album.wav")
    assert site.read("album.wav") == data


def test_publishing_ends_what_a_kill_between_its_two_steps_left(site: FolderSite) -> None:
    courier = site.connect()
    upload(courier, outgoing("album.wav", b"ours"))
    os.link(site.root / "album.wav.part", site.root / "album.wav")
    courier.publish("album.wav")
    assert site.names("") == ["album.wav"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, FailureCategory.QUOTA_EXCEEDED),
        (errno.EDQUOT, FailureCategory.QUOTA_EXCEEDED),
        (errno.EROFS, FailureCategory.PERMISSION_DENIED),
        (errno.ESTALE, FailureCategory.NETWORK_CONNECTIVITY),
        (errno.EIO, FailureCategory.UNKNOWN),
    ],
)
def test_what_the_system_says_decides_the_category(
    site: FolderSite, monkeypatch: pytest.MonkeyPatch, number: int, expected: FailureCategory
) -> None:
    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    courier = site.connect()
    monkeypatch.setattr(os, "fsync", fail)
    assert category(lambda: upload(courier, outgoing("album.wav", b"x"))) is expected


def test_a_full_disk_is_told_and_the_upload_goes_on_later(site: FolderSite) -> None:
    """A real one: what a process may write into one file is limited, which the system tells as
    it does for a quota."""
    courier, data = site.connect(), some_bytes(3_000_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_500_000, hard))
        found = category(lambda: upload(courier, outgoing("album.wav", data)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert found is FailureCategory.QUOTA_EXCEEDED
    assert 0 < upload(courier, outgoing("album.wav", data)) < len(data)
    courier.publish("album.wav")
    assert site.read("album.wav") == data


def test_a_tenant_reaches_its_own_folder_only(tmp_path: Path) -> None:
    ours, theirs = uuid4(), uuid4()
    (tmp_path / str(ours) / "store").mkdir(parents=True)
    route = Route(protocol=Protocol.FOLDER, address=FolderAddress(path=FolderPath("store")))
    registry = CourierRegistry(
        FileSecrets(tmp_path / "secrets"),
        LocalAssets(tmp_path / "assets"),
        Catalogue(cast(EventLog, None)),
        delivery_folder=tmp_path,
    )
    registry.connect(ours, route).probe()
    assert category(lambda: registry.connect(theirs, route)) is FailureCategory.NOT_FOUND
