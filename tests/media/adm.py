"""Immersive masters, as Dolby's tools write them, in small."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from tests.media.material import chunk, fmt, riff, samples

BED_5_1 = ("AP_00010003",) * 6
OBJECTS = ("AP_00031001", "AP_00031002")
RATE = 48_000


def master(
    packs: Sequence[str] = BED_5_1 + OBJECTS,
    *,
    axml: bytes | None = None,
    chna: bytes | None = None,
    dbmd: bool = True,
    form: bytes = b"RIFF",
    bits: int = 24,
    rate: int = RATE,
    sound: bytes | None = None,
) -> bytes:
    """A tenth of a second of noise, or `sound`, with a channel per pack; `axml` and `chna` instead
    of those that fit, none where they are empty."""
    channels = len(packs)
    chunks = [
        fmt(channels=channels, bits=bits, rate=rate),
        chunk(b"data", samples(0.1, channels, bits) if sound is None else sound),
    ]
    for kind, body in (
        (b"axml", model(packs) if axml is None else axml),
        (b"chna", tracks(packs) if chna is None else chna),
        (b"dbmd", b"\x06\0\0\1" if dbmd else b""),
    ):
        chunks += [chunk(kind, body)] if body else []
    return riff(*chunks, form=form)


def uid(track: int) -> str:
    return f"ATU_{track:08x}"


def tracks(packs: Sequence[str]) -> bytes:
    """The chna chunk."""
    rows = [
        struct.pack("<H12s14s11sx", n, uid(n).encode(), f"AT_{n:08x}_01".encode(), pack.encode())
        for n, pack in enumerate(packs, start=1)
    ]
    return struct.pack("<HH", len(rows), len(rows)) + b"".join(rows)


def model(packs: Sequence[str], *, rate: int = RATE, bits: int = 24, begins: str = "") -> bytes:
    """The axml chunk."""
    objects = "".join(
        f'<audioObject audioObjectID="AO_{1001 + at}"><audioPackFormatIDRef>{pack}'
        "</audioPackFormatIDRef>"
        + "".join(
            f"<audioTrackUIDRef>{uid(n)}</audioTrackUIDRef>"
            for n, of in enumerate(packs, start=1)
            if of == pack
        )
        + "</audioObject>"
        for at, pack in enumerate(dict.fromkeys(packs))
    )
    formats = "".join(
        f'<audioPackFormat audioPackFormatID="{pack}" audioPackFormatName="p"/>'
        for pack in dict.fromkeys(packs)
        if int(pack[7:], 16) > 0x0FFF
    )
    uids = "".join(
        f'<audioTrackUID UID="{uid(n)}" sampleRate="{rate}" bitDepth="{bits}"/>'
        for n in range(1, len(packs) + 1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{begins}'
        '<ebuCoreMain xmlns="urn:ebu:metadata-schema:ebuCore_2016"><coreMetadata><format>'
        f"<audioFormatExtended>{objects}{formats}{uids}</audioFormatExtended>"
        "</format></coreMetadata></ebuCoreMain>"
    ).encode()
