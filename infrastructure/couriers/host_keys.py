"""Connects to an SSH server only if it shows a host key that a person has trusted."""

from __future__ import annotations

import paramiko

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.ssh import SshAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.ssh import SshConnection
from deadwax.infrastructure.couriers.ssh_login import Credentials

_KINDS = (
    *("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    *("rsa-sha2-512", "rsa-sha2-256"),
)
_RSA = "ssh-rsa"

_trusted_kinds: dict[tuple[str, int], str] = {}
"""The kind of the key that each server was last trusted by. It only saves a search: a
fingerprint does not tell of which kind its key is, and a server shows one of several."""


def connect(address: SshAddress, opening: Opening) -> SshConnection:
    """A connection that is logged in.

    Raises DeliveryFailed; AUTH_INVALID when no host key is pinned or none that the server has
    is one of those pinned, and then no credential was sent.
    """
    credentials = Credentials.of(address, opening)
    connection = _trusted(address, opening.stall_seconds)
    try:
        connection.log_in(credentials)
    except BaseException:
        connection.close()
        raise
    return connection


def _trusted(address: SshAddress, stall_seconds: float) -> SshConnection:
    """Ask for one kind of key after the other until the server shows one that is trusted."""
    place = (address.host, address.port)
    kinds, shown = _in_order(_trusted_kinds.get(place)), list[str]()
    while True:
        try:
            connection = SshConnection(*place, stall_seconds, kinds)
        except DeliveryFailed as failed:
            if shown and isinstance(failed.__cause__, paramiko.ssh_exception.IncompatiblePeer):
                break  # it has no key of another kind
            raise
        if connection.host_key in address.trusted:
            _trusted_kinds[place] = connection.host_key_type
            return connection
        connection.close()
        shown.append(connection.host_key)
        kinds = tuple(kind for kind in kinds if not _is_of(kind, connection.host_key_type))
        if not address.trusted or not kinds:
            break
    raise connection.failure(FailureCategory.AUTH_INVALID, _distrust(address, shown))


def _distrust(address: SshAddress, shown: list[str]) -> str:
    keys = " and ".join(shown)
    if not address.trusted:
        return (
            f"no host key is pinned; the server presented {keys}. Compare it with the platform's "
            "own statement and set it as host_key of the target's address"
        )
    return (
        f"the server presented the host key {keys}, pinned is {' or '.join(address.trusted)}: "
        "nothing was sent. Ask the platform whether it changed its key before pinning the new one"
    )


def _is_of(kind: str, key_type: str) -> bool:
    """Whether a key of `key_type` is what is presented for `kind`."""
    return kind.startswith("rsa-") if key_type == _RSA else kind == key_type


def _in_order(first: str | None) -> tuple[str, ...]:
    return tuple(sorted(_KINDS, key=lambda kind: not (first and _is_of(kind, first))))
