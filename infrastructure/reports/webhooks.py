"""Whether a webhook's request is the platform's, and of now."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from deadwax.application.statements import value_at
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.reports import Digest, Webhook

_LONGEST_ID = 200
"""A longer one, or one of signs that are not printed, is known by its digest."""


def verify(
    webhook: Webhook, secret: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> str:
    """The platform's own id of the report, or the digest of its body where it has none.

    `headers` are by names in lower case. Raises Refused unless the signature is right and the
    time of the request near `now`.
    """
    signed = body
    if webhook.timestamp_header is not None:
        stamp = headers.get(webhook.timestamp_header.lower(), "")
        at = _instant(stamp)
        if at is None or abs((now - at).total_seconds()) > webhook.tolerance_seconds:
            raise _refused("webhook_time_wrong", webhook.timestamp_header)
        signed = stamp.encode() + b"." + body
    digest = hmac.new(secret.strip().encode(), signed, hashlib.sha256).digest()
    wanted = digest.hex() if webhook.digest is Digest.HEX else base64.b64encode(digest).decode()
    given = headers.get(webhook.signature_header.lower(), "").removeprefix(webhook.prefix)
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise _refused("webhook_signature_wrong", webhook.signature_header)
    return _event_id(webhook, body) or hashlib.sha256(body).hexdigest()


def _event_id(webhook: Webhook, body: bytes) -> str | None:
    if webhook.event_id is None:
        return None
    try:
        id = value_at(json.loads(body), webhook.event_id)
    except (ValueError, RecursionError):
        return None
    if id is None or (len(id) <= _LONGEST_ID and id.isprintable()):
        return id
    return hashlib.sha256(id.encode(errors="surrogatepass")).hexdigest()


def _instant(stamp: str) -> datetime | None:
    try:
        if stamp.isdecimal():
            return datetime.fromtimestamp(int(stamp), UTC)
        at = datetime.fromisoformat(stamp)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.tzinfo else None


def _refused(code: str, header: str) -> Refused:
    """The same words for every mistake: nobody learns how near they were."""
    words = "The request does not prove that it is the platform's, and of now."
    fix = f"Sign it with the secret agreed on, in {header}."
    return Refused("The report is not taken", [Problem(code, header, words, fix)])
