"""Private keys and certificates as text, and keys that an SSH agent holds, for paramiko.

Paramiko's own parser refuses OpenSSH keys without a comment whenever their length needs no
padding (a third of the ECDSA keys made so); that of `cryptography` does not.
"""

from __future__ import annotations

import io
import time
from binascii import Error as NotBase64

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    SSHCertificate,
    load_pem_private_key,
    load_ssh_private_key,
    load_ssh_public_identity,
)


class UnusableKey(Exception):
    """Says what is wrong with a key and how to mend it, nothing of the key itself."""


class ExpiredCertificate(Exception):
    """Says since when."""


def private_key(text: str, passphrase: str | None = None) -> paramiko.PKey:
    """An Ed25519, ECDSA or RSA key in OpenSSH or PEM form. Raises UnusableKey."""
    data = text.strip().encode() + b"\n"
    load = load_ssh_private_key if b"BEGIN OPENSSH" in data else load_pem_private_key
    locked = "BEGIN ENCRYPTED" in text or "Proc-Type: 4,ENCRYPTED" in text
    try:
        key = load(data, passphrase.strip("\r\n").encode() if passphrase is not None else None)
    except TypeError:
        raise UnusableKey(
            "the private key is not locked by a passphrase; leave out passphrase"
            if passphrase is not None
            else "the private key is locked by a passphrase; store it, too, and name it in "
            "passphrase of the address"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey(
            "the private key cannot be unlocked with this passphrase"
            if passphrase is not None and (locked or load is load_ssh_private_key)
            else "the private key cannot be read; store it as ssh-keygen writes it"
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


def certified(key: paramiko.PKey, certificate: str) -> paramiko.PKey:
    """The key with an OpenSSH certificate of it, as in `id_ed25519-cert.pub`. Raises UnusableKey,
    or ExpiredCertificate for one that ended: a server would only say that it refuses us."""
    try:
        identity = load_ssh_public_identity(certificate.strip().encode())
        key.load_certificate(paramiko.Message(_blob(certificate)))
    except (ValueError, UnsupportedAlgorithm, NotBase64):
        raise UnusableKey(
            "the certificate cannot be read, or is of another kind of key; store what "
            "ssh-keygen -s wrote"
        ) from None
    if isinstance(identity, SSHCertificate) and identity.valid_before < time.time():
        ended = time.strftime("%Y-%m-%d %H:%M", time.gmtime(identity.valid_before))
        raise ExpiredCertificate(f"the SSH certificate expired on {ended} UTC; store a new one")
    return key


def agent_key(agent: paramiko.Agent, public: str) -> paramiko.PKey:
    """The key of the agent whose public half is `public`, as in `id_ed25519.pub`. Raises
    UnusableKey."""
    try:
        blob = _blob(public)
    except (ValueError, NotBase64):
        raise UnusableKey(
            "with an SSH agent the secret is the public key; store it as in id_ed25519.pub"
        ) from None
    for key in agent.get_keys():
        if key.asbytes() == blob:
            return key
    raise UnusableKey(
        "the SSH agent of this worker (SSH_AUTH_SOCK) does not run, or does not hold the key; "
        "add it with ssh-add"
    )


def _blob(line: str) -> bytes:
    blob: bytes = paramiko.pkey.PublicBlob.from_string(line.strip()).key_blob
    return blob
