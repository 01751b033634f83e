"""A message on offer as the entry of its feed: what part 4 of the ERN standard (7.4) asks for."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote

from deadwax.api import atom
from deadwax.application.messages import MessageKind
from deadwax.application.ports import AssetStore
from deadwax.application.pull import Offer
from deadwax.domain.collection import Collection
from deadwax.infrastructure.ern.headline import headline


def entry_of(assets: AssetStore, base: str, offer: Offer, since: datetime) -> atom.Entry:
    """The entry of a message that is on offer since then; `base` is where the platform knows us."""
    with assets.open(offer.xml["sha256"]) as stored:
        about = headline(stored.read())
    return atom.Entry(
        id=Collection.id_of(offer.id).urn,
        updated=since,
        title=about.title,
        artist=about.artist,
        release_type=about.release_type,
        release_ids=about.release_ids,
        message_url=url_of(base, offer.xml["path"]),
        delete_url=url_of(base, offer.id),
        categories=_categories(offer),
    )


def _categories(offer: Offer) -> list[str]:
    """What an update concerns, where that is known; an initial message has none."""
    if offer.message["kind"] in (MessageKind.TAKEDOWN, MessageKind.PURGE):
        return ["Takedown"]
    return sorted({_category(change["field"]) for change in offer.message.get("changes") or ()})


def _category(field: str) -> str:
    """`field` is a path such as `tracks[QZDWX2600001].audio`."""
    steps = set(re.split(r"[.\[\]]", field))
    named = (category for category, fields in _CATEGORIES.items() if steps & fields)
    return next(named, "MetadataUpdate")


_CATEGORIES = {
    "DealUpdate": {"deals", "rights"},
    "ResourceUpdate": {"audio", "cover", "video", "file", "immersive", "attachments"},
}


def url_of(base: str, path: str) -> str:
    """Of a message by its id, of a file by its path."""
    return f"{base}/messages/{quote(path)}"
