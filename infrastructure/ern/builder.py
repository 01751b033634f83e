"""The MessageBuilder: nothing leaves it that was not checked."""

from __future__ import annotations

from pathlib import Path

from deadwax.application.messages import (
    Acknowledgement,
    BatchSpec,
    BuiltMessage,
    MessageKind,
    MessageSpec,
    SchemaCheck,
)
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.plain import to_plain
from deadwax.infrastructure.ern import acknowledgement, requirements
from deadwax.infrastructure.ern.check import check
from deadwax.infrastructure.ern.contents_old import Contents
from deadwax.infrastructure.ern.manifest import manifest_message
from deadwax.infrastructure.ern.message import new_release_message
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.xml import forbidden_characters, to_bytes


class DdexMessages:
    """Implements application.messages.MessageBuilder with the XSDs below `schemas`, if any."""

    def __init__(self, schemas: Path | None) -> None:
        self._schemas = Schemas(schemas)

    def build(self, spec: MessageSpec) -> BuiltMessage:
        found = requirements.problems(spec, self._schemas)
        if found:
            raise Refused("The message cannot be built", found)
        contents = Contents.of(spec)
        xml = to_bytes(new_release_message(spec, contents))
        files = () if spec.kind is MessageKind.TAKEDOWN else contents.files()
        return BuiltMessage(xml=xml, resources=files, schema=self._require_valid(xml))

    def manifest(self, spec: BatchSpec) -> bytes:
        """Raises Refused if it would not be valid."""
        found = list(forbidden_characters(to_plain(spec)))
        if found:
            raise Refused("The manifest cannot be built", found)
        xml = to_bytes(manifest_message(spec))
        self._require_valid(xml)
        return xml

    def read_acknowledgements(self, data: bytes) -> list[Acknowledgement]:
        return acknowledgement.read_acknowledgements(data)

    def check(self, xml: bytes) -> tuple[SchemaCheck, list[Problem]]:
        """Never raises for what the bytes are; Refused if a schema itself cannot be used."""
        checked = check(xml, self._schemas)
        return checked.schema, checked.errors

    def _require_valid(self, xml: bytes) -> SchemaCheck:
        schema, found = self.check(xml)
        if found:
            raise Refused("The message would not be valid", found)
        return schema
