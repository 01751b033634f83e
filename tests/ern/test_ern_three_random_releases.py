"""Whatever a release says in any of its fields, its 3.8.x message is valid or refused by name."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import EnumMeta
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.ern.releases import ASSETS, RELEASES, spec_of

from deadwax.application.messages import BuiltMessage, MessageKind, MessageSpec, SchemaCheck
from deadwax.domain.deals import Deal, Price
from deadwax.domain.enrichment import Enrichment
from deadwax.domain.errors import InvalidValue, Problem, Refused
from deadwax.domain.identifiers import Dpid, Grid, Icpn, IpiName, Ipn, Isni, Isrc, Iswc, Sha256
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.target import ErnVersion
from deadwax.domain.territories import COUNTRIES, Territories, Territory
from deadwax.domain.texts import Currency, Language, Moment, Name, Paragraph, PartialDate
from deadwax.domain.tracks import RightsLine, Track
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.three.sequences import SEQUENCES

T = TypeVar("T")

# Words of several sets, some of which only one version knows, and some of none.
WORDS = [
    "Composer",
    "MixingEngineer",
    "Journalist",
    "Orchestra",
    "Performer",
    "Piano",
    "LiveVersion",
    "IsParentRelease",
    "IsCoverOf",
    "UserDefined",
    "a < b & c > d",
    "日本語",
    "]]>",
]
NAMES = st.sampled_from(WORDS).map(Name)
COUNTRY_LISTS = st.lists(
    st.sampled_from(sorted(COUNTRIES)), min_size=1, max_size=4, unique=True
).map(lambda found: tuple(map(Territory, found)))
DAYS = st.integers(-40, 40).map(lambda days: date(2026, 12, 4) + timedelta(days=days))
OF_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(0, 4),
    date: DAYS,
    Decimal: st.decimals(0, 100, places=2),
    Currency: st.sampled_from(["EUR", "ZZZ"]).map(Currency),
    Dpid: st.just(Dpid("PADPIDA2013042401U")),
    Enrichment: st.none(),
    Grid: st.just(Grid("A12425GABC1234002M")),
    Icpn: st.sampled_from(["5901234123457", "036000291452"]).map(Icpn),
    IpiName: st.just(IpiName("00014107338")),
    Ipn: st.just(Ipn("10012345")),
    Isni: st.just(Isni("0000000121032683")),
    Isrc: st.sampled_from([f"QZDWX260100{n}" for n in (1, 2, 3)]).map(Isrc),
    Iswc: st.just(Iswc("T0345246801")),
    Language: st.sampled_from(["en", "ja-Jpan", "zxx", "yue", "qq"]).map(Language),
    Moment: DAYS.map(Moment.on)
    | st.builds(
        lambda day, time: Moment(f"{day}T{time}"),
        DAYS,
        st.sampled_from(["09:00:00", "00:00:00Z", "23:59:59+09:00"]),
    ),
    Name: NAMES,
    Paragraph: st.sampled_from(["One line", "Two\nlines & more\r"]).map(Paragraph),
    PartialDate: st.sampled_from(["1999", "2026-02", "2026-02-28"]).map(PartialDate),
    Price: st.builds(Price, amount=st.decimals(0, 100, places=2), currency=st.just(Currency("EUR")))
    | st.builds(Price, tier=NAMES, tier_namespace=st.none() | NAMES),
    RightsLine: st.builds(RightsLine, year=st.integers(1860, 2200), text=NAMES),
    Sha256: st.sampled_from(sorted(ASSETS)).map(Sha256) | st.just(Sha256("0" * 64)),
    Territories: COUNTRY_LISTS.map(lambda c: Territories(included=c))
    | COUNTRY_LISTS.map(lambda c: Territories(excluded=c))
    | st.just(Territories(included=(Territory("Worldwide"),))),
}


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type."""
    if hint is type(None):
        return st.none()
    if hint in OF_TYPE:
        return OF_TYPE[hint]
    if get_origin(hint) in (Union, types.UnionType):
        return st.one_of([of(one) for one in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(of(get_args(hint)[0]), max_size=2).map(tuple)
    if isinstance(hint, EnumMeta):
        return st.sampled_from(list(hint))
    assert is_dataclass(hint)
    assert isinstance(hint, type)
    return st.fixed_dictionaries(fields_of(hint)).map(made(hint)).filter(lambda it: it is not None)


def fields_of(kind: type) -> dict[str, st.SearchStrategy[Any]]:
    hints = get_type_hints(kind)
    return {f.name: st.deferred(lambda h=hints[f.name]: of(h)) for f in fields(kind)}


def made(kind: type[T]) -> Callable[[dict[str, Any]], T | None]:
    """None for values that exclude each other."""

    def make(values: dict[str, Any]) -> T | None:
        try:
            return kind(**values)
        except InvalidValue:
            return None

    return make


@st.composite
def changed(draw: st.DrawFn, thing: T) -> T:
    """The same with other values in a few of its fields."""
    possible = fields_of(type(thing))
    names = draw(st.sets(st.sampled_from(sorted(possible)), max_size=3))
    values = {name: draw(possible[name], label=name) for name in sorted(names)}
    try:
        return replace(thing, **values)  # type: ignore[type-var]
    except InvalidValue:
        assume(False)
        raise


@st.composite
def releases(draw: st.DrawFn) -> ReleaseMetadata:
    release = RELEASES[draw(st.sampled_from(sorted(RELEASES)))]()
    release = draw(changed(release))
    tracks: tuple[Track, ...] = release.tracks
    deals: tuple[Deal, ...] = release.deals
    if tracks:
        tracks = (draw(changed(tracks[0])), *tracks[1:])
    if deals:
        deals = (draw(changed(deals[0])), *deals[1:])
    try:
        return replace(release, tracks=tracks, deals=deals)
    except InvalidValue:
        assume(False)
        raise


@settings(max_examples=150, deadline=None)
@given(
    release=releases(),
    kind=st.sampled_from(MessageKind),
    version=st.sampled_from(list(SEQUENCES)),
    with_files=st.booleans(),
)
def test_any_release_makes_a_valid_message_or_is_refused_by_name(
    release: ReleaseMetadata,
    kind: MessageKind,
    version: ErnVersion,
    with_files: bool,
    messages: DdexMessages,
) -> None:
    spec = replace(spec_of(release, kind, version), with_files=with_files)

    built, problems = outcome(messages, spec)

    if built is not None:
        assert built.schema is SchemaCheck.VALID
        return
    assert problems
    assert all(p.field and p.message for p in problems)
    # Named before it is built, not by what is found in the message.
    assert not [p for p in problems if p.code.startswith("ern_")]


def outcome(
    messages: DdexMessages, spec: MessageSpec
) -> tuple[BuiltMessage | None, tuple[Problem, ...]]:
    try:
        return messages.build(spec), ()
    except Refused as refused:
        return None, refused.problems
