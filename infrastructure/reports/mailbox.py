"""A platform's notices in a mailbox, read over IMAP (RFC 9051) with TLS. Nothing is changed there:
the mailbox may be a person's, too."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import default
from email.utils import parseaddr
from typing import Any

from deadwax.application.errors import DeliveryFailed
from deadwax.application.mailboxes import Mail
from deadwax.application.ports import RemoteFile
from deadwax.domain.failures import FailureCategory
from deadwax.domain.reports import Mailbox
from deadwax.infrastructure.reports.mails import counts

_LOOKS_BACK = timedelta(days=14)


class ImapMailbox:
    """Implements application.mailboxes.OpenMailbox. Every call may raise DeliveryFailed."""

    def __init__(self, mailbox: Mailbox, secret: str, stall_seconds: float) -> None:
        self._mailbox = mailbox
        with self._call("connecting"):
            self._imap = imaplib.IMAP4_SSL(
                mailbox.host,
                mailbox.port,
                ssl_context=ssl.create_default_context(),
                timeout=stall_seconds,
            )
        try:
            with self._call("login", FailureCategory.AUTH_INVALID):
                self._imap.login(mailbox.username, secret.strip())
            with self._call(f"opening {mailbox.folder}", FailureCategory.NOT_FOUND):
                folder = '"' + mailbox.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
                self._ask("SELECT", lambda: self._imap.select(folder, readonly=True))
                # RFC 9051, 2.3.1.1: a UID names a mail for good only together with this.
                found = self._imap.response("UIDVALIDITY")[1]
                self._validity = (found[0] or b"0").decode()
        except BaseException:
            self.close()
            raise

    def recent(self) -> list[RemoteFile]:
        """The mails of the last two weeks; `path` names one for ever."""
        since = (datetime.now(UTC) - _LOOKS_BACK).strftime("%d-%b-%Y")
        with self._call("searching"):
            uids = self._ask("SEARCH", lambda: self._imap.uid("SEARCH", "SINCE", since))
            numbers = (uids[0] or b"").decode().split()
            if not numbers:
                return []
            wanted = ",".join(numbers)
            sizes = self._ask("FETCH", lambda: self._imap.uid("FETCH", wanted, "(UID RFC822.SIZE)"))
        found = []
        for line in sizes:
            uid = re.search(rb"UID (\d+)", line if isinstance(line, bytes) else b"")
            size = re.search(rb"RFC822\.SIZE (\d+)", line if isinstance(line, bytes) else b"")
            if uid and size:
                found.append(RemoteFile(f"imap/{self._validity}/{int(uid[1])}", int(size[1])))
        return found

    def fetch(self, mail: RemoteFile) -> Mail | None:
        """The whole mail; None if it is from nobody who counts, and then it was not read."""
        uid = mail.path.rpartition("/")[2]
        with self._call("reading"):
            head = self._part(uid, "BODY.PEEK[HEADER.FIELDS (FROM SUBJECT MESSAGE-ID)]")
            headers = BytesParser(policy=default).parsebytes(head, headersonly=True)
            sender = parseaddr(str(headers.get("From", "")))[1].lower()
            if not counts(sender, self._mailbox):
                return None
            return Mail(
                id=str(headers.get("Message-ID", mail.path)).strip()[:500],
                subject=" ".join(str(headers.get("Subject", "")).split())[:500],
                data=self._part(uid, "BODY.PEEK[]"),
            )

    def close(self) -> None:
        with suppress(imaplib.IMAP4.error, OSError):
            self._imap.logout()

    def _part(self, uid: str, what: str) -> bytes:
        answer = self._ask("FETCH", lambda: self._imap.uid("FETCH", uid, f"({what})"))
        parts = [part[1] for part in answer if isinstance(part, tuple)]
        if not parts:
            raise imaplib.IMAP4.error(f"no {what}")
        return bytes(parts[0])

    def _ask(self, what: str, command: Callable[[], tuple[str, list[Any]]]) -> list[Any]:
        status, answer = command()
        if status != "OK":
            raise imaplib.IMAP4.error(f"{what}: {status}")
        return list(answer)

    @contextmanager
    def _call(
        self, what: str, refused: FailureCategory = FailureCategory.API_UNAVAILABLE
    ) -> Iterator[None]:
        try:
            yield
        except imaplib.IMAP4.abort as error:
            raise self._failed(FailureCategory.NETWORK_CONNECTIVITY, what, error) from error
        except imaplib.IMAP4.error as error:
            raise self._failed(refused, what, error) from None
        except TimeoutError as error:
            raise self._failed(FailureCategory.NETWORK_TIMEOUT, what, error) from error
        except OSError as error:  # refused, no such host, a certificate that is not right
            raise self._failed(FailureCategory.NETWORK_CONNECTIVITY, what, error) from error

    def _failed(self, why: FailureCategory, what: str, error: Exception) -> DeliveryFailed:
        """Not the server's words: after a login they may repeat what was sent."""
        where = f"imaps://{self._mailbox.host}:{self._mailbox.port}"
        return DeliveryFailed(why, f"{where}: {what} failed ({type(error).__name__}).")


def open_mailbox(mailbox: Mailbox, secret: str, stall_seconds: float) -> ImapMailbox:
    """Log in over TLS and open the folder for reading. Raises DeliveryFailed."""
    return ImapMailbox(mailbox, secret, stall_seconds)
