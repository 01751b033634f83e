"""The Atom feed (RFC 4287) of a platform that pulls, as part 4 of the ERN standard has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from deadwax.infrastructure.ern.xml import Element, maybe, tag, to_bytes

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
etree.register_namespace("atom", _ATOM)  # a prefix: DDEX's own elements have no namespace


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A message to fetch at `message_url`, and to DELETE at `delete_url`. `categories` are
    DDEX's: MetadataUpdate, ResourceUpdate, DealUpdate, Takedown."""

    id: str
    updated: datetime
    title: str | None
    artist: str | None
    release_type: str | None
    release_ids: Sequence[tuple[str, str]]
    message_url: str
    delete_url: str
    categories: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """`links` maps self, next and first to URLs."""

    id: str
    title: str
    author: str
    updated: datetime
    links: Mapping[str, str]
    entries: Sequence[Entry]


def feed_xml(feed: Feed) -> bytes:
    links = (_atom("link", rel=rel, type=MEDIA_TYPE, href=url) for rel, url in feed.links.items())
    return to_bytes(
        _atom(
            "feed",
            _atom("id", feed.id),
            _atom("title", feed.title),
            _atom("updated", _instant(feed.updated)),
            _atom("author", _atom("name", feed.author)),
            *links,
            *(_entry(entry) for entry in feed.entries),
        )
    )


def entry_xml(entry: Entry, author: str) -> bytes:
    """An entry that stands alone, which has to name its author itself."""
    element = _entry(entry)
    element.append(_atom("author", _atom("name", author)))
    return to_bytes(element)


def _entry(entry: Entry) -> Element:
    """DDEX's own elements come last. Which namespace its schema gives them is not known to us, so
    they have none."""
    return _atom(
        "entry",
        _atom("id", entry.id),
        _atom("title", entry.title or ", ".join(id for _, id in entry.release_ids)),
        _atom("updated", _instant(entry.updated)),
        _atom("link", rel="alternate", type="application/xml", href=entry.message_url),
        _atom("link", rel="delete", href=entry.delete_url),
        *(_atom("category", term=term) for term in entry.categories),
        maybe("ReleaseType", entry.release_type),
        tag("ReleaseId", *(tag(name, id) for name, id in entry.release_ids)),
        maybe("DisplayArtistName", entry.artist),
    )


def _atom(name: str, *content: Element | str | None, **attributes: str) -> Element:
    return tag(f"{{{_ATOM}}}{name}", *content, **attributes)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
