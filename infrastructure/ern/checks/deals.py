"""Which releases have deals, and what their terms may say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deadwax.infrastructure.ern.checks.message import Element, Message, text
from deadwax.infrastructure.ern.checks.rule import Fault, rule
from deadwax.infrastructure.ern.findings import Severity
from deadwax.infrastructure.ern.versions import Family

_THREE = frozenset({Family.THREE})


@rule("ern_deal_missing", "ErncFileStatus NoDealInNewReleaseMessage", "Add the deals.")
def of_release(message: Message) -> Iterator[Fault]:
    """A main release has a deal, unless nothing has one: a takedown, which brings no files."""
    if message.root.find("DealList") is None:
        if files := len(message.delivered):
            yield message.root, f"{files} files are delivered, but there is no deal for anything."
        return
    yield from _without_deal(message, message.main_releases)


@rule(
    "ern_track_deal_missing",
    "ErncFileStatus NoDealForTrackRelease",
    "Add one if the track is offered by itself.",
    severity=Severity.WARNING,
)
def of_tracks(message: Message) -> Iterator[Fault]:
    """A track release has a deal. Without one it is not offered by itself."""
    if message.root.find("DealList") is not None:
        yield from _without_deal(message, message.track_releases)


@rule(
    "ern_takedown_deprecated",
    "XSD of ERN 3.8 (deprecated)",
    "End the deal instead.",
    severity=Severity.WARNING,
    families=_THREE,
)
def takedown(message: Message) -> Iterator[Fault]:
    """TakeDown is deprecated; a deal that has ended says the same."""
    for element in message.all("TakeDown"):
        yield element, "TakeDown is deprecated."


@rule(
    "ern_territory_tis",
    "Release Profiles 1.4, 4.3",
    "Give the two letters of ISO 3166-1, or Worldwide.",
    severity=Severity.WARNING,
)
def tis(message: Message) -> Iterator[Fault]:
    """Territories are not given by their TIS number."""
    for element in message.all("TerritoryCode"):
        if text(element).isdigit():
            yield element, f"{text(element)} is a TIS number."


def _without_deal(message: Message, releases: Iterable[Element]) -> Iterator[Fault]:
    with_deal = {text(e) for e in message.all("DealReleaseReference")}
    for release in releases:
        references = message.release_references.get(release, [])
        if with_deal.isdisjoint(references):
            yield release, f"The release {', '.join(references)} has no deal."


RULES = (of_release, of_tracks, takedown, tis)
