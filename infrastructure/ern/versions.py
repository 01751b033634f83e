"""What differs from one DDEX standard to the next, as data."""

from __future__ import annotations

from dataclasses import dataclass

from deadwax.domain.target import ErnVersion


@dataclass(frozen=True)
class Standard:
    """One DDEX schema set: `folder` below the schemas directory holds `file` and its imports.

    `avs` is the AvsVersionId that messages state: the edition of the allowed value sets.
    """

    name: str
    namespace: str
    folder: str
    file: str
    avs: str

    @property
    def location(self) -> str:
        """The value of xsi:schemaLocation."""
        return f"{self.namespace} {self.namespace}/{self.file}"


ERN: dict[ErnVersion, Standard] = {
    ErnVersion.V43: Standard(
        name="ERN 4.3",
        namespace="http://ddex.net/xml/ern/43",
        folder="ern-43",
        file="release-notification.xsd",
        avs="3",  # as in DDEX's own samples for 4.3
    ),
}

CHOREOGRAPHY = Standard(
    name="ERN choreography 1.8",
    namespace="http://ddex.net/xml/ern-c-sftp/18",
    folder="ern-c-sftp-18",
    file="ern-choreography-sftp.xsd",
    avs="4",
)

STANDARDS = (*ERN.values(), CHOREOGRAPHY)


def by_namespace(namespace: str | None) -> Standard | None:
    return next((s for s in STANDARDS if s.namespace == namespace), None)
