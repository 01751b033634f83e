"""Whether a message is valid: by its XSD when that is there, and by the rules XSDs cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from deadwax.application.messages import SchemaCheck
from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.ern import identifiers, periods, structure
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.versions import by_namespace
from deadwax.infrastructure.ern.xml import Element, parse_untrusted, problem_at

LIMIT = 64 * 1024 * 1024

_Rule = Callable[[Element], Iterator[Problem]]
_OF_ANY: tuple[_Rule, ...] = (*identifiers.RULES, *periods.RULES)
_OF_ROOT: dict[str, tuple[_Rule, ...]] = {
    "NewReleaseMessage": structure.RULES,
    "ManifestMessage": (structure.manifest,),
}


def check(xml: bytes, schemas: Schemas) -> tuple[SchemaCheck, list[Problem]]:
    """VALID only if the XSD was there and found nothing. What it finds has code `ern_schema`."""
    try:
        root = parse_untrusted(xml, LIMIT)
    except Refused as refused:
        return SchemaCheck.NOT_CHECKED, list(refused.problems)
    name = etree.QName(root)
    standard = by_namespace(name.namespace)
    if standard is None:
        return SchemaCheck.NOT_CHECKED, [_unknown(root, name)]
    schema = schemas.find(standard)
    by_schema = schema.problems(root) if schema else []
    rules = _OF_ROOT.get(name.localname, ()) + _OF_ANY
    own = [problem for rule in rules for problem in rule(root)]
    verdict = SchemaCheck.VALID if schema and not by_schema else SchemaCheck.NOT_CHECKED
    return verdict, by_schema + own


def _unknown(root: Element, name: etree.QName) -> Problem:
    if (name.namespace or "").startswith("http://ddex.net/xml/"):
        return problem_at(
            "ern_version_unknown",
            root,
            f"{name.namespace} is a DDEX standard that cannot be checked here.",
            "Use ERN 4.3.",
        )
    return problem_at("ern_unknown", root, f"{root.tag} is not a DDEX message.")
