"""Notices by e-mail: what a mail says, by the patterns of its target."""

from __future__ import annotations

import email
import email.policy
import time
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser

import regex

from deadwax.application.statements import Statement, checked
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.reports import Mailbox, Reports

_MOST_TEXT = 200_000
_MOST_SECONDS = 2.0
"""For all patterns of a mail."""


def read_mail(data: bytes, media_type: str, reports: Reports) -> list[Statement]:
    """The one statement of a mail (RFC 5322). Raises Refused where it is from nobody who counts,
    or the patterns do not find the status and what it is about."""
    mailbox = reports.mailbox
    if mailbox is None:
        raise _kept("mailbox_not_configured", "The target has no mailbox any more.")
    message = email.message_from_bytes(data, policy=email.policy.default)
    sender = parseaddr(str(message.get("From", "")))[1].lower()
    if not counts(sender, mailbox):
        raise _kept("mail_from_others", f"It is from {sender[:100] or 'nobody'}.")
    found: dict[str, str] = {}
    text = f"{message.get('Subject', '')}\n{_text(message)}"[:_MOST_TEXT]
    until = time.monotonic() + _MOST_SECONDS
    for pattern in mailbox.patterns:
        match = _search(pattern, text, until)
        if match:
            named = {name: value.strip() for name, value in match.groupdict().items() if value}
            found = named | found
    if "status" not in found or not found.keys() & {"release_id", "message_id"}:
        raise _kept("mail_not_understood", "The patterns do not find a status and a release.")
    return [checked(Statement(at="", **found))]


def _search(pattern: str, text: str, until: float) -> regex.Match[str] | None:
    """Bounded: a pattern is a tenant's, the text a stranger's, and everybody else waits."""
    left = max(0.001, until - time.monotonic())
    try:
        return regex.search(pattern, text, timeout=left, concurrent=True)
    except TimeoutError:
        raise _kept("pattern_too_slow", f"It takes too long to look for {pattern[:100]}.") from None
    except regex.error as error:
        raise _kept("pattern_invalid", f"{pattern[:100]} cannot be read: {error}.") from None


def counts(sender: str, mailbox: Mailbox) -> bool:
    """Whether mail of this address is the platform's."""
    return any(
        sender == known.lower() or (known.startswith("@") and sender.endswith(known.lower()))
        for known in mailbox.senders
    )


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    try:
        content = str(body.get_content())
    except (LookupError, UnicodeError, KeyError):
        return ""
    if body.get_content_subtype() != "html":
        return content
    reader = _Words()
    reader.feed(content)
    return " ".join(" ".join(reader.words).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _kept(code: str, message: str) -> Refused:
    fix = "Read the mail, or correct reports.mailbox of the target and read it again."
    return Refused("The mail cannot be read", [Problem(code, "", message, fix)])
