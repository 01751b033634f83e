"""The release profile that a message states."""

from __future__ import annotations

from typing import Any

from deadwax.application.imported import Fate
from deadwax.domain.vocabulary import Profile, ProfileVariant
from deadwax.infrastructure.ern.reading.cursor import Cursor

_PROFILE, _VARIANTS = "ReleaseProfileVersionId", "ReleaseProfileVariantVersionId"
_UNKNOWN = "The model has no such profile: it follows from the content."


def profile(message: Cursor) -> dict[str, Any]:
    """`profile` and `variants` of a 4.x message."""
    stated = message.attribute(_PROFILE)
    if stated is None:
        return {}
    if stated not in list(Profile):
        message.note(Fate.NO_PLACE, _UNKNOWN, _PROFILE)
        return {}
    return {"profile": Profile(stated), "variants": _variants(message)}


def _variants(message: Cursor) -> tuple[ProfileVariant, ...]:
    words = (message.attribute(_VARIANTS) or "").split()
    if any(word not in list(ProfileVariant) for word in words):
        message.note(Fate.NO_PLACE, _UNKNOWN, _VARIANTS)
        return ()
    return tuple(ProfileVariant(word) for word in words)
