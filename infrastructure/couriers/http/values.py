"""What stands in for the placeholders of a call, and what is found in its answer."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.http_calls import Finding, Where
from deadwax.domain.errors import Refused
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.ern.untrusted import Limits, parse_untrusted
from deadwax.infrastructure.media_types import media_type

PART = ".part"
MOST_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer that is no file."""

_USED = re.compile(r"\{([a-z0-9_]+)\}")
_SLASHES_STAY = frozenset({"path", "part", "folder"})

Values = Mapping[str, str]


def values_of(path: str, **more: str) -> dict[str, str]:
    """The placeholders of PLACEHOLDERS that a path tells, and `more`."""
    folder, _, name = path.rpartition("/")
    return {
        "path": path,
        "key": path,
        "part": path + PART,
        "part_key": path + PART,
        "name": name,
        "folder": folder,
        "package": path.partition("/")[0],
        "type": media_type(path),
        "cursor": "",
        **more,
    }


def in_url(template: str, values: Values) -> str:
    """Percent-encoded; `{url}` is an address already."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        text = _value(name, values)
        return text if name == "url" else quote(text, safe="/" if name in _SLASHES_STAY else "")

    return _USED.sub(value, template)


def in_header(template: str, values: Values) -> str:
    """Percent-encoded, but for the slashes and what a media type consists of."""
    return _USED.sub(lambda found: quote(_value(found[1], values), safe="/=;+ "), template)


def in_tree(template: Any, values: Values) -> Any:
    """The same in every text of lists and objects, as it is; `{size}` alone is a number."""
    if isinstance(template, dict):
        return {key: in_tree(item, values) for key, item in template.items()}
    if isinstance(template, list):
        return [in_tree(item, values) for item in template]
    if template == "{size}":
        return int(_value("size", values))
    if isinstance(template, str):
        return _USED.sub(
            lambda found: found[0] if found[1] == "file" else _value(found[1], values), template
        )
    return template


def _value(name: str, values: Values) -> str:
    if name not in values:
        raise DeliveryFailed(
            FailureCategory.METADATA_INVALID,
            f"The target's address uses {{{name}}} where nothing is known by it.",
        )
    return values[name]


@dataclass(frozen=True)
class Answer:
    """An answer that was read whole. `below` is the part of it in which things are found: the
    names of JSON members, or of XML elements, that lead there."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)
    below: tuple[str, ...] = ()

    @cached_property
    def json(self) -> Any:
        """None if it is none."""
        try:
            return orjson.loads(self.body) if self.body else None
        except orjson.JSONDecodeError:
            return None

    @cached_property
    def xml(self) -> Any:
        """The document element; None if it is no XML that we read."""
        try:
            return parse_untrusted(self.body, Limits(bytes=MOST_ANSWER)) if self.body else None
        except Refused:
            return None

    def find(self, where: Where | None) -> str | None:
        """The text or number at a place of the answer; None if there is none."""
        if where is None:
            return None
        kind, _, place = where.partition(":")
        if kind == "header":
            value = self.headers.get(place)
            return str(value) if value is not None else None
        found = self.nodes(where)
        return _text(found[0]) if found else None

    def tells(self, where: Where) -> bool:
        """Whether nothing at a place means that there is nothing: a body that was understood
        says so, a missing header or an error page does not."""
        kind = where.partition(":")[0]
        return (kind == "json" and self.json is not None) or (
            kind == "xml" and self.xml is not None
        )

    def nodes(self, where: Where) -> list[Any]:
        """All that is at a place of the body: members of an array, elements of one name."""
        kind, _, place = where.partition(":")
        if kind == "json":
            found = _json_at(self.json, "".join(f"/{name}" for name in self.below) + place)
            return found if isinstance(found, list) else [] if found is None else [found]
        if self.xml is None:
            return []
        return xml_at(_Above(self.xml), (*self.below, *place.split("/")))

    def findings(self, finds: Mapping[str, Where], *names: Finding) -> dict[str, str]:
        found = {str(name): self.find(finds.get(name)) for name in names}
        return {name: text for name, text in found.items() if text is not None}


def within(node: Any, where: Where | None) -> str | None:
    """The text at a place below one entry of a list."""
    if where is None:
        return None
    kind, _, place = where.partition(":")
    if kind == "json":
        return _text(_json_at(node, place))
    found = xml_at(node, tuple(place.split("/"))) if kind == "xml" else []
    return _text(found[0]) if found else None


def from_base64(text: str | None) -> bytes | None:
    try:
        return None if text is None else base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        return None


def number(text: str | None) -> int | None:
    """A number of bytes; None for what is none."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,18}", text) else None


def _json_at(tree: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(tree, list) and name.isdecimal():
            tree = tree[int(name)] if int(name) < len(tree) else None
        else:
            tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


class _Above:
    """What holds the document element, so that a path may begin with its name."""

    def __init__(self, root: Any) -> None:
        self._root = root

    def __iter__(self) -> Any:
        return iter([self._root])


def xml_at(element: Any, names: tuple[str, ...]) -> list[Any]:
    """By local names, whatever their namespace; `*` is any."""
    for number, name in enumerate(names):
        if name.startswith("@"):
            value = element.get(name[1:])
            return [value] if value is not None else []
        found = [child for child in element if name in ("*", local(child))]
        if number == len(names) - 1 or not found:
            return found
        element = found[0]
    return []


def local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(node: Any) -> str | None:
    if isinstance(node, str):
        return node
    if isinstance(node, bool) or node is None or isinstance(node, dict | list):
        return None
    if isinstance(node, int | float):
        return str(node)
    return "".join(node.itertext()).strip()
