"""The connection test of a store: a small file goes all the way, and is taken away again."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Mapping
from contextlib import suppress

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import Courier, OutgoingFile, Probe
from deadwax.domain.failures import FailureCategory

_SIZE = 64


def probe_by_file(
    courier: Courier, name: str, proof: Mapping[str, str], latency_ms: float
) -> Probe:
    """By the courier's own calls, as a delivery makes them: it shows what we lack leave to do."""
    content = secrets.token_bytes(_SIZE)
    path = f".deadwax-probe-{name}"
    digest = hashlib.sha256(content).hexdigest()
    file = OutgoingFile(path, _SIZE, digest, lambda: io.BytesIO(content))
    try:
        courier.upload(file, keep_going=lambda: True, progress=lambda size: None)
        courier.publish(path)
        if courier.fetch(path, _SIZE) != content:
            raise DeliveryFailed(
                FailureCategory.INTEGRITY, f"{path} reads back other bytes than were written."
            )
        courier.remove(path)
    except BaseException:
        with suppress(DeliveryFailed):
            courier.remove(path)
        raise
    return Probe(proof, latency_ms, ("connect", "write", "publish", "read back", "delete"))
