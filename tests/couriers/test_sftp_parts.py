"""What is SFTP's own beside the contract of all couriers: the `.part` beside the file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.couriers.ssh_site import SshSite, opened

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.contract import MB, outgoing, some_bytes, upload
from deadwax.infrastructure.couriers.sftp import SftpCourier


def test_a_part_that_is_not_ours_is_sent_anew(courier: SftpCourier, server: SshSite) -> None:
    data = some_bytes(600_000)
    (server.local / "album.wav.part").write_bytes(data[:300_000] + b"not ours")
    assert upload(courier, outgoing("album.wav", data)) == len(data)
    courier.publish("album.wav")
    assert (server.local / "album.wav").read_bytes() == data


def test_a_part_longer_than_the_file_is_sent_anew(courier: SftpCourier, server: SshSite) -> None:
    data = some_bytes(1000)
    (server.local / "album.wav.part").write_bytes(data + b"more")
    assert upload(courier, outgoing("album.wav", data)) == 1000
    courier.publish("album.wav")
    assert (server.local / "album.wav").read_bytes() == data


def test_publishing_drops_a_part_that_equals_what_stands(
    courier: SftpCourier, server: SshSite
) -> None:
    (server.local / "album.wav").write_bytes(b"same")
    (server.local / "album.wav.part").write_bytes(b"same")
    courier.publish("album.wav")
    assert [path.name for path in server.local.glob("album*")] == ["album.wav"]


def test_a_probe_shows_what_it_did(courier: SftpCourier, server: SshSite) -> None:
    probe = courier.probe()
    assert probe.proof["host_key"] == server.address.host_key
    assert probe.latency_ms > 0
    assert probe.steps[-4:] == ("write", "rename", "read back", "delete")
    assert probe.free_bytes is not None
    assert probe.free_bytes > 0


@pytest.mark.parametrize(("size", "means"), [(0, "sha256"), (MB, "sha256"), (MB + 1, "sampled")])
def test_small_files_are_read_back_whole_and_large_ones_in_samples(
    courier: SftpCourier, server: SshSite, size: int, means: str
) -> None:
    data = some_bytes(size)
    server.write("album.wav", data)
    assert courier.verify(outgoing("album.wav", data)) == means


def test_samples_have_the_first_and_the_last_bytes(courier: SftpCourier, server: SshSite) -> None:
    data = some_bytes(3 * MB)
    for damaged in (b"!" + data[1:], data[:-1] + b"!", data[: 2 * MB] + bytes(MB)):
        server.write("album.wav", damaged)
        with pytest.raises(DeliveryFailed) as failed:
            courier.verify(outgoing("album.wav", data))
        assert failed.value.category is FailureCategory.INTEGRITY


def test_a_probe_of_a_missing_root_is_refused(server: SshSite) -> None:
    courier = opened(replace(server.address, root="not-there"), server.secret, 20.0)
    with pytest.raises(DeliveryFailed) as failed:
        courier.probe()
    courier.close()
    assert failed.value.category is FailureCategory.NOT_FOUND
