"""Whether a message is valid: by its XSD when that is there, and by the rules XSDs cannot hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from itertools import islice
from pathlib import Path

from lxml import etree

from deadwax.application.messages import SchemaCheck
from deadwax.domain.errors import Refused
from deadwax.infrastructure.ern.checks.catalogue import RULES
from deadwax.infrastructure.ern.checks.message import Message
from deadwax.infrastructure.ern.checks.rule import Fault, Rule
from deadwax.infrastructure.ern.fields import REQUIRED, Fields
from deadwax.infrastructure.ern.findings import Checked, Finding
from deadwax.infrastructure.ern.places import Places
from deadwax.infrastructure.ern.schemas import SchemaError, Schemas
from deadwax.infrastructure.ern.untrusted import parse_untrusted
from deadwax.infrastructure.ern.versions import Family, Standard, by_namespace

Element = etree._Element

# Of each rule; nobody reads more.
_MOST = 50

# The last of what the XSD expected is what must be there.
_EXPECTED = re.compile(r"Expected is (?:one of )?\( .*?(\w+) \)\.$")

_SET = re.compile(r"\{('[^{}]*')\}")
_NOT_IN_SET = re.compile(r"The value '([^']*)' is not an element of the set \{([^{}]*)\}")
_MOST_VALUES = 6


def check(xml: bytes, schemas: Schemas, folder: Path | None = None) -> Checked:
    """Whether the bytes are a valid message. With `folder`, where it was read from, the files
    that it names are looked at too.

    Never raises for what the bytes are; Refused if a schema itself cannot be used.
    """
    try:
        root = parse_untrusted(xml)
    except Refused as refused:
        unread = (Finding(p.code, "", p.message, p.fix) for p in refused.problems)
        return Checked(SchemaCheck.NOT_CHECKED, tuple(unread))
    name = etree.QName(root)
    standard = by_namespace(name.namespace)
    if standard is None:
        return Checked(SchemaCheck.NOT_CHECKED, (_unknown(root, name),))
    schema = schemas.find(standard)
    errors = schema.errors(root) if schema else []
    broken = list(_broken(Message(root, standard, folder)))
    verdict = SchemaCheck.VALID if schema and not errors else SchemaCheck.NOT_CHECKED
    findings = _located(xml, root, standard, errors, broken) if errors or broken else ()
    in_order = sorted(findings, key=lambda f: (f.line, f.column))
    return Checked(verdict, tuple(in_order), standard.name, name.localname)


@cache
def _rules_for(family: Family | None, kind: str) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in RULES
        if (not rule.families or family in rule.families)
        and (not rule.messages or kind in rule.messages)
    )


def _broken(message: Message) -> Iterator[tuple[Rule, Fault | Exception]]:
    """What each rule finds first; its exception where it could not tell."""
    for rule in _rules_for(message.family, message.kind):
        try:
            yield from [(rule, fault) for fault in islice(rule.find(message), _MOST)]
        except Exception as error:
            yield rule, error


def _located(
    xml: bytes,
    root: Element,
    standard: Standard,
    errors: list[SchemaError],
    broken: list[tuple[Rule, Fault | Exception]],
) -> Iterator[Finding]:
    places, fields = Places(xml, root), Fields(root)
    for error in errors:
        yield _by_schema(error, places, fields, standard)
    for rule, fault in broken:
        if isinstance(fault, Exception):
            yield _crashed(rule, fault)
        else:
            yield _by_rule(rule, fault, places, fields)


def _by_schema(error: SchemaError, places: Places, fields: Fields, standard: Standard) -> Finding:
    element = places.at(error.xpath) if error.xpath else None
    line, column = (error.line, 0) if element is None else places.of(element)
    field = "" if element is None else _field_of_error(element, error.message, fields)
    return Finding(
        "ern_schema",
        field or error.xpath,
        _SET.sub(lambda found: _some_of(found.group(1)), error.message),
        _near(error.message) or "The message must follow its XSD.",
        document=f"XSD of {standard.name}",
        xpath=error.xpath,
        line=line,
        column=column,
    )


def _some_of(values: str) -> str:
    """A set of values as far as anybody reads it."""
    listed = values.split(", ")
    if len(listed) <= _MOST_VALUES:
        return f"{{{values}}}"
    return f"{{{', '.join(listed[:_MOST_VALUES])}, … {len(listed)} in all}}"


def _near(message: str) -> str:
    """Which values of the set are like the one that is not in it; empty if none is."""
    found = _NOT_IN_SET.search(message)
    if found is None:
        return ""
    values = [value.strip("'") for value in found.group(2).split(", ")]
    near = get_close_matches(found.group(1), values, n=3)
    return f"Use a value of the set; near it are {', '.join(near)}." if near else ""


def _field_of_error(element: Element, message: str, fields: Fields) -> str:
    """An element that stands too early lacks what must come before it: then the field of
    that, else of the element itself."""
    expected = _EXPECTED.search(message)
    parent = element.getparent()
    if expected and parent is not None:
        name = expected.group(1)
        if name in REQUIRED and parent.find(name) is None:
            return fields.of(parent, missing=name)
    return fields.of(element)


def _by_rule(rule: Rule, fault: Fault, places: Places, fields: Fields) -> Finding:
    element, words = fault
    line, column = places.of(element)
    xpath = element.getroottree().getpath(element)
    return Finding(
        rule.id,
        fields.of(element) or xpath,
        words,
        rule.fix,
        severity=rule.severity,
        document=rule.document,
        xpath=xpath,
        line=line,
        column=column,
    )


def _crashed(rule: Rule, error: Exception) -> Finding:
    return Finding(
        "ern_rule_crashed",
        "",
        f"The rule {rule.id} could not tell: {type(error).__name__}.",
        "Report it with the message; until then the message counts as invalid.",
        document=rule.document,
    )


def _unknown(root: Element, name: etree.QName) -> Finding:
    if (name.namespace or "").startswith("http://ddex.net/xml/"):
        words = f"{name.namespace} is a DDEX standard that cannot be checked here."
        fix = "Use a version of ERN that is listed by deadwax ern schemas."
        return Finding("ern_version_unknown", "", words, fix, line=1, column=1)
    words = f"{root.tag} is not a DDEX message."
    return Finding("ern_unknown", "", words, line=1, column=1)
