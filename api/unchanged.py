"""Conditional GET: whether the caller has it already (RFC 9110, 13)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request

_ETAG = re.compile(r'(?:W/)?("[^"]*")')


def is_unchanged(request: Request, etag: str, modified: datetime | None = None) -> bool:
    """If-None-Match decides where it is given; If-Modified-Since only where it is not."""
    tags = request.headers.get("If-None-Match")
    if tags is not None:
        return tags.strip() == "*" or etag in _ETAG.findall(tags)
    since = _date(request.headers.get("If-Modified-Since"))
    return bool(since and modified and modified.replace(microsecond=0) <= since)


def last_modified(modified: datetime, now: datetime) -> str | None:
    """As a header; None for a second that is not over, in which more may still happen."""
    if now - modified.replace(microsecond=0) <= timedelta(seconds=1):
        return None
    return format_datetime(modified.astimezone(UTC).replace(microsecond=0), usegmt=True)


def _date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
