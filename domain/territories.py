"""Where: ISO 3166-1 alpha-2 codes, or the whole world."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from deadwax.domain.errors import InvalidValue
from deadwax.domain.values import Text

WORLDWIDE = "Worldwide"

_ISO_3166_1 = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_ISO_3166_1.split())


class Territory(Text):
    """`Worldwide` or an ISO 3166-1 alpha-2 code."""

    code, pattern, example = "territory_invalid", r"Worldwide|[A-Z]{2}", "DE"
    fix = "Give Worldwide or a two-letter ISO 3166-1 code such as DE."

    @classmethod
    def check(cls, value: str) -> str:
        known = value == WORLDWIDE or value in COUNTRIES
        return "" if known else "there is no such country code."


@dataclass(frozen=True, kw_only=True)
class Territories:
    """Either the territories that are included, or the world without those excluded."""

    included: tuple[Territory, ...] = ()
    excluded: tuple[Territory, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if bool(self.included) == bool(self.excluded):
            raise InvalidValue(
                "territories_invalid",
                "Territories are either included or excluded.",
                "Give one of the two lists, for instance included: [Worldwide].",
            )
        if WORLDWIDE in self.excluded or (WORLDWIDE in self.included and len(self.included) > 1):
            raise InvalidValue(
                "territories_invalid",
                "Worldwide stands alone, and only among the included.",
                "Give included: [Worldwide], or list countries.",
            )

    @classmethod
    def naming(cls, countries: Collection[str]) -> Self:
        """The shortest way to name one country or more."""
        if set(countries) >= COUNTRIES:
            return cls(included=(Territory(WORLDWIDE),))
        if 2 * len(countries) <= len(COUNTRIES):
            return cls(included=tuple(map(Territory, sorted(countries))))
        return cls(excluded=tuple(map(Territory, sorted(COUNTRIES - set(countries)))))

    def countries(self) -> frozenset[str]:
        """The countries meant, resolved."""
        if WORLDWIDE in self.included:
            return COUNTRIES
        if self.included:
            return frozenset(self.included)
        return COUNTRIES - frozenset(self.excluded)
