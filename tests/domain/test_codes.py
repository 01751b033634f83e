"""Ranges of codes, and giving out the next free ones: in order, without gaps, never twice."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadwax.domain.aggregate import Event
from deadwax.domain.code_book import CodeBook
from deadwax.domain.code_page import CodePage
from deadwax.domain.code_range import (
    CodeKind,
    CodeNumber,
    CodePrefix,
    CodeRange,
    page_of,
    payload_of,
)
from deadwax.domain.errors import InvalidValue, Refused
from deadwax.domain.identifiers import Icpn, Isrc

TENANT, RELEASE = UUID(int=7), UUID(int=8)


def isrcs(first: str = "00001", last: str = "99999", prefix: str = "QZDWX") -> CodeRange:
    return _range(CodeKind.ISRC, prefix, first, last)


def icpns(prefix: str, first: str, last: str) -> CodeRange:
    return _range(CodeKind.ICPN, prefix, first, last)


def _range(kind: CodeKind, prefix: str, first: str, last: str) -> CodeRange:
    return CodeRange(
        kind=kind, prefix=CodePrefix(prefix), first=CodeNumber(first), last=CodeNumber(last)
    )


class Shelf:
    """A book with its pages, as an append would leave them."""

    def __init__(self, *ranges: CodeRange) -> None:
        self.kind = ranges[0].kind
        self.book = CodeBook.open(TENANT, self.kind)
        for range in ranges:
            self.book.add_range(range)
        self.pages: dict[str, CodePage] = {}

    def page(self, page: str) -> CodePage:
        if page not in self.pages:
            self.pages[page] = CodePage.open(TENANT, self.kind, page)
        return self.pages[page]

    def take(self, count: int, year: int = 2026) -> list[str]:
        return self.book.take(count, year, RELEASE, self.page)

    def note(self, *codes: str) -> int:
        return sum(
            self.page(page_of(payload_of(self.kind, code))).import_codes([code]) for code in codes
        )


def test_isrcs_follow_each_other_within_the_year_of_assignment() -> None:
    shelf = Shelf(isrcs())

    assert shelf.take(2) == ["QZDWX2600001", "QZDWX2600002"]
    assert shelf.take(1, 2027) == ["QZDWX2700001"]
    assert shelf.take(1) == ["QZDWX2600003"]
    assert [Isrc(code) for code in shelf.take(3)]


@pytest.mark.parametrize(
    ("range", "codes"),
    [
        (icpns("036000", "29144", "29146"), ["036000291445", "036000291452", "036000291469"]),
        (icpns("5901234", "12345", "12346"), ["5901234123457", "5901234123464"]),
    ],
)
def test_barcodes_have_the_length_of_their_range_and_a_right_check_digit(
    range: CodeRange, codes: list[str]
) -> None:
    assert Shelf(range).take(len(codes)) == codes
    assert [Icpn(code) for code in codes] == codes


def test_a_range_that_is_used_up_goes_on_in_the_next_one() -> None:
    shelf = Shelf(isrcs("00998", "01001"), isrcs("00003", "00004"))

    assert shelf.take(5) == [f"QZDWX26{n}" for n in ("00998", "00999", "01000", "01001", "00003")]


def test_too_few_codes_are_refused_and_say_how_many_there_are() -> None:
    shelf = Shelf(isrcs("00001", "00003"))
    shelf.take(1)

    with pytest.raises(Refused, match="3 ISRC are needed, and 2 are free for 2026") as refused:
        shelf.take(3)

    assert [p.code for p in refused.value.problems] == ["codes_exhausted"]
    assert Shelf(isrcs("00001", "00003")).take(3)


def test_a_book_without_ranges_says_so() -> None:
    book = CodeBook.open(TENANT, CodeKind.ICPN)

    with pytest.raises(Refused) as refused:
        book.take(1, 2026, RELEASE, lambda page: pytest.fail(page))

    assert [(p.code, p.field) for p in refused.value.problems] == [("code_range_missing", "icpn")]


def test_codes_that_are_used_elsewhere_are_passed_over() -> None:
    shelf = Shelf(isrcs())

    assert shelf.note("QZDWX2600002", "QZDWX2600003", "GBAYE6900001") == 3
    assert shelf.note("QZDWX2600002") == 0
    assert shelf.take(2) == ["QZDWX2600001", "QZDWX2600004"]
    assert shelf.note("QZDWX2600001") == 0
    assert shelf.page("QZDWX2600").used["QZDWX2600001"] == RELEASE


def test_a_upc_and_the_same_number_as_an_ean_are_one_code() -> None:
    shelf = Shelf(icpns("036000", "29145", "29146"))
    shelf.note("0036000291452")

    assert shelf.take(1) == ["036000291469"]


@given(
    first=st.integers(0, 1200),
    size=st.integers(1, 2500),
    steps=st.lists(st.one_of(st.integers(1, 700), st.lists(st.integers(0, 3500)))),
)
def test_every_code_is_given_once_in_order_and_none_is_left_out(
    first: int, size: int, steps: list[int | list[int]]
) -> None:
    """A step gives out that many codes, or notes numbers as used."""
    shelf = Shelf(isrcs(f"{first:05d}", f"{first + size - 1:05d}"))
    free = list(range(first, first + size))
    given: list[int] = []
    for step in steps:
        if isinstance(step, list):
            shelf.note(*(f"QZDWX26{n:05d}" for n in step))
            free = [n for n in free if n not in set(step)]
        elif step <= len(free):
            given += (taken := [int(code[-5:]) for code in shelf.take(step)])
            assert taken == free[:step]
            free = free[step:]
        else:
            with pytest.raises(Refused):
                shelf.take(step)
            break  # a refused command is not stored, so what it began to take is of no account
    assert len(set(given)) == len(given)


def test_how_far_a_range_has_come_is_stored_once_for_each_page() -> None:
    shelf = Shelf(isrcs("00000", "02999"))
    for _ in range(300):
        shelf.take(10)

    stored = [event.TOPIC for event in shelf.book.collect_events() if isinstance(event, Event)]

    assert stored.count("code_book.range_advanced") == 2
    assert len(stored) == 4


def test_the_same_range_again_changes_nothing() -> None:
    shelf = Shelf(isrcs())
    version = shelf.book.version
    shelf.book.add_range(isrcs())

    assert shelf.book.version == version


@pytest.mark.parametrize(
    ("known", "new"),
    [
        (isrcs("00001", "00500"), isrcs("00500", "00600")),
        (isrcs("00100", "00200"), isrcs("00000", "99999")),
        (icpns("036000", "00000", "00099"), icpns("0036000", "00050", "00050")),
        (icpns("5901234", "00000", "99999"), icpns("59012345", "0000", "9999")),
    ],
)
def test_ranges_do_not_overlap(known: CodeRange, new: CodeRange) -> None:
    shelf = Shelf(known)

    with pytest.raises(Refused) as refused:
        shelf.book.add_range(new)

    assert [p.code for p in refused.value.problems] == ["code_range_overlaps"]
    assert shelf.book.ranges == [known]


@pytest.mark.parametrize(
    ("kind", "prefix", "first", "last"),
    [
        (CodeKind.ISRC, "QZDWX", "00002", "00001"),
        (CodeKind.ISRC, "QZDWX", "0001", "9999"),
        (CodeKind.ISRC, "QZDWX", "00001", "000002"),
        (CodeKind.ISRC, "5901234", "00001", "00002"),
        (CodeKind.ICPN, "QZDWX", "00001", "00002"),
        (CodeKind.ICPN, "5901234", "0000", "00001"),
        (CodeKind.ICPN, "5901234", "000", "999"),
        (CodeKind.ICPN, "5901234", "000000", "999999"),
    ],
)
def test_a_range_that_makes_no_codes_is_refused(
    kind: CodeKind, prefix: str, first: str, last: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        _range(kind, prefix, first, last)

    assert refused.value.code == "code_range_invalid"
    assert refused.value.fix


def test_a_page_is_another_for_each_tenant_and_kind() -> None:
    ids = {
        CodePage.open(tenant, kind, "0590123412").id
        for tenant in (TENANT, uuid4())
        for kind in CodeKind
    }

    assert len(ids) == 4
