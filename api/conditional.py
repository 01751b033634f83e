"""Versions as ETags, and If-Match."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header, Response

from deadwax.api.errors import invalid

_ETAG = re.compile(r'"(\d{1,9})"')


def etag(version: int) -> str:
    return f'"{version}"'


async def _if_match(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description="The ETag that the change is meant for: 412 if it has another version.",
            examples=['"3"'],
        ),
    ] = None,
) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise invalid(
            "If-Match", "etag_invalid", "If-Match is no ETag of ours.", 'Give the ETag, as "3".'
        )
    return int(found[1])


IfMatch = Annotated[int | None, Depends(_if_match)]
"""The version that the caller means; None if any."""


def mark(
    response: Response,
    *,
    position: int | None = None,
    version: int | None = None,
    location: str | None = None,
) -> None:
    """The headers of an answer: log position, ETag, address of what was made."""
    if position is not None:
        response.headers["Deadwax-Position"] = str(position)
    if version is not None:
        response.headers["ETag"] = etag(version)
    if location is not None:
        response.headers["Location"] = location
