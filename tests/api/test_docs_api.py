"""The examples of docs/api.md run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests import material
from tests.api.conftest import Projecting, operator_key
from tests.api.server import Start
from tests.conftest import required

from deadwax.infrastructure.container import Container

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def test_the_example_of_an_error_is_real(http: TestClient, admin_key: str) -> None:
    shown = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    headers = {"Authorization": f"Bearer {admin_key}", "X-Correlation-Id": shown["correlation_id"]}
    body = {"title": "x", "icpn": "5901234123450"}
    assert http.post("/api/v1/releases", json=body, headers=headers).json() == shown


def test_the_examples_run(
    start: Start, container: Container, projecting: Projecting, tmp_path: Path
) -> None:
    required(shutil.which("curl"), "curl")
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 4
    (tmp_path / "01.wav").write_bytes(material.recording(format="WAV"))
    (tmp_path / "cover.png").write_bytes(material.cover())
    environ = os.environ | {"URL": start().url, "OPERATOR_KEY": operator_key(container)}
    with projecting():
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for told in ("tracks_missing", '"category":"auth_invalid"', "approved\n", "in_progress\n"):
        assert told in ran.stdout, told
    assert '"type":"distribution.requested"' in ran.stdout


def test_the_reference_page_shows_everything_and_loads_nothing(http: TestClient) -> None:
    response = http.get("/docs")
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    document = http.get("/openapi.json").json()
    for item in document["paths"].values():
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in response.text
    assert "<script" not in response.text
    assert [u for u in re.findall(r'(?:src|href)="([^"]+)"', response.text) if "//" in u] == []


@pytest.fixture
def admin_key(make_tenant) -> str:  # type: ignore[no-untyped-def]
    key: str = make_tenant().key
    return key
