"""The messages that travel beside an ERN message, as values.

They travel as MEAD 1.1, 6.2 has it: as if they were resources of the release, named by the
ERN message among its supplemental documents.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from deadwax.application.messages import MessageKind, MessageSpec, ResourceFile, SchemaCheck
from deadwax.domain.assets import AssetFacts, TextFacts
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.target import CompanionKind, Mode, Party
from deadwax.domain.vocabulary import AssetKind

_FOLDER = "resources"


@dataclass(frozen=True, kw_only=True)
class CompanionSpec:
    """What the companions of one ERN message say.

    `message_id` and `thread_id` are those of the ERN message; each companion's own id is made
    from it. What they say is the `enrichment` of the release.
    """

    kinds: tuple[CompanionKind, ...]
    message_id: str
    thread_id: str
    created_at: datetime
    mode: Mode
    sender: Party
    recipient: Party
    release: ReleaseMetadata


@dataclass(frozen=True, kw_only=True)
class CompanionMessage:
    """A message, the name of its file (without a folder), and whether an XSD checked it."""

    kind: CompanionKind
    message_id: str
    file_name: str
    xml: bytes
    schema: SchemaCheck


class Enrichments(Protocol):
    """Builds MEAD and PIE messages."""

    def build(self, spec: CompanionSpec) -> tuple[CompanionMessage, ...]:
        """The messages wanted that have something to say, in the order of CompanionKind.

        Raises domain.errors.Refused naming each missing or contradictory value; nothing is
        filled in.
        """
        ...


def companions_of(
    spec: MessageSpec, kinds: tuple[CompanionKind, ...], enrichments: Enrichments
) -> tuple[CompanionMessage, ...]:
    """What travels beside the message: nothing beside one that takes the release away.

    Raises domain.errors.Refused as Enrichments.build does.
    """
    if spec.kind in (MessageKind.TAKEDOWN, MessageKind.PURGE):
        return ()
    return enrichments.build(
        CompanionSpec(
            kinds=kinds,
            message_id=spec.message_id,
            thread_id=spec.thread_id,
            created_at=spec.created_at,
            mode=spec.mode,
            sender=spec.sender,
            recipient=spec.recipient,
            release=spec.release,
        )
    )


def naming(spec: MessageSpec, companions: Sequence[CompanionMessage]) -> MessageSpec:
    """The message that names them among its documents."""
    facts = {companion: _facts(companion) for companion in companions}
    return replace(
        spec,
        documents=tuple(
            ResourceFile(uri=f"{_FOLDER}/{c.file_name}", sha256=f.sha256, size=f.size)
            for c, f in facts.items()
        ),
        assets={**spec.assets, **{f.sha256: f for f in facts.values()}},
    )


def _facts(companion: CompanionMessage) -> AssetFacts:
    return AssetFacts(
        sha256=hashlib.sha256(companion.xml).hexdigest(),
        md5=hashlib.md5(companion.xml, usedforsecurity=False).hexdigest(),
        size=len(companion.xml),
        filename=companion.file_name,
        kind=AssetKind.TEXT,
        text=TextFacts(codec="XML"),
    )
