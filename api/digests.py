"""The hash that a client states of what it sends (RFC 9530), and that we state."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated

from fastapi import Depends, Header

from deadwax.api.errors import invalid
from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Sha256

_MEMBER = re.compile(r"(?:^|,)\s*sha-256=([^,;\s]*)")


def repr_digest(sha256: str) -> str:
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


async def _expected(
    content_digest: Annotated[
        str | None, Header(alias="Content-Digest", examples=["sha-256=:<base64>:"])
    ] = None,
    repr_digest: Annotated[
        str | None, Header(alias="Repr-Digest", examples=["sha-256=:<base64>:"])
    ] = None,
    x_content_sha256: Annotated[
        str | None, Header(alias="X-Content-SHA256", description="The same in hexadecimal digits.")
    ] = None,
) -> Sha256 | None:
    stated = {
        _of_field("Content-Digest", content_digest),
        _of_field("Repr-Digest", repr_digest),
        _of_hex("X-Content-SHA256", x_content_sha256),
    } - {None}
    if len(stated) > 1:
        raise invalid(
            "Content-Digest",
            "digests_differ",
            "The headers state different hashes.",
            "State the SHA-256 of the body once.",
        )
    return stated.pop() if stated else None


ExpectedSha256 = Annotated[Sha256 | None, Depends(_expected)]


def _of_field(name: str, value: str | None) -> Sha256 | None:
    """Other algorithms than SHA-256 are not ours to check, which RFC 9530 allows."""
    found = _MEMBER.search(value or "")
    if found is None:
        return None
    try:
        return _of_hex(name, base64.b64decode(found[1].strip(":"), validate=True).hex())
    except binascii.Error:
        return _of_hex(name, "")


def _of_hex(name: str, value: str | None) -> Sha256 | None:
    if value is None:
        return None
    try:
        return Sha256(value.lower())
    except InvalidValue as error:
        raise invalid(name, error.code, f"{name} holds no SHA-256.", error.fix) from None
