"""Ways of breaking a message; each changes a parsed document in place."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

from lxml import etree

Element = etree._Element
Break = Callable[[Element], None]

MESSAGES = Path(__file__).parent / "messages"
"""One message without any fault per version and kind."""


def broken(name: str, change: Break) -> bytes:
    root = etree.fromstring((MESSAGES / f"{name}.xml").read_bytes())
    change(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def first(root: Element, path: str) -> Element:
    found = root.find(path)
    assert found is not None, path
    return found


def set_text(path: str, text: str) -> Break:
    def change(root: Element) -> None:
        first(root, path).text = text

    return change


def set_attribute(path: str, name: str, value: str | None) -> Break:
    """None removes it. The path `.` is the document element."""

    def change(root: Element) -> None:
        found = first(root, path)
        if value is None:
            assert name in found.attrib
            del found.attrib[name]
        else:
            found.set(name, value)

    return change


def remove(path: str) -> Break:
    def change(root: Element) -> None:
        found = first(root, path)
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)

    return change


def remove_all(path: str) -> Break:
    def change(root: Element) -> None:
        found = root.findall(path)
        assert found, path
        for element in found:
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)

    return change


def duplicate(path: str) -> Break:
    def change(root: Element) -> None:
        found = first(root, path)
        found.addnext(copy.deepcopy(found))

    return change


def rename(path: str, name: str) -> Break:
    def change(root: Element) -> None:
        first(root, path).tag = name

    return change


def before(path: str, xml: str) -> Break:
    def change(root: Element) -> None:
        first(root, path).addprevious(etree.fromstring(xml))

    return change


def after(path: str, xml: str) -> Break:
    def change(root: Element) -> None:
        first(root, path).addnext(etree.fromstring(xml))

    return change


def inside(path: str, xml: str) -> Break:
    """As the last child."""

    def change(root: Element) -> None:
        first(root, path).append(etree.fromstring(xml))

    return change


def move_before(path: str, other: str) -> Break:
    def change(root: Element) -> None:
        first(root, other).addprevious(first(root, path))

    return change


def both(*changes: Break) -> Break:
    def change(root: Element) -> None:
        for one in changes:
            one(root)

    return change
