"""One who calls the API with a key, and what is sent often."""

from __future__ import annotations

import copy
import hashlib
import io
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import soundfile
from tests import material

from deadwax.api.examples import RELEASE, TARGET
from deadwax.domain.api_key import ApiKey

PULLED: dict[str, Any] = {
    "protocol": "web_service",
    "mode": "test",
    "address": {"base_url": "http://testserver/api/v1/ddex"},
    "choreography": {"kind": "web_service", "version": "1.7"},
}
"""What makes the example of a target one whose platform pulls."""


class Caller:
    """Requests under /api/v1 with the key; paths start with /."""

    def __init__(self, http: httpx.Client, key: str) -> None:
        self.http, self.key = http, key

    @property
    def actor(self) -> str:
        parts = ApiKey.split(self.key)
        assert parts
        return f"key:{parts[0]}"

    def ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", **rest.pop("headers", {})}
        return self.http.request(method, f"/api/v1{path}", headers=headers, **rest)

    def get(self, path: str, **rest: Any) -> httpx.Response:
        return self.ask("GET", path, **rest)

    def post(self, path: str, body: Any = None, **rest: Any) -> httpx.Response:
        return self.ask("POST", path, **({"json": body} if body is not None else {}), **rest)

    def put(self, path: str, body: Any, **rest: Any) -> httpx.Response:
        return self.ask("PUT", path, json=body, **rest)

    def patch(self, path: str, body: Any, **rest: Any) -> httpx.Response:
        return self.ask("PATCH", path, json=body, **rest)

    def delete(self, path: str, **rest: Any) -> httpx.Response:
        return self.ask("DELETE", path, **rest)

    def upload(
        self, data: bytes | Iterator[bytes], filename: str = "file.bin", **rest: Any
    ) -> httpx.Response:
        return self.ask("POST", "/assets", content=data, params={"filename": filename}, **rest)

    # -- what most tests need first

    def as_role(self, role: str, target_id: str | None = None) -> Caller:
        """With a key of that role; a platform's is for a new target unless one is given."""
        if role == "platform" and target_id is None:
            target_id = self.target(**PULLED)["id"]
        wanted = {"role": role, "name": role, "target_id": target_id}
        made = done(self.post("/tenant/keys", {k: v for k, v in wanted.items() if v}))
        return Caller(self.http, made["key"])

    def draft(self, **changes: Any) -> dict[str, Any]:
        return done(self.post("/releases", copy.deepcopy(RELEASE) | changes))

    def approved(self) -> dict[str, Any]:
        """A release that was submitted, and approved because the tenant wants no review."""
        cover = done(self.upload(material.cover(), "cover.png"))["sha256"]
        audio = done(self.upload(material.recording(), "01.flac"))["sha256"]
        tracks = [{**RELEASE["tracks"][0], "audio": audio, "preview_start": 0}]
        release = self.draft(cover=cover, tracks=tracks)
        return done(self.post(f"/releases/{release['id']}/submit"))

    def target(self, **changes: Any) -> dict[str, Any]:
        return done(self.post("/targets", copy.deepcopy(TARGET) | changes))

    def distribution(self, **target_changes: Any) -> dict[str, Any]:
        """A new distribution, requested and no more."""
        release, target = self.approved(), self.target(**target_changes)
        path = f"/releases/{release['id']}/distributions"
        found = done(self.post(path, {"target_ids": [target["id"]]}))
        item: dict[str, Any] = found["items"][0]
        return item


def done(response: httpx.Response) -> dict[str, Any]:
    """The body of a success."""
    assert response.is_success, (response.status_code, response.text)
    body: dict[str, Any] = response.json()
    return body


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a problem of that kind, which is whole."""
    assert response.status_code == status, (response.status_code, response.text)
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["type"] == f"urn:deadwax:problem:{code}"
    assert body["correlation_id"] == response.headers["X-Correlation-Id"]
    for wrong in body["errors"]:
        assert wrong.keys() == {"code", "field", "message", "fix"}
    return body


def sound(seconds: float = 1.0) -> bytes:
    file = io.BytesIO()
    samples = np.random.default_rng(7).integers(-9999, 9999, (int(44_100 * seconds), 2))
    soundfile.write(file, samples.astype("int16"), 44_100, format="WAV", subtype="PCM_16")
    return file.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
