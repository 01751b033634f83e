"""Private keys as text, for paramiko.

Paramiko's own parser refuses OpenSSH keys without a comment whenever their length needs no
padding (a third of the ECDSA keys made so); that of `cryptography` does not.
"""

from __future__ import annotations

import io

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)


class UnusableKey(Exception):
    """Says what is wrong with a key and how to mend it, nothing of the key itself."""


def private_key(text: str) -> paramiko.PKey:
    """An Ed25519, ECDSA or RSA key in OpenSSH or PEM form. Raises UnusableKey."""
    data = text.strip().encode() + b"\n"
    load = load_ssh_private_key if b"BEGIN OPENSSH" in data else load_pem_private_key
    try:
        key = load(data, None)
    except TypeError:
        raise UnusableKey(
            "the private key is locked by a passphrase; store it without one"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey(
            "the private key cannot be read; store it as ssh-keygen writes it"
        ) from None
    match key:
        case Ed25519PrivateKey():
            openssh = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
            return paramiko.Ed25519Key.from_private_key(io.StringIO(openssh.decode()))
        case EllipticCurvePrivateKey():
            return paramiko.ECDSAKey(vals=(key, key.public_key()))
        case RSAPrivateKey():
            return paramiko.RSAKey(key=key)
        case _:
            raise UnusableKey("the private key is of a kind that is not supported; use Ed25519")
