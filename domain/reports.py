"""How a platform tells what became of messages beside DDEX acknowledgements, and what its own
words mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.addresses.parts import Host, SecretName, check_port
from deadwax.domain.errors import InvalidValue
from deadwax.domain.texts import Name
from deadwax.domain.values import Text


class Meaning(StrEnum):
    """The normalised state. `pending`: on its way, nothing decided; `unclear`: a person has to
    read it."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    LIVE = "live"
    REMOVED = "removed"
    REJECTED = "rejected"
    UNCLEAR = "unclear"


def _words(meaning: Meaning, text: str) -> dict[str, Meaning]:
    return {word.strip(): meaning for word in text.split(",")}


USUAL_WORDS: dict[str, Meaning] = {
    **{meaning.value: meaning for meaning in Meaning if meaning is not Meaning.UNCLEAR},
    **_words(Meaning.PENDING, " queued, scheduled, received, in queue, uploaded"),
    **_words(Meaning.PENDING, "processing, in progress, in review, under review, validating"),
    **_words(Meaning.ACCEPTED, "accepted, approved, ingested, delivered, complete, completed, ok"),
    **_words(Meaning.LIVE, "live, published, available, on sale, in store, released, public"),
    **_words(Meaning.REMOVED, "removed, taken down, takedown complete, withdrawn, deleted"),
    **_words(Meaning.REMOVED, "unavailable, not available"),
    **_words(Meaning.REJECTED, "rejected, failed, error, declined, denied, refused, blocked"),
    **_words(Meaning.REJECTED, "validation error, invalid"),
}
"""What platforms usually say, in lower case with single spaces. Any other word is unclear until
the target's own words say what it means: nothing is guessed."""


@dataclass(frozen=True, kw_only=True)
class StatusWord:
    """What one of the platform's own words means; goes before the usual ones."""

    native: Name
    means: Meaning
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


class JsonPointer(Text):
    """Where in a JSON document a value stands (RFC 6901)."""

    code, pattern, example = "json_pointer_invalid", r"(/([^~/]|~[01])*)*", "/data/release/upc"
    fix = "Give a JSON pointer such as /data/status; an empty one is the whole document."


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Where a JSON report has what. `statements` leads to a list, or to a single statement; the
    others start there. `message_id` or `release_id` says what it is about: a message of ours, or
    a release by ICPN or GRid."""

    statements: JsonPointer
    status: JsonPointer
    message_id: JsonPointer | None = None
    release_id: JsonPointer | None = None
    information: JsonPointer | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if self.message_id is None and self.release_id is None:
            raise InvalidValue(
                "report_about_nothing",
                "Nothing says which release or message a statement is about.",
                "Give message_id or release_id.",
            )


INBOX = Name("INBOX")


class Digest(StrEnum):
    """How the signature is written: hexadecimal or Base64, of HMAC-SHA-256."""

    HEX = "hex"
    BASE64 = "base64"


class HeaderName(Text):
    code, pattern, example = "header_name_invalid", r"[A-Za-z0-9-]{1,100}", "X-Signature"
    fix = "Give the name of an HTTP header."


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """Signed requests of the platform to us. `signature_header` holds HMAC-SHA-256 with the
    secret (after `prefix`, such as `sha256=`) over the body, or over `timestamp.body` where
    there is a `timestamp_header` (seconds since 1970, or ISO 8601), which may be
    `tolerance_seconds` off. `event_id` is the platform's id of the report: one that came before
    is not taken again; without it the body itself is."""

    secret: SecretName
    signature_header: HeaderName
    fields: Fields
    digest: Digest = Digest.HEX
    prefix: str = ""
    timestamp_header: HeaderName | None = None
    tolerance_seconds: int = 300
    event_id: JsonPointer | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if not 1 <= self.tolerance_seconds <= 86_400:
            raise InvalidValue(
                "tolerance_invalid", "It is 1 to 86,400 seconds.", "Give seconds within that."
            )


class Pattern(Text):
    """A regular expression of Python; named groups `status`, `release_id` or `message_id`, and
    `information` say what it finds."""

    code, pattern, example = "pattern_invalid", r"(?s).{1,500}", r"UPC (?P<release_id>\d{12,13})"
    fix = "Give a regular expression with named groups of status, release_id, message_id and so on."
    groups: ClassVar[frozenset[str]] = frozenset(
        {"status", "release_id", "message_id", "information"}
    )

    @classmethod
    def check(cls, value: str) -> str:
        try:
            named = set(re.compile(value).groupindex)
        except re.error as error:
            return f"It cannot be read: {error}."
        if not named:
            return "It names no group."
        other = named - cls.groups
        return f"There is no {', '.join(sorted(other))}." if other else ""


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """Notices by e-mail, read over IMAP with TLS. Only mail from one of `senders` counts, an
    address or `@domain`. Each of `patterns` is tried on subject and text; together they have to
    find the status and what it is about, else the mail is kept for a person."""

    host: Host
    username: Name
    secret: SecretName
    senders: tuple[Name, ...]
    patterns: tuple[Pattern, ...]
    port: int = 993
    folder: Name = INBOX
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        check_port(self.port)
        if not self.senders or not self.patterns:
            raise InvalidValue(
                "mailbox_without_rules",
                "Nothing says whose mail counts, or what is read from it.",
                "Give senders and patterns.",
            )


@dataclass(frozen=True, kw_only=True)
class Reports:
    """What a target's platform sends beside acknowledgements, and its own `words`."""

    words: tuple[StatusWord, ...] = ()
    webhook: Webhook | None = None
    mailbox: Mailbox | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def meaning(self, native: str) -> Meaning:
        """Of the platform's own word, whatever its case and spacing."""
        said = _plain(native)
        own = {_plain(word.native): word.means for word in self.words}
        return own.get(said) or USUAL_WORDS.get(said, Meaning.UNCLEAR)


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", word).strip().casefold()
