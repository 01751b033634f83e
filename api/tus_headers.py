"""The headers of tus 1.0, read strictly: Problem 400 names the one that cannot be."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from uuid import UUID

from fastapi import Request

from deadwax.api.errors import UNSUPPORTED_MEDIA_TYPE, UPLOAD_INVALID, Problem
from deadwax.application.tus_uploads import Progress
from deadwax.application.uploads import Upload, UploadState
from deadwax.domain.errors import InvalidValue
from deadwax.domain.errors import Problem as Wrong
from deadwax.domain.identifiers import Sha256
from deadwax.domain.texts import Name

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination,concatenation"
ALGORITHMS = ("sha1", "sha256")
MEDIA_TYPE = "application/offset+octet-stream"
PATH = "/api/v1/tus"

_NUMBER = re.compile(r"[0-9]{1,18}")
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+")
_MOST_PARTS = 1000
_SENT_METADATA = 8192


@dataclass(frozen=True)
class Concat:
    """What Upload-Concat says: one part of several, or all of them put together."""

    partial: bool = False
    parts: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Named:
    """What Upload-Metadata says of the file, and how it said it."""

    filename: Name
    sha256: Sha256 | None
    sent: str | None


class Checksum:
    """Implements application.tus_uploads.Summing."""

    def __init__(self, algorithm: str, stated: bytes) -> None:
        self._sum, self._stated = hashlib.new(algorithm, usedforsecurity=False), stated

    def update(self, block: bytes, /) -> None:
        self._sum.update(block)

    def matches(self) -> bool:
        return self._sum.digest() == self._stated


def bad(header: str, message: str, fix: str) -> Problem:
    return Problem(UPLOAD_INVALID, message, errors=[Wrong("header_invalid", header, message, fix)])


def number(request: Request, header: str) -> int:
    value = request.headers.get(header, "")
    if not _NUMBER.fullmatch(value):
        raise bad(header, f"{header} is missing or no number.", "Give a number of bytes.")
    return int(value)


def sends_bytes(request: Request) -> bool:
    return request.headers.get("Content-Type", "").strip().lower() == MEDIA_TYPE


def check_media_type(request: Request) -> None:
    if not sends_bytes(request):
        raise Problem(UNSUPPORTED_MEDIA_TYPE, f"Send Content-Type: {MEDIA_TYPE}.")


def concat(request: Request) -> Concat:
    kind, _, rest = request.headers.get("Upload-Concat", "").partition(";")
    if not kind:
        return Concat()
    if kind == "partial" and not rest:
        return Concat(partial=True)
    names = [url.rstrip("/").rpartition("/") for url in rest.split()]
    fix = f"Give `partial`, or `final;` and the addresses of 1 to {_MOST_PARTS} partial uploads."
    try:
        parts = tuple(UUID(name) for _, _, name in names)
    except ValueError:
        raise bad("Upload-Concat", "It names what is no upload of ours.", fix) from None
    if kind != "final" or not 1 <= len(parts) <= _MOST_PARTS or len({*parts}) < len(parts):
        raise bad("Upload-Concat", "It is neither partial nor final.", fix)
    return Concat(parts=parts)


def named(request: Request, *, partial: bool) -> Named:
    """`filename` (or `name`) has to be there, but for a partial upload; `sha256` may be."""
    sent = request.headers.get("Upload-Metadata") or None
    if sent and len(sent) > _SENT_METADATA:
        raise bad("Upload-Metadata", "It is too long.", f"Give {_SENT_METADATA} characters.")
    found = _metadata(sent or "")
    filename = found.get("filename") or found.get("name") or ("partial" if partial else "")
    if not filename:
        raise bad("Upload-Metadata", "It says no filename.", "Give filename and its base64.")
    try:
        sha256 = Sha256(found["sha256"].lower()) if found.get("sha256") else None
        return Named(Name(filename), sha256, sent)
    except InvalidValue as error:
        raise bad("Upload-Metadata", str(error), error.fix) from None


def _metadata(sent: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for pair in sent.split(",") if sent.strip() else ():
        key, _, value = pair.strip().partition(" ")
        try:
            text = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            text = None
        if text is None or not _KEY.fullmatch(key) or key in found:
            raise bad(
                "Upload-Metadata",
                "It is no list of different keys with base64 values.",
                "Give pairs of a key, a space and base64 of UTF-8, with commas between.",
            )
        found[key] = text
    return found


def checksum(request: Request) -> Checksum | None:
    value = request.headers.get("Upload-Checksum")
    if value is None:
        return None
    algorithm, _, encoded = value.strip().partition(" ")
    try:
        stated = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        stated = b""
    right = algorithm in ALGORITHMS
    if not right or len(stated) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        fix = f"Give {' or '.join(ALGORITHMS)}, a space and the digest in base64."
        raise bad("Upload-Checksum", "It is no checksum that we know.", fix)
    return Checksum(algorithm, stated)


def told(progress: Progress) -> dict[str, str]:
    """How far it is; and what became of it, once it is an asset."""
    upload = progress.upload
    headers = {
        "Upload-Offset": str(progress.offset),
        "Upload-Expires": format_datetime(progress.expires_at, usegmt=True),
    }
    if upload.state is UploadState.STORED:
        headers["Deadwax-Asset"] = str(upload.asset)
        headers["Deadwax-Position"] = str(upload.position)
    return headers


def described(upload: Upload) -> dict[str, str]:
    """What was said when it was made."""
    headers = {"Upload-Length": str(upload.size), "Cache-Control": "no-store"}
    if upload.metadata:
        headers["Upload-Metadata"] = upload.metadata
    if upload.partial:
        headers["Upload-Concat"] = "partial"
    elif upload.parts:
        headers["Upload-Concat"] = f"final;{' '.join(location(id) for id in upload.parts)}"
    return headers


def location(id: UUID) -> str:
    return f"{PATH}/{id}"
