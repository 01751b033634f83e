"""Bytes that a stranger wrote, read within a bounded time and memory, or refused by name.

What the file claims decides nothing: no DOCTYPE, no entity, nothing that it points at, and the
encoding it names only where its bytes do not tell. Comments and processing instructions are
left out, so that the text of an element is one text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from deadwax.domain.errors import Problem, Refused

Element = etree._Element


@dataclass(frozen=True)
class Limits:
    """`marks` bounds elements as well as attributes, each of which needs a `<` or a `=`.

    Beyond these, libxml2 itself refuses more than 256 levels and any text or attribute
    of more than 10 million bytes.
    """

    bytes: int
    marks: int = 1_000_000


MESSAGE = Limits(bytes=64 * 1024 * 1024)
"""A message of 1,000 tracks with every field has about 5 MB and 150,000 marks."""

# By the bytes that a file starts with; the first that fits.
_STARTS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# By the names that a declaration may give. Above one byte per character, `utf-16` is what .NET
# writes over UTF-8.
_DECLARABLE = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso8859-1",
    "iso-8859-15": "iso8859-15",
    "windows-1252": "cp1252",
}

# What libxml2 calls the ends of its bounds.
_TOO_LARGE = frozenset({"ERR_RESOURCE_LIMIT", "ERR_NAME_TOO_LONG"})
# What may stand before a DOCTYPE.
_MISC = re.compile(rb"\s*+(?:<!--.*?-->|<\?.*?\?>)", re.DOTALL)
_DOCTYPE = re.compile(rb"\s*+<!DOCTYPE")


def parse_untrusted(data: bytes, limits: Limits = MESSAGE) -> Element:
    """The document element of bytes that a stranger may have written.

    Raises Refused with one problem: `xml_too_large`, `xml_encoding`, `xml_doctype` or
    `xml_malformed`.
    """
    _check_size(data, limits)
    text = as_utf8(data)
    if _has_doctype(text):
        raise _refused("xml_doctype", "A DOCTYPE is not allowed.", "Send the XML without one.")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise _unparsed(error, parser) from None


def as_utf8(data: bytes) -> bytes:
    """The same text in UTF-8; what it declares is to be ignored. Raises Refused."""
    name = _encoding(data)
    if name == "utf-8":
        return data
    try:
        return data.decode(name).encode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        words = f"The bytes are not {name}: {error.reason} at byte {error.start}."
        raise _refused("xml_encoding", words, "Send it in UTF-8.") from None


def _check_size(data: bytes, limits: Limits) -> None:
    if len(data) > limits.bytes:
        words = f"The file has {len(data)} bytes, {limits.bytes} are allowed."
        raise _refused("xml_too_large", words, "Send fewer releases in one message.")
    if len(data) <= limits.marks:
        return
    for mark, things in ((b"<", "tags"), (b"=", "attributes")):
        if data.count(mark) > limits.marks:
            words = f"The file has more than {limits.marks} {things}."
            raise _refused("xml_too_large", words, "Send fewer releases in one message.")


def _encoding(data: bytes) -> str:
    for start, name in _STARTS:
        if data.startswith(start):
            return name
    declared = _DECLARED.match(data)
    found = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if found not in _DECLARABLE:
        raise _refused("xml_encoding", f"The encoding {found!r} is not read.", "Send it in UTF-8.")
    return _DECLARABLE[found]


def _has_doctype(text: bytes) -> bool:
    """Whether there is one where XML allows it: after declaration, comments and spaces."""
    at = 3 if text.startswith(b"\xef\xbb\xbf") else 0
    while found := _MISC.match(text, at):
        at = found.end()
    return _DOCTYPE.match(text, at) is not None


def _unparsed(error: etree.XMLSyntaxError, parser: etree.XMLParser) -> Refused:
    log: Any = parser.error_log
    kinds = {entry.type_name for entry in log}
    line, column = error.position
    where = f"Line {line}, column {column}: "
    words = " ".join((error.msg or "The file is empty.").split())
    words = re.sub(r", line \d+, column \d+$|, use XML_PARSE_HUGE option", "", words)
    if "ERR_INVALID_ENCODING" in kinds:
        return _refused("xml_encoding", f"{where}The bytes are not UTF-8.", "Send it in UTF-8.")
    if kinds & _TOO_LARGE:
        return _refused("xml_too_large", f"{where}{words}.", "No DDEX message needs as much.")
    return _refused("xml_malformed", f"{where}{words}.", "Send well-formed XML.")


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The XML was not read", [Problem(code, "", message, fix)])
