"""One suite over every courier and every real server it can be run against."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from tests.couriers.files import MB, outgoing, some_bytes, upload
from tests.couriers.servers import Server

from deadwax.application.errors import DeliveryFailed, Stopped
from deadwax.application.ports import RemoteFile
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.sftp import SftpCourier, open_courier


@pytest.mark.parametrize("size", [0, 1, 255 * 1024, 3 * MB + 17])
def test_published_bytes_are_those_uploaded(
    courier: SftpCourier, server: Server, size: int
) -> None:
    data = some_bytes(size)
    assert upload(courier, outgoing("album.wav", data)) == size
    assert not (server.local / "album.wav").exists()
    courier.publish("album.wav")
    assert (server.local / "album.wav").read_bytes() == data
    assert courier.size("album.wav") == size
    assert [path.name for path in server.local.glob("album*")] == ["album.wav"]


def test_folders_are_made_and_names_may_be_unicode(courier: SftpCourier, server: Server) -> None:
    path = "N_20260101000000000/5901234123457/resources/Sigur Rós – Hoppípolla 日本.wav"
    data = some_bytes(1000)
    upload(courier, outgoing(path, data))
    courier.publish(path)
    assert (server.local / path).read_bytes() == data
    assert courier.list(path.rpartition("/")[0]) == [RemoteFile(path, 1000)]


def test_a_file_that_stands_is_not_sent_again(courier: SftpCourier) -> None:
    file = outgoing("album.wav", some_bytes(100_000))
    upload(courier, file)
    courier.publish(file.path)
    assert upload(courier, file) == 0
    courier.publish(file.path)
    assert courier.size("album.wav.part") is None


def test_an_uploaded_part_is_not_sent_again(courier: SftpCourier, server: Server) -> None:
    data = some_bytes(100_000)
    assert upload(courier, outgoing("album.wav", data)) == 100_000
    assert upload(courier, outgoing("album.wav", data)) == 0
    courier.publish("album.wav")
    assert (server.local / "album.wav").read_bytes() == data


def test_a_standing_file_of_another_size_is_refused_and_kept(
    courier: SftpCourier, server: Server
) -> None:
    (server.local / "album.wav").write_bytes(b"theirs")
    with pytest.raises(DeliveryFailed) as failed:
        upload(courier, outgoing("album.wav", b"ours is longer"))
    assert failed.value.category is FailureCategory.INTEGRITY
    assert "album.wav" in failed.value.detail
    assert (server.local / "album.wav").read_bytes() == b"theirs"


def test_our_own_bytes_with_another_digest_are_refused_and_withdrawn(
    courier: SftpCourier, server: Server
) -> None:
    file = replace(outgoing("album.wav", some_bytes(500_000)), sha256="0" * 64)
    with pytest.raises(DeliveryFailed) as failed:
        upload(courier, file)
    assert failed.value.category is FailureCategory.INTEGRITY
    assert list(server.local.glob("album*")) == []


def test_a_shorter_source_than_recorded_is_refused_and_withdrawn(
    courier: SftpCourier, server: Server
) -> None:
    file = replace(outgoing("album.wav", some_bytes(500_000)), size=500_001)
    with pytest.raises(DeliveryFailed) as failed:
        upload(courier, file)
    assert failed.value.category is FailureCategory.INTEGRITY
    assert list(server.local.glob("album*")) == []


def test_our_own_unreadable_asset_is_not_blamed_on_the_server(courier: SftpCourier) -> None:
    def gone() -> io.BytesIO:
        raise FileNotFoundError(2, "No such file or directory", "/secret/place")

    file = replace(outgoing("album.wav", b"x"), open=gone)
    with pytest.raises(DeliveryFailed, match="our own store") as failed:
        upload(courier, file)
    assert failed.value.category is FailureCategory.UNKNOWN


def test_a_part_that_is_not_ours_is_sent_anew(courier: SftpCourier, server: Server) -> None:
    data = some_bytes(600_000)
    (server.local / "album.wav.part").write_bytes(data[:300_000] + b"not ours")
    assert upload(courier, outgoing("album.wav", data)) == len(data)
    courier.publish("album.wav")
    assert (server.local / "album.wav").read_bytes() == data


def test_a_part_longer_than_the_file_is_sent_anew(courier: SftpCourier, server: Server) -> None:
    data = some_bytes(1000)
    (server.local / "album.wav.part").write_bytes(data + b"more")
    assert upload(courier, outgoing("album.wav", data)) == 1000
    courier.publish("album.wav")
    assert (server.local / "album.wav").read_bytes() == data


def test_a_stopped_upload_keeps_its_part_and_goes_on_later(
    courier: SftpCourier, server: Server
) -> None:
    data = some_bytes(5 * MB)
    file = outgoing("album.wav", data)
    answers = iter([True, True, True, False])
    with pytest.raises(Stopped):
        upload(courier, file, lambda: next(answers))
    held = (server.local / "album.wav.part").stat().st_size
    assert 0 < held < len(data)
    assert upload(courier, file) == len(data) - held
    courier.publish("album.wav")
    assert (server.local / "album.wav").read_bytes() == data


def test_publishing_what_was_never_uploaded_is_refused(courier: SftpCourier) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        courier.publish("album.wav")
    assert failed.value.category is FailureCategory.NOT_FOUND


def test_publishing_never_replaces_a_different_file(courier: SftpCourier, server: Server) -> None:
    (server.local / "album.wav").write_bytes(b"theirs")
    (server.local / "album.wav.part").write_bytes(b"others")
    with pytest.raises(DeliveryFailed) as failed:
        courier.publish("album.wav")
    assert failed.value.category is FailureCategory.INTEGRITY
    assert (server.local / "album.wav").read_bytes() == b"theirs"


def test_publishing_drops_a_part_that_equals_what_stands(
    courier: SftpCourier, server: Server
) -> None:
    (server.local / "album.wav").write_bytes(b"same")
    (server.local / "album.wav.part").write_bytes(b"same")
    courier.publish("album.wav")
    assert [path.name for path in server.local.glob("album*")] == ["album.wav"]


def test_looking_around(courier: SftpCourier, server: Server) -> None:
    inbox = server.local / "inbox"
    (inbox / "folder").mkdir(parents=True)
    (inbox / "b.xml").write_bytes(b"bb")
    (inbox / "a.xml").write_bytes(b"a")
    assert courier.list("inbox") == [RemoteFile("inbox/a.xml", 1), RemoteFile("inbox/b.xml", 2)]
    assert courier.list("elsewhere") == []
    assert courier.size("inbox/b.xml") == 2
    assert courier.size("inbox/c.xml") is None


def test_fetching_stays_below_its_limit(courier: SftpCourier, server: Server) -> None:
    data = some_bytes(100_000)
    (server.local / "ack.xml").write_bytes(data)
    assert courier.fetch("ack.xml", 100_000) == data
    with pytest.raises(DeliveryFailed) as too_large:
        courier.fetch("ack.xml", 99_999)
    assert too_large.value.category is FailureCategory.INTEGRITY
    with pytest.raises(DeliveryFailed) as missing:
        courier.fetch("none.xml", 10)
    assert missing.value.category is FailureCategory.NOT_FOUND


def test_a_probe_shows_what_it_did_and_leaves_nothing(courier: SftpCourier, server: Server) -> None:
    before = sorted(server.local.rglob("*"))
    probe = courier.probe()
    assert probe.host_key == server.address.host_key
    assert probe.latency_ms > 0
    assert probe.steps[-4:] == ("write", "rename", "read back", "delete")
    assert sorted(server.local.rglob("*")) == before


def test_a_probe_of_a_missing_root_is_refused(server: Server) -> None:
    courier = open_courier(replace(server.address, root="not-there"), server.secret, 20.0)
    with pytest.raises(DeliveryFailed) as failed:
        courier.probe()
    courier.close()
    assert failed.value.category is FailureCategory.NOT_FOUND
