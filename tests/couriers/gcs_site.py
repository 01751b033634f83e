"""A bucket of an emulator of Google's, and who gives tokens for it."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.api_core.exceptions import NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from deadwax.domain.addresses.object_stores import Bucket, GcsAddress
from deadwax.domain.addresses.parts import BaseUrl, SecretName
from deadwax.infrastructure.couriers.contract import MB
from deadwax.infrastructure.couriers.gcs import GcsCourier, open_courier
from deadwax.infrastructure.couriers.opening import Opening

PART = 4 * MB


@dataclass(frozen=True)
class Account:
    """A service account: its key as Google hands it out, and one that nobody knows."""

    secret: str
    wrong_secret: str


@contextmanager
def token_endpoint() -> Iterator[Account]:
    """Gives a token to whoever signs with the account's key (RFC 7523)."""
    key, other = (rsa.generate_private_key(65537, 2048) for _ in range(2))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            try:
                jwt.decode(
                    form["assertion"][0],
                    key.public_key(),
                    algorithms=["RS256"],
                    options={"verify_aud": False},
                )
            except jwt.InvalidSignatureError:
                self._answer(400, {"error": "invalid_grant"})
            else:
                self._answer(200, {"access_token": "t", "expires_in": 3600})

        def _answer(self, status: int, body: dict[str, object]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/token"
        yield Account(service_account(key, url), service_account(other, url))
        server.shutdown()


def service_account(key: rsa.RSAPrivateKey, token_uri: str) -> str:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "label",
            "private_key": pem.decode(),
            "client_email": "delivery@label.example",
            "token_uri": token_uri,
        }
    )


@dataclass(frozen=True)
class GcsSite:
    address: GcsAddress
    account: Account

    @property
    def endpoint(self) -> tuple[str, int]:
        parts = urlsplit(self.address.endpoint)
        return str(parts.hostname), int(parts.port or 443)

    @property
    def bucket(self) -> storage.Bucket:
        client = storage.Client(
            project="label",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.address.endpoint},
        )
        return client.bucket(self.address.bucket)

    def connect(self, *, stall_seconds: float = 20.0, through: int | None = None) -> GcsCourier:
        address = self.address
        if through is not None:
            address = replace(address, endpoint=BaseUrl(f"http://127.0.0.1:{through}"))
        return opened(address, self.account.secret, stall_seconds)

    def connect_with_wrong_secret(self) -> GcsCourier:
        return opened(self.address, self.account.wrong_secret)

    def read(self, path: str) -> bytes | None:
        try:
            data: bytes = self.bucket.blob(self._key(path)).download_as_bytes()
        except NotFound:
            return None
        return data

    def write(self, path: str, data: bytes) -> None:
        self.bucket.blob(self._key(path)).upload_from_string(data)

    def names(self, folder: str) -> list[str]:
        """Without what is uploaded apart."""
        lead = self._key(folder + "/" if folder else "")
        found = {blob.name.removeprefix(lead) for blob in self.bucket.list_blobs(prefix=lead)}
        return sorted({name.partition("/")[0] for name in found})

    def _key(self, path: str) -> str:
        return f"{self.address.prefix}/{path}"


def opened(address: GcsAddress, secret: str, stall_seconds: float = 20.0) -> GcsCourier:
    return open_courier(address, Opening(lambda _: secret, stall_seconds), part_size=PART)


def new_bucket(endpoint: str, name: str, account: Account) -> GcsSite:
    """A site on a bucket that is made for it."""
    address = GcsAddress(
        bucket=Bucket(name),
        secret=SecretName("gcs"),
        endpoint=BaseUrl(endpoint),
        prefix="label/inbox",
    )
    site = GcsSite(address, account)
    site.bucket.create()
    return site
