"""Identifiers as people write them: read, checked and shown."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifier_forms import FORMS, formatted, parse, verdict
from deadwax.domain.identifiers import Guarded

_DIGITS, _BOTH = string.digits, string.digits + string.ascii_uppercase
SEPARATORS = st.sampled_from(["-", " ", ".", "\u2010", "\u2013", "\u00a0", "\t", ""])

# As they are printed, pasted from pages and tables, or typed.
WRITTEN = [
    ("isrc", "GB-AYE-69-00001", "GBAYE6900001"),
    ("isrc", "ISRC GB-AYE-69-00001", "GBAYE6900001"),
    ("isrc", "ISRCGBAYE6900001", "GBAYE6900001"),
    ("isrc", "isrc: gb aye 69 00001", "GBAYE6900001"),
    ("isrc", "GB\u2013AYE\u201369\u201300001", "GBAYE6900001"),
    ("isrc", "US-S1Z-99-00001", "USS1Z9900001"),
    ("isrc", "ISRC01234567", "ISRC01234567"),  # prefix IS, registrant RC0: not a label
    ("isrc", "ISRC IS-RC0-12-34567", "ISRC01234567"),
    ("icpn", "0 36000 29145 2", "036000291452"),
    ("icpn", "UPC-A: 036000291452", "036000291452"),
    ("icpn", "5 901234 123457", "5901234123457"),
    ("icpn", "EAN-13 5901234123457", "5901234123457"),
    ("icpn", "EAN5901234123457", "5901234123457"),
    ("icpn", "GTIN-14: 0 50 99962 13685 3", "05099962136853"),
    ("icpn", "(01)05099962136853", "05099962136853"),
    ("icpn", "https://id.gs1.org/01/05099962136853", "05099962136853"),
    ("grid", "A1-2425G-ABC1234002-M", "A12425GABC1234002M"),
    ("grid", "GRid: a1-2425g-abc1234002-m", "A12425GABC1234002M"),
    ("iswc", "T-034.524.680-1", "T0345246801"),
    ("iswc", "ISWC T-034.524.680-1", "T0345246801"),
    ("iswc", "T-123456789-4", "T1234567894"),
    ("isni", "0000 0001 2103 2683", "0000000121032683"),
    ("isni", "ISNI 0000 0001 2281 955x", "000000012281955X"),
    ("isni", "https://isni.org/isni/0000000121032683", "0000000121032683"),
    ("isni", "http://www.isni.org/0000000121032683", "0000000121032683"),
    ("isni", "urn:isni:0000000121032683", "0000000121032683"),
    ("ipi", "00014107338", "00014107338"),
    ("ipi", "IPI 00014.10.73.38", "00014107338"),
    ("ipi", "IPI Name Number: 00014107338", "00014107338"),
    ("ipi", "014107338", "00014107338"),  # the nine digits of the time of CAE numbers
    ("ipi", "14107338", "00014107338"),  # as a spreadsheet leaves it
    ("ipi", "00000000199", "00000000199"),
    ("ipi", "00000000297", "00000000297"),
    ("ipn", "IPN 1001 2345", "10012345"),
    ("dpid", "PA-DPIDA-2013042401-U", "PADPIDA2013042401U"),
    ("dpid", "DPID: pa-dpida-2013042401-u", "PADPIDA2013042401U"),
]

READ = [
    ("isrc", "GBAYE6900001", "GB-AYE-69-00001"),
    ("icpn", "036000291452", "0 36000 29145 2"),
    ("icpn", "5901234123457", "5 901234 123457"),
    ("icpn", "05099962136853", "0 50 99962 13685 3"),
    ("grid", "A12425GABC1234002M", "A1-2425G-ABC1234002-M"),
    ("iswc", "T0345246801", "T-034.524.680-1"),
    ("isni", "000000012281955X", "0000 0001 2281 955X"),
    ("ipi", "00014107338", "00014107338"),
    ("ipn", "10012345", "10012345"),
    ("dpid", "PADPIDA2013042401U", "PA-DPIDA-2013042401-U"),
]


def _text(alphabet: str, size: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=size, max_size=size)


_PAYLOADS = {
    "isrc": st.from_regex(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", fullmatch=True),
    "icpn": st.integers(11, 13).flatmap(lambda size: _text(_DIGITS, size)),
    "grid": _text(_BOTH, 15).map("A1".__add__),
    "iswc": _text(_DIGITS, 9).map("T".__add__),
    "isni": _text(_DIGITS, 15),
    "ipi": _text(_DIGITS, 9),
    "ipn": st.from_regex(r"[0-9]{1,20}", fullmatch=True),
    "dpid": _text(_BOTH, 10).map("PADPIDA".__add__),
}


def _values(type: str) -> st.SearchStrategy[str]:
    """Valid values in the form that is sent."""
    kind = FORMS[type].value
    if issubclass(kind, Guarded):
        return _PAYLOADS[type].map(lambda payload: payload + kind.expected(payload))
    return _PAYLOADS[type]


ANY = st.sampled_from(sorted(FORMS)).flatmap(lambda t: st.tuples(st.just(t), _values(t)))


@pytest.mark.parametrize(("type", "written", "sent"), WRITTEN)
def test_what_people_write_is_read(type: str, written: str, sent: str) -> None:
    value = parse(type, written)

    assert value == sent
    assert isinstance(value, FORMS[type].value)


@pytest.mark.parametrize(("type", "sent", "read"), READ)
def test_the_form_for_reading_is_that_of_the_standard(type: str, sent: str, read: str) -> None:
    assert formatted(type, sent) == read


@given(ANY)
def test_reading_what_was_shown_gives_what_is_sent(chosen: tuple[str, str]) -> None:
    type, value = chosen

    assert parse(type, formatted(type, value)) == value
    assert parse(type, f" {type}: {formatted(type, value).lower()} ") == value
    assert parse(type, value) == value


@given(ANY, st.data())
def test_separators_may_stand_anywhere(chosen: tuple[str, str], data: st.DataObject) -> None:
    type, value = chosen
    pasted = "".join(character + data.draw(SEPARATORS) for character in value)

    assert parse(type, pasted) == value


@given(st.sampled_from(sorted(FORMS)), st.text())
def test_any_text_gets_a_verdict(type: str, text: str) -> None:
    found = verdict(type, text)

    assert found.given == text
    if found.valid:
        assert FORMS[type].value(found.normalised) == parse(type, text)
    else:
        with pytest.raises(InvalidValue):
            parse(type, text)


@pytest.mark.parametrize(
    ("type", "written"),
    [
        ("isrc", "GB-AYE-69-0001"),
        ("isrc", "GB/AYE/69/00001"),
        ("isrc", "GB-AYE-69-0000\u0661"),
        ("isrc", "u\u017f-s1z-99-00001"),  # a long s, whose upper case is S
        ("icpn", "5901234123457 5901234123457"),
        ("icpn", "\uff15901234123457"),
        ("iswc", "034.524.680-1"),
        ("isni", "0000 0001 2103 268"),
        ("ipi", "4107338"),
        ("ipn", "ISM-001"),
        ("dpid", "PA-DPIDB-2013042401-U"),
        ("grid", ""),
    ],
)
def test_what_is_none_is_refused_with_a_reason(type: str, written: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse(type, written)
    found = verdict(type, written)

    assert not found.valid
    assert found.problem is not None
    assert found.problem.code == refused.value.code == FORMS[type].value.code
    assert found.problem.fix
    assert found.expected is None
    assert found.formatted is None


@pytest.mark.parametrize(
    ("type", "written", "expected"),
    [
        ("icpn", "0 36000 29145 3", "2"),
        ("grid", "A1-2425G-ABC1234002-N", "M"),
        ("iswc", "T-034.524.680-2", "1"),
        ("isni", "0000 0001 2281 9550", "X"),
        ("ipi", "14107339", "38"),
        ("dpid", "PA-DPIDA-2013042401-V", "U"),
    ],
)
def test_a_wrong_check_digit_comes_with_the_right_one(
    type: str, written: str, expected: str
) -> None:
    found = verdict(type, written)

    assert not found.valid
    assert found.expected == expected
    assert parse(type, found.normalised[: -len(expected)] + expected)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("036000291452", "UPC-A"),
        ("0036000291452", "EAN-13"),
        ("5 901234 123457", "EAN-13"),
        ("05099962136853", "GTIN-14"),
    ],
)
def test_a_barcode_says_which_kind_it_is(written: str, kind: str) -> None:
    assert verdict("icpn", written).kind == kind


def test_only_barcodes_have_kinds() -> None:
    assert [verdict(type, sent).kind for type, sent, _ in READ if type != "icpn"] == [None] * 7


# Which errors the check digits find for certain: what follows is their arithmetic.

_PREFIX = {"grid": 2, "dpid": 7, "iswc": 1}


def _wrong_at(type: str, value: str, at: int, data: st.DataObject) -> str:
    alphabet = _BOTH if type in ("grid", "dpid") else _DIGITS
    other = data.draw(st.sampled_from([c for c in alphabet if c != value[at]]))
    return value[:at] + other + value[at + 1 :]


@pytest.mark.parametrize("type", ["icpn", "grid", "isni", "ipi", "dpid"])
@given(data=st.data())
def test_any_single_wrong_character_is_found(type: str, data: st.DataObject) -> None:
    value = data.draw(_values(type))
    at = data.draw(st.integers(_PREFIX.get(type, 0), len(value) - 1))

    assert not verdict(type, _wrong_at(type, value, at, data)).valid


@given(data=st.data())
def test_a_wrong_digit_of_an_iswc_is_found_where_its_weight_has_no_factor_of_ten(
    data: st.DataObject,
) -> None:
    value = data.draw(_values("iswc"))
    at = data.draw(st.sampled_from([1, 3, 7, 9, 10]))

    assert not verdict("iswc", _wrong_at("iswc", value, at, data)).valid


def _transposed(value: str, at: int) -> str:
    return value[:at] + value[at + 1] + value[at] + value[at + 2 :]


# By type: the last place whose digit may change places with the next one, and the differences
# of the two that escape. 5: weights 3 and 1 modulo 10. 1: remainders 0 and 1 have one check.
_TRANSPOSITIONS = {
    "icpn": (-2, {0, 5}),
    "iswc": (-3, {0}),
    "isni": (-3, {0}),
    "ipi": (-4, {0, 1}),
}


@pytest.mark.parametrize("type", _TRANSPOSITIONS)
@given(data=st.data())
def test_two_digits_that_changed_places_are_found(type: str, data: st.DataObject) -> None:
    last, escaping = _TRANSPOSITIONS[type]
    value = data.draw(_values(type))
    at = data.draw(st.integers(_PREFIX.get(type, 0), len(value) + last))
    assume(abs(int(value[at]) - int(value[at + 1])) not in escaping)

    assert not verdict(type, _transposed(value, at)).valid


def test_the_types_are_told_with_examples_that_are_valid() -> None:
    for type, form in FORMS.items():
        assert verdict(type, form.value.example).valid
        assert verdict(type, f"{type.upper()} {formatted(type, form.value.example)}").valid
