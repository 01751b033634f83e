"""Identifiers as the standards define them: real ones pass, damaged ones are refused."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import (
    Dpid,
    Grid,
    Icpn,
    IpiName,
    Isni,
    Isrc,
    Iswc,
    Sha256,
    asset_id,
    distribution_id,
    gtin_check_digit,
    mod_37_36,
)
from deadwax.domain.values import Text

# Identifiers in use, or the examples of their standards and of DDEX's own sample messages.
KNOWN: list[tuple[type[Text], str]] = [
    (Icpn, "036000291452"),
    (Icpn, "0036000291452"),  # the same product, as an EAN
    (Icpn, "190295810726"),
    (Icpn, "5901234123457"),
    (Icpn, "4006381333931"),
    (Icpn, "05099962136853"),
    (Icpn, "00094631432057"),
    (Grid, "A12425GABC1234002M"),
    (Grid, "A10302B0003989564F"),
    (Grid, "A10443ZR0WW1FSAKBM"),
    (Dpid, "PADPIDA2013042401U"),
    (Dpid, "PADPIDA2007050901U"),
    (Dpid, "PADPIDA2009101501Y"),
    (Dpid, "PADPIDA20230301052"),
    (Iswc, "T0345246801"),
    (Iswc, "T1234567894"),
    (Isni, "0000000121032683"),
    (Isni, "000000012281955X"),
    (IpiName, "00014107338"),
    (Isrc, "GBAYE6900001"),
    (Isrc, "USS1Z9900001"),
    (Isrc, "USRC17607839"),
    (Sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
]
DETECTS_ANY_DIGIT = [(kind, value) for kind, value in KNOWN if kind not in (Isrc, Iswc, Sha256)]
ALPHABETS: dict[type[Text], str] = {
    Grid: "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    Dpid: "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
}
PREFIXES: dict[type[Text], int] = {Grid: 2, Dpid: 7}


@pytest.mark.parametrize(("kind", "value"), KNOWN)
def test_a_real_identifier_is_taken_as_it_is(kind: type[Text], value: str) -> None:
    assert kind(value) == value
    assert isinstance(kind(value), kind)


@pytest.mark.parametrize(
    ("kind", "value", "code", "expected"),
    [
        (Icpn, "036000291453", "icpn_invalid", "the check digit should be 2"),
        (Icpn, "5901234123450", "icpn_invalid", "the check digit should be 7"),
        (Grid, "A12425GABC1234002N", "grid_invalid", "the check character should be M"),
        (Dpid, "PADPIDA2013042401V", "dpid_invalid", "the check character should be U"),
        (Iswc, "T0345246802", "iswc_invalid", "the check digit should be 1"),
        (Isni, "0000000121032684", "isni_invalid", "the check character should be 3"),
        (Isni, "0000000122819550", "isni_invalid", "the check character should be X"),
        (IpiName, "00014107339", "ipi_invalid", "the last two digits should be 38"),
    ],
)
def test_a_wrong_check_digit_is_refused_and_named(
    kind: type[Text], value: str, code: str, expected: str
) -> None:
    with pytest.raises(InvalidValue, match=expected) as refused:
        kind(value)

    assert refused.value.code == code
    assert refused.value.fix
    assert value in str(refused.value)


@pytest.mark.parametrize(("kind", "value"), KNOWN)
@given(data=st.data())
def test_a_separator_anywhere_is_refused(kind: type[Text], value: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(value)))
    separator = data.draw(st.sampled_from(["-", " ", ".", "\n", "\u2010"]))

    with pytest.raises(InvalidValue) as refused:
        kind(value[:at] + separator + value[at:])

    assert refused.value.code == kind.code


@pytest.mark.parametrize(("kind", "value"), DETECTS_ANY_DIGIT)
@given(data=st.data())
def test_any_single_wrong_character_is_refused(
    kind: type[Text], value: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(PREFIXES.get(kind, 0), len(value) - 1))
    alphabet = ALPHABETS.get(kind, "0123456789")
    other = data.draw(st.sampled_from([c for c in alphabet if c != value[at]]))

    with pytest.raises(InvalidValue):
        kind(value[:at] + other + value[at + 1 :])


@given(digits=st.text("0123456789", min_size=11, max_size=13))
def test_a_barcode_has_one_right_check_digit(digits: str) -> None:
    right = gtin_check_digit(digits)

    assert Icpn(digits + right) == digits + right
    for wrong in set("0123456789") - {right}:
        with pytest.raises(InvalidValue):
            Icpn(digits + wrong)


@given(payload=st.text(ALPHABETS[Grid], min_size=15, max_size=15))
def test_a_grid_has_one_right_check_character(payload: str) -> None:
    right = mod_37_36("A1" + payload)

    assert Grid("A1" + payload + right)
    for wrong in set(ALPHABETS[Grid]) - {right}:
        with pytest.raises(InvalidValue):
            Grid("A1" + payload + wrong)


@given(digits=st.text("0123456789", min_size=9, max_size=9))
def test_any_nine_digits_have_an_ipi_name_number(digits: str) -> None:
    numbers = [f"{digits}{check:02d}" for check in range(100)]

    assert sum(_is_valid(IpiName, number) for number in numbers) == 1


@given(digits=st.text("0123456789", min_size=9, max_size=9))
def test_any_nine_digits_have_a_work_code(digits: str) -> None:
    assert sum(_is_valid(Iswc, f"T{digits}{check}") for check in range(10)) == 1


def _is_valid(kind: type[Text], value: str) -> bool:
    try:
        return bool(kind(value))
    except InvalidValue:
        return False


def test_leading_zeros_are_kept() -> None:
    assert str(Icpn("0036000291452")) == "0036000291452"
    assert str(IpiName("00014107338")) == "00014107338"
    assert Icpn("0036000291452") != Icpn("036000291452")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Isrc, "gbaye6900001"),
        (Isrc, "GBAYE690000"),
        (Isrc, "GBAYE69000011"),
        (Isrc, "G1AYE6900001"),
        (Icpn, "3600029145"),
        (Icpn, "12345670"),
        (Icpn, "\u0665901234123457"),
        (Grid, "A22425GABC1234002M"),
        (Dpid, "PADPIDB2013042401U"),
        (Iswc, "0345246801"),
        (Isni, "X000000121032683"),
        (IpiName, "14107338"),
        (Sha256, "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"),
    ],
)
def test_a_wrong_shape_is_refused(kind: type[Text], value: str) -> None:
    with pytest.raises(InvalidValue, match=f"not a valid {kind.__name__}"):
        kind(value)


def test_the_id_of_a_distribution_follows_from_release_and_target() -> None:
    release, target = UUID(int=1), UUID(int=2)

    # Frozen: another rule would make second distributions of everything.
    assert distribution_id(release, target) == UUID("699404df-c583-5049-a4a0-fc0b32c900d1")
    assert distribution_id(target, release) != distribution_id(release, target)


def test_the_id_of_an_asset_follows_from_tenant_and_bytes() -> None:
    sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    assert asset_id(UUID(int=1), sha256) == asset_id(UUID(int=1), Sha256(sha256))
    assert asset_id(UUID(int=1), sha256) != asset_id(UUID(int=2), sha256)
