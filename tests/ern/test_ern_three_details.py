"""Details by territory as sets, and roles against the allowed value sets."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadwax.domain.target import ErnVersion
from deadwax.domain.territories import COUNTRIES, Territories, Territory
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.three.roles import ARTIST_ROLES, WORK_ROLES
from deadwax.infrastructure.ern.three.sequences import SEQUENCES
from deadwax.infrastructure.ern.three.territories import Part, codes, partition
from deadwax.infrastructure.ern.versions import ERN

codes_of_countries = st.lists(
    st.sampled_from(sorted(COUNTRIES)), min_size=1, max_size=6, unique=True
).map(lambda found: tuple(map(Territory, found)))
territories = st.one_of(
    st.just(Territories(included=(Territory("Worldwide"),))),
    codes_of_countries.map(lambda c: Territories(included=c)),
    codes_of_countries.map(lambda c: Territories(excluded=c)),
)


def where(part: Part[str]) -> frozenset[str]:
    return frozenset(part.included) or COUNTRIES - frozenset(part.excluded)


@given(st.lists(st.tuples(territories, st.sampled_from("abc")), max_size=4))
def test_parts_never_overlap_and_are_the_world_with_the_first_value_that_was_said(
    exceptions: list[tuple[Territories, str]],
) -> None:
    parts = partition("a", exceptions)

    said = {
        country: next((v for t, v in exceptions if country in t.countries()), "a")
        for country in COUNTRIES
    }
    assert sum(len(where(part)) for part in parts) == len(COUNTRIES)
    assert {c: part.value for part in parts for c in where(part)} == said
    assert len({part.value for part in parts}) == len(parts)
    assert not parts[0].included  # the rest of the world comes first
    assert all(part.included for part in parts[1:])


def test_a_part_is_told_by_what_it_has_or_by_what_it_lacks() -> None:
    japan = Territories(included=(Territory("JP"), Territory("AQ")))

    assert [codes(part) for part in partition("a", [])] == [
        {"TerritoryCode": "<TerritoryCode>Worldwide</TerritoryCode>\n"}
    ]
    assert [codes(part) for part in partition("a", [(japan, "b")])] == [
        {
            "ExcludedTerritoryCode": "<ExcludedTerritoryCode>AQ</ExcludedTerritoryCode>\n"
            "<ExcludedTerritoryCode>JP</ExcludedTerritoryCode>\n"
        },
        {"TerritoryCode": "<TerritoryCode>AQ</TerritoryCode>\n<TerritoryCode>JP</TerritoryCode>\n"},
    ]


@pytest.mark.parametrize("version", SEQUENCES)
def test_roles_stand_where_the_allowed_value_sets_have_them(
    version: ErnVersion, schemas: Path
) -> None:
    def values(name: str) -> frozenset[str]:
        return (Schemas(schemas).allowed_values(ERN[version], name) or frozenset()) - {
            "Unknown",
            "UserDefined",
        }

    assert values("ArtistRole") == ARTIST_ROLES
    assert values("MusicalWorkContributorRole") - WORK_ROLES == {
        "AssociatedPerformer",
        "Contributor",
    }
    assert values("MusicalWorkContributorRole") >= WORK_ROLES
    assert values("ResourceContributorRole") >= {"AssociatedPerformer", "Contributor"}
