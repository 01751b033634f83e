"""The editions of a sound recording or video: the plain one and the immersive one.

From 4.3 on they are editions; in 4.2 an immersive one is a further encoding of the recording,
in 4.1 a recording of its own that is linked to the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deadwax.application.imported import StatedFile
from deadwax.domain.tracks import ImmersiveEdition, RightsLine
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.files import stated_file
from deadwax.infrastructure.ern.reading.lines import rights_line
from deadwax.infrastructure.ern.reading.values import identifier

EDITIONS = ("SoundRecordingEdition", "VideoEdition")
FIELD = "immersive.audio"
_IMMERSIVE, _PLAIN = "ImmersiveEdition", "NonImmersiveEdition"
# As the allowed value sets of 4.2 and 4.3 name it.
_IMMERSIVE_CODECS = ("Atmos", "DolbyAtmosMasterADM", "AC-4", "MPEG-H_3D")


@dataclass(frozen=True)
class Editions:
    """`main` holds identifiers, P line and `details` of the plain edition; it is the recording
    itself up to 4.2."""

    main: Cursor
    details: list[Cursor]
    immersive: Cursor | None


def editions(recording: Cursor) -> Editions:
    """Further editions and encodings stay unread."""
    listed = recording.children(*EDITIONS)
    if not listed:
        encodings = recording.children("TechnicalDetails")
        others = [e for e in encodings if _is_immersive_encoding(e)]
        plain = [e for e in encodings if e.child("EncodingId") is None]
        return Editions(recording, plain, next(iter(others), None))
    flat = [e for e in listed if _type(e) != _IMMERSIVE]
    main = (flat or listed)[0]
    immersive = next((e for e in listed if flat and _type(e) == _IMMERSIVE), None)
    _kind(main, _PLAIN)
    if immersive:
        _kind(immersive, _IMMERSIVE)
    return Editions(main, main.children("TechnicalDetails"), immersive)


def isrc(holder: Cursor) -> Any:
    """Of a recording, an edition, an encoding, or what is related: there 4.1 has ReleaseId."""
    paths = ("ResourceId/ISRC", "EncodingId/ISRC", "ReleaseId/ISRC")
    found = [c for path in paths for c in holder.at(path)]
    return identifier(next(iter(found), None), "isrc")


def immersive_edition(
    holder: Cursor | None, p_line: RightsLine | None
) -> tuple[ImmersiveEdition | None, StatedFile | None]:
    """The edition and its file; `p_line` is that of the recording, which it shares."""
    code = isrc(holder) if holder else None
    if holder is None or code is None:
        return None, None
    own = rights_line(holder.children("PLine"))
    details = [holder] if holder.name == "TechnicalDetails" else holder.children("TechnicalDetails")
    edition = ImmersiveEdition(isrc=code, p_line=own if own != p_line else None)
    return edition, stated_file(details, FIELD)


def _type(edition: Cursor) -> str | None:
    kind = edition.child("Type")
    return kind.raw.strip() if kind else None


def _kind(edition: Cursor, expected: str) -> None:
    if (kind := edition.child("Type")) is not None:
        kind.rebuilt(expected)
    mode = edition.child("RecordingMode")
    if mode is not None and expected == _IMMERSIVE:
        mode.rebuilt("ImmersiveAudio")


def _is_immersive_encoding(details: Cursor) -> bool:
    codec = details.child("AudioCodecType")
    is_other = bool(details.at("EncodingId/ISRC"))
    return is_other and codec is not None and codec.raw.strip() in _IMMERSIVE_CODECS
