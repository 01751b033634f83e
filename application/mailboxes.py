"""Reading the mailboxes in which platforms' notices arrive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import DeliveryFailed
from deadwax.application.notices import MOST_BYTES, Notices
from deadwax.application.patience import Notice as Say
from deadwax.application.ports import Inbox, RemoteFile, Secrets
from deadwax.application.process import cause_of
from deadwax.domain.cause import acting
from deadwax.domain.notice import Channel
from deadwax.domain.reports import Mailbox
from deadwax.domain.target import DeliveryTarget


@dataclass(frozen=True)
class Mail:
    """`id` is its Message-ID; `data` the whole of it as it came."""

    id: str
    subject: str
    data: bytes


class OpenMailbox(Protocol):
    """Every call may raise DeliveryFailed."""

    def recent(self) -> list[RemoteFile]: ...

    def fetch(self, mail: RemoteFile) -> Mail | None:
        """None if it is from nobody who counts."""
        ...

    def close(self) -> None: ...


Open = Callable[[Mailbox, str], OpenMailbox]
"""Opens a mailbox with its password. Raises DeliveryFailed."""


class Mailboxes:
    def __init__(
        self,
        catalogue: Catalogue,
        notices: Notices,
        inbox: Inbox,
        secrets: Secrets,
        open_mailbox: Open,
        worker: str,
        say: Say,
    ) -> None:
        self._catalogue, self._notices, self._inbox = catalogue, notices, inbox
        self._secrets, self._open = secrets, open_mailbox
        self._worker, self._say = worker, say

    def poll(self, target_id: UUID) -> None:
        """Store the notices that came by mail since. A mailbox that cannot be reached is noticed
        and tried at the next poll."""
        target = self._catalogue.find(DeliveryTarget, target_id)
        mailbox = target.settings.reports.mailbox if target else None
        if target is None or mailbox is None:
            return
        try:
            secret = self._secrets.get(target.tenant_id, mailbox.secret)
            with closing(self._open(mailbox, secret)) as opened:
                for found in self._inbox.unread(target_id, opened.recent()):
                    self._take(target, opened, found)
        except DeliveryFailed as failed:
            self._say("cannot_poll_mail", target_id=str(target_id), detail=failed.detail)

    def _take(self, target: DeliveryTarget, opened: OpenMailbox, found: RemoteFile) -> None:
        mail = opened.fetch(found) if found.size <= MOST_BYTES else None
        if mail is not None:
            with acting(cause_of(target, self._worker)):
                self._notices.receive(
                    target.id,
                    Channel.MAIL,
                    mail.id,
                    mail.data,
                    name=mail.subject or "(no subject)",
                    media_type="message/rfc822",
                )
        note = "not of the platform, or too large" if mail is None else "received"
        self._inbox.mark_read(target.id, found, note)
