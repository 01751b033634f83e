"""Values go into events as plain JSON and come back as they were."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadwax.domain.addresses.parts import BaseUrl, Host, SecretName
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.addresses.pull import PullAddress
from deadwax.domain.addresses.ssh import HostKey, SftpAddress
from deadwax.domain.assets import AssetFacts, AudioFacts, ImageFacts
from deadwax.domain.choreography import Choreography
from deadwax.domain.choreography_versions import ChoreographyKind, ChoreographyVersion
from deadwax.domain.deals import Deal, Price, RightsHeld
from deadwax.domain.errors import InvalidValue, Problem
from deadwax.domain.identifiers import (
    Dpid,
    Grid,
    Icpn,
    IpiName,
    Isni,
    Isrc,
    Iswc,
    Sha256,
    gtin_check_digit,
    mod_37_36,
)
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist, Contributor
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.target import Confirmation, ErnVersion, Mode, Party, TargetSettings
from deadwax.domain.tenant import Label
from deadwax.domain.territories import COUNTRIES, WORLDWIDE, Territories, Territory
from deadwax.domain.texts import Currency, Language, Moment, Name
from deadwax.domain.tracks import LocalTitle, RightsLine, Track
from deadwax.domain.vocabulary import (
    ArtistRole,
    AssetKind,
    CommercialModel,
    ParentalWarning,
    ReleaseType,
    UseType,
)


def one_of(kind: type[Any], *values: str) -> st.SearchStrategy[Any]:
    return st.sampled_from([kind(value) for value in values])


def some(items: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(items, min_size=least, max_size=3).map(tuple)


def maybe(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | items


NAMES = (
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
    .filter(lambda text: text == text.strip())
    .map(Name)
)
ICPNS = st.text("0123456789", min_size=12, max_size=12).map(lambda d: Icpn(d + gtin_check_digit(d)))
DPIDS = st.text("0123456789ABC", min_size=10, max_size=10).map(
    lambda d: Dpid(f"PADPIDA{d}{mod_37_36('PADPIDA' + d)}")
)
SHA256S = st.text("0123456789abcdef", min_size=64, max_size=64).map(Sha256)
ISNIS = one_of(Isni, "0000000121032683", "000000012281955X")
IPIS = one_of(IpiName, "00014107338")
LANGUAGES = one_of(Language, "en", "ja-Latn", "zxx", "pt-BR")
YEARS = st.builds(RightsLine, year=st.integers(1860, 2200), text=NAMES)
TITLES = st.builds(LocalTitle, language=LANGUAGES, text=NAMES)
ARTISTS = st.builds(
    Artist, name=NAMES, role=st.sampled_from(ArtistRole), isni=maybe(ISNIS), ipi=maybe(IPIS)
)
CONTRIBUTORS = st.builds(
    Contributor,
    name=NAMES,
    roles=some(NAMES, 1),
    instruments=some(NAMES),
    isni=maybe(ISNIS),
    ipi=maybe(IPIS),
)
_PLACES = st.lists(st.sampled_from(sorted(COUNTRIES)), min_size=1, max_size=5).map(
    lambda codes: tuple(Territory(code) for code in codes)
)
TERRITORIES = st.one_of(
    st.just(Territories(included=(Territory(WORLDWIDE),))),
    _PLACES.map(lambda places: Territories(included=places)),
    _PLACES.map(lambda places: Territories(excluded=places)),
)
MODELS, USES = some(st.sampled_from(CommercialModel)), some(st.sampled_from(UseType))
MOMENTS = st.dates().map(Moment.on)
AMOUNTS = st.decimals(0, 10**9, places=4, allow_nan=False, allow_infinity=False)
DEALS = st.builds(
    Deal,
    territories=TERRITORIES,
    models=MODELS,
    uses=USES,
    start=MOMENTS,
    end=maybe(MOMENTS),
    price=maybe(st.builds(Price, amount=AMOUNTS, currency=one_of(Currency, "EUR", "JPY"))),
    pre_order_from=maybe(MOMENTS),
)
RIGHTS = st.builds(
    RightsHeld,
    territories=TERRITORIES,
    start=maybe(st.dates()),
    end=maybe(st.dates()),
    models=MODELS,
    uses=USES,
)
TRACKS = st.lists(
    st.builds(
        Track,
        number=st.integers(1, 999),
        disc=st.integers(1, 99),
        isrc=maybe(one_of(Isrc, "GBAYE6900001", "USS1Z9900001")),
        iswc=maybe(one_of(Iswc, "T0345246801")),
        title=maybe(NAMES),
        version=maybe(NAMES),
        titles=some(TITLES),
        artists=some(ARTISTS),
        contributors=some(CONTRIBUTORS),
        genre=maybe(NAMES),
        language=maybe(LANGUAGES),
        instrumental=maybe(st.booleans()),
        parental_warning=maybe(st.sampled_from(ParentalWarning)),
        p_line=maybe(YEARS),
        preview_start=maybe(st.integers(0, 600)),
        audio=maybe(SHA256S),
    ),
    max_size=3,
    unique_by=lambda track: (track.disc, track.number),
).map(tuple)
RELEASES = st.builds(
    ReleaseMetadata,
    title=NAMES,
    type=maybe(st.sampled_from(ReleaseType)),
    label=maybe(NAMES),
    icpn=maybe(ICPNS),
    grid=maybe(one_of(Grid, "A12425GABC1234002M")),
    catalogue_number=maybe(NAMES),
    version=maybe(NAMES),
    titles=some(TITLES),
    artists=some(ARTISTS),
    contributors=some(CONTRIBUTORS),
    genre=maybe(NAMES),
    sub_genre=maybe(NAMES),
    language=maybe(LANGUAGES),
    p_line=maybe(YEARS),
    c_line=maybe(YEARS),
    release_date=maybe(st.dates()),
    original_release_date=maybe(st.dates()),
    parental_warning=maybe(st.sampled_from(ParentalWarning)),
    cover=maybe(SHA256S),
    tracks=TRACKS,
    rights=some(RIGHTS),
    deals=some(DEALS),
)
PARTIES = st.builds(Party, dpid=DPIDS, name=NAMES)
_CHANNELS = {
    "platform": NAMES,
    "sender": PARTIES,
    "recipient": PARTIES,
    "ern": st.sampled_from(ErnVersion),
    "confirmation": st.sampled_from([c for c in Confirmation if c is not Confirmation.HANDED_OVER]),
}
PUSHED = st.builds(
    TargetSettings,
    **_CHANNELS,
    mode=st.sampled_from(Mode),
    protocol=st.just(Protocol.SFTP),
    address=st.builds(
        SftpAddress,
        host=one_of(Host, "sftp.example.com", "::1"),
        username=NAMES,
        secret=one_of(SecretName, "spotify-sftp"),
        port=st.integers(1, 65535),
        root=NAMES,
        host_key=maybe(one_of(HostKey, f"SHA256:{'u' * 43}")),
    ),
)
PULLED = st.builds(
    TargetSettings,
    **_CHANNELS,
    mode=st.just(Mode.TEST),
    protocol=st.just(Protocol.WEB_SERVICE),
    address=st.builds(
        PullAddress,
        base_url=one_of(BaseUrl, "https://ddex.example.com/v1", "http://localhost:8000"),
    ),
    choreography=st.just(
        Choreography(kind=ChoreographyKind.WEB_SERVICE, version=ChoreographyVersion.V17)
    ),
)
TARGETS = st.one_of(PUSHED, PULLED)
_SIZES = st.integers(1, 10**12)
ASSETS = st.builds(
    AssetFacts,
    sha256=SHA256S.map(str),
    md5=st.text("0123456789abcdef", min_size=32, max_size=32),
    size=_SIZES,
    filename=st.text(max_size=20),
    kind=st.sampled_from(AssetKind),
    audio=maybe(
        st.builds(
            AudioFacts,
            container=st.just("WAV"),
            codec=st.just("PCM"),
            channels=_SIZES,
            sampling_rate=_SIZES,
            bits_per_sample=_SIZES,
            duration_ms=_SIZES,
        )
    ),
    image=maybe(st.builds(ImageFacts, codec=st.just("JPEG"), width=_SIZES, height=_SIZES)),
)
LABELS = st.builds(Label, name=NAMES, dpid=maybe(DPIDS))


@given(value=st.one_of(RELEASES, TARGETS, ASSETS, LABELS))
def test_a_value_comes_back_from_json_as_it_was(value: Any) -> None:
    stored = json.dumps(to_plain(value))
    back = from_plain(type(value), json.loads(stored))

    assert back == value
    assert _kinds(back) == _kinds(value)
    assert json.dumps(to_plain(back)) == stored


def _kinds(value: Any) -> Any:
    """The types of a value, since a Name equals a str and a StrEnum its text."""
    if is_dataclass(value):
        return [type(value), [_kinds(getattr(value, f.name)) for f in fields(value)]]
    return [_kinds(item) for item in value] if isinstance(value, tuple) else type(value)


def test_what_is_plain_holds_no_subclasses_of_json_types() -> None:
    plain = to_plain((Name("x"), Mode.TEST, Decimal("1.50"), date(2031, 5, 1), UUID(int=1)))

    assert plain == ["x", "test", "1.50", "2031-05-01", "00000000-0000-0000-0000-000000000001"]
    assert [type(item) for item in plain] == [str] * 5


def test_absent_fields_are_left_out() -> None:
    assert to_plain(Label(name=Name("Analog Revival"))) == {"name": "Analog Revival"}
    assert to_plain([Problem("c", "f", "m")]) == [
        {"code": "c", "field": "f", "message": "m", "fix": ""}
    ]


def test_a_time_keeps_its_zone() -> None:
    @dataclass(frozen=True)
    class At:
        at: datetime

    at = At(datetime(2031, 5, 1, 12, tzinfo=UTC))

    assert to_plain(at) == {"at": "2031-05-01T12:00:00+00:00"}
    assert from_plain(At, to_plain(at)) == at


def test_what_was_right_when_it_was_stored_stays_readable() -> None:
    """A rule that was tightened since must not make an old event unreadable."""
    stored = {"title": " blank at the ends ", "p_line": {"year": 1066, "text": "Normans"}}
    with pytest.raises(InvalidValue):
        RightsLine(year=1066, text=Name("Normans"))

    release = from_plain(ReleaseMetadata, stored)

    assert release.title == " blank at the ends "
    assert isinstance(release.title, Name)
    assert release.p_line is not None
    assert release.p_line.year == 1066


def test_a_field_that_no_longer_exists_is_left_out() -> None:
    stored = {"name": "Analog Revival", "fax": "none"}

    assert from_plain(Label, stored) == Label(name=Name("Analog Revival"))


def test_a_missing_field_is_named() -> None:
    with pytest.raises(TypeError, match="Label: name is missing"):
        from_plain(Label, {})
