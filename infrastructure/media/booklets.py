"""PDF booklets: how many pages, and whether anything in them acts by itself."""

from __future__ import annotations

import logging

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

from deadwax.domain.media.measured import Fault, TextMeasured

_MOST_OBJECTS = 200_000
_MOST_PAGES = 10_000
# ISO 32000-1, 12.6.4: actions that reach out of the document or run something; 7.11.4, 12.5.6.
_ACTIONS = {
    "/JavaScript": "JavaScript",
    "/Launch": "a program to launch",
    "/SubmitForm": "a form that is sent",
    "/ImportData": "data to import",
    "/GoToE": "an embedded document",
    "/RichMediaExecute": "rich media",
}
_ANNOTATIONS = {"/RichMedia": "rich media", "/FileAttachment": "attached files"}
_KEYS = {"/JS": "JavaScript", "/JavaScript": "JavaScript", "/EmbeddedFiles": "attached files"}

# All that pypdf raises for bytes that it cannot read.
_BROKEN = (
    *(PyPdfError, OSError, ValueError, KeyError, IndexError, TypeError, AttributeError),
    *(AssertionError, RecursionError, OverflowError, NotImplementedError),
)


def measure(path: str) -> tuple[TextMeasured, tuple[Fault, ...]]:
    """Looks at every object that can be reached, up to a limit; no page is drawn, and nothing that
    is packed is unpacked but the lists of objects."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        with PdfReader(path, strict=False) as reader:
            if reader.is_encrypted:
                return TextMeasured(encrypted=True), ()
            pages = min(len(reader.pages), _MOST_PAGES)
            active = _active(reader)
    except _BROKEN:
        return TextMeasured(), (Fault(code="pdf_broken", message="The PDF cannot be read."),)
    return TextMeasured(pages=pages, active_content=tuple(sorted(active))), ()


def _active(reader: PdfReader) -> set[str]:
    found: set[str] = set()
    seen: set[tuple[int, int]] = set()
    todo: list[PdfObject] = [reader.trailer]
    for _ in range(_MOST_OBJECTS):
        if not todo:
            return found
        thing = todo.pop()
        if isinstance(thing, IndirectObject):
            if (thing.idnum, thing.generation) in seen:
                continue
            seen.add((thing.idnum, thing.generation))
            resolved = thing.get_object()
            if resolved is not None:
                todo.append(resolved)
        elif isinstance(thing, DictionaryObject):
            found |= _of(thing)
            todo += thing.values()
        elif isinstance(thing, ArrayObject):
            todo += thing
    return found | {"more objects than can be looked at"}


def _of(thing: DictionaryObject) -> set[str]:
    found = {name for key, name in _KEYS.items() if key in thing}
    for key, names in (("/S", _ACTIONS), ("/Subtype", _ANNOTATIONS)):
        said = thing.raw_get(key) if key in thing else None
        name = names.get(str(said)) if said is not None else None
        if name:
            found.add(name)
    return found
