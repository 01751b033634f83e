"""Files to deliver, and delivering them."""

from __future__ import annotations

from deadwax.infrastructure.couriers.contract import MB, outgoing, some_bytes, upload

__all__ = ["MB", "outgoing", "some_bytes", "upload"]
