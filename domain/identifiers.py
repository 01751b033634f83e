"""The identifiers of the trade, each with its check digit where the standard has one.

Identifiers are sent without separators, so they are only accepted without them.
"""

from __future__ import annotations

import string
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


class Isrc(Text):
    """International Standard Recording Code, ISO 3901: 12 characters, no check digit."""

    code, pattern, example = "isrc_invalid", r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", "GBAYE6900001"
    fix = "Give two letters, three letters or digits and seven digits, without hyphens."


class Icpn(Text):
    """International Code Product Number: UPC (12), EAN (13) or GTIN-14, leading zeros kept."""

    code, pattern, example = "icpn_invalid", r"[0-9]{12,14}", "5901234123457"
    fix = "Give the 12, 13 or 14 digits of the barcode, the last being its check digit."

    @classmethod
    def check(cls, value: str) -> str:
        expected = gtin_check_digit(value[:-1])
        return "" if value[-1] == expected else f"the check digit should be {expected}."


class Grid(Text):
    """Global Release Identifier, ISO 7064 Mod 37,36 over the 17 preceding characters."""

    code, pattern, example = "grid_invalid", r"A1[0-9A-Z]{16}", "A12425GABC1234002M"
    fix = "Give 18 characters starting with A1, without hyphens."

    @classmethod
    def check(cls, value: str) -> str:
        expected = mod_37_36(value[:-1])
        return "" if value[-1] == expected else f"the check character should be {expected}."


class Dpid(Text):
    """DDEX Party Identifier: PADPIDA, ten characters and a Mod 37,36 check character."""

    code, pattern, example = "dpid_invalid", r"PADPIDA[0-9A-Z]{11}", "PADPIDA2013042401U"
    fix = "Give the 18 characters that DDEX assigned, without hyphens."

    @classmethod
    def check(cls, value: str) -> str:
        expected = mod_37_36(value[:-1])
        return "" if value[-1] == expected else f"the check character should be {expected}."


class Iswc(Text):
    """International Standard Musical Work Code, ISO 15707: T, nine digits, a check digit."""

    code, pattern, example = "iswc_invalid", r"T[0-9]{10}", "T0345246801"
    fix = "Give T and ten digits, without dots or hyphens."

    @classmethod
    def check(cls, value: str) -> str:
        total = 1 + sum(i * int(d) for i, d in enumerate(value[1:-1], start=1))
        expected = str(-total % 10)
        return "" if value[-1] == expected else f"the check digit should be {expected}."


class Isni(Text):
    """International Standard Name Identifier, ISO 27729: ISO 7064 Mod 11-2."""

    code, pattern, example = "isni_invalid", r"[0-9]{15}[0-9X]", "0000000121032683"
    fix = "Give the 16 characters without spaces."

    @classmethod
    def check(cls, value: str) -> str:
        total = 0
        for digit in value[:-1]:
            total = (total + int(digit)) * 2
        result = (12 - total % 11) % 11
        expected = "X" if result == 10 else str(result)
        return "" if value[-1] == expected else f"the check character should be {expected}."


class IpiName(Text):
    """IPI name number: 11 digits, the last two a mod 101 checksum."""

    code, pattern, example = "ipi_invalid", r"[0-9]{11}", "00014107338"
    fix = "Give 11 digits, with leading zeros."

    @classmethod
    def check(cls, value: str) -> str:
        remainder = sum(int(d) * w for d, w in zip(value, range(10, 1, -1), strict=False)) % 101
        expected = f"{(101 - remainder) % 100 if remainder else 0:02d}"
        return "" if value[-2:] == expected else f"the last two digits should be {expected}."


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
