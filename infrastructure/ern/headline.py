"""What a message is about, as its entry in a feed says it: read from the message itself."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from deadwax.infrastructure.ern.xml import Element

# What part 4 of the ERN standard (7.4.1) takes the parts of an entry from; the first that is
# there, by version and kind of message.
_TITLE = (
    "ReleaseList/Release/DisplayTitleText",
    "ReleaseList/Release/ReferenceTitle/TitleText",
    "PurgedRelease/Title/TitleText",
)
_ARTIST = (
    "ReleaseList/Release/DisplayArtistName",
    "ReleaseList/Release/ReleaseDetailsByTerritory/DisplayArtistName",
)
_TYPE = ("ReleaseList/Release/ReleaseType",)
_IDS = ("ReleaseList/Release/ReleaseId", "PurgedRelease/ReleaseId")
_TOLD_IDS = ("GRid", "ICPN")


@dataclass(frozen=True)
class Headline:
    """`release_ids` are pairs such as ("ICPN", "5901234123457"). A purge has no type."""

    title: str | None
    artist: str | None
    release_type: str | None
    release_ids: tuple[tuple[str, str], ...]


def headline(xml: bytes) -> Headline:
    """Of a message of our own making, in any version; its main release comes first."""
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    ids = next((found for path in _IDS if (found := root.find(path)) is not None), None)
    named = [(name, ids.findtext(name)) for name in _TOLD_IDS] if ids is not None else []
    return Headline(
        title=_text(root, _TITLE),
        artist=_text(root, _ARTIST),
        release_type=_text(root, _TYPE),
        release_ids=tuple((name, id) for name, id in named if id),
    )


def _text(root: Element, paths: tuple[str, ...]) -> str | None:
    return next((text for path in paths if (text := root.findtext(path))), None)
