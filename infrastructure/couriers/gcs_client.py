"""Clients of Google Cloud Storage, as a service account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from google.auth.transport.requests import AuthorizedSession
from google.cloud import storage
from google.oauth2 import service_account

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.object_stores import GcsAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.file_parts import Part, Source
from deadwax.infrastructure.couriers.opening import Opening

_SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"


@dataclass(frozen=True)
class GcsClient:
    """A bucket, and what every call to it is told: how long it may go without progress, and that
    it is made once, since trying again is the engine's decision."""

    session: AuthorizedSession
    client: storage.Client
    bucket: storage.Bucket
    endpoint: str
    seconds: float

    @property
    def once(self) -> dict[str, Any]:
        return {"timeout": (self.seconds, self.seconds), "retry": None}

    def send(self, name: str, source: Source, part: Part) -> str:
        """A part as an object of its own; its MD5 as the server writes it. The library would hold
        all of it in memory, so it only does what has no bytes."""
        if not part.size:
            blob = self.bucket.blob(name)
            blob.upload_from_string(b"", **self.once)
            return str(blob.md5_hash)
        answer = self.session.post(
            f"{self.endpoint}/upload/storage/v1/b/{self.bucket.name}/o",
            params={"uploadType": "media", "name": name},
            data=source.body(part),
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Length": str(part.size),
            },
            timeout=(self.seconds, self.seconds),
        )
        answer.raise_for_status()
        return str(answer.json().get("md5Hash"))

    def close(self) -> None:
        self.client.close()
        self.session.close()


def open_bucket(address: GcsAddress, opening: Opening, ca_file: str | None) -> GcsClient:
    """No call is made yet. Raises DeliveryFailed(AUTH_INVALID) for a secret that is no key."""
    try:
        key = json.loads(opening.secret(address.secret))
        credentials = service_account.Credentials.from_service_account_info(key, scopes=[_SCOPE])
    except (ValueError, TypeError, AttributeError, KeyError):
        raise DeliveryFailed(
            FailureCategory.AUTH_INVALID,
            f"The secret {address.secret} is no JSON key of a service account.",
        ) from None
    # A body that was read once cannot be sent again: a refused token is told, not replaced.
    session = AuthorizedSession(credentials, refresh_status_codes=())
    session.verify = ca_file or True
    client = storage.Client(
        project=str(key.get("project_id") or "none"),
        credentials=credentials,
        _http=session,
        client_options={"api_endpoint": str(address.endpoint)},
    )
    bucket = client.bucket(str(address.bucket))
    return GcsClient(session, client, bucket, str(address.endpoint), opening.stall_seconds)
