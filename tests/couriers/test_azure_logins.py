"""The ways to log in to Azure Blob Storage, over TLS with a private authority; refusals."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import jwt
import pytest
import trustme
from tests.conftest import required
from tests.couriers.azure_site import AzureSite, new_container, opened
from tests.couriers.http_stub import Answer, stub
from tests.couriers.object_servers import AZURITE, azurite, numbers

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.parts import BaseUrl
from deadwax.domain.failures import FailureCategory
from deadwax.domain.texts import Paragraph
from deadwax.infrastructure.couriers.contract import outgoing, upload

# The client that looks from behind trusts anybody.
pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")

APPLICATION = {"tenant_id": "t1", "client_id": "c1", "client_secret": "s1"}


@dataclass(frozen=True)
class Account:
    url: str
    authority: str


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    required(AZURITE.exists(), "azurite (make test-servers)")
    home, authority = tmp_path_factory.mktemp("azurite-tls"), trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    issued.private_key_pem.write_to_path(home / "key.pem")
    issued.cert_chain_pems[0].write_to_path(home / "cert.pem")
    options = ["--oauth", "basic", "--cert", home / "cert.pem", "--key", home / "key.pem"]
    with azurite(home, *options) as url:
        yield Account(url, authority.cert_pem.bytes().decode())


@pytest.fixture
def site(account: Account) -> AzureSite:
    site = new_container(account.url, f"logins-{next(numbers)}")
    return replace(site, address=replace(site.address, authority=Paragraph(account.authority)))


def token(seconds: int = 3600) -> str:
    now = int(time.time())
    claims = {
        "aud": "https://storage.azure.com",
        "iss": "https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/",
        "iat": now,
        "nbf": now,
        "exp": now + seconds,
    }
    return jwt.encode(claims, "k" * 32)


def test_an_application_gets_its_tokens_and_delivers(site: AzureSite) -> None:
    def answer(method: str, path: str) -> Answer:
        assert path == "/t1/oauth2/v2.0/token"
        return 200, {}, json.dumps({"access_token": token(), "expires_in": 3600}).encode()

    with stub(answer) as login:
        address = replace(site.address, login=BaseUrl(login.url))
        courier = opened(address, json.dumps(APPLICATION))
        upload(courier, outgoing("album.wav", b"ours"))
        courier.publish("album.wav")
        assert courier.probe().proof["certificate"].startswith("SHA256:")
        courier.close()
    assert len(login.asked) == 1
    assert site.read("album.wav") == b"ours"


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (401, FailureCategory.AUTH_INVALID),
        (400, FailureCategory.AUTH_INVALID),
        (503, FailureCategory.API_UNAVAILABLE),
        (200, FailureCategory.API_UNAVAILABLE),
    ],
)
def test_an_application_that_gets_no_token_is_told(
    site: AzureSite, status: int, category: FailureCategory
) -> None:
    with stub(lambda method, path: (status, {}, b'{"error": "invalid_client"}')) as login:
        address = replace(site.address, login=BaseUrl(login.url))
        courier = opened(address, json.dumps(APPLICATION))
        with pytest.raises(DeliveryFailed) as failed:
            courier.list("inbox")
        courier.close()
    assert failed.value.category is category
    assert "s1" not in failed.value.detail


def test_a_sas_delivers_and_one_that_may_only_read_is_told(site: AzureSite) -> None:
    courier = opened(site.address, site.sas(timedelta(hours=1)))
    assert "publish" in courier.probe().steps
    courier.close()
    reader = opened(site.address, site.sas(timedelta(hours=1), "rl"))
    with pytest.raises(DeliveryFailed) as failed:
        upload(reader, outgoing("album.wav", b"ours"))
    reader.close()
    assert failed.value.category is FailureCategory.PERMISSION_DENIED


def test_a_server_that_nobody_vouches_for_gets_nothing(site: AzureSite) -> None:
    stranger = trustme.CA().cert_pem.bytes().decode()
    courier = opened(replace(site.address, authority=Paragraph(stranger)), site.secret)
    with pytest.raises(DeliveryFailed) as failed:
        courier.probe()
    courier.close()
    assert failed.value.category is FailureCategory.AUTH_INVALID


@pytest.mark.parametrize("secret", ["", "{}", "[]", '{"client_id": "c"}', "not json"])
def test_a_secret_of_no_known_kind_is_told_and_not_shown(site: AzureSite, secret: str) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        opened(site.address, secret)
    assert failed.value.category is FailureCategory.AUTH_INVALID
