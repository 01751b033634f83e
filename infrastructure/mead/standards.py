"""The two standards, and the allowed value sets that their words come from.

Both import the namespace of allowed values that ERN 4.3 imports, so their words can be checked
where that set is installed. Their own schemas are not used: no message is ever called valid.
"""

from __future__ import annotations

from deadwax.domain.target import CompanionKind, ErnVersion
from deadwax.infrastructure.ern.versions import ERN, Standard

STANDARDS = {
    CompanionKind.MEAD: Standard(
        name="MEAD 1.1",
        namespace="http://ddex.net/xml/mead/11",
        folder=None,
        file="media-enrichment-and-description.xsd",
        avs="3",  # as in DDEX's own samples
    ),
    CompanionKind.PIE: Standard(
        name="PIE 1.0",
        namespace="http://ddex.net/xml/pie/10",
        folder=None,
        file="party-identification-and-enrichment.xsd",
        avs="3",
    ),
}

ALLOWED_VALUES = ERN[ErnVersion.V43]
"""The schema set in whose folder the allowed values of both standards are found."""
