"""Connections by HTTPS that fail, with certificates on both sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import trustme
from tests.couriers.http_addresses import BEARER, CONTENT_RANGE, address
from tests.couriers.http_dsp import door
from tests.couriers.http_fixtures import Tls
from tests.couriers.http_site import HttpSite, Platform, account_folder

from deadwax.infrastructure.couriers.connection_contract import CourierConnectionContract
from deadwax.infrastructure.couriers.http.courier import HttpCourier


@dataclass
class HttpsSite(HttpSite):
    expired: str = ""

    @property
    def endpoint(self) -> tuple[str, int]:
        parts = urlsplit(self.address.base_url)
        assert parts.hostname
        assert parts.port
        return parts.hostname, parts.port

    def connect(self, *, stall_seconds: float = 20.0, through: int | None = None) -> HttpCourier:
        if through is None:
            return super().connect(stall_seconds=stall_seconds)
        url = self.address.base_url.replace(f":{self.endpoint[1]}/", f":{through}/")
        return self._led(replace(self.address, base_url=url), stall_seconds)

    def connect_to_an_impostor(self) -> HttpCourier:
        other = trustme.CA().cert_pem.bytes().decode()
        return self._led(replace(self.address, authority=other))

    def connect_with_expired_secret(self) -> HttpCourier:
        own = replace(self, secrets={**self.secrets, "certificate": self.expired})
        return own.connect()

    def _led(self, where: object, stall_seconds: float = 20.0) -> HttpCourier:
        return replace(self, address=where).connect(stall_seconds=stall_seconds)


class TestHttps(CourierConnectionContract):
    EXPIRES = True

    @pytest.fixture
    def site(self, platform_with_tls: Platform, http_tls: Tls) -> HttpsSite:
        name = uuid4().hex
        auth = {**BEARER, "certificate": "certificate"}
        url = f"{platform_with_tls.url}/bearer/{name}/rest"
        where = address("rest", url, CONTENT_RANGE, auth=auth, authority=http_tls.authority)
        secrets = {"key": door.TOKEN, "certificate": http_tls.client}
        folder = account_folder(platform_with_tls, name)
        return HttpsSite(where, folder, secrets, expired=http_tls.expired)
