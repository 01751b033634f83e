"""The official XSDs, which are DDEX's to hand out: found in a directory, compiled per thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree

from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.ern.schema_speed import speed_up, used_names
from deadwax.infrastructure.ern.versions import Standard

Element = etree._Element

_XS = "{http://www.w3.org/2001/XMLSchema}"
_SIMPLE = f"{_XS}simpleType"
_DDEX = "http://ddex.net/xml/"
_SAFE: dict[str, Any] = {"no_network": True, "load_dtd": False, "resolve_entities": False}
# One wrong element can make hundreds of errors; nobody reads more than these.
_MOST = 20

_compiled = threading.local()
_there: dict[tuple[Path, str], Path] = {}
# libxml2 makes its built-in types at the first compilation, unguarded: a second one beside it
# fails with "the given type is not a built-in type".
_compiling = threading.Lock()


@dataclass(frozen=True)
class SchemaError:
    """What libxml2 says of a document: its words, the line, the XPath of the element."""

    message: str
    line: int
    xpath: str


@dataclass(frozen=True)
class Schema:
    """A schema set by its main file. May be shared by threads: libxml2 keeps the errors in the
    compiled schema, so each thread has one of its own."""

    path: Path

    def errors(self, document: Element) -> list[SchemaError]:
        """Empty if the document is valid. Raises Refused if the schema cannot be used.

        A document that the fast schema refuses is read again by the official one, whose
        words are returned and whose verdict stands.
        """
        if _of_thread(self.path, fast=True).validate(document):
            return []
        official = _of_thread(self.path, fast=False)
        if official.validate(document):
            return []
        log: Any = official.error_log
        return [SchemaError(e.message, e.line, e.path or "") for e in log[:_MOST]]


@dataclass(frozen=True)
class Schemas:
    """The schema sets below `folder`; None knows none."""

    folder: Path | None

    def find(self, standard: Standard) -> Schema | None:
        """The set, None if it is not there. Raises Refused if it cannot be used."""
        path = self._main(standard)
        if path is None:
            return None
        _of_thread(path, fast=True)
        return Schema(path)

    def allowed_values(self, standard: Standard, name: str) -> frozenset[str] | None:
        """The values of a DDEX allowed value set; None if it, or the set of schemas, is not
        there. Raises Refused if the set cannot be used."""
        schema = self.find(standard)
        return None if schema is None else _value_sets(schema.path).get(name)

    def _main(self, standard: Standard) -> Path | None:
        """Its main file. One that was there once is not looked for again: each message asks
        a dozen times."""
        if self.folder is None or standard.folder is None:
            return None
        known = _there.get((self.folder, standard.name))
        if known is not None:
            return known
        path = self.folder / standard.folder / standard.file
        if not path.is_file():
            return None
        _there[self.folder, standard.name] = path
        return path


def compile_schema(path: Path, *, fast: bool) -> etree.XMLSchema:
    """Raises Refused naming the file and what is wrong with it."""
    try:
        with _compiling:
            return etree.XMLSchema(_parse_faster(path) if fast else _parse(path))
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


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Namespace and location of each schema that one names. Raises OSError and
    XMLSyntaxError."""
    kinds = (f"{_XS}import", f"{_XS}include", f"{_XS}redefine")
    for _, element in etree.iterparse(str(path), tag=kinds, no_network=True):
        yield element.get("namespace", ""), element.get("schemaLocation", "")


def _of_thread(path: Path, *, fast: bool) -> etree.XMLSchema:
    by_file: dict[tuple[Path, bool], etree.XMLSchema] = _compiled.__dict__.setdefault("sets", {})
    schema = by_file.get((path, fast))
    if schema is None:
        schema = by_file[path, fast] = compile_schema(path, fast=fast)
    return schema


@cache
def _value_sets(main: Path) -> dict[str, frozenset[str]]:
    """By name; they are in the DDEX schemas that the main one imports."""
    return {
        kind.get("name", ""): frozenset(e.get("value", "") for e in kind.iter(f"{_XS}enumeration"))
        for namespace, location in imports(main)
        if namespace.startswith(_DDEX)
        for kind in _parse(main.parent / location).getroot().iterfind(_SIMPLE)
    }


def _parse(path: Path) -> etree._ElementTree:
    return _read(path, etree.XMLParser(**_SAFE)).getroottree()


def _parse_faster(path: Path) -> etree._ElementTree:
    parser = etree.XMLParser(**_SAFE)
    root = _read(path, parser)
    used = used_names(root)
    parser.resolvers.add(_Faster(path.parent, used))
    speed_up(root, used)
    return root.getroottree()


def _read(path: Path, parser: etree.XMLParser) -> Element:
    return etree.fromstring(path.read_bytes(), parser, base_url=str(path))


class _Faster(etree.Resolver):
    """What a schema imports lies beside it; DDEX's own is made faster like the schema itself."""

    def __init__(self, folder: Path, used: frozenset[str]) -> None:
        self.folder = folder
        self.used = used

    def resolve(  # type: ignore[override]  # the stubs lack the context
        self, system_url: str, public_id: str, context: Any
    ) -> Any:
        path = self.folder / Path(unquote(system_url)).name
        if not path.is_file():
            return None
        root = _read(path, etree.XMLParser(**_SAFE))
        if not root.get("targetNamespace", "").startswith(_DDEX):
            return None
        speed_up(root, self.used | used_names(root))
        return self.resolve_string(etree.tostring(root), context, base_url=system_url)
