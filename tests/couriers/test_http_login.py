"""As whom requests are made: every scheme against a platform that checks, tokens that run out,
certificates of both sides."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.couriers.http_addresses import CONTENT_RANGE, PUT, address
from tests.couriers.http_dsp import door
from tests.couriers.http_fixtures import SigningKeys, Tls
from tests.couriers.http_site import (
    HttpSite,
    Platform,
    account_folder,
)

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.contract import outgoing, some_bytes, upload

_JWT = {"claims": {"iss": "label", "aud": door.AUDIENCE}, "key_id": "key-1"}
_SCHEMES: dict[str, dict[str, Any]] = {
    "none": {},
    "basic": {"secret": "password", "username": door.USER},
    "bearer": {"secret": "key"},
    "api_key": {"secret": "key", "header": "X-Api-Key"},
    "HS256": {"scheme": "jwt", "secret": "hs256", "jwt": {**_JWT, "algorithm": "HS256"}},
    "RS256": {"scheme": "jwt", "secret": "rs256", "jwt": {**_JWT, "algorithm": "RS256"}},
    "ES256": {"scheme": "jwt", "secret": "es256", "jwt": {**_JWT, "algorithm": "ES256"}},
}


def _site(
    platform: Platform, keys: SigningKeys, scheme: str, auth: dict[str, Any], **more: Any
) -> HttpSite:
    name = uuid4().hex
    secrets = {
        "key": door.TOKEN,
        "password": door.PASSWORD,
        "client": door.CLIENT_SECRET,
        **{name.lower(): key for name, key in keys.ours.items()},
    }
    where = address("rest", f"{platform.url}/{scheme}/{name}/rest", PUT, auth=auth, **more)
    return HttpSite(where, account_folder(platform, name), secrets)


def _oauth(platform: Platform, **more: Any) -> dict[str, Any]:
    terms = {"token_url": f"{platform.url}/~token", "client_id": door.CLIENT, **more}
    return {"scheme": "oauth2", "secret": "client", "oauth": terms}


def _delivers(site: HttpSite) -> None:
    data = some_bytes(1000)
    with closing(site.connect()) as courier:
        upload(courier, outgoing("album.wav", data))
        courier.publish("album.wav")
    assert site.read("album.wav") == data


@pytest.mark.parametrize("scheme", _SCHEMES)
def test_every_scheme_is_let_in(http_dsp: Platform, signing_keys: SigningKeys, scheme: str) -> None:
    auth = {"scheme": scheme, **_SCHEMES[scheme]}
    site = _site(http_dsp, signing_keys, scheme, auth)
    _delivers(site)


@pytest.mark.parametrize("scheme", ["basic", "bearer", "api_key", "HS256"])
def test_a_wrong_secret_is_not_let_in_and_not_shown(
    http_dsp: Platform, signing_keys: SigningKeys, scheme: str
) -> None:
    site = _site(http_dsp, signing_keys, scheme, {"scheme": scheme, **_SCHEMES[scheme]})
    site.wrong = "a-wrong-secret-of-more-than-32-bytes"
    with (
        closing(site.connect_with_wrong_secret()) as courier,
        pytest.raises(DeliveryFailed) as failed,
    ):
        courier.probe()
    assert failed.value.category is FailureCategory.AUTH_INVALID
    assert site.wrong not in failed.value.detail


def test_what_is_no_key_of_the_algorithm_is_told(
    http_dsp: Platform, signing_keys: SigningKeys
) -> None:
    site = _site(http_dsp, signing_keys, "RS256", _SCHEMES["RS256"])
    with (
        closing(site.connect_with_wrong_secret()) as courier,
        pytest.raises(DeliveryFailed, match="no key for RS256") as failed,
    ):
        courier.probe()
    assert failed.value.category is FailureCategory.AUTH_INVALID


def test_one_token_serves_all_connections_until_it_runs_out_soon(
    http_dsp: Platform, signing_keys: SigningKeys
) -> None:
    before = http_dsp.asked()
    for _ in range(2):
        _delivers(_site(http_dsp, signing_keys, "oauth2", _oauth(http_dsp)))
    assert http_dsp.asked() - before <= 1
    before = http_dsp.asked()
    short = _oauth(http_dsp, scope="1", secret_in="body")  # the platform: good for a second
    first = _site(http_dsp, signing_keys, "oauth2", short)
    with closing(first.connect()) as courier:
        assert courier.size("a") is None
    assert http_dsp.asked() == before + 1


def test_a_token_that_was_revoked_is_replaced_while_a_file_is_sent(
    http_dsp: Platform, signing_keys: SigningKeys
) -> None:
    """The body is read again from our own store: nothing of it is lost."""
    site, data = _site(http_dsp, signing_keys, "oauth2", _oauth(http_dsp)), some_bytes(3_000_000)
    with closing(site.connect()) as courier:
        assert courier.size("album.wav") is None
        before = http_dsp.asked()
        http_dsp.revoke()
        upload(courier, outgoing("album.wav", data))
        http_dsp.revoke()
        courier.publish("album.wav")
        assert http_dsp.asked() == before + 2
    assert site.read("album.wav") == data


def test_a_wrong_client_secret_is_a_matter_for_a_person(
    http_dsp: Platform, signing_keys: SigningKeys
) -> None:
    site = _site(http_dsp, signing_keys, "oauth2", _oauth(http_dsp))
    with (
        closing(site.connect_with_wrong_secret()) as courier,
        pytest.raises(DeliveryFailed, match="invalid_client") as failed,
    ):
        courier.probe()
    assert failed.value.category is FailureCategory.AUTH_INVALID


def test_credentials_do_not_go_where_a_server_sends_us(
    http_dsp: Platform, signing_keys: SigningKeys
) -> None:
    name = uuid4().hex
    where = address("rest", f"{http_dsp.url}/bearer/{name}/rest", CONTENT_RANGE)
    site = HttpSite(where, account_folder(http_dsp, name))
    elsewhere = {"Location": "http://localhost:1/session/1?token=hidden"}
    http_dsp.instead(name, {"method": "POST", "status": 201, "headers": elsewhere})
    with closing(site.connect()) as courier, pytest.raises(DeliveryFailed) as failed:
        upload(courier, outgoing("album.wav", b"x"))
    assert failed.value.category is FailureCategory.PERMISSION_DENIED
    assert "localhost" in failed.value.detail
    assert "hidden" not in failed.value.detail
    http_dsp.instead(name, {"method": "HEAD", "status": 302, "headers": elsewhere})
    with closing(site.connect()) as courier, pytest.raises(DeliveryFailed) as redirected:
        courier.size("album.wav")
    assert "redirect to localhost" in redirected.value.detail


# -- certificates


@pytest.fixture
def guarded(platform_with_tls: Platform, signing_keys: SigningKeys, http_tls: Tls) -> HttpSite:
    """By token and certificate at once."""
    auth = {**_oauth(platform_with_tls), "certificate": "certificate"}
    site = _site(platform_with_tls, signing_keys, "oauth2", auth, authority=http_tls.authority)
    site.secrets["certificate"] = http_tls.client
    return site


def test_both_sides_prove_who_they_are(guarded: HttpSite) -> None:
    _delivers(guarded)
    with closing(guarded.connect()) as courier:
        assert courier.probe().proof["certificate"].startswith("sha256:")


def test_a_certificate_of_an_unknown_authority_is_not_trusted(guarded: HttpSite) -> None:
    guarded.address = replace(guarded.address, authority=None)
    _refused(guarded, FailureCategory.AUTH_INVALID, "certificate is not valid")


def test_the_lack_of_a_client_certificate_is_told(http_tls: Tls) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(http_tls.files[0])
    context.load_verify_locations(http_tls.files[1])
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            accepted, _ = listening.accept()
            with accepted, suppress(OSError):
                context.wrap_socket(accepted, server_side=True)

        server = threading.Thread(target=refuse)
        server.start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        site = HttpSite(address("rest", url, PUT, authority=http_tls.authority), Path("nowhere"))
        _refused(site, FailureCategory.AUTH_INVALID, "the lack of one")
        server.join()


def test_a_client_certificate_that_ran_out_is_told_by_its_day(
    guarded: HttpSite, http_tls: Tls
) -> None:
    guarded.secrets["certificate"] = http_tls.expired
    _refused(guarded, FailureCategory.AUTH_EXPIRED, "ran out on 2020-01-01")


def test_what_is_no_certificate_is_told(guarded: HttpSite) -> None:
    guarded.secrets["certificate"] = "-----BEGIN NOTHING-----"
    _refused(guarded, FailureCategory.AUTH_INVALID, "no PEM")


def _refused(site: HttpSite, category: FailureCategory, words: str) -> None:
    with pytest.raises(DeliveryFailed, match=words) as failed, closing(site.connect()) as courier:
        courier.probe()
    assert failed.value.category is category
