"""The release profile that a message states."""

from __future__ import annotations

from typing import Any

from deadwax.application.imported import Fate
from deadwax.domain.vocabulary import Profile, ProfileVariant
from deadwax.infrastructure.ern.reading.cursor import Cursor

_PROFILE, _VARIANTS = "ReleaseProfileVersionId", "ReleaseProfileVariantVersionId"
_UNKNOWN = "The model has no such profile: it follows from the content."
_PREFIX = "CommonReleaseTypes/14/"
_OLD: dict[str, tuple[Profile, tuple[ProfileVariant, ...] | None]] = {
    "AudioAlbum": (Profile.AUDIO, ()),
    "AudioAlbumMusicOnly": (Profile.AUDIO, ()),  # as DDEX's samples call it
    "ClassicalAudioAlbum": (Profile.AUDIO, (ProfileVariant.CLASSICAL,)),
    "DigitalClassicalAudioAlbum": (Profile.AUDIO, (ProfileVariant.CLASSICAL,)),
    "AudioSingle": (Profile.SIMPLE_AUDIO_SINGLE, ()),
    "VideoAlbum": (Profile.VIDEO, ()),
    "VideoSingle": (Profile.VIDEO, ()),
    "SimpleVideoSingle": (Profile.SIMPLE_VIDEO_SINGLE, ()),
    "MixedMediaBundle": (Profile.MIXED_MEDIA, ()),
    "Ringtone": (Profile.RINGTONE, ()),
    "LongformMusicVideo": (Profile.LONG_FORM_VIDEO, ()),
}
_BOXED = "DigitalBoxedSet"
"""Of several kinds of release: which one follows from the content."""


def profile(message: Cursor) -> dict[str, Any]:
    """`profile` and `variants` of a 4.x message."""
    stated = message.attribute(_PROFILE)
    if stated is None:
        return {}
    if stated not in list(Profile):
        message.note(Fate.NO_PLACE, _UNKNOWN, _PROFILE)
        return {}
    return {"profile": Profile(stated), "variants": _variants(message)}


def old_profile(message: Cursor) -> dict[str, Any]:
    """The same of a 3.8.x message, whose profiles have other names: what they say beyond the
    kind of resources follows from the release. BusinessProfileVersionId is not held."""
    stated = message.attribute(_PROFILE)
    if stated is None:
        return {}
    name = stated.rpartition("/")[2]
    known = _OLD.get(name)
    if name == _BOXED:
        return {}
    if known is None:
        message.note(Fate.NO_PLACE, _UNKNOWN, _PROFILE)
        return {}
    found, variants = known
    if not stated.startswith(_PREFIX):
        message.note(Fate.CHANGED, f"It is rebuilt with {_PREFIX}.", _PROFILE)
    return {"profile": found, "variants": variants}


def _variants(message: Cursor) -> tuple[ProfileVariant, ...]:
    words = (message.attribute(_VARIANTS) or "").split()
    if any(word not in list(ProfileVariant) for word in words):
        message.note(Fate.NO_PLACE, _UNKNOWN, _VARIANTS)
        return ()
    return tuple(ProfileVariant(word) for word in words)
