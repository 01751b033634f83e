"""Where an element of a message stands in its file."""

from __future__ import annotations

from xml.parsers import expat

from lxml import etree

from deadwax.infrastructure.ern.untrusted import as_utf8

Element = etree._Element


class Places:
    """Line and column of each element, both from 1. `data` is what `root` was parsed from."""

    def __init__(self, data: bytes, root: Element) -> None:
        self._root = root
        self._places = _starts(as_utf8(data))
        self._order = {element: i for i, element in enumerate(root.iter())}

    def of(self, element: Element) -> tuple[int, int]:
        return self._places[self._order[element]]

    def at(self, xpath: str) -> Element | None:
        """The element that libxml2 names by its path; None if that takes a prefix which is
        declared further down."""
        names = {prefix: uri for prefix, uri in self._root.nsmap.items() if prefix}
        try:
            found = self._root.getroottree().xpath(xpath, namespaces=names)
        except etree.XPathError:
            return None
        first = found[0] if isinstance(found, list) and found else None
        return first if isinstance(first, Element) else None


def _starts(text: bytes) -> list[tuple[int, int]]:
    """In document order. lxml knows lines only, and of those no more than 65,535."""
    parser = expat.ParserCreate("utf-8")
    places: list[tuple[int, int]] = []

    def start(name: str, attributes: object) -> None:
        places.append((parser.CurrentLineNumber, parser.CurrentColumnNumber + 1))

    parser.StartElementHandler = start
    parser.Parse(text, True)
    return places
