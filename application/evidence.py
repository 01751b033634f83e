"""Showing that a message was what the log says it was."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from deadwax.application.catalogue import Catalogue
from deadwax.application.compose import Composer
from deadwax.application.errors import NotFound
from deadwax.application.log import EventLog
from deadwax.application.message_ids import distribution_of
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.distribution_events import MessageComposed


@dataclass(frozen=True)
class Rebuilt:
    """A message built again: its bytes, their hash, and the hash stored when it was composed."""

    xml: bytes
    sha256: str
    stored_sha256: str
    stored_builder: str

    @property
    def equal(self) -> bool:
        return self.sha256 == self.stored_sha256


def rebuild(log: EventLog, composer: Composer, message_id: str) -> Rebuilt:
    """Build a message again from the history that it was composed from. Raises NotFound."""
    id = distribution_of(message_id)
    for event in log.load(id) if id else ():
        if isinstance(event, MessageComposed) and event.message["id"] == message_id:
            version = event.originator_version
            distribution = Catalogue(log).as_of(Distribution, event.originator_id, version)
            with acting(Cause(event.tenant_id, "process:rebuild", event.correlation_id)):
                xml = composer.rebuild(distribution)
            stored = event.message
            digest = hashlib.sha256(xml).hexdigest()
            return Rebuilt(xml, digest, stored["xml_sha256"], stored["builder"])
    raise NotFound("message", message_id)
