"""The sandbox DSP as a sender meets it: over SFTP."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.couriers.ssh_site import opened
from tests.sandbox.packages import DSP, ICPN, Package

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import OutgoingFile
from deadwax.domain.addresses.ssh import SftpAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.sftp import SftpCourier
from deadwax.infrastructure.sandbox.dsp import SandboxDsp


@pytest.fixture
def dsp(tmp_path: Path) -> Iterator[SandboxDsp]:
    dsp = SandboxDsp(tmp_path / "dsp", dpid=DSP)
    dsp.start()
    yield dsp
    dsp.stop()


def connect(dsp: SandboxDsp) -> SftpCourier:
    told = dsp.describe()
    address = SftpAddress(
        host=told["host"],
        port=told["port"],
        username=told["username"],
        secret="sftp",
        host_key=told["host_key"],
    )
    return opened(address, Path(told["client_key"]).read_text())


def deliver(courier: SftpCourier, package: Package) -> None:
    for path, data in package.files().items():
        sha256 = hashlib.sha256(data).hexdigest()
        file = OutgoingFile(path, len(data), sha256, lambda data=data: io.BytesIO(data))
        courier.upload(file, keep_going=lambda: True, progress=lambda size: None)
        courier.publish(path)


def wait_for_acknowledgements(courier: SftpCourier, count: int) -> list[str]:
    for _ in range(400):
        paths = [file.path for file in courier.list("acknowledgements")]
        if len([path for path in paths if path.endswith(".xml")]) >= count:
            return [courier.fetch(path, 10_000).decode() for path in sorted(paths)]
        time.sleep(0.05)
    raise AssertionError(f"fewer than {count} acknowledgements")


def test_a_delivery_over_sftp_goes_live_and_down_again(dsp: SandboxDsp) -> None:
    courier = connect(dsp)
    deliver(courier, Package())
    first = wait_for_acknowledgements(courier, 2)
    assert "ReleaseMadeAvailableToConsumers" in first[1]
    assert (dsp.folders.live / ICPN / f"{ICPN}.xml").read_bytes() == Package().ern()
    assert courier.list(f"{Package().folder}/{ICPN}") == []
    deliver(courier, Package(batch_id="20260102030405001", message_id="M2").takedown())
    wait_for_acknowledgements(courier, 4)
    courier.close()
    assert not (dsp.folders.live / ICPN).exists()
    assert (dsp.folders.removed / ICPN / "takedown.xml").exists()


def test_it_keeps_its_port_its_host_key_and_its_memory_over_a_restart(
    dsp: SandboxDsp, tmp_path: Path
) -> None:
    port, host_key = dsp.port, dsp.fingerprint
    courier = connect(dsp)
    deliver(courier, Package())
    wait_for_acknowledgements(courier, 2)
    dsp.stop()
    with pytest.raises(DeliveryFailed) as failed:
        courier.list("acknowledgements")
    assert failed.value.category is FailureCategory.NETWORK_CONNECTIVITY
    courier.close()
    with pytest.raises(DeliveryFailed):
        connect(dsp)
    dsp.start()
    courier = connect(dsp)
    deliver(courier, Package())
    wait_for_acknowledgements(courier, 4)
    courier.close()
    assert dsp.port == port
    assert SandboxDsp(tmp_path / "dsp", dpid=DSP).fingerprint == host_key
    assert dsp.folders.journal.read_text().count('"published"') == 2  # planned and done, once


def test_senders_see_nothing_but_the_upload_folder(dsp: SandboxDsp) -> None:
    courier = connect(dsp)
    for path in ("../journal.jsonl", "/etc/passwd", "../host_key", "../../../etc/passwd"):
        assert courier.size(path) is None
    deliver(courier, Package())
    assert len(wait_for_acknowledgements(courier, 2)) == 2  # its own folders it does see
    courier.close()


def test_a_taken_port_is_an_error_at_the_start(dsp: SandboxDsp, tmp_path: Path) -> None:
    other = SandboxDsp(tmp_path / "other", dpid=DSP, port=dsp.port)
    with pytest.raises(OSError, match="in use"):
        other.start()
    other.stop()


def test_keys_are_readable_by_their_owner_only(dsp: SandboxDsp) -> None:
    for name in ("host_key", "client_key"):
        assert (dsp.folders.root / name).stat().st_mode & 0o077 == 0
