"""A second opinion from a DDEX Workbench server. Off unless somebody names one."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from deadwax.infrastructure.ern.findings import Finding, Severity

LIMIT_SECONDS = 30.0
# An answer lists errors of one message; more than this is no answer.
_MOST_BYTES = 4 * 1024 * 1024
_MOST_ERRORS = 20

# The versions that the Workbench has schemas of, by our names of the standards.
VERSIONS = {"ERN 3.8.2": "3.8.2", "ERN 4.2": "4.2", "ERN 4.3": "4.3"}
# The only one of its rules that is right about every message; it wants a DealList, for instance.
_TRUSTED = "XSD-Schema"


def second_opinion(
    url: str, text: str, standard: str, limit: float = LIMIT_SECONDS
) -> list[Finding]:
    """What the server at `url` finds by its XSD in a NewReleaseMessage. Never raises: if it
    cannot be asked within `limit` seconds, that is one warning. Empty for other versions.
    """
    if standard not in VERSIONS:
        return []
    asked = {"content": text, "type": "ERN", "version": VERSIONS[standard]}
    try:
        return _errors(json.loads(_post(url, asked, time.monotonic() + limit, limit)), standard)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, TimeoutError) as error:
        words = f"The Workbench gave no opinion: {type(error).__name__}."
        return [
            Finding(
                "workbench_unavailable",
                "",
                words,
                "Look at the server; nothing depends on it.",
                severity=Severity.WARNING,
                document="DDEX Workbench",
            )
        ]


def _post(url: str, asked: dict[str, str], deadline: float, limit: float) -> bytes:
    body = b""
    address = url.rstrip("/").removesuffix("/validate") + "/validate"
    with (
        httpx.Client(timeout=limit) as client,
        client.stream("POST", address, json=asked) as answer,
    ):
        answer.raise_for_status()
        for part in answer.iter_bytes():
            body += part
            if len(body) > _MOST_BYTES:
                raise ValueError("The answer is too long.")
            if time.monotonic() > deadline:
                raise TimeoutError("The answer takes too long.")
    return body


def _errors(answer: Any, standard: str) -> list[Finding]:
    """Raises ValueError if it is not an answer of a Workbench."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if not isinstance(errors, list) or not all(isinstance(e, dict) for e in errors):
        raise ValueError("This is no answer of a Workbench.")
    return [
        Finding(
            "workbench_schema",
            "",
            str(error.get("message", ""))[:2_000],
            "The message must follow its XSD.",
            document=f"XSD of {standard}, by the DDEX Workbench",
            line=_number(error.get("line")),
            column=_number(error.get("column")),
        )
        for error in errors
        if error.get("rule") == _TRUSTED
    ][:_MOST_ERRORS]


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
