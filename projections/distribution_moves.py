"""Which distribution events move it to another status: what several projections share."""

from __future__ import annotations

from deadwax.domain import distribution_events as d
from deadwax.domain import distribution_requests as asked
from deadwax.domain.aggregate import Event


def _topics(base: type[Event]) -> set[str]:
    below = {topic for cls in base.__subclasses__() for topic in _topics(cls)}
    return below | ({base.TOPIC} if base.TOPIC else set())


MOVING: frozenset[str] = frozenset(_topics(d.Moved))
"""Types whose data says the new status."""

STAYING: frozenset[str] = frozenset(
    cls.TOPIC
    for cls in (
        d.MessageComposed,
        d.ContentAdapted,
        d.PublishingStarted,
        d.AcknowledgementNoted,
        asked.Prioritised,
        asked.Assigned,
    )
)

KINDS: dict[str, str] = {
    d.RequestRenewed.TOPIC: "initial",
    asked.UpdateRequested.TOPIC: "update",
    asked.TakedownRequested.TOPIC: "takedown",
    asked.PurgeRequested.TOPIC: "purge",
}
"""Types with which something new is to be sent, and what."""
