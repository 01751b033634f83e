"""Ranges of ISRCs and barcodes that a tenant may give out, and the numbers in them.

A *payload* is a code without what follows from the rest of it: an ISRC as it is, of a barcode
the 13 digits that a GTIN-14 has before its check digit, so that a UPC-A and the same number as
an EAN-13 are one. A *page* is the thousand payloads that begin alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import gtin_check_digit
from deadwax.domain.values import Text

_IN_PAGE = 3
_GTIN_PAYLOAD = 13
_BARCODE_PAYLOADS = {11: "UPC-A", 12: "EAN-13"}


class CodeKind(StrEnum):
    ISRC = "isrc"
    ICPN = "icpn"


class CodePrefix(Text):
    """An ISRC prefix (two letters, three letters or digits) or a GS1 company prefix."""

    code, pattern, example = "code_prefix_invalid", r"[A-Z]{2}[A-Z0-9]{3}|[0-9]{4,11}", "GBAYE"
    fix = "Give the ISRC prefix or the GS1 company prefix, without hyphens."


class CodeNumber(Text):
    """A number within a range, with its leading zeros."""

    code, pattern, example = "code_number_invalid", r"[0-9]{1,8}", "00001"
    fix = "Give 1 to 8 digits, with leading zeros."


@dataclass(frozen=True, kw_only=True)
class CodeRange:
    """`prefix`, then a number from `first` to `last`, which have the same number of digits.

    Of ISRCs the numbers have five digits; the two of the year of assignment come before them,
    so that a range begins anew each year. Of barcodes prefix and number have 11 digits together
    for a UPC-A, 12 for an EAN-13; the check digit follows.
    """

    kind: CodeKind
    prefix: CodePrefix
    first: CodeNumber
    last: CodeNumber
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if len(self.first) != len(self.last) or self.first > self.last:
            raise InvalidValue(
                "code_range_invalid",
                f"{self.first} to {self.last} is no range.",
                "Give two numbers with the same number of digits, the lower one first.",
            )
        if self.kind is CodeKind.ISRC and not (
            re.fullmatch("[A-Z]{2}[A-Z0-9]{3}", self.prefix) and len(self.first) == 5
        ):
            raise InvalidValue(
                "code_range_invalid",
                f"{self.prefix} with numbers of {len(self.first)} digits makes no ISRC.",
                "Give a prefix such as GBAYE and numbers of five digits.",
            )
        digits = len(self.prefix) + len(self.first)
        if self.kind is CodeKind.ICPN and not (
            self.prefix.isdigit() and digits in _BARCODE_PAYLOADS
        ):
            raise InvalidValue(
                "code_range_invalid",
                f"{self.prefix} with numbers of {len(self.first)} digits makes no barcode.",
                "Prefix and number need 11 digits together for a UPC-A, 12 for an EAN-13.",
            )

    def bounds(self, year: int) -> tuple[str, str]:
        """The first and the last payload, of ISRCs those assigned in `year`."""
        stem = f"{self.prefix}{year % 100:02d}" if self.kind is CodeKind.ISRC else self.prefix
        width = 0 if self.kind is CodeKind.ISRC else _GTIN_PAYLOAD
        return (stem + self.first).zfill(width), (stem + self.last).zfill(width)

    def code(self, payload: str) -> str:
        """The code of a payload of this range."""
        if self.kind is CodeKind.ISRC:
            return payload
        digits = payload[-(len(self.prefix) + len(self.first)) :]
        return digits + gtin_check_digit(digits)

    def overlaps(self, other: CodeRange) -> bool:
        if self.kind is not other.kind:
            return False
        (first, last), (others_first, others_last) = self.bounds(0), other.bounds(0)
        return first <= others_last and others_first <= last


def payload_of(kind: CodeKind, code: str) -> str:
    return str(code) if kind is CodeKind.ISRC else code[:-1].zfill(_GTIN_PAYLOAD)


def page_of(payload: str) -> str:
    """What all payloads of a page begin with."""
    return payload[:-_IN_PAGE]


def payloads_of(page: str) -> Iterator[str]:
    return (f"{page}{n:0{_IN_PAGE}d}" for n in range(10**_IN_PAGE))


def pages_between(first: str, last: str) -> Iterator[str]:
    """The pages from `first` to `last`, which differ in digits at their end only."""
    letters = first.rstrip("0123456789")
    width = len(first) - len(letters)
    for n in range(int(first[len(letters) :]), int(last[len(letters) :]) + 1):
        yield f"{letters}{n:0{width}d}"
