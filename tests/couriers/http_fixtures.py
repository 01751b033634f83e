"""The platform with HTTP interfaces, one for each test process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.couriers.http_site import Platform, dsp_command, free_port, running


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
