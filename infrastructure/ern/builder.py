"""The MessageBuilder: nothing leaves it that was not checked."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import deadwax
from deadwax.application.messages import (
    Acknowledgement,
    BatchSpec,
    BuiltMessage,
    MessageKind,
    MessageSpec,
    ResourceFile,
    SchemaCheck,
)
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.plain import to_plain
from deadwax.infrastructure.ern import acknowledgement, requirements
from deadwax.infrastructure.ern.check import check
from deadwax.infrastructure.ern.contents import Contents
from deadwax.infrastructure.ern.four import message as four
from deadwax.infrastructure.ern.manifest import manifest_message
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.three import message as three
from deadwax.infrastructure.ern.versions import ERN, Family
from deadwax.infrastructure.ern.write import Writer
from deadwax.infrastructure.ern.xml import forbidden_characters, to_bytes

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class DdexMessages:
    """Implements application.messages.MessageBuilder with the XSDs below `schemas`, if any."""

    def __init__(self, schemas: Path | None) -> None:
        self._schemas = Schemas(schemas)

    def build(self, spec: MessageSpec) -> BuiltMessage:
        found = requirements.problems(spec, self._schemas)
        if found:
            raise Refused("The message cannot be built", found)
        family = three if ERN[spec.ern].family is Family.THREE else four
        writer, contents = family.writer(spec), None
        if spec.kind is MessageKind.PURGE:
            text = family.purge_release_message(writer, spec)
        else:
            contents = Contents.of(spec)
            text = family.new_release_message(writer, spec, contents)
        xml = (_DECLARATION + text).encode(errors="surrogatepass")
        schema, found = self.check(xml)
        if found:
            raise Refused(
                "The message would not be valid", list(requirements.characters(spec)) or found
            )
        return BuiltMessage(
            xml=xml,
            resources=contents.files() if contents else (),
            schema=schema,
            omitted=tuple(writer.omitted),
            made_with=self._made_with(writer),
        )

    def files(self, spec: MessageSpec) -> tuple[ResourceFile, ...]:
        return () if spec.kind is MessageKind.PURGE else Contents.of(spec).files()

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

    def _made_with(self, writer: Writer) -> dict[str, str]:
        standard = writer.standard
        schema = self._schemas.find(standard)
        return {
            "builder": f"deadwax {deadwax.__version__}",
            "schema": set_digest(schema.path.parent) if schema else SchemaCheck.NOT_CHECKED.value,
            "avs": standard.avs or "",
        }

    def _require_valid(self, xml: bytes) -> SchemaCheck:
        schema, found = self.check(xml)
        if found:
            raise Refused("The message would not be valid", found)
        return schema


@cache
def set_digest(folder: Path) -> str:
    """SHA-256 over the names and bytes of the schemas in a folder: which editions they are."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.xsd")):
        digest.update(f"{path.name}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
