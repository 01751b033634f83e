"""Values of a release that no standard body numbers: names, places, dates, prices."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest

from deadwax.domain.deals import Price
from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Isrc
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.territories import COUNTRIES, Territories, Territory
from deadwax.domain.texts import Currency, Language, Name
from deadwax.domain.tracks import RightsLine, Track
from deadwax.domain.values import Text

DE, FR, WORLD = Territory("DE"), Territory("FR"), Territory("Worldwide")


@pytest.mark.parametrize("name", ["A", "Für Elise", "夜に駆ける", "🎸", "x" * 500, "a  b"])
def test_a_name_may_be_any_line_of_text(name: str) -> None:
    assert Name(name) == name


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a ", "a\nb", "a\tb", "a\x00b", "\x7f", "x" * 501, "\u00a0a"]
)
def test_a_name_is_one_line_without_space_at_its_ends(name: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Name(name)

    assert refused.value.code == "name_invalid"


@pytest.mark.parametrize("tag", ["en", "ja-Latn", "pt-BR", "zh-Hant-TW", "zxx"])
def test_a_language_is_a_tag(tag: str) -> None:
    assert Language(tag) == tag


@pytest.mark.parametrize("tag", ["", "EN", "english", "en_GB", "en-gb", "en-"])
def test_what_is_no_language_tag_is_refused(tag: str) -> None:
    with pytest.raises(InvalidValue, match="not a valid Language"):
        Language(tag)


@pytest.mark.parametrize("code", ["de", "UK", "EU", "XX", "DEU", "worldwide", ""])
def test_what_is_no_country_is_refused(code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Territory(code)

    assert refused.value.code == "territory_invalid"


def test_there_are_as_many_countries_as_in_iso_3166() -> None:
    assert len(COUNTRIES) == 249
    assert all(re.fullmatch("[A-Z]{2}", code) for code in COUNTRIES)


def test_territories_are_resolved_to_countries() -> None:
    assert Territories(included=(DE, FR)).countries() == {"DE", "FR"}
    assert Territories(included=(WORLD,)).countries() == COUNTRIES
    assert Territories(excluded=(DE,)).countries() == COUNTRIES - {"DE"}


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Territories(), id="neither"),
        pytest.param(lambda: Territories(included=(DE,), excluded=(FR,)), id="both"),
        pytest.param(lambda: Territories(included=(WORLD, DE)), id="the world and more"),
        pytest.param(lambda: Territories(excluded=(WORLD,)), id="not the world"),
    ],
)
def test_territories_are_included_or_excluded(make: Callable[[], Territories]) -> None:
    with pytest.raises(InvalidValue) as refused:
        make()

    assert refused.value.code == "territories_invalid"
    assert refused.value.fix


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: RightsLine(year=1859, text=Name("x")), "year_invalid"),
        (lambda: Price(amount=Decimal("-0.01"), currency=Currency("EUR")), "price_invalid"),
        (lambda: Price(amount=Decimal("NaN"), currency=Currency("EUR")), "price_invalid"),
        (lambda: Price(amount=Decimal("Infinity"), currency=Currency("EUR")), "price_invalid"),
        (lambda: Track(number=0), "track_place_invalid"),
        (lambda: Track(number=1, disc=100), "track_place_invalid"),
        (lambda: Track(number=1, preview_start=-1), "preview_start_invalid"),
        (lambda: Currency("euro"), "currency_invalid"),
        (
            lambda: ReleaseMetadata(title=Name("x"), tracks=(Track(number=1), Track(number=1))),
            "track_place_taken",
        ),
    ],
)
def test_an_impossible_value_is_refused(make: Callable[[], object], code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        make()

    assert refused.value.code == code
    assert refused.value.fix


def test_tracks_are_played_by_disc_and_number() -> None:
    places = [(2, 1), (1, 2), (1, 1), (2, 10), (2, 9)]
    release = ReleaseMetadata(
        title=Name("x"), tracks=tuple(Track(disc=disc, number=number) for disc, number in places)
    )

    assert [(t.disc, t.number) for t in release.in_order()] == sorted(places)


@pytest.mark.parametrize("kind", [Territory, Isrc, Name])
def test_the_published_pattern_is_the_rule(kind: type[Text]) -> None:
    """JSON Schema searches where the rule matches all of it."""
    schema = kind.__get_pydantic_json_schema__(None, None)

    for text in ("Worldwide", "Worldwide!", "XDE", "DE", "GBAYE6900001", "xGBAYE6900001", "a\nb"):
        matches = re.search(schema["pattern"], text) is not None
        assert matches == (re.fullmatch(kind.pattern, text) is not None)


def test_only_text_is_text() -> None:
    with pytest.raises(InvalidValue):
        Isrc(5)  # type: ignore[arg-type]
