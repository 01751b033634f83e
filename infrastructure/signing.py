"""The installation's own keys, by which it attests what it delivered.

`<secrets>/receipt-keys/<id>.key` is a private Ed25519 key, readable by us alone, `<id>.pub` its
public key in base64; `current` names the one that signs. Public keys are kept for ever.
"""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from deadwax.application.errors import NotFound
from deadwax.application.ports import SigningKey

_ID_LENGTH = 16


class FileSigner:
    """Implements application.ports.Signer. Processes that need the first key at once agree."""

    def __init__(self, secrets: Path) -> None:
        self._folder = secrets / "receipt-keys"

    def key(self) -> SigningKey:
        try:
            id = (self._folder / "current").read_text().strip()
        except FileNotFoundError:
            id = self._begin()
        return SigningKey(id, self._at(id, "pub").read_text().strip())

    def sign(self, key_id: str, data: bytes) -> str:
        try:
            private = Ed25519PrivateKey.from_private_bytes(self._at(key_id, "key").read_bytes())
        except FileNotFoundError:
            raise NotFound("signing key", key_id) from None
        return base64.b64encode(private.sign(data)).decode()

    def known(self) -> list[SigningKey]:
        """All there ever were, by id."""
        return [
            SigningKey(path.stem, path.read_text().strip())
            for path in sorted(self._folder.glob("*.pub"))
        ]

    def rotate(self) -> SigningKey:
        """Sign with a new key from now on; the private key before is deleted."""
        before, id = self.key(), self._make()
        beside = self._folder / f"current.{id}"
        beside.write_text(id)
        beside.replace(self._folder / "current")
        self._at(before.id, "key").unlink(missing_ok=True)
        return self.key()

    def _begin(self) -> str:
        """The first key: of several processes that make one, one names the current."""
        id = self._make()
        beside = self._folder / f"current.{id}"
        beside.write_text(id)
        try:
            os.link(beside, self._folder / "current")
        except FileExistsError:
            for suffix in ("key", "pub"):
                self._at(id, suffix).unlink()
            id = (self._folder / "current").read_text().strip()
        finally:
            beside.unlink()
        return id

    def _make(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        id = _id(public)
        handle = os.open(self._at(id, "key"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(private.private_bytes_raw())
        self._at(id, "pub").write_text(base64.b64encode(public).decode() + "\n")
        return id

    def _at(self, id: str, suffix: str) -> Path:
        return self._folder / f"{id}.{suffix}"


def key_id_of(public_key: str) -> str | None:
    """By which a public key (base64) is known; None if it is none."""
    try:
        public = base64.b64decode(public_key, validate=True)
        Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        return None
    return _id(public)


def _id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:_ID_LENGTH]


def is_signed(data: bytes, signature: str, public_key: str) -> bool:
    """Whether the key of `public_key` (base64) made the signature (base64) of `data`."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True
