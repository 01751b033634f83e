"""The platform with HTTP interfaces, one for each test process."""

from __future__ import annotations

import datetime as dt
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.couriers.http_site import Platform, dsp_command, running
from tests.ports import free_port


@dataclass(frozen=True)
class SigningKeys:
    """What JWTs are signed with, and what the platform verifies them with, by algorithm."""

    ours: dict[str, str]
    theirs: dict[str, str]


@pytest.fixture(scope="session")
def signing_keys() -> SigningKeys:
    shared = "a shared key of more than thirty-two bytes"
    ours, theirs = {"HS256": shared}, {"HS256": shared}
    made = {
        "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
    }
    for name, key in made.items():
        ours[name] = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        theirs[name] = (
            key.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )
    return SigningKeys(ours, theirs)


@pytest.fixture(scope="session")
def http_dsp(
    tmp_path_factory: pytest.TempPathFactory, signing_keys: SigningKeys
) -> Iterator[Platform]:
    folder, port = tmp_path_factory.mktemp("dsp"), free_port()
    keys = folder / "keys.json"
    keys.write_text(json.dumps(signing_keys.theirs))
    command = dsp_command(folder, port, keys)
    with running(command, port, folder, httpx.Client(trust_env=False)) as platform:
        yield platform


class Tls:
    """A platform with a certificate of a private CA, that wants one of ours from another."""

    def __init__(self, folder: Path) -> None:
        self.theirs, self.ours = trustme.CA(), trustme.CA()
        server, client = folder / "server.pem", self.ours.issue_cert("label@example.org")
        self.theirs.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(server)
        self.ours.cert_pem.write_to_path(folder / "clients.pem")
        self.client = client.private_key_and_cert_chain_pem.bytes().decode()
        gone = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        old = self.ours.issue_cert("label@example.org", not_after=gone)
        self.expired = old.private_key_and_cert_chain_pem.bytes().decode()
        context = ssl.create_default_context(cadata=self.authority)
        mine = folder / "client.pem"
        mine.write_text(self.client)
        context.load_cert_chain(mine)
        self.http = httpx.Client(verify=context, trust_env=False)
        self.files = (server, folder / "clients.pem")

    @property
    def authority(self) -> str:
        return self.theirs.cert_pem.bytes().decode()


@pytest.fixture(scope="session")
def http_tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return Tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def platform_with_tls(
    http_tls: Tls, signing_keys: SigningKeys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    folder, port = tmp_path_factory.mktemp("dsp-tls"), free_port()
    keys = folder / "keys.json"
    keys.write_text(json.dumps(signing_keys.theirs))
    command = dsp_command(folder, port, keys, *http_tls.files)
    with running(command, port, folder, http_tls.http, "https") as platform:
        yield platform
