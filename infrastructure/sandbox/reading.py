"""Reading what arrives: XML of strangers, and what all of its messages have in common."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

Element = etree._Element


class Unreadable(Exception):
    """Bytes that are not XML that may be read here."""


def parse(data: bytes) -> Element:
    """Parse what a stranger sent: no entities, no network, no DOCTYPE. Raises Unreadable."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"not well-formed XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("a DOCTYPE is not allowed")
    return root


@dataclass(frozen=True)
class HashSum:
    algorithm: str
    value: str
    base64: bool


def hash_sum(parent: Element, value: str, algorithm: str, data_type: str) -> HashSum | None:
    """The HashSum of `parent`, whose parts have these names in its standard."""
    found = parent.find("HashSum")
    if found is None:
        return None
    return HashSum(
        algorithm=text(found, algorithm),
        value=text(found, value),
        base64=text(found, data_type) == "Binary64",
    )


def text(parent: Element, path: str) -> str:
    return (parent.findtext(path) or "").strip()


def texts(parent: Element, path: str) -> tuple[str, ...]:
    return tuple((found.text or "").strip() for found in parent.iterfind(path))
