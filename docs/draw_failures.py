"""Draws the tables of failures, what is tried and what is advised, as docs/failures.md.

python docs/draw_failures.py           print it
python docs/draw_failures.py --write   write docs/failures.md
"""

from __future__ import annotations

import sys
from pathlib import Path

from deadwax.application.retries import LONGEST_TOLD
from deadwax.domain.distribution_state import ALONE_AFTER, MOST_DEATHS
from deadwax.domain.failures import ADVICE, MOST_FAILURES, STRATEGIES, FailureCategory, Recovery

_MEANING = {
    FailureCategory.CONTENT_FORMAT: "a file is not of a kind that the platform takes",
    FailureCategory.CONTENT_QUALITY: "a file is not good enough for the platform",
    FailureCategory.METADATA_INVALID: "the message cannot be made of the release",
    FailureCategory.AUTH_EXPIRED: "credentials that worked are over, such as a token",
    FailureCategory.AUTH_INVALID: "credentials are refused, or it is not the server that is pinned",
    FailureCategory.API_RATE_LIMIT: "the other side wants fewer requests",
    FailureCategory.API_UNAVAILABLE: "the other side says that it cannot now",
    FailureCategory.NETWORK_TIMEOUT: "nothing moved for longer than DEADWAX_STALL_SECONDS",
    FailureCategory.NETWORK_CONNECTIVITY: "no connection, or it was lost",
    FailureCategory.QUOTA_EXCEEDED: "the other side has no room",
    FailureCategory.PERMISSION_DENIED: "the other side forbids it",
    FailureCategory.NOT_FOUND: "a folder, a bucket or an own file is not there",
    FailureCategory.INTEGRITY: "bytes are not those that the message states",
    FailureCategory.RIGHTS: "the message would offer what is not held",
    FailureCategory.REJECTED_BY_PLATFORM: "the platform refused what was delivered",
    FailureCategory.UNKNOWN: "none of these, or a fault of ours",
}

_DOING = {
    Recovery.IMMEDIATE: "the next attempt follows at once",
    Recovery.EXPONENTIAL: "the next attempt follows after a random part of a wait that doubles",
    Recovery.SCHEDULED: "the next attempt follows when the other side said (Retry-After, at most"
    f" {LONGEST_TOLD.days} day), else when its maintenance ends, else as `exponential`",
    Recovery.REFRESH_CREDENTIALS: "the next attempt follows at once and fetches new credentials;"
    " after that as `exponential`",
    Recovery.ALTERNATIVE_ROUTE: "the next attempt follows at once by the target's `fallback`, the"
    " one after by the first way again, waiting as `exponential`; without a fallback, or where the"
    " platform may have seen something of the message, as `exponential`",
    Recovery.ADAPT_CONTENT: "the next attempt follows at once with the audio in the next of the"
    " target's `media.other_audio`; where none is left, as `needs_a_person`",
    Recovery.NEEDS_A_PERSON: "nothing more is tried until a person asks",
}


def page() -> str:
    """The whole page: categories, strategies, bounds."""
    categories = [
        f"| `{c}` | {_MEANING[c]} | `{s.recovery}` | {s.attempts if s.attempts > 1 else ''}"
        f" | `{ADVICE[c].code}`: {ADVICE[c].text} |"
        for c, s in STRATEGIES.items()
    ]
    usual = STRATEGIES[FailureCategory.UNKNOWN]
    return "\n".join(
        [
            "# Failures: what is tried, and what a person should do",
            "",
            "Drawn from the tables in `domain/failures.py` by `docs/draw_failures.py`; a test"
            " keeps the two equal. A category is decided by the type of an error or by a status"
            " code, never by the words of a text.",
            "",
            "| category | meaning | strategy | attempts | advice |",
            "|---|---|---|---|---|",
            *categories,
            "",
            "| strategy | |",
            "|---|---|",
            *(f"| `{r}` | {_DOING[r]} |" for r in Recovery),
            "",
            f"A wait begins at {usual.base_seconds:.0f} s and doubles up to"
            f" {usual.cap_seconds:.0f} s; DEADWAX_RETRY_BASE_SECONDS and"
            " DEADWAX_RETRY_CAP_SECONDS scale both. Whatever the strategy, no attempt is made"
            " sooner than the other side asked for.",
            "",
            "`attempts` may fail in a row with one category; then the distribution has `failed`."
            f" After {MOST_FAILURES} failures in a row of whatever categories it has failed too."
            " A retry that a person asks for counts from none again.",
            "",
            "An attempt whose worker goes silent is no failure, and is made again. After"
            f" {ALONE_AFTER} in a row the distribution shares no batch any more; after"
            f" {MOST_DEATHS} it is left to a person.",
            "",
        ]
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        (Path(__file__).parent / "failures.md").write_text(page())
    else:
        sys.stdout.write(page())
