"""Calls of somebody's interface, as data: what is sent, and where things are in the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.errors import InvalidValue
from deadwax.domain.failures import FailureCategory
from deadwax.domain.texts import Name
from deadwax.domain.values import Text

PLACEHOLDERS = {
    "path": "the file's path; its slashes stay in URLs",
    "key": "the path as one segment: slashes are escaped in URLs",
    "part": "the path that the file has until it is published: {path}.part",
    "part_key": "the same as one segment",
    "name": "the last part of the path",
    "folder": "all but the last part of the path",
    "package": "the first part of the path: the folder of the batch or message",
    "size": "its size in bytes",
    "sha256": "its SHA-256, lower-case hex",
    "type": "its media type",
    "upload": "what an earlier call found as `upload`",
    "url": "what an earlier call found as `url`",
    "link": "a signed, expiring address where the platform fetches the file",
    "cursor": "what the page before found as `next`; empty for the first",
}
FILE = "{file}"
"""Where the file itself goes, in the fields of SOAP and the variables of GraphQL."""

_USED = re.compile(r"\{([a-z0-9_]+)\}")


class Template(Text):
    code, example = "template_invalid", "/files/{path}"
    pattern = r"[^\x00-\x1f\x7f]{1,2000}"
    fix = f"Give one line; in it may stand {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}."

    @classmethod
    def check(cls, value: str) -> str:
        unknown = sorted(set(placeholders(value)) - PLACEHOLDERS.keys())
        return f"nothing is known by {{{unknown[0]}}}." if unknown else ""


class Where(Text):
    """A header, a JSON pointer (RFC 6901), or the local names of XML elements from the top of
    the answer's body, the last of which may begin with @."""

    code, example = "where_invalid", "json:/data/size"
    pattern = r"header:[A-Za-z0-9-]+|json:(/[^/\x00-\x1f]*)*|xml:@?[A-Za-z_][^/\s]*(/[^/\s]+)*"
    fix = "Give header:Name, json:/pointer or xml:Element/Element."


class Finding(StrEnum):
    """What may be found in an answer. `files` is the list, and of each of its entries `file_name`
    (or the whole `file_path`) and `file_size`; `next` leads to its next page. `content` is a file,
    in base64 where the answer is no file itself."""

    UPLOAD = "upload"
    URL = "url"
    SIZE = "size"
    SHA256 = "sha256"
    FILES = "files"
    FILE_NAME = "file_name"
    FILE_PATH = "file_path"
    FILE_SIZE = "file_size"
    NEXT = "next"
    CONTENT = "content"


class Method(StrEnum):
    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


def placeholders(value: Any) -> Iterator[str]:
    """The names in braces in a text, and in all texts of lists and objects."""
    if isinstance(value, str):
        yield from _USED.findall(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from placeholders(key)
            yield from placeholders(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from placeholders(item)


def check_templates(value: Any, *also: str) -> None:
    unknown = sorted(set(placeholders(value)) - PLACEHOLDERS.keys() - set(also))
    if unknown:
        raise InvalidValue(
            "placeholder_unknown", f"Nothing is known by {{{unknown[0]}}}.", Template.fix
        )


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a status (`429`), a SOAP fault's code or an error's `extensions.code` means here."""

    code: Name
    category: FailureCategory
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """`finds` says where in the answer things are, by Finding."""

    finds: dict[str, Where] = field(default_factory=dict)
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        unknown = sorted(self.finds.keys() - set(Finding))
        if unknown:
            raise InvalidValue(
                "finding_unknown",
                f"Nothing is done with {unknown[0]}.",
                f"Find any of {', '.join(Finding)}.",
            )

    @property
    def uses(self) -> set[str]:
        """The placeholders in it. A GraphQL document has braces of its own."""
        texts = [value for name, value in vars(self).items() if name not in ("finds", "document")]
        return set(placeholders(texts))


@dataclass(frozen=True, kw_only=True)
class RestCall(Call):
    """`url` is appended to the base URL, or is `{url}`. In it and in headers values are
    percent-encoded, in `json` they are not; a text that is `{size}` alone becomes a number."""

    method: Method
    url: Template
    headers: dict[str, Template] = field(default_factory=dict)
    json: dict[str, Any] | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.url.startswith(("/", "{url}")):
            raise InvalidValue(
                "call_url_invalid",
                f"{self.url!r} begins with neither / nor {{url}}.",
                "Give what follows the base URL, or {url}.",
            )
        check_templates(self.json)


@dataclass(frozen=True, kw_only=True)
class SoapCall(Call):
    """`fields` are the elements of the operation's element, in order: texts, or elements in
    turn. In SOAP 1.1 `action` is the header SOAPAction, in 1.2 a parameter of the type."""

    operation: Name
    action: Name | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        super().__post_init__()
        check_templates(self.fields, "file")


class Document(Text):
    """A GraphQL document."""

    code, pattern = "document_invalid", r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]{1,20000}"
    example = "mutation ($path: String!) { publish(path: $path) { size } }"
    fix = "Give a GraphQL document of at most 20,000 characters."


@dataclass(frozen=True, kw_only=True)
class GraphqlCall(Call):
    """What is found is found below `data`."""

    document: Document
    variables: dict[str, Any] = field(default_factory=dict)
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        super().__post_init__()
        check_templates(self.variables, "file")
