"""The Enrichments: MEAD and PIE messages, checked by our own rules.

No XSD checks them, and their result says so.
"""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path

from deadwax.application.companions import CompanionMessage, CompanionSpec
from deadwax.application.messages import SchemaCheck
from deadwax.domain.enrichment import Enrichment
from deadwax.domain.errors import Refused
from deadwax.domain.parties import NamedParty
from deadwax.domain.target import CompanionKind
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.xml import to_bytes
from deadwax.infrastructure.mead.common import message_id
from deadwax.infrastructure.mead.mead import mead_message
from deadwax.infrastructure.mead.pie import pie_message
from deadwax.infrastructure.mead.requirements import problems

_BUILDERS = {CompanionKind.MEAD: mead_message, CompanionKind.PIE: pie_message}


class DdexEnrichments:
    """Implements application.companions.Enrichments with the allowed value sets below
    `schemas`, if any."""

    def __init__(self, schemas: Path | None) -> None:
        self._schemas = Schemas(schemas)

    def build(self, spec: CompanionSpec) -> tuple[CompanionMessage, ...]:
        said = spec.release.enrichment
        if said is None:
            return ()
        wanted = [k for k in CompanionKind if k in spec.kinds and _speaks(k, said)]
        if not wanted:
            return ()
        found = problems(spec, said, self._schemas)
        if found:
            raise Refused("The enrichment cannot be sent", found)
        return tuple(
            CompanionMessage(
                kind=kind,
                message_id=message_id(spec, kind),
                file_name=_file_name(kind, spec, said),
                xml=to_bytes(_BUILDERS[kind](spec, said)),
                schema=SchemaCheck.NOT_CHECKED,
            )
            for kind in wanted
        )


def _speaks(kind: CompanionKind, said: Enrichment) -> bool:
    if kind is CompanionKind.MEAD:
        return said.release is not None or bool(said.tracks)
    return bool(said.parties)


def _file_name(kind: CompanionKind, spec: CompanionSpec, said: Enrichment) -> str:
    """`MEAD_<Identifier>_<YYYYMMDDhhmmssnnn>.xml` (MEAD 6.3.2, PIE 7.3), with the identifier of
    the release, or that of the first party."""
    release = spec.release
    main = release.grid or release.icpn or ""
    if kind is CompanionKind.PIE:
        main = _identifier(said.parties[0])
    moment = spec.created_at.astimezone(UTC)
    stamp = f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}"
    return f"{kind.upper()}_{main}_{stamp}.xml"


def _identifier(party: NamedParty) -> str:
    """Only letters, digits and hyphens: identifiers of somebody's own may hold a slash."""
    own = party.ids[0].value if party.ids else ""
    said = party.isni or party.dpid or party.ipi or party.ipn or own
    return re.sub("[^A-Za-z0-9-]+", "-", said)
