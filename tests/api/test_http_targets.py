"""Targets with HTTP interfaces, as an operator opens and tests them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from tests.api.caller import Caller, done, refused
from tests.couriers.http_addresses import BEARER, PUT
from tests.couriers.http_dsp import door
from tests.couriers.http_site import dsp_command, running
from tests.ports import free_port

from deadwax.api.examples import TARGET
from deadwax.infrastructure.container import Container


def _rest(url: str, **more: Any) -> dict[str, Any]:
    address = {"base_url": url, "auth": BEARER, **PUT, **more}
    return {"protocol": "rest", "mode": "test", "address": address}


def test_a_target_is_opened_and_tested_with_its_stored_secret(
    admin: Caller, container: Container, tmp_path: Path
) -> None:
    port, keys = free_port(), tmp_path / "keys.json"
    keys.write_text("{}")
    command = dsp_command(tmp_path, port, keys)
    with running(command, port, tmp_path, httpx.Client(trust_env=False)) as platform:
        url = f"{platform.url}/bearer/label/rest"
        target = admin.target(**_rest(url, test_file=True))
        testing = f"/targets/{target['id']}/test"
        lacking = refused(admin.post(testing), 502, "delivery_failed")
        assert lacking["category"] == "auth_invalid"
        tenant = UUID(done(admin.get("/tenant"))["id"])
        container.secrets.put(tenant, "key", door.TOKEN)
        assert done(admin.post(testing))["steps"] == [
            *("connect", "look", "write", "publish", "sha256", "read back", "delete")
        ]
        container.secrets.put(tenant, "key", "another")
        wrong = refused(admin.post(testing), 502, "delivery_failed")
        assert wrong["category"] == "auth_invalid"
        assert "another" not in wrong["detail"]


def test_a_live_target_needs_https_everywhere(admin: Caller) -> None:
    oauth = {"token_url": "http://login.dsp.example/token", "client_id": "label"}
    auth = {"scheme": "oauth2", "secret": "key", "oauth": oauth}
    for changes in (
        _rest("http://api.dsp.example"),
        _rest("https://api.dsp.example", auth=auth),
    ):
        body = refused(
            admin.post("/targets", TARGET | changes | {"mode": "live"}), 422, "invalid_request"
        )
        assert [error["code"] for error in body["errors"]] == ["https_required"]
    assert done(admin.post("/targets", TARGET | _rest("https://api.dsp.example")))["id"]
