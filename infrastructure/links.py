"""Signed links by which a platform, or whoever has one, fetches one file from us, for a while.

A link states its file and its end, and is signed (HMAC-SHA-256) with a key of the installation:
`<secrets>/link-keys/<id>`, readable by us alone. The newest key signs, all of them verify, so that
links stand while keys change; deleting a key ends its links at once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson

from deadwax.application.ports import OutgoingFile
from deadwax.domain.assets import AssetFacts

_KEY_ID = re.compile(r"[0-9]{20}-[0-9a-f]{8}")
_KEY_BYTES = 32


class LinkRefused(Exception):
    """`expired` tells a link that was ours from one that never was."""

    def __init__(self, *, expired: bool) -> None:
        super().__init__("It has expired." if expired else "It is none of ours.")
        self.expired = expired


@dataclass(frozen=True)
class Linked:
    """What a link leads to; `path` as it is in the delivery, whose folder names the message; of a
    `download`, what the label calls the file."""

    tenant_id: UUID
    path: str
    sha256: str
    size: int
    until: int
    download: bool = False

    @property
    def name(self) -> str:
        return _name_of(self.path)


class FileLinks:
    """`secrets` is the installation's folder of secrets, which all its processes share."""

    def __init__(self, secrets: Path) -> None:
        self._folder = secrets / "link-keys"

    def sign(self, tenant_id: UUID, file: OutgoingFile, base_url: str, seconds: int) -> str:
        """An address below `base_url`, good for `seconds`."""
        until = int(time.time()) + seconds
        stated = [str(tenant_id), file.path, file.sha256, file.size, until]
        return self._signed(stated, base_url, file.path)

    def download(self, tenant_id: UUID, file: AssetFacts, base_url: str, seconds: int) -> str:
        """The same for an asset or a rendition. Implements application.asset_links.Downloads."""
        until = int(time.time()) + seconds
        stated = [str(tenant_id), file.filename, file.sha256, file.size, until, True]
        return self._signed(stated, base_url, file.filename)

    def read(self, token: str) -> Linked:
        """Raises LinkRefused."""
        text, _, mac = token.rpartition(".")
        key, _, stated = text.partition(".")
        if not _KEY_ID.fullmatch(key) or not (self._folder / key).is_file():
            raise LinkRefused(expired=False)
        if not hmac.compare_digest(self._mac(key, text).encode(), mac.encode()):
            raise LinkRefused(expired=False)
        tenant_id, path, sha256, size, until, *download = orjson.loads(_decoded(stated))
        if until <= time.time():
            raise LinkRefused(expired=True)
        return Linked(UUID(tenant_id), path, sha256, size, until, bool(download))

    def rotate(self) -> str:
        """Sign with a new key from now on; its id."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        id = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        beside = self._folder / f".{id}"
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        beside.rename(self._folder / id)  # no process sees half a key
        return id

    def keys(self) -> list[str]:
        """Their ids, the oldest first: each begins with when it was made."""
        found = self._folder.iterdir() if self._folder.is_dir() else ()
        return sorted(path.name for path in found if _KEY_ID.fullmatch(path.name))

    def _signed(self, stated: list[Any], base_url: str, path: str) -> str:
        key = self._newest() or self.rotate()
        text = f"{key}.{_encoded(orjson.dumps(stated))}"
        name = quote(_name_of(path), safe="")
        return f"{base_url}/files/{text}.{self._mac(key, text)}/{name}"

    def _newest(self) -> str | None:
        return next(reversed(self.keys()), None)

    def _mac(self, key: str, text: str) -> str:
        secret = (self._folder / key).read_bytes()
        return _encoded(hmac.digest(secret, text.encode(), hashlib.sha256))


def _name_of(path: str) -> str:
    return path.rpartition("/")[2] or "file"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise LinkRefused(expired=False) from None
