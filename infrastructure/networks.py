"""Where this process may connect to, if the operator says so: a tenant's target names any host.

Looked at when a socket connects, by the address that is really dialled, so neither a name that
resolves to something else a moment later nor a courier of somebody else's gets around it.
"""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from types import FrameType
from typing import Any, Self

PUBLIC = "public"
_OURS = ("redis", "pika")
"""Modules that dial the installation's own servers. (Connections to PostgreSQL are libpq's.)"""


class NetworkRefused(OSError):
    """The address is in no network that deliveries may go to."""


@dataclass(frozen=True)
class Networks:
    """`public` are all addresses that are global; `named` are networks beside these."""

    public: bool
    named: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """`public,10.20.0.0/16`. Raises ValueError."""
        words = [word.strip() for word in text.split(",")]
        named = tuple(ip_network(word) for word in words if word != PUBLIC)
        return cls(public=PUBLIC in words, named=named)

    def allow(self, host: str) -> bool:
        """Whether one may connect to this address; a name is none."""
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        is_public = address.is_global and not address.is_multicast
        return (self.public and is_public) or any(address in net for net in self.named)


_allowed: Networks | None = None
_is_watching = False


def confine(networks: Networks | None) -> None:
    """From now on this process connects to these networks only, and to the installation's own
    servers; None: anywhere. Other attempts raise NetworkRefused. Unix sockets are not affected."""
    global _allowed, _is_watching
    _allowed = networks
    if networks is not None and not _is_watching:
        sys.addaudithook(_watch)  # one stays for as long as the process does
        _is_watching = True


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or _allowed is None:
        return
    dialling, address = arguments
    if dialling.family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0])
    if not _allowed.allow(host) and not _is_ours(sys._getframe(1)):
        raise NetworkRefused(
            f"{host} is in no network that deliveries may go to (DEADWAX_DELIVERY_NETWORKS)"
        )


def _is_ours(frame: FrameType | None) -> bool:
    while frame is not None:
        if str(frame.f_globals.get("__name__")).partition(".")[0] in _OURS:
            return True
        frame = frame.f_back
    return False
