"""The faster schema says what the official one says, of every message that we can make."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.conftest import required
from tests.ern import test_ern_rules, test_ern_schema_errors
from tests.ern.mutations import MESSAGES, broken

from deadwax.infrastructure.ern.schema_speed import COMMON
from deadwax.infrastructure.ern.schemas import Schema, compile_schema
from deadwax.infrastructure.ern.versions import STANDARDS, by_namespace

XS = "{http://www.w3.org/2001/XMLSchema}"
OWN = {path.stem: path.read_bytes() for path in sorted(MESSAGES.glob("*.xml"))}
SETS = [s for s in STANDARDS if s.folder]


class Pair:
    """Both forms of a schema set."""

    def __init__(self, main: Path) -> None:
        self.main = main
        self.fast = compile_schema(main, fast=True)
        self.official = compile_schema(main, fast=False)

    def check(self, root: etree._Element) -> bool:
        """The verdict, which both give, and both in the same words."""
        verdict = self.official.validate(root)
        words = [(e.line, e.path, e.message) for e in self.official.error_log[:20]]
        assert self.fast.validate(root) is verdict
        told = Schema(self.main).errors(root)
        assert [(e.line, e.xpath, e.message) for e in told] == words
        return verdict


@pytest.fixture(scope="module")
def pairs(schemas: Path) -> dict[str, Pair]:
    return {s.namespace: Pair(schemas / str(s.folder) / s.file) for s in SETS}


def both_check(xml: bytes, pairs: dict[str, Pair]) -> bool:
    root = etree.fromstring(xml)
    return pairs[str(etree.QName(root).namespace)].check(root)


def test_every_set_has_a_faster_form_that_accepts_what_is_valid(pairs: dict[str, Pair]) -> None:
    assert all(both_check(xml, pairs) for xml in OWN.values())
    assert {etree.QName(etree.fromstring(xml)).namespace for xml in OWN.values()} == set(pairs)


def test_samples_of_ddex_are_judged_alike(schemas: Path, pairs: dict[str, Pair]) -> None:
    samples = sorted((schemas.parent / "samples").rglob("*.xml"))
    required(samples, "DDEX samples beside the schemas")

    for sample in samples:
        assert both_check(sample.read_bytes(), pairs), sample.name


def test_every_known_error_is_judged_alike(pairs: dict[str, Pair]) -> None:
    changes = [(m, c.change) for c, m in test_ern_schema_errors.EACH]
    changes += [(m, c.change) for c, m in test_ern_rules.EACH]

    verdicts = [both_check(broken(message, change), pairs) for message, change in changes]

    assert verdicts.count(False) >= len(test_ern_schema_errors.EACH)


def test_type_that_only_the_official_schema_knows_is_judged_by_it(pairs: dict[str, Pair]) -> None:
    """No element of a message has a Theme, but any text may say that it is one."""

    def said(value: str) -> etree._Element:
        text = (
            OWN["ern-43"]
            .decode()
            .replace(
                "<MessageId>",
                '<MessageId xmlns:avs="http://ddex.net/xml/allowed-value-sets" '
                f'xsi:type="avs:Theme">{value}<!--',
            )
        )
        return etree.fromstring(text.replace("</MessageId>", "--></MessageId>").encode())

    pair = pairs[str(etree.QName(said("x")).namespace)]
    theme = next(
        t
        for t in etree.parse(pair.main.parent / "allowed-value-sets.xsd").getroot()
        if t.get("name") == "Theme"
    )
    known, unknown = said(values_of(theme)[0]), said("Nonsense")

    assert not pair.fast.validate(known)
    assert Schema(pair.main).errors(known) == []
    assert Schema(pair.main).errors(unknown)


def values_of(root: etree._Element) -> list[str]:
    return [str(e.get("value")) for e in root.iter(f"{XS}enumeration")]


@pytest.fixture(scope="module")
def allowed(schemas: Path) -> list[str]:
    """Every value of every allowed value set."""
    files = [p for s in SETS for p in (schemas / str(s.folder)).glob("*.xsd")]
    return sorted({v for p in files for v in values_of(etree.parse(p).getroot())})


ODD = [
    "",
    " ",
    "\t",
    "worldwide",
    "Worldwid",
    "WorldwideX",
    "US US",
    "0",
    "é",
    "US\n",
    " US",
    "en ",
]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_value_anywhere_is_judged_alike(
    data: st.DataObject, pairs: dict[str, Pair], allowed: list[str]
) -> None:
    root = etree.fromstring(OWN[data.draw(st.sampled_from(sorted(OWN)))])
    leaves = [e for e in root.iter() if len(e) == 0]
    holders = [(e, name) for e in root.iter() for name in e.attrib]
    value = st.one_of(
        st.sampled_from(sorted(COMMON)),
        st.sampled_from(allowed),
        st.sampled_from(ODD),
        st.sampled_from(sorted(COMMON)).map(lambda v: f" {v} "),
    )
    for _ in range(data.draw(st.integers(1, 3))):
        if data.draw(st.booleans()):
            data.draw(st.sampled_from(leaves)).text = data.draw(value)
        else:
            element, name = data.draw(st.sampled_from(holders))
            element.set(name, data.draw(value))

    pairs[str(etree.QName(root).namespace)].check(root)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_element_moved_is_judged_alike(data: st.DataObject, pairs: dict[str, Pair]) -> None:
    root = etree.fromstring(OWN[data.draw(st.sampled_from(sorted(OWN)))])
    elements = list(root.iter())[1:]
    element = data.draw(st.sampled_from(elements))
    parent = element.getparent()
    assert parent is not None
    match data.draw(st.sampled_from(["remove", "rename", "move", "wrap"])):
        case "remove":
            parent.remove(element)
        case "rename":
            element.tag = data.draw(st.sampled_from(elements)).tag
        case "move":
            parent.insert(data.draw(st.integers(0, len(parent))), element)
        case "wrap":
            etree.SubElement(element, str(data.draw(st.sampled_from(elements)).tag)).text = "US"

    pairs[str(etree.QName(root).namespace)].check(root)


@pytest.mark.parametrize("standard", SETS, ids=lambda s: s.folder)
def test_each_value_of_each_split_type_is_still_allowed_and_no_other(
    standard: object, schemas: Path
) -> None:
    """Type by type: the union accepts what the enumeration lists."""
    from deadwax.infrastructure.ern.schema_speed import speed_up

    found = by_namespace(standard.namespace)
    assert found is not None
    split = 0
    for path in (schemas / str(found.folder)).glob("*.xsd"):
        root = etree.parse(path).getroot()
        before = {t.get("name"): set(values_of(t)) for t in root.iter(f"{XS}simpleType")}
        speed_up(root, frozenset(str(name) for name in before))
        for kind in root.iterfind(f"{XS}simpleType"):
            assert set(values_of(kind)) == before[kind.get("name")]
            split += kind.find(f"{XS}union/{XS}simpleType") is not None
    assert split
