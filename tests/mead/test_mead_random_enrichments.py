"""Whatever a label says, the messages are well-formed and stable, or refused with reasons."""

from __future__ import annotations

import random
import re
import types
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from deadwax.application.companions import CompanionMessage, CompanionSpec
from deadwax.domain.enrichment import Enrichment, LyricsText, PriorityPeriod
from deadwax.domain.enrichment_terms import Focus, LocalText, Term, WebAddress
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Dpid, Grid, Icpn, IpiName, Ipn, Isni, Isrc
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.party_enrichment import PartyEnrichment, PartyEvent, PartyNameType, RelatedParty
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.target import CompanionKind
from deadwax.domain.territories import COUNTRIES, Territory
from deadwax.domain.texts import Language, Moment, Name, Paragraph, PartialDate
from deadwax.infrastructure.mead.builder import DdexEnrichments

TRACKS = ("QZDWX2601001", "QZDWX2601002")
PEOPLE = ("Die Rille", "Ada Lathe")
STAGE = (PartyNameType.STAGE_NAME,)
WORDS = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
    .map(lambda text: re.sub("[\ufffe\uffff]", "", text).strip())
    .filter(bool),
    min_size=1,
    max_size=4,
)

# The kinds of value; whatever is made of them follows from the annotations.
VALUES: dict[Any, tuple[Any, ...]] = {
    Language: ("en", "ja", "ja-Latn", "pt-BR", "zxx"),
    Territory: ("Worldwide", *sorted(COUNTRIES)),
    PartialDate: ("1998", "1998-02", "1998-02-17", "2001-06"),
    Moment: ("2026-12-04", "2026-12-31T23:59:59", "2027-01-01T00:00:00Z"),
    WebAddress: ("https://a.example", "http://a.example:80/?b=c&d"),
    Isrc: (*TRACKS, "GBAYE6900001"),
    Icpn: ("5901234123457",),
    Grid: ("A12425GABC1234002M",),
    Isni: ("0000000121032683",),
    IpiName: ("00014107338",),
    Ipn: ("10012345",),
    Dpid: ("PADPIDA2013042401U",),
    Decimal: ("0.01", "120", "999.5"),
    bool: (True, False),
    int: (1, 2, 4, 8),
}
DAYS = (date(2026, 1, 1), date(2026, 12, 31))


class Maker:
    """Makes a value of any annotation, with `words` for what is written."""

    def __init__(self, words: list[str], seed: int) -> None:
        self.words, self.random = words, random.Random(seed)

    def make(self, kind: Any) -> Any:
        if kind is Name:
            return Name(self.random.choice([*PEOPLE, *self.words]))
        if kind is Paragraph:
            return Paragraph(self.random.choice(["]]>\r\n<&", *self.words]))
        if kind is date:
            return self.random.choice(DAYS)
        if kind in VALUES:
            return kind(self.random.choice(VALUES[kind]))
        if get_origin(kind) in (Union, types.UnionType):
            (inner,) = (a for a in get_args(kind) if a is not type(None))
            return self.make(inner) if self.random.random() < 0.6 else None
        if get_origin(kind) is tuple:
            inner = get_args(kind)[0]
            return tuple(self.make(inner) for _ in range(self.random.choice([0, 0, 1, 2])))
        if isinstance(kind, type) and issubclass(kind, Enum):
            return self.random.choice(list(kind))
        hints = get_type_hints(kind)
        return kind(**{f.name: self.make(hints[f.name]) for f in fields(kind)})


ENRICHMENTS = st.builds(
    lambda words, seed: Maker(words, seed).make(Enrichment), WORDS, st.integers(0, 2**32)
)
REPEATABLE = settings(derandomize=True, deadline=None, database=None, max_examples=200)


def mended(value: Any) -> Any:
    """The same, without what a rule refuses."""
    if isinstance(value, tuple):
        items = tuple(mended(item) for item in value)
        if items and isinstance(items[0], LocalText):
            return tuple({text.language: text for text in items}.values())
        return items[:1] if items and isinstance(items[0], Territory | PartyNameType) else items
    if not is_dataclass(value):
        return value
    value = replace(value, **{f.name: mended(getattr(value, f.name)) for f in fields(value)})
    for field, default in _needed(value).items():
        value = replace(value, **{field: default})
    return value


def _needed(value: Any) -> dict[str, Any]:
    words = (LocalText(language=Language("en"), text=Paragraph("Words")),)
    found: dict[str, Any] = {}
    for field in fields(value):
        if field.name in ("texts", "why") and not getattr(value, field.name):
            found[field.name] = words
        if field.name == "types" and not value.types:
            found["types"] = STAGE
        if field.name == "end":
            found["end"] = None
    if isinstance(value, Term):
        found["own"] = True
    if isinstance(value, PriorityPeriod | Focus):
        found["end"] = None
    if isinstance(value, PartyEvent):
        date_of = value.on or value.start
        found |= {"on": date_of, "start": None, "end": None}
    if isinstance(value, RelatedParty):
        found |= {"relationship": Name("HasMember"), "name": Name("Ben Stamper")}
    if isinstance(value, PartyEnrichment):
        found["ids"] = (ProprietaryId(namespace=Name("x"), value=Name("1")),)
        found["events"] = tuple(e for e in value.events if e.on is not None)
        found["focus"] = tuple(f for f in value.focus if f.isrc in TRACKS)
    if isinstance(value, Enrichment):
        tracks = {t.isrc: t for t in value.tracks if t.isrc in TRACKS}
        people = {p.name: p for p in value.parties if p.name in PEOPLE}
        found |= {"tracks": tuple(tracks.values()), "parties": tuple(people.values())}
    return found


def saying(spec: CompanionSpec, enrichment: Enrichment) -> CompanionSpec:
    return replace(spec, release=replace(spec.release, enrichment=enrichment))


def texts_of(value: Any) -> list[str]:
    if isinstance(value, LocalText | LyricsText):
        return [value.text]
    if isinstance(value, tuple):
        return [text for item in value for text in texts_of(item)]
    if is_dataclass(value):
        return [text for f in fields(value) for text in texts_of(getattr(value, f.name))]
    return []


def outcome(
    builder: DdexEnrichments, spec: CompanionSpec
) -> tuple[tuple[CompanionMessage, ...], tuple[Problem, ...]]:
    """The messages, or the problems for which there are none."""
    try:
        return builder.build(spec), ()
    except Refused as refused:
        return (), refused.problems


def check(messages: tuple[CompanionMessage, ...]) -> None:
    for message in messages:
        document = etree.fromstring(message.xml)
        assert etree.QName(document).localname == f"{message.kind.capitalize()}Message"
        anchors = [e.text for e in document.iter("PartyReference")]
        assert len(anchors) == len(set(anchors))
        assert {e.text for e in document.iter("PartyRelatedPartyReference")} <= set(anchors)


@REPEATABLE
@given(enrichment=ENRICHMENTS)
def test_anything_is_sent_stably_or_refused_with_reasons(
    enrichment: Enrichment, spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    asked = saying(spec, enrichment)
    outcomes = [outcome(builder, asked), outcome(builder, asked)]
    assert outcomes[0] == outcomes[1]
    messages, problems = outcomes[0]
    check(messages)
    for problem in problems:
        assert problem.code
        assert problem.field.startswith("enrichment.")
        assert problem.fix


@REPEATABLE
@given(enrichment=ENRICHMENTS.map(mended))
def test_what_no_rule_refuses_is_sent_whole(
    enrichment: Enrichment, spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    asked = saying(spec, enrichment)
    messages = builder.build(asked)
    stored = saying(spec, from_plain(Enrichment, to_plain(enrichment)))
    assert messages == builder.build(stored)
    check(messages)
    assert (CompanionKind.PIE in {m.kind for m in messages}) == bool(enrichment.parties)
    sent = [e.text for m in messages for e in etree.fromstring(m.xml).iter("Text", "Description")]
    assert sorted(texts_of(enrichment)) == sorted(t for t in sent if t and t.strip())
