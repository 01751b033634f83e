"""The identifiers of the trade, each with its check digit where the standard has one.

Identifiers are sent without separators, so they are only accepted without them;
`identifier_forms.py` reads and writes the forms that people use.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from deadwax.domain.values import Text

_ALPHABET = string.digits + string.ascii_uppercase
_NAMESPACE = uuid5(NAMESPACE_URL, "https://deadwax.dev/ids")


def mod_37_36(payload: str) -> str:
    """The check character of ISO 7064 Mod 37,36 (GRid, DPID)."""
    p = 36
    for char in payload:
        s = (p + _ALPHABET.index(char)) % 36 or 36
        p = (s * 2) % 37
    return _ALPHABET[(37 - p) % 36]


def gtin_check_digit(payload: str) -> str:
    """GS1 mod 10: weights 3, 1 from the right of the digits before the check digit."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(payload)))
    return str(-total % 10)


class Guarded(Text):
    """An identifier that ends in check characters, which follow from what comes before."""

    guard: ClassVar[str] = "check digit"
    guard_length: ClassVar[int] = 1

    @classmethod
    def expected(cls, payload: str) -> str:
        """The check characters of a payload of the right shape."""
        raise NotImplementedError

    @classmethod
    def check(cls, value: str) -> str:
        payload, given = value[: -cls.guard_length], value[-cls.guard_length :]
        expected = cls.expected(payload)
        return "" if given == expected else f"the {cls.guard} should be {expected}."


class Isrc(Text):
    """International Standard Recording Code, ISO 3901: 12 characters, no check digit."""

    code, pattern, example = "isrc_invalid", r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", "GBAYE6900001"
    fix = "Give two letters, three letters or digits and seven digits, without hyphens."


class Icpn(Guarded):
    """International Code Product Number: UPC (12), EAN (13) or GTIN-14, leading zeros kept."""

    code, pattern, example = "icpn_invalid", r"[0-9]{12,14}", "5901234123457"
    fix = "Give the 12, 13 or 14 digits of the barcode, the last being its check digit."

    @classmethod
    def expected(cls, payload: str) -> str:
        return gtin_check_digit(payload)


class Grid(Guarded):
    """Global Release Identifier, ISO 7064 Mod 37,36 over the 17 preceding characters."""

    code, pattern, example = "grid_invalid", r"A1[0-9A-Z]{16}", "A12425GABC1234002M"
    fix = "Give 18 characters starting with A1, without hyphens."
    guard = "check character"

    @classmethod
    def expected(cls, payload: str) -> str:
        return mod_37_36(payload)


class Dpid(Guarded):
    """DDEX Party Identifier: PADPIDA, ten characters and a Mod 37,36 check character."""

    code, pattern, example = "dpid_invalid", r"PADPIDA[0-9A-Z]{11}", "PADPIDA2013042401U"
    fix = "Give the 18 characters that DDEX assigned, without hyphens."
    guard = "check character"

    @classmethod
    def expected(cls, payload: str) -> str:
        return mod_37_36(payload)


class Iswc(Guarded):
    """International Standard Musical Work Code, ISO 15707: T, nine digits, a check digit."""

    code, pattern, example = "iswc_invalid", r"T[0-9]{10}", "T0345246801"
    fix = "Give T and ten digits, without dots or hyphens."

    @classmethod
    def expected(cls, payload: str) -> str:
        return str(-(1 + sum(i * int(d) for i, d in enumerate(payload[1:], start=1))) % 10)


class Isni(Guarded):
    """International Standard Name Identifier, ISO 27729: ISO 7064 Mod 11-2."""

    code, pattern, example = "isni_invalid", r"[0-9]{15}[0-9X]", "0000000121032683"
    fix = "Give the 16 characters without spaces."
    guard = "check character"

    @classmethod
    def expected(cls, payload: str) -> str:
        total = 0
        for digit in payload:
            total = (total + int(digit)) * 2
        result = (12 - total % 11) % 11
        return "X" if result == 10 else str(result)


class IpiName(Guarded):
    """IPI name number: 11 digits, the last two a mod 101 checksum."""

    code, pattern, example = "ipi_invalid", r"[0-9]{11}", "00014107338"
    fix = "Give 11 digits, with leading zeros."
    guard, guard_length = "last two digits", 2

    @classmethod
    def expected(cls, payload: str) -> str:
        remainder = sum(int(d) * w for d, w in zip(payload, range(10, 1, -1), strict=True)) % 101
        return f"{(101 - remainder) % 100 if remainder else 0:02d}"


class Ipn(Text):
    """International Performer Number of SCAPR's International Performers Database.

    DDEX's schemas take any string, and SCAPR publishes neither a length nor a check digit:
    only that it is a number is checked.
    """

    code, pattern, example = "ipn_invalid", r"[0-9]{1,20}", "10012345"
    fix = "Give the digits of the number alone."


class Sha256(Text):
    """A lower-case hexadecimal SHA-256 digest: the name of an asset."""

    code, pattern = "sha256_invalid", r"[0-9a-f]{64}"
    fix = "Give 64 lower-case hexadecimal digits."


def distribution_id(release_id: UUID, target_id: UUID) -> UUID:
    """The id of the one distribution of a release on a target: asking twice finds it."""
    return uuid5(_NAMESPACE, f"distribution:{release_id}:{target_id}")


def asset_id(tenant_id: UUID, sha256: str) -> UUID:
    """The id of a tenant's asset with these bytes."""
    return uuid5(_NAMESPACE, f"asset:{tenant_id}:{sha256}")


def rendition_id(tenant_id: UUID, source: str, recipe: Mapping[str, Any]) -> UUID:
    """The id of what a recipe, as plain JSON, makes of a tenant's asset."""
    said = json.dumps(recipe, sort_keys=True, separators=(",", ":"))
    return uuid5(_NAMESPACE, f"rendition:{tenant_id}:{source}:{said}")


def code_book_id(tenant_id: UUID, kind: str) -> UUID:
    """The id of a tenant's one book of ISRCs or ICPNs."""
    return uuid5(_NAMESPACE, f"code_book:{tenant_id}:{kind}")


def code_page_id(tenant_id: UUID, kind: str, page: str) -> UUID:
    """The id of a page of such a book, by what all of its codes begin with."""
    return uuid5(_NAMESPACE, f"code_page:{tenant_id}:{kind}:{page}")


def imported_release_id(tenant_id: UUID, identity: str) -> UUID:
    """The id of the draft that a tenant's import makes of the release that `identity` names:
    its sender, and how that sender identifies it."""
    return uuid5(_NAMESPACE, f"import:{tenant_id}:{identity}")
