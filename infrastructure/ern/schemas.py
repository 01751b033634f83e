"""The official XSDs, which are DDEX's to hand out: found in a directory, compiled once."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.ern.versions import Standard
from deadwax.infrastructure.ern.xml import Element

_XS = "{http://www.w3.org/2001/XMLSchema}"
_ALLOWED_VALUES = "allowed-value-sets.xsd"
# One wrong element can make hundreds of errors; nobody reads more than these.
_MOST = 20


@dataclass(frozen=True)
class Schema:
    """A compiled schema set. May be shared by threads."""

    xsd: etree.XMLSchema
    lock: threading.Lock = field(default_factory=threading.Lock)

    def problems(self, document: Element) -> list[Problem]:
        # The log belongs to the schema object, hence the lock.
        with self.lock:
            if self.xsd.validate(document):
                return []
            log: Any = self.xsd.error_log
            return [
                Problem(
                    "ern_schema",
                    error.path or "",
                    f"Line {error.line}: {error.message}",
                    "The message must follow its XSD.",
                )
                for error in log[:_MOST]
            ]


@dataclass(frozen=True)
class Schemas:
    """The schema sets below `folder`; None knows none."""

    folder: Path | None

    def find(self, standard: Standard) -> Schema | None:
        """The compiled set, None if it is not there. Raises Refused if it cannot be used."""
        path = self._file(standard, standard.file)
        return None if path is None else compiled(path)

    def allowed_values(self, standard: Standard, name: str) -> frozenset[str] | None:
        """The values of a DDEX allowed value set, None if the set is not there."""
        path = self._file(standard, _ALLOWED_VALUES)
        return None if path is None else _value_sets(path).get(name)

    def _file(self, standard: Standard, name: str) -> Path | None:
        if self.folder is None:
            return None
        path = self.folder / standard.folder / name
        return path if path.is_file() else None


@cache
def compiled(path: Path) -> Schema:
    """Raises Refused naming the file and what is wrong with it."""
    try:
        return Schema(etree.XMLSchema(_parse(path)))
    except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise Refused(
            "The schema cannot be used",
            [
                Problem(
                    "schema_unusable",
                    str(path),
                    f"It does not compile: {error}",
                    "Install the set again: deadwax ern schemas install DIR|ZIP.",
                )
            ],
        ) from None


@cache
def _value_sets(path: Path) -> dict[str, frozenset[str]]:
    return {
        kind.get("name", ""): frozenset(e.get("value", "") for e in kind.iter(f"{_XS}enumeration"))
        for kind in _parse(path).getroot().iterfind(f"{_XS}simpleType")
    }


def _parse(path: Path) -> etree._ElementTree:
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    return etree.parse(path, parser)
