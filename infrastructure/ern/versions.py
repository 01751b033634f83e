"""What differs from one DDEX standard to the next, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from deadwax.domain.target import ErnVersion


class Family(Enum):
    """The two shapes of ERN: details by territory (3.8.x), or parties and attributes (4.x)."""

    THREE = "3.8.x"
    FOUR = "4.x"


@dataclass(frozen=True)
class Standard:
    """One DDEX schema set: `folder` below the schemas directory holds `file` and its imports.

    `avs` is the AvsVersionId that messages state, the edition of the allowed value sets; None
    where messages do not state it. A standard without `folder` can be read, not checked.
    """

    name: str
    namespace: str
    folder: str | None
    file: str
    avs: str | None = None
    family: Family | None = None

    @property
    def location(self) -> str:
        """The value of xsi:schemaLocation."""
        return f"{self.namespace} {self.namespace}/{self.file}"


def _ern(number: str, family: Family, *, schema: bool = True, avs: str | None = None) -> Standard:
    short = number.replace(".", "")
    return Standard(
        name=f"ERN {number}",
        namespace=f"http://ddex.net/xml/ern/{short}",
        folder=f"ern-{short}" if schema else None,
        file="release-notification.xsd",
        avs=avs,
        family=family,
    )


ERN: dict[ErnVersion, Standard] = {
    ErnVersion.V382: _ern("3.8.2", Family.THREE),
    ErnVersion.V383: _ern("3.8.3", Family.THREE),
    ErnVersion.V411: _ern("4.1.1", Family.FOUR),
    ErnVersion.V42: _ern("4.2", Family.FOUR),
    ErnVersion.V43: _ern("4.3", Family.FOUR, avs="3"),  # as in DDEX's own samples for 4.3
    ErnVersion.V432: _ern("4.3.2", Family.FOUR, avs="9"),
}
"""The versions that are built and read."""

READ_ONLY = (
    _ern("3.8", Family.THREE, schema=False),
    _ern("3.8.1", Family.THREE, schema=False),
    _ern("4.1", Family.FOUR, schema=False),
)
"""Versions that are imported, never sent."""


def _choreography(number: str, *, schema: bool = True, avs: str | None = None) -> Standard:
    short = number.replace(".", "")
    return Standard(
        name=f"ERN choreography {number}",
        namespace=f"http://ddex.net/xml/ern-c-sftp/{short}",
        folder=f"ern-c-sftp-{short}" if schema else None,
        file="ern-choreography-sftp.xsd",
        avs=avs,
    )


CHOREOGRAPHIES: dict[str, Standard] = {
    # Before SFTP got a schema set of its own.
    "1.5": Standard(
        name="ERN choreography 1.5",
        namespace="http://ddex.net/xml/ern-c/15",
        folder=None,
        file="ern-choreography.xsd",
    ),
    "1.6": _choreography("1.6"),
    "1.7": _choreography("1.7", schema=False),
    "1.8": _choreography("1.8", avs="4"),
}

STANDARDS = (*ERN.values(), *READ_ONLY, *CHOREOGRAPHIES.values())


def by_namespace(namespace: str | None) -> Standard | None:
    return next((s for s in STANDARDS if s.namespace == namespace), None)
