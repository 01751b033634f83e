"""One distribution, told step by step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from deadwax.domain.aggregate import Event
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution

FILES = [{"path": "b/resources/1.wav", "size": 900, "sha256": "a" * 64}] * 3
SENT = {"endpoint": "sftp://h:22", "files": FILES, "bytes": 2700, "seconds": "1.5"}


class Told:
    """A distribution and the events it has so far; `tell` runs commands on it."""

    def __init__(self, tenant_id: UUID | None = None, release_id: UUID | None = None) -> None:
        self.tenant_id = tenant_id or uuid4()
        self.release_id = release_id or uuid4()
        self.target_id = uuid4()
        self.soon = datetime.now(UTC) + timedelta(seconds=60)
        with self._acting():
            self.distribution = Distribution.request(self.release_id, self.target_id, "live", None)
        self.events: list[Event] = [*self.distribution.collect_events()]

    @property
    def id(self) -> UUID:
        return self.distribution.id

    def tell(self, *commands: Callable[[Distribution], Any]) -> Told:
        with self._acting():
            for command in commands:
                command(self.distribution)
        self.events += self.distribution.collect_events()
        return self

    def queued(self) -> Told:
        return self.tell(Distribution.start_validation, lambda d: d.pass_validation(self.soon))

    def uploading(self, message_id: str = "M1") -> Told:
        return self.tell(
            lambda d: d.start_attempt("worker@a:1", self.soon),
            lambda d: d.compose(d.token, {"id": message_id, "files": FILES}),
            lambda d: d.start_upload(d.token),
        )

    def publishing(self) -> Told:
        return self.uploading().tell(lambda d: d.start_publishing(d.token))

    def sent(self) -> Told:
        return self.publishing().tell(lambda d: d.confirm_sent(d.token, SENT, expects_answer=True))

    def answered(self, outcome: str, information: str = "") -> Told:
        evidence = {"sha256": uuid4().hex, "information": information}
        return self.tell(lambda d: d.acknowledge("M1", outcome, evidence))

    def _acting(self) -> Any:
        return acting(Cause(self.tenant_id, "process:worker", "request-1"))
