"""Immersive masters: the Audio Definition Model in a BW64 (ITU-R BS.2076 and BS.2088), as Dolby's
ADM profile for Atmos has it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from deadwax.domain.assets import DOLBY_ATMOS
from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media.audio.adm_xml import Model, UnreadableModel, read_model
from deadwax.infrastructure.media.audio.header import Header, Span

ADM = "ADM"
_ENTRY = struct.Struct("<H12s14s11sx")
_MODEL_WORD = b"audioFormatExtended"
_SPEAKERS, _OBJECTS = "0001", "0003"
_COMMON = 0x0FFF
"""Numbers up to this are definitions that everybody has (ITU-R BS.2094)."""
# Channels of the common layouts: mono, stereo, 5.1, 7.1 and 7.1.4.
_LAYOUTS = {"00010001": 1, "00010002": 2, "00010003": 6, "0001000f": 8, "00010017": 12}


@dataclass(frozen=True, kw_only=True)
class Immersive:
    """What a master holds: the packs of its channel beds, and how many objects."""

    beds: tuple[str, ...] = ()
    objects: int = 0
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Track:
    """A row of the chna chunk: which channel of the file is which track of the model."""

    index: int
    uid: str
    pack: str


def immersive_format(file: BinaryIO, header: Header) -> str | None:
    """`DolbyAtmos` for a master with Dolby's metadata, `ADM` for one without them, None for any
    other file."""
    chunks = header.chunks
    if b"chna" not in chunks and not _describes(file, chunks.get(b"axml")):
        return None
    return DOLBY_ATMOS if b"dbmd" in chunks else ADM


def read(file: BinaryIO, header: Header) -> Immersive:
    """Nothing of what is no immersive master."""
    if immersive_format(file, header) is None:
        return Immersive()
    axml, chna = header.chunks.get(b"axml"), header.chunks.get(b"chna")
    if axml is None:
        return _faulty("adm_axml_missing", "The master has no description of its content (axml).")
    if chna is None:
        return _faulty("adm_chna_missing", "The master has no list of its channels (chna).")
    try:
        model = read_model(file, axml)
    except UnreadableModel as error:
        return _faulty("adm_xml_broken", f"The description of the master cannot be read: {error}.")
    tracks = _tracks(file, chna)
    packs = dict.fromkeys(track.pack for track in tracks)
    return Immersive(
        beds=tuple(pack for pack in packs if pack[3:7] == _SPEAKERS),
        objects=sum(pack[3:7] == _OBJECTS for pack in packs),
        faults=(*_channels(tracks, header), *_references(tracks, model), *_stated(model, header)),
    )


def _faulty(code: str, message: str) -> Immersive:
    return Immersive(faults=(Fault(code=code, message=message),))


def _describes(file: BinaryIO, axml: Span | None) -> bool:
    """Whether it is a model; axml may hold any other metadata."""
    if axml is None:
        return False
    file.seek(axml.start)
    return _MODEL_WORD in file.read(min(axml.length, 1 << 16))


def _tracks(file: BinaryIO, chna: Span) -> list[_Track]:
    file.seek(chna.start)
    body = file.read(min(chna.length, 4 + _ENTRY.size * 4096))
    rows = _ENTRY.iter_unpack(body[4 : 4 + (len(body) - 4) // _ENTRY.size * _ENTRY.size])
    return [
        _Track(index=index, uid=_text(uid), pack=_text(pack))
        for index, uid, _, pack in rows
        if index
    ]


def _text(field: bytes) -> str:
    return field.rstrip(b"\0 ").decode("ascii", "replace")


def _channels(tracks: list[_Track], header: Header) -> Iterator[Fault]:
    """Every channel of the file is described, and no other; every bed has the channels of its
    layout."""
    described = {track.index for track in tracks}
    if described != set(range(1, header.channels + 1)):
        yield Fault(
            code="adm_channels_differ",
            message="The channels that the master lists are not those of the file.",
            value=len(described),
            limit=header.channels,
        )
    for pack, channels in _LAYOUTS.items():
        listed = len({track.index for track in tracks if track.pack == f"AP_{pack}"})
        if listed % channels:
            yield Fault(
                code="adm_channels_differ",
                message=f"The bed AP_{pack} has not the channels of its layout.",
                value=listed,
                limit=channels,
            )


def _references(tracks: list[_Track], model: Model) -> Iterator[Fault]:
    known = model.packs | {pack for pack in (track.pack for track in tracks) if _is_common(pack)}
    missing = [
        *sorted({track.uid for track in tracks} - model.tracks),
        *sorted({track.pack for track in tracks} - known - {""}),
        *sorted(model.object_tracks - {track.uid for track in tracks}),
    ]
    if missing:
        yield Fault(
            code="adm_references_broken",
            message=f"The description of the master lacks {', '.join(missing[:5])}.",
            value=len(missing),
            limit=0,
        )


def _is_common(pack: str) -> bool:
    try:
        return int(pack[7:11], 16) <= _COMMON
    except ValueError:
        return False


def _stated(model: Model, header: Header) -> Iterator[Fault]:
    for said, has in ((model.rates, header.sampling_rate), (model.bits, header.bits)):
        for value in sorted(said - {has}):
            yield Fault(
                code="header_wrong",
                message="The description of the master states another rate or depth than its file.",
                value=value,
                limit=has,
            )
