"""XML out: elements from values, and bytes that never vary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from deadwax.domain.errors import Problem

Element = etree._Element
Value = str | int | bool | Decimal | date

XSI = "http://www.w3.org/2001/XMLSchema-instance"

# Production [2] of XML 1.0: what no document can hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def tag(name: str, *content: Element | Value | None, **attributes: str | None) -> Element:
    """An element with children or text. None leaves a child or an attribute out."""
    element = etree.Element(name)
    for key, value in attributes.items():
        if value is not None:
            element.set(key, value)
    for item in content:
        if isinstance(item, Element):
            element.append(item)
        elif item is not None:
            element.text = _text(item)
    return element


def maybe(name: str, value: Value | None, **attributes: str | None) -> Element | None:
    """The element with that text, or None if there is no value."""
    return None if value is None else tag(name, value, **attributes)


def root(name: str, namespace: str, location: str, prefix: str, **attributes: str) -> Element:
    """A document element. Only it is namespaced: DDEX schemas are elementFormDefault
    unqualified."""
    element = etree.Element(f"{{{namespace}}}{name}", nsmap={prefix: namespace, "xsi": XSI})
    element.set(f"{{{XSI}}}schemaLocation", location)
    for key, value in attributes.items():
        element.set(key, value)
    return element


def to_bytes(document: Element) -> bytes:
    """UTF-8 with declaration, two spaces of indentation, one newline at the end."""
    etree.indent(document, space="  ")
    body = etree.tostring(document, encoding="UTF-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body + b"\n"


def timestamp(moment: datetime) -> str:
    """Whole seconds in UTC, with Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def forbidden_characters(value: Any, field: str = "") -> Iterator[Problem]:
    """One problem for each text of `value` (as `domain.plain.to_plain` gives it) that XML
    cannot hold."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from forbidden_characters(item, f"{field}.{name}" if field else name)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from forbidden_characters(item, f"{field}[{i}]")
    elif isinstance(value, str) and (found := _FORBIDDEN.search(value)):
        yield Problem(
            "character_not_allowed",
            field,
            f"The character U+{ord(found.group()):04X} cannot be sent in XML.",
            "Remove it.",
        )


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
