"""Reading a target's settings by the protocol that they name, so that what is wrong with an
address is told in the terms of that protocol alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from deadwax.domain.addresses.protocols import ADDRESSES, Protocol
from deadwax.domain.target import Route, TargetSettings


def by_protocol(body: bytes) -> type[TargetSettings]:
    """TargetSettings whose address is of the protocol in `body`; of any, if it names none."""
    try:
        settings: Any = json.loads(body)
        fallback = settings.get("fallback")
        return _settings(
            Protocol(settings["protocol"]), Protocol(fallback["protocol"]) if fallback else None
        )
    except (AttributeError, LookupError, TypeError, ValueError):
        return TargetSettings


@cache
def _settings(protocol: Protocol, fallback: Protocol | None) -> type[TargetSettings]:
    kinds: dict[str, Any] = {"address": ADDRESSES[protocol]}
    if fallback:
        kinds["fallback"] = _narrowed(Route, {"address": ADDRESSES[fallback]}) | None
    made: type[TargetSettings] = _narrowed(TargetSettings, kinds)
    return made


def _narrowed(kind: type[Any], kinds: dict[str, Any]) -> Any:
    """A subclass, some of whose fields are of narrower kinds."""
    own = {"__annotations__": kinds, "__module__": kind.__module__}
    defaults = {"fallback": None} if "fallback" in kinds else {}
    made = type(kind.__name__, (kind,), own | defaults)
    narrowed: Any = dataclass(frozen=True, kw_only=True)(made)
    return narrowed
