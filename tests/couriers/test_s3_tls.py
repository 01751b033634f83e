"""S3 over TLS: by the authority that the address names, and by no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme
from tests.couriers.object_servers import numbers, running
from tests.couriers.s3_site import ACCESS_KEY, SECRET_KEY, keys, opened
from tests.ports import free_port, wait_for_port

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.object_stores import Bucket, Region, S3Address
from deadwax.domain.addresses.parts import BaseUrl, SecretName
from deadwax.domain.failures import FailureCategory
from deadwax.domain.texts import Paragraph
from deadwax.infrastructure.couriers.contract import outgoing, upload
from deadwax.infrastructure.couriers.s3 import S3Courier


@dataclass(frozen=True)
class TlsServer:
    url: str
    authority: str
    folder: Path

    def address(self, authority: str | None) -> S3Address:
        name = f"tls-{next(numbers)}"
        (self.folder / name).mkdir()
        return S3Address(
            bucket=Bucket(name),
            region=Region("us-east-1"),
            secret=SecretName("s3"),
            endpoint=BaseUrl(self.url),
            authority=Paragraph(authority) if authority else None,
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:

    home = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    issued.private_key_pem.write_to_path(home / "key.pem")
    for blob in issued.cert_chain_pems:
        blob.write_to_path(home / "cert.pem", append=True)
    port, log, buckets = free_port(), home / "log", home / "buckets"
    buckets.mkdir()
    binary = Path(sys.executable).parent / "rclone"
    serve = ["serve", "s3", "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}"]
    serve += ["--addr", f"127.0.0.1:{port}", "--dir-cache-time", "0"]
    serve += ["--cert", str(home / "cert.pem"), "--key", str(home / "key.pem")]
    with running([binary, *serve, buckets], log) as process:
        wait_for_port(port, process, log)
        pem = authority.cert_pem.bytes().decode()
        yield TlsServer(f"https://127.0.0.1:{port}", pem, buckets)


def test_a_private_authority_vouches_for_the_server(server: TlsServer) -> None:
    address = server.address(server.authority)
    courier: S3Courier = opened(address, keys())
    upload(courier, outgoing("album.wav", b"ours"))
    courier.publish("album.wav")
    assert (server.folder / address.bucket / "album.wav").read_bytes() == b"ours"
    assert courier.probe().proof["certificate"].startswith("SHA256:")
    courier.close()


@pytest.mark.parametrize("other", [True, False])
def test_a_server_that_nobody_vouches_for_gets_nothing(server: TlsServer, other: bool) -> None:
    stranger = trustme.CA().cert_pem.bytes().decode()
    courier = opened(server.address(stranger if other else None), keys())
    for call in (courier.probe, lambda: courier.size("album.wav")):
        with pytest.raises(DeliveryFailed) as failed:
            call()
        assert failed.value.category is FailureCategory.AUTH_INVALID
    courier.close()


def test_an_authority_that_is_no_pem_is_told(server: TlsServer) -> None:
    address = replace(server.address(None), authority=Paragraph("not a certificate"))
    with pytest.raises(DeliveryFailed) as failed:
        opened(address, keys())
    assert failed.value.category is FailureCategory.AUTH_INVALID
