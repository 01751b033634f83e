"""What single servers do wrong, which the contract cannot make every real one do."""

from __future__ import annotations

import http.server
import os
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace

import asyncssh
import asyncssh.sftp
import pytest
from tests.couriers.ssh_site import AnyPassword, SftpSite, opened

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.ssh import SftpAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.contract import MB, outgoing, some_bytes, upload
from deadwax.infrastructure.couriers.keys import private_key

Serve = Callable[..., SftpSite]


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


def _recording() -> tuple[type[asyncssh.SSHServer], list[str]]:
    seen: list[str] = []

    class Recorder(AnyPassword):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            seen.append("connected")

        def begin_auth(self, username: str) -> bool:
            seen.append(f"user {username}")
            return True

    return Recorder, seen


@pytest.mark.parametrize("pinned", [None, "SHA256:" + "A" * 43])
def test_no_credential_is_sent_to_a_host_key_that_is_not_pinned(
    serve: Serve, pinned: str | None
) -> None:
    recorder, seen = _recording()
    server = serve(login=recorder)
    host_key = server.address.host_key
    assert host_key is not None
    with pytest.raises(DeliveryFailed) as failed:
        opened(replace(server.address, host_key=pinned), server.secret, 20.0)
    assert failed.value.category is FailureCategory.AUTH_INVALID
    assert host_key in failed.value.detail
    assert seen == ["connected"]
    server.connect().close()
    assert seen == ["connected", "connected", "user deadwax"]


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


@pytest.mark.parametrize(
    "body", ["", "bm90IGEga2V5", "c2VjcmV0LWtleS1tYXRlcmlhbA==\n" * 9, "\u00e9\u00e9"]
)
def test_a_private_key_that_cannot_be_read_is_refused_without_being_told(
    serve: Serve, body: str
) -> None:
    server = serve()
    kind = "OPENSSH PRIVATE KEY"
    secret = f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n"
    with pytest.raises(DeliveryFailed) as failed:
        opened(server.address, secret, 20.0)
    assert failed.value.category is FailureCategory.AUTH_INVALID
    told = "".join(traceback.format_exception(failed.value))
    assert not body.strip() or body.strip() not in told


def test_a_locked_private_key_is_refused_with_the_fix(serve: Serve) -> None:
    server = serve()
    locked = asyncssh.generate_private_key("ssh-ed25519").export_private_key(passphrase="x")
    with pytest.raises(DeliveryFailed, match="without one") as failed:
        opened(server.address, locked.decode(), 20.0)
    assert failed.value.category is FailureCategory.AUTH_INVALID


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
@pytest.mark.parametrize("algorithm", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
def test_every_common_kind_of_private_key_logs_in(serve: Serve, algorithm: str, form: str) -> None:
    key = asyncssh.generate_private_key(algorithm)

    class OneKey(asyncssh.SSHServer):
        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, candidate: asyncssh.SSHKey) -> bool:
            return candidate.public_data == key.public_data

    server = serve(login=OneKey)
    courier = opened(server.address, key.export_private_key(form).decode(), 20.0)
    assert courier.list(".") == []
    courier.close()


def test_keys_of_any_length_are_read() -> None:
    for comment in ("", "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg"):
        key = asyncssh.generate_private_key("ecdsa-sha2-nistp256", comment=comment or None)
        read = private_key(key.export_private_key().decode())
        assert read.asbytes() == key.public_data


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
