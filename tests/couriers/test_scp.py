"""SCP against OpenSSH's sshd, with the shell of the user that runs the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.couriers.ssh_site import PASSWORD, SshSite, new_key, opened_scp, private
from tests.couriers.sshd import Sshd, running

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.ssh import ScpAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.connection_contract import CourierConnectionContract
from deadwax.infrastructure.couriers.contract import (
    MB,
    CourierContract,
    outgoing,
    some_bytes,
    upload,
)


@pytest.fixture
def site(sshd: Sshd, tmp_path: Path) -> SshSite[ScpAddress]:
    local = tmp_path / "re mote's"
    local.mkdir()
    address = ScpAddress(**sshd.login, root=str(local))
    return SshSite(address, private(sshd.key), private(new_key()), local)


class TestScp(CourierContract):
    """The fixture `site` is that of the module."""


class TestScpConnections(CourierConnectionContract):
    pass


def test_a_large_file_is_compared_whole_by_the_server(site: SshSite[ScpAddress]) -> None:
    file = outgoing("album.wav", some_bytes(3 * MB))
    courier = site.connect()
    upload(courier, file)
    courier.publish(file.path)
    assert courier.verify(file) == "sha256"
    courier.close()


def test_a_probe_of_a_missing_root_is_refused(site: SshSite[ScpAddress]) -> None:
    site.local.rmdir()
    courier = site.connect()
    with pytest.raises(DeliveryFailed) as failed:
        courier.probe()
    courier.close()
    assert failed.value.category is FailureCategory.NOT_FOUND


def test_a_folder_in_the_way_of_a_file_is_never_written_into(site: SshSite[ScpAddress]) -> None:
    (site.local / "album.wav.part").mkdir()
    courier = site.connect()
    with pytest.raises(DeliveryFailed):
        upload(courier, outgoing("album.wav", b"bytes"))
    courier.close()
    assert list((site.local / "album.wav.part").iterdir()) == []


@pytest.fixture
def sshd_without_a_shell(sshd_binary: str, tmp_path: Path) -> Iterator[Sshd]:
    with running(sshd_binary, tmp_path, ("ssh-ed25519",), "ForceCommand internal-sftp") as sshd:
        yield sshd


def test_a_server_without_a_shell_is_refused_with_the_fix(sshd_without_a_shell: Sshd) -> None:
    with pytest.raises(DeliveryFailed, match="Deliver by SFTP") as failed:
        opened_scp(ScpAddress(**sshd_without_a_shell.login), private(sshd_without_a_shell.key))
    assert failed.value.category is FailureCategory.PERMISSION_DENIED


def test_a_server_that_starts_no_commands_is_refused_with_the_fix(
    serve: Callable[..., SshSite],
) -> None:
    sftp = serve().address
    address = ScpAddress(
        host=sftp.host,
        port=sftp.port,
        username=sftp.username,
        secret=sftp.secret,
        host_key=sftp.host_key,
    )
    with pytest.raises(DeliveryFailed, match="Deliver by SFTP") as failed:
        opened_scp(address, PASSWORD)
    assert failed.value.category is FailureCategory.PERMISSION_DENIED
