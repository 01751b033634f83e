"""What single servers do wrong, which the contract cannot make every real one do."""

from __future__ import annotations

import hashlib
import http.server
import os
import struct
import threading
from collections.abc import Callable

import asyncssh
import asyncssh.sftp
import paramiko
import pytest
from tests.couriers.ssh_site import SshSite, opened

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.ssh import SftpAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.contract import MB, outgoing, some_bytes, upload

Serve = Callable[..., SshSite]


class _FullDisk(asyncssh.SFTPServer):
    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        raise asyncssh.SFTPFailure("Failure")

    def statvfs(self, path: bytes) -> os.statvfs_result:
        return os.statvfs_result((4096, 4096, 1000, 0, 0, 10, 10, 10, 0, 255))


class _BrokenDisk(asyncssh.SFTPServer):
    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        raise asyncssh.SFTPFailure("Failure")


class _ReadOnlyDisk(asyncssh.SFTPServer):
    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        raise asyncssh.SFTPPermissionDenied("Permission denied")


class _OneFailingWrite(asyncssh.SFTPServer):
    failures = 1

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if offset > 0 and _OneFailingWrite.failures:
            _OneFailingWrite.failures -= 1
            raise asyncssh.SFTPFailure("Failure")
        written = super().write(file_obj, offset, data)
        assert isinstance(written, int)
        return written


class _NoPosixRename(asyncssh.SFTPServer):
    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPOpUnsupported("Operation unsupported")


class _NoRename(_NoPosixRename):
    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPFailure("Failure")


class _LyingDisk(asyncssh.SFTPServer):
    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        return len(data)


@pytest.mark.parametrize(
    ("disk", "category"),
    [
        (_FullDisk, FailureCategory.QUOTA_EXCEEDED),
        (_BrokenDisk, FailureCategory.UNKNOWN),
        (_ReadOnlyDisk, FailureCategory.PERMISSION_DENIED),
        (_LyingDisk, FailureCategory.INTEGRITY),
    ],
)
def test_a_refused_write_has_its_category(
    serve: Serve, disk: type[asyncssh.SFTPServer], category: FailureCategory
) -> None:
    courier = serve(disk).connect()
    with pytest.raises(DeliveryFailed) as failed:
        upload(courier, outgoing("album.wav", some_bytes(2 * MB)))
    courier.close()
    assert failed.value.category is category


def test_one_failing_write_among_good_ones_is_never_success(serve: Serve) -> None:
    _OneFailingWrite.failures = 1
    server = serve(_OneFailingWrite)
    data = some_bytes(3 * MB)
    courier = server.connect()
    with pytest.raises(DeliveryFailed):
        upload(courier, outgoing("album.wav", data))
    courier.close()
    # The part now has a hole where the write failed: it must not be trusted.
    courier = server.connect()
    upload(courier, outgoing("album.wav", data))
    courier.publish("album.wav")
    courier.close()
    assert (server.local / "album.wav").read_bytes() == data


def test_publishing_works_without_the_posix_rename_extension(serve: Serve) -> None:
    server = serve(_NoPosixRename)
    courier = server.connect()
    upload(courier, outgoing("album.wav", b"bytes"))
    courier.publish("album.wav")
    courier.probe()
    courier.close()
    assert [path.name for path in server.local.iterdir()] == ["album.wav"]


def test_a_server_that_never_renames_needs_a_person(serve: Serve) -> None:
    server = serve(_NoRename)
    courier = server.connect()
    upload(courier, outgoing("album.wav", b"bytes"))
    for call in (lambda: courier.publish("album.wav"), courier.probe):
        with pytest.raises(DeliveryFailed, match="refuses to rename") as failed:
            call()
        assert failed.value.category is FailureCategory.PERMISSION_DENIED
    courier.close()
    assert server.names("") == ["album.wav.part"]


def test_a_channel_that_is_lost_as_a_file_is_renamed_is_no_refusal(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    courier = serve(_NoPosixRename).connect()
    upload(courier, outgoing("album.wav", b"bytes"))
    client: paramiko.SFTPClient = courier._client  # type: ignore[attr-defined]
    rename = client.rename

    def lost(old: str, new: str) -> None:
        client.get_channel().close()  # type: ignore[union-attr]
        rename(old, new)

    monkeypatch.setattr(client, "rename", lost)
    with pytest.raises(DeliveryFailed) as failed:
        courier.publish("album.wav")
    assert failed.value.category is FailureCategory.NETWORK_CONNECTIVITY
    courier.close()


@pytest.mark.parametrize("begins", [b"", b"check-file"])
def test_the_digest_that_a_server_computes_is_what_is_compared(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, begins: bytes
) -> None:
    def string(value: bytes) -> bytes:
        return struct.pack(">I", len(value)) + value

    class Answer(bytes):
        def encode(self, version: int) -> bytes:
            return self

    async def check_file_name(handler: object, packet: asyncssh.packet.SSHPacket) -> Answer:
        path, algorithms = packet.get_string(), packet.get_string().split(b",")
        assert b"sha256" in algorithms
        digest = hashlib.sha256((server.local / path.decode()).read_bytes()).digest()
        return Answer((string(begins) if begins else b"") + string(b"sha256") + digest)

    handler = asyncssh.sftp.SFTPServerHandler
    monkeypatch.setitem(handler._packet_handlers, b"check-file-name", check_file_name)
    monkeypatch.setitem(handler._return_types, b"check-file-name", asyncssh.sftp.FXP_EXTENDED_REPLY)
    server = serve()
    data = some_bytes(2 * MB)
    server.write("album.wav", data)
    courier = server.connect()
    assert courier.verify(outgoing("album.wav", data)) == "sha256"
    server.write("album.wav", data[:MB] + b"!" + data[MB + 1 :])
    with pytest.raises(DeliveryFailed) as failed:
        courier.verify(outgoing("album.wav", data))
    courier.close()
    assert failed.value.category is FailureCategory.INTEGRITY


def test_a_server_without_limits_gets_small_writes(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    class Measured(asyncssh.SFTPServer):
        def write(self, file_obj: object, offset: int, data: bytes) -> int:
            sizes.append(len(data))
            written = super().write(file_obj, offset, data)
            assert isinstance(written, int)
            return written

    handlers = asyncssh.sftp.SFTPServerHandler._packet_handlers
    monkeypatch.delitem(handlers, b"limits@openssh.com")
    server = serve(Measured)
    data = some_bytes(200_000)
    courier = server.connect()
    upload(courier, outgoing("album.wav", data))
    courier.publish("album.wav")
    courier.close()
    assert max(sizes) == 32 * 1024
    assert (server.local / "album.wav").read_bytes() == data


def test_a_host_that_does_not_speak_ssh_is_a_matter_of_connectivity() -> None:
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), http.server.BaseHTTPRequestHandler
    ) as web:
        thread = threading.Thread(target=web.serve_forever)
        thread.start()
        address = SftpAddress(
            host="127.0.0.1", port=web.server_port, username="deadwax", secret="sftp"
        )
        with pytest.raises(DeliveryFailed) as failed:
            opened(address, "secret", 5.0)
        web.shutdown()
        thread.join()
    assert failed.value.category is FailureCategory.NETWORK_CONNECTIVITY


def test_an_unknown_host_is_a_matter_of_connectivity() -> None:
    address = SftpAddress(host="no-such-host.invalid", username="deadwax", secret="sftp")
    with pytest.raises(DeliveryFailed) as failed:
        opened(address, "secret", 5.0)
    assert failed.value.category is FailureCategory.NETWORK_CONNECTIVITY
    assert "no-such-host.invalid:22" in failed.value.detail


def test_a_listed_name_that_leads_elsewhere_is_left_out(serve: Serve) -> None:
    class Hostile(asyncssh.SFTPServer):
        async def scandir(self, path: bytes):  # type: ignore[no-untyped-def]
            attributes = asyncssh.SFTPAttrs(
                type=asyncssh.FILEXFER_TYPE_REGULAR, permissions=0o100644, size=1
            )
            for name in (b"../../etc/passwd", b"ack.xml"):
                yield asyncssh.SFTPName(name, attrs=attributes)

    courier = serve(Hostile).connect()
    assert [file.path for file in courier.list("acknowledgements/..")] == [
        "acknowledgements/../ack.xml"
    ]
    courier.close()
