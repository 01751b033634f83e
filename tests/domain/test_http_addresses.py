"""Addresses of HTTP interfaces: kept as they are, and refused where they contradict themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from tests.couriers import http_addresses as written
from tests.couriers.http_addresses import BEARER, address

from deadwax.domain.addresses.http import GraphqlAddress, RestAddress, SoapAddress
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.target import Route
from deadwax.infrastructure.event_log.plain_json import defect

URL = "https://api.dsp.example/v2"
LINKS = {"links": {"base_url": "https://deadwax.example"}}


@pytest.mark.parametrize(
    ("kind", "cls", "settings"),
    [
        ("rest", RestAddress, written.PUT),
        ("rest", RestAddress, written.MULTIPART),
        ("rest", RestAddress, written.LINK | LINKS),
        ("soap", SoapAddress, written.soap("1.2", "mtom")),
        ("graphql", GraphqlAddress, written.GRAPHQL_MULTIPART),
    ],
)
def test_an_address_comes_back_as_it_was_stored(kind: str, cls: type, settings: Any) -> None:
    made = address(kind, URL, settings)
    route = Route(protocol=Protocol(kind), address=made)
    plain = to_plain(route)
    assert defect(plain) is None
    stored = json.loads(json.dumps(plain))
    assert from_plain(Route, stored) == route
    assert type(from_plain(Route, stored).address) is cls


@pytest.mark.parametrize(
    "auth",
    [
        {"scheme": "none", "secret": "key"},
        {"scheme": "basic", "secret": "key"},
        {"scheme": "api_key", "secret": "key"},
        {"scheme": "bearer"},
        {"scheme": "bearer", "secret": "key", "username": "me"},
        {"scheme": "oauth2", "secret": "key"},
        {"scheme": "jwt", "secret": "key", "jwt": {"algorithm": "none"}},
        {"scheme": "jwt", "secret": "key", "jwt": {"algorithm": "HS256", "seconds": 86400}},
        {"scheme": "jwt", "secret": "key", "jwt": {"algorithm": "HS256", "claims": {"exp": 1}}},
        {},
    ],
)
def test_a_scheme_has_exactly_its_fields(auth: dict[str, Any]) -> None:
    with pytest.raises(RequestValidationError):
        address("rest", URL, written.PUT, auth=auth)


def test_none_of_the_addresses_is_encrypted_if_one_is_not() -> None:
    oauth = {"token_url": "http://login.example/token", "client_id": "me"}
    auth = {"scheme": "oauth2", "secret": "key", "oauth": oauth}
    links = {"base_url": "http://deadwax.example"}
    assert not address("rest", URL, written.PUT, auth=auth).is_encrypted
    assert not address("rest", URL, written.LINK, links=links).is_encrypted
    assert not address("rest", "http://api.dsp.example", written.PUT).is_encrypted
    assert address("rest", URL, written.PUT, auth=BEARER).is_encrypted


@pytest.mark.parametrize(
    "change",
    [
        {"look": {"method": "HEAD", "url": "/files/{path}"}},
        {"look": {"method": "HEAD", "url": "/f/{file_id}", "finds": {"size": "header:X"}}},
        {"look": {"method": "HEAD", "url": "/f", "finds": {"length": "header:X"}}},
        {"look": {"method": "HEAD", "url": "/f", "finds": {"size": "body:X"}}},
        {"list": {"method": "GET", "url": "/list", "finds": {"files": "json:/items"}}},
        {"fetch": {"method": "GET", "url": "files/{path}"}},
        {"fetch": {"method": "GET", "url": "https://elsewhere.example/{path}"}},
        {"publish": {"method": "POST", "url": "/p", "json": {"deep": [{"x": "{nothing}"}]}}},
        {"publish": {"method": "POST", "url": "/p", "json": {"link": "{link}"}}},
        LINKS,
        {"headers": {"X-Bad": "a\r\nX-Injected: b"}},
    ],
)
def test_what_cannot_be_meant_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RequestValidationError):
        address("rest", URL, {**written.PUT, **change})


def test_a_file_has_one_place() -> None:
    for style, content in (("mtom", "{name}"), ("link", "{file}")):
        soap = written.soap("1.1", style if style == "mtom" else "base64")
        soap["upload"]["style"] = style
        soap["upload"]["send"]["fields"]["File"]["Content"] = content
        with pytest.raises(RequestValidationError):
            address("soap", URL, soap)
    graphql = json.loads(json.dumps(written.GRAPHQL_PUT))
    del graphql["upload"]["send"]["finds"]["url"]
    with pytest.raises(RequestValidationError):
        address("graphql", URL, graphql)
