"""Where targets may lead, looked at when a socket connects."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import redis
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import TypeAdapter
from tests.couriers.gcs_site import service_account

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.protocols import ADDRESSES, Protocol
from deadwax.domain.failures import FailureCategory
from deadwax.domain.reports import Mailbox
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.registry import _MODULES
from deadwax.infrastructure.networks import NetworkRefused, Networks, confine
from deadwax.infrastructure.reports.mailbox import open_mailbox


@pytest.mark.parametrize(
    ("networks", "host", "allowed"),
    [
        ("public", "93.184.216.34", True),
        ("public", "2606:2800:220:1::1", True),
        ("public", "127.0.0.1", False),
        ("public", "::1", False),
        ("public", "::ffff:127.0.0.1", False),
        ("public", "10.1.2.3", False),
        ("public", "192.168.0.1", False),
        ("public", "169.254.169.254", False),
        ("public", "fe80::1%eth0", False),
        ("public", "fd00::1", False),
        ("public", "100.64.0.1", False),
        ("public", "0.0.0.0", False),
        ("public", "224.0.0.1", False),
        ("public", "a.name.example", False),
        ("public, 10.1.0.0/16", "10.1.2.3", True),
        ("public, 10.1.0.0/16", "10.2.2.3", False),
        ("10.1.0.0/16", "93.184.216.34", False),
        ("10.1.0.0/16", "::ffff:10.1.0.1", True),
    ],
)
def test_an_address_is_in_what_was_named_or_not(networks: str, host: str, allowed: bool) -> None:
    assert Networks.read(networks).allow(host) is allowed


@pytest.fixture
def inside() -> Iterator[int]:
    """A port of this machine to which nobody may have connected at the end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        confine(Networks.read("public"))
        try:
            yield int(server.getsockname()[1])
        finally:
            confine(None)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def _addresses(port: int) -> dict[Protocol, dict[str, Any]]:
    host = {"host": "localhost", "port": port, "username": "runout", "secret": "secret"}
    url = f"http://localhost:{port}"
    asked = {"base_url": url, "auth": {"scheme": "none"}}
    soap = {"operation": "Put", "fields": {"Content": "{file}"}}
    graphql = {"document": "mutation { begin { url } }", "finds": {"url": "json:/begin/url"}}
    return {
        **dict.fromkeys((Protocol.SFTP, Protocol.SCP, Protocol.FTP, Protocol.FTPS), host),
        Protocol.REST: asked
        | {
            "ping": {"method": "GET", "url": "/me"},
            "upload": {"style": "put", "send": {"method": "PUT", "url": "/{path}"}},
        },
        Protocol.SOAP: asked
        | {
            "namespace": "urn:dsp",
            "ping": {"operation": "Ping"},
            "upload": {"style": "mtom", "send": soap},
        },
        Protocol.GRAPHQL: asked
        | {
            "ping": {"document": "query { me }"},
            "upload": {"style": "put", "send": graphql},
        },
        Protocol.S3: {"bucket": "inbox", "region": "eu-1", "secret": "secret", "endpoint": url},
        Protocol.AZURE_BLOB: {"account_url": url, "container": "inbox", "secret": "secret"},
        Protocol.GCS: {"bucket": "inbox", "endpoint": url, "secret": "secret"},
    }


_SECRETS = {
    Protocol.S3: json.dumps({"access_key_id": "key", "secret_access_key": "secret"}),
    Protocol.AZURE_BLOB: json.dumps({"account_key": "c2VjcmV0"}),
}


@pytest.mark.parametrize("protocol", sorted(_addresses(1)))
def test_no_courier_connects_elsewhere(inside: int, protocol: Protocol) -> None:
    address = TypeAdapter(ADDRESSES[protocol]).validate_python(_addresses(inside)[protocol])
    secret = _SECRETS.get(protocol) or service_account(
        rsa.generate_private_key(65537, 2048), f"http://localhost:{inside}/token"
    )
    module = import_module(f"deadwax.infrastructure.couriers.{_MODULES[protocol]}")
    with pytest.raises(DeliveryFailed) as failed:
        module.open_courier(address, Opening(lambda name: secret, stall_seconds=2)).probe()
    assert failed.value.category is FailureCategory.NETWORK_CONNECTIVITY


def test_nor_does_a_mailbox(inside: int) -> None:
    mailbox = TypeAdapter(Mailbox).validate_python(
        {
            "host": "localhost",
            "port": inside,
            "username": "runout",
            "secret": "secret",
            "senders": ["@dsp.example"],
            "patterns": ["(?P<status>live)"],
        }
    )
    with pytest.raises(DeliveryFailed) as failed:
        open_mailbox(mailbox, "secret", 2)
    assert failed.value.category is FailureCategory.NETWORK_CONNECTIVITY


def test_the_refusal_names_address_and_setting(inside: int) -> None:
    with pytest.raises(NetworkRefused, match=r"127\.0\.0\.1 .*DEADWAX_DELIVERY_NETWORKS"):
        socket.create_connection(("127.0.0.1", inside))


def test_the_installations_own_servers_are_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        confine(Networks.read("public"))
        try:
            with pytest.raises(redis.TimeoutError):  # it is connected, and gets no answer
                redis.Redis(port=server.getsockname()[1], socket_timeout=0.2, retry=None).ping()
        finally:
            confine(None)
        server.settimeout(1)
        server.accept()[0].close()
