"""REST, SOAP and GraphQL against a platform that runs as a process, and tus against a server of
the project that makes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.conftest import required
from tests.couriers import http_addresses as written
from tests.couriers.http_addresses import address
from tests.couriers.http_site import (
    PROJECT,
    HttpSite,
    Platform,
    account_folder,
    running,
    tus_command,
)
from tests.ports import free_port

from deadwax.infrastructure.couriers.contract import CourierContract

_INTERFACES: dict[str, tuple[str, dict[str, Any]]] = {
    "put": ("rest", written.PUT),
    "multipart": ("rest", written.MULTIPART),
    "content_range": ("rest", written.CONTENT_RANGE),
    "tus_with_checksums": ("rest", written.TUS),
    "at_once": ("rest", written.AT_ONCE),
    "blind": ("rest", written.BLIND),
    "soap_1.1_mtom": ("soap", written.soap("1.1", "mtom")),
    "soap_1.2_mtom": ("soap", written.soap("1.2", "mtom")),
    "soap_1.2_base64": ("soap", written.soap("1.2", "base64")),
    "graphql_multipart": ("graphql", written.GRAPHQL_MULTIPART),
    "graphql_put": ("graphql", written.GRAPHQL_PUT),
}


@pytest.mark.parametrize("interface", _INTERFACES)
class TestHttp(CourierContract):
    @pytest.fixture
    def site(self, http_dsp: Platform, interface: str) -> HttpSite:
        kind, settings = _INTERFACES[interface]
        name = uuid4().hex
        url = f"{http_dsp.url}/bearer/{name}/{kind}"
        return HttpSite(address(kind, url, settings), account_folder(http_dsp, name))


@pytest.fixture(scope="module")
def tus_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    installed = (PROJECT / "tests" / "servers" / "node_modules" / "@tus" / "server").is_dir()
    required(shutil.which("node") and installed, "the servers of `make test-servers`")
    folder, port = tmp_path_factory.mktemp("tus"), free_port()
    with running(tus_command(folder, port), port, folder, httpx.Client()) as server:
        yield server


class TestTus(CourierContract):
    @pytest.fixture
    def site(self, tus_server: Platform) -> HttpSite:
        name = uuid4().hex
        settings = {key: value for key, value in written.TUS.items() if key != "list"}
        where = address("rest", f"{tus_server.url}/{name}", settings)
        return HttpSite(where, Path(tus_server.folder) / name)
