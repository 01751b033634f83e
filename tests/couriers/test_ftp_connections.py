"""FTP and FTPS over a network that misbehaves, and to servers that are not who they should be."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from tests.couriers.ftp_site import OTHER_CERTIFICATE, FtpSite, ftp_site, ftps_site
from tests.couriers.proftpd import HOST, PASSWORD, Proftpd, running

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.ftp import FtpAddress, FtpsAddress, TlsMode
from deadwax.domain.errors import InvalidValue
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.connection_contract import CourierConnectionContract
from deadwax.infrastructure.couriers.contract import outgoing, upload
from deadwax.infrastructure.couriers.fault_proxy import FaultProxy
from deadwax.infrastructure.couriers.ftp import open_courier
from deadwax.infrastructure.couriers.opening import Opening

INVALID = FailureCategory.AUTH_INVALID


class _Connections(CourierConnectionContract):
    @pytest.fixture
    def proxy(self, site: FtpSite) -> Iterator[FaultProxy]:
        """The ports of data connections lead through it, too."""
        with FaultProxy(*site.endpoint, beside=site.server.passive) as proxy:
            yield proxy


class TestFtpsConnections(_Connections):
    @pytest.fixture
    def site(self, ftps_explicit: Proftpd, tmp_path: Path) -> FtpSite:
        return ftps_site(ftps_explicit, tmp_path / "remote")


class TestFtpConnections(_Connections):
    IDENTITY = False

    @pytest.fixture
    def site(self, ftp_clear: Proftpd, tmp_path: Path) -> FtpSite:
        return ftp_site(ftp_clear, tmp_path / "remote")


@pytest.fixture
def site(ftps_explicit: Proftpd, tmp_path: Path) -> FtpSite:
    return ftps_site(ftps_explicit, tmp_path / "remote")


def refused(call: Callable[[], object]) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        call()
    return failed.value


class Listener:
    """A server that shows a certificate and keeps what it is told."""

    def __init__(self, certificate: trustme.LeafCert) -> None:
        self.heard = b""
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                self._listen_to(self._listener.accept()[0])

    def _listen_to(self, sock: socket.socket) -> None:
        with suppress(OSError), self._context.wrap_socket(sock, server_side=True) as secured:
            secured.sendall(b"220 Welcome\r\n")
            while heard := secured.recv(1000):
                self.heard += heard
                secured.sendall(b"331 Password\r\n")

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.mark.parametrize("wrong", ["expired", "another name", "unknown authority", "another pin"])
def test_nothing_is_sent_to_a_server_whose_certificate_does_not_prove_it(wrong: str) -> None:
    known, unknown = trustme.CA(), trustme.CA()
    certificate = {
        "expired": known.issue_cert("127.0.0.1", not_after=YESTERDAY),
        "another name": known.issue_cert("ftp.example.com"),
        "unknown authority": unknown.issue_cert("127.0.0.1"),
        "another pin": known.issue_cert("127.0.0.1"),
    }[wrong]
    server = Listener(certificate)
    address = FtpsAddress(
        host="127.0.0.1",
        port=server.port,
        username="deadwax",
        secret="ftp",
        tls=TlsMode.IMPLICIT,
        authority=None if wrong == "another pin" else known.cert_pem.bytes().decode(),
        certificate=OTHER_CERTIFICATE if wrong == "another pin" else None,
    )
    failed = refused(lambda: open_courier(address, Opening(lambda _: PASSWORD, 5.0)))
    assert failed.category is INVALID
    server.close()
    assert server.heard == b""


def test_without_a_decision_the_system_s_authorities_count_and_the_certificate_is_shown(
    site: FtpSite,
) -> None:
    """What the person then compares, and pins."""
    undecided = replace(site.address, authority=None)
    failed = refused(lambda: site.open(undecided))
    assert failed.category is INVALID
    shown = site.connect().probe().proof["certificate"]
    assert shown in failed.detail
    pinned = site.open(replace(undecided, certificate=shown))
    upload(pinned, outgoing("album.wav", b"x"))
    pinned.close()
    assert replace(undecided, certificate=shown).evidence["certificate"] == shown


def test_a_server_without_tls_gets_no_password(ftp_clear: Proftpd, tmp_path: Path) -> None:
    site = ftps_site(ftp_clear, tmp_path / "remote")
    failed = refused(site.connect)
    assert failed.category is INVALID
    assert "no TLS" in failed.detail


def test_a_client_certificate_is_shown_where_it_is_asked_for(
    proftpd_binary: str, tmp_path: Path
) -> None:
    clients = trustme.CA()
    (tmp_path / "clients.pem").write_bytes(clients.cert_pem.bytes())
    options = (f"TLSCACertificateFile {tmp_path}/clients.pem", "TLSVerifyClient on")
    ours = clients.issue_cert("deadwax@example.com")
    pem = (ours.private_key_pem.bytes() + ours.cert_chain_pems[0].bytes()).decode()
    secrets = {"ftp": PASSWORD, "ours": pem}
    (tmp_path / "server").mkdir()
    with running(proftpd_binary, tmp_path / "server", *options) as server:
        site = ftps_site(server, tmp_path / "remote")
        # TLS 1.3 tells only after the handshake, at times by closing alone.
        assert refused(site.connect).category in (INVALID, FailureCategory.NETWORK_CONNECTIVITY)
        address = replace(site.address, client_certificate="ours")
        courier = open_courier(address, Opening(secrets.__getitem__, 20.0))
        upload(courier, outgoing("album.wav", b"x"))
        courier.publish("album.wav")
        courier.close()
        assert site.read("album.wav") == b"x"


def test_implicit_tls_has_a_port_of_its_own() -> None:
    with pytest.raises(InvalidValue) as failed:
        FtpsAddress(host=HOST, username="deadwax", secret="ftp", tls=TlsMode.IMPLICIT)
    assert failed.value.code == "port_of_explicit_tls"


def test_what_the_server_has_no_room_for_is_a_matter_of_quota(
    proftpd_binary: str, tmp_path: Path
) -> None:
    (tmp_path / "server").mkdir()
    with running(proftpd_binary, tmp_path / "server", "MaxStoreFileSize 1 Mb") as server:
        courier = ftps_site(server, tmp_path / "remote").connect()
        failed = refused(lambda: upload(courier, outgoing("album.wav", bytes(8_000_000))))
        assert failed.category is FailureCategory.QUOTA_EXCEEDED
        upload(courier, outgoing("small.wav", b"x"))
        courier.close()


def test_a_folder_that_is_not_ours_is_a_matter_of_permission(
    proftpd_binary: str, tmp_path: Path
) -> None:
    (tmp_path / "server").mkdir()
    no_writing = (
        f"<Directory {tmp_path}/remote/closed>\n<Limit WRITE>\nDenyAll\n</Limit>\n</Directory>"
    )
    with running(proftpd_binary, tmp_path / "server", no_writing) as server:
        site = ftps_site(server, tmp_path / "remote")
        (site.local / "closed").mkdir()
        courier = site.connect()
        for path in ("closed/album.wav", "closed/folder/album.wav"):
            failed = refused(lambda path=path: upload(courier, outgoing(path, b"x")))  # type: ignore[misc]
            assert failed.category is FailureCategory.PERMISSION_DENIED
        courier.close()


def test_a_root_that_is_not_there_is_told_and_not_made(site: FtpSite) -> None:
    courier = site.open(replace(site.address, root=f"{site.local}/missing"))
    assert refused(courier.probe).category is FailureCategory.NOT_FOUND
    failed = refused(lambda: upload(courier, outgoing("album.wav", b"x")))
    assert failed.category is FailureCategory.NOT_FOUND
    courier.close()
    assert site.names("") == []


def test_a_server_with_too_many_guests_is_not_available(
    proftpd_binary: str, tmp_path: Path
) -> None:
    (tmp_path / "server").mkdir()
    with running(proftpd_binary, tmp_path / "server", "MaxConnectionsPerHost 1") as server:
        site = ftps_site(server, tmp_path / "remote")
        first = site.connect()
        failed = refused(site.connect)
        assert failed.category is FailureCategory.API_UNAVAILABLE
        first.close()


def test_passwords_in_the_clear_never_span_lines(ftp_clear: Proftpd, tmp_path: Path) -> None:
    site = ftp_site(ftp_clear, tmp_path / "remote")
    assert isinstance(site.address, FtpAddress)
    failed = refused(lambda: site.open(site.address, "x\r\nDELE album.wav"))
    assert failed.category is INVALID
    assert "DELE" not in failed.detail
