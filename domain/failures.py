"""Why a delivery failed, and what is tried next: one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.errors import Problem
from deadwax.domain.media.checks import CHECKS


class FailureCategory(StrEnum):
    """The categories that operators filter by; decided by exception type, never by text."""

    CONTENT_FORMAT = "content_format"
    CONTENT_QUALITY = "content_quality"
    METADATA_INVALID = "metadata_invalid"
    AUTH_EXPIRED = "auth_expired"
    AUTH_INVALID = "auth_invalid"
    API_RATE_LIMIT = "api_rate_limit"
    API_UNAVAILABLE = "api_unavailable"
    NETWORK_TIMEOUT = "network_timeout"
    NETWORK_CONNECTIVITY = "network_connectivity"
    QUOTA_EXCEEDED = "quota_exceeded"
    PERMISSION_DENIED = "permission_denied"
    NOT_FOUND = "not_found"
    INTEGRITY = "integrity"
    RIGHTS = "rights"
    REJECTED_BY_PLATFORM = "rejected_by_platform"
    UNKNOWN = "unknown"


OF_FORMAT = frozenset(
    {
        *("extension_differs", "lossy_master", "codec_not_taken", "container_not_taken"),
        "platform_resource_not_meeting_specifications",
        *("image_codec_not_taken", "image_codec_unnamed", "image_too_large", "animated"),
        *("colour_space", "alpha", "image_bits", "icc_profile", "exif_rotation"),
        *("bitrate", "sampling_rate", "bit_depth", "channels", "mono", "extensible", "bytes_after"),
    }
)
"""Checks (domain.media.checks) that say of what kind a file is, where the others say how good it
is; and what a platform answers (ErncFileStatus) that does not take such files."""


def category_of(problems: Iterable[Problem]) -> FailureCategory:
    """Why a message could not be composed."""
    codes = {problem.code for problem in problems}
    if "deal_exceeds_rights" in codes:
        return FailureCategory.RIGHTS
    if codes & OF_FORMAT:
        return FailureCategory.CONTENT_FORMAT
    if codes & CHECKS.keys():
        return FailureCategory.CONTENT_QUALITY
    return FailureCategory.METADATA_INVALID


class Recovery(StrEnum):
    """What is done about a failure. `immediate` without waiting; `exponential` with full jitter;
    `scheduled` when the other side said, or its maintenance ends; `refresh_credentials` with new
    ones fetched; `alternative_route` by the target's fallback, as `exponential` where it has
    none; `adapt_content` in the next of the target's other forms of audio, as `needs_a_person`
    where it has none left; or a person has to act."""

    IMMEDIATE = "immediate"
    EXPONENTIAL = "exponential"
    SCHEDULED = "scheduled"
    REFRESH_CREDENTIALS = "refresh_credentials"
    ALTERNATIVE_ROUTE = "alternative_route"
    ADAPT_CONTENT = "adapt_content"
    NEEDS_A_PERSON = "needs_a_person"


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """`attempts` may fail in a row before a person is needed; waits in seconds."""

    recovery: Recovery
    attempts: int = 1
    base_seconds: float = 30.0
    cap_seconds: float = 3600.0
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


MOST_FAILURES = 20
"""In a row, of whatever categories: then nothing is tried again by itself."""

_NEEDS_A_PERSON = Strategy(recovery=Recovery.NEEDS_A_PERSON)
_OTHER_WAY = Strategy(recovery=Recovery.ALTERNATIVE_ROUTE, attempts=10)
_SCHEDULED = Strategy(recovery=Recovery.SCHEDULED, attempts=10)
_BRIEF = Strategy(recovery=Recovery.EXPONENTIAL, attempts=3)
_AT_ONCE = Strategy(recovery=Recovery.IMMEDIATE, attempts=3)
_OTHER_FORM = Strategy(recovery=Recovery.ADAPT_CONTENT, attempts=10)

STRATEGIES: dict[FailureCategory, Strategy] = {
    FailureCategory.CONTENT_FORMAT: _OTHER_FORM,
    FailureCategory.CONTENT_QUALITY: _NEEDS_A_PERSON,
    FailureCategory.METADATA_INVALID: _NEEDS_A_PERSON,
    FailureCategory.AUTH_EXPIRED: Strategy(recovery=Recovery.REFRESH_CREDENTIALS, attempts=3),
    FailureCategory.AUTH_INVALID: _NEEDS_A_PERSON,
    FailureCategory.API_RATE_LIMIT: _SCHEDULED,
    FailureCategory.API_UNAVAILABLE: _SCHEDULED,
    FailureCategory.NETWORK_TIMEOUT: _OTHER_WAY,
    FailureCategory.NETWORK_CONNECTIVITY: _OTHER_WAY,
    FailureCategory.QUOTA_EXCEEDED: _BRIEF,
    FailureCategory.PERMISSION_DENIED: _NEEDS_A_PERSON,
    FailureCategory.NOT_FOUND: _NEEDS_A_PERSON,
    FailureCategory.INTEGRITY: _AT_ONCE,
    FailureCategory.RIGHTS: _NEEDS_A_PERSON,
    FailureCategory.REJECTED_BY_PLATFORM: _NEEDS_A_PERSON,
    FailureCategory.UNKNOWN: _BRIEF,
}


@dataclass(frozen=True)
class Advice:
    """What a person should do: a stable code, and words."""

    code: str
    text: str


_REPLACE_FILE = Advice(
    "replace_file", "Replace the file by one that the platform takes, then retry."
)
_CHECK_CREDENTIALS = Advice(
    "check_credentials",
    "Test the target's connection; store the secret that the platform gave out, then retry.",
)
_CHECK_NETWORK = Advice(
    "check_network",
    "Test the target's connection: the address, the firewall, and whether the platform is up.",
)
_READ_LOG = Advice(
    "read_log", "Read the worker's log by the correlation id, report what it says, then retry."
)

ADVICE: dict[FailureCategory, Advice] = {
    FailureCategory.CONTENT_FORMAT: _REPLACE_FILE,
    FailureCategory.CONTENT_QUALITY: _REPLACE_FILE,
    FailureCategory.METADATA_INVALID: Advice(
        "correct_metadata", "Correct the fields that are named in the release, then retry."
    ),
    FailureCategory.AUTH_EXPIRED: _CHECK_CREDENTIALS,
    FailureCategory.AUTH_INVALID: _CHECK_CREDENTIALS,
    FailureCategory.API_RATE_LIMIT: Advice(
        "lower_rate", "Give the target a rate that the platform allows; then retry."
    ),
    FailureCategory.API_UNAVAILABLE: Advice(
        "ask_whether_up", "Ask the platform whether it is up; enter its maintenance in the target."
    ),
    FailureCategory.NETWORK_TIMEOUT: _CHECK_NETWORK,
    FailureCategory.NETWORK_CONNECTIVITY: _CHECK_NETWORK,
    FailureCategory.QUOTA_EXCEEDED: Advice(
        "make_room", "Ask the platform for room on its side, then retry."
    ),
    FailureCategory.PERMISSION_DENIED: Advice(
        "ask_for_permission",
        "Ask the platform to let this account write, rename and delete under the target's root.",
    ),
    FailureCategory.NOT_FOUND: Advice(
        "check_paths", "Check that the root of the target, and the file that is named, exist."
    ),
    FailureCategory.INTEGRITY: Advice(
        "compare_files", "Compare the file that is named, here and at the platform, then retry."
    ),
    FailureCategory.RIGHTS: Advice(
        "check_rights", "Enter the rights that are held, or take the offer back, then retry."
    ),
    FailureCategory.REJECTED_BY_PLATFORM: Advice(
        "read_answer", "Read the platform's answer, correct what it names, then retry."
    ),
    FailureCategory.UNKNOWN: _READ_LOG,
}
