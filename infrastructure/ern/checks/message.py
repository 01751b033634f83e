"""A message as the rules see it: one walk over the tree, then everything by its name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from lxml import etree

from deadwax.infrastructure.ern.checks.names import DELIVERS_WHAT_IT_NAMES, LOOKED_FOR, RESOURCES
from deadwax.infrastructure.ern.checks.profiles import Profile, profile_of
from deadwax.infrastructure.ern.versions import Family, Standard

Element = etree._Element


class Message:
    """The elements of a document by name, as far as rules look for them, in document order.

    `kind` is the local name of the document element. `family` is None for the messages of
    the choreography. `folder` is where the delivery lies that it was read from, if it is to
    be looked at.
    """

    def __init__(self, root: Element, standard: Standard, folder: Path | None = None) -> None:
        self.root = root
        self.folder = folder
        self.standard = standard
        self.family = standard.family
        self.kind = etree.QName(root).localname
        self._found: dict[str, list[Element]] = {name: [] for name in LOOKED_FOR[standard.family]}
        for element in root.iter(*self._found):
            self._found[str(element.tag)].append(element)

    def all(self, *names: str) -> Iterator[Element]:
        """Those of each name in turn. Raises KeyError for one that names.LOOKED_FOR lacks."""
        for name in names:
            yield from self._found[name]

    @cached_property
    def profile(self) -> Profile | None:
        """What the stated release profile asks for; None if none is stated or known."""
        return profile_of(self.stated_profile)

    @property
    def stated_profile(self) -> str:
        return self.root.get("ReleaseProfileVersionId", "")

    @cached_property
    def resources(self) -> dict[str, Element]:
        """The resources of the ResourceList by their reference."""
        return {
            text(reference): resource
            for reference, resource in self.with_parents("ResourceReference")
            if resource.tag in RESOURCES
        }

    @cached_property
    def release_references(self) -> dict[Element, list[str]]:
        """The releases of the ReleaseList, with their references."""
        found: dict[Element, list[str]] = {}
        for reference, release in self.with_parents("ReleaseReference"):
            found.setdefault(release, []).append(text(reference))
        return found

    @cached_property
    def main_releases(self) -> list[Element]:
        """In 4.x there is one place for it; in 3.8.x it says so."""
        releases = [r for r in self.all("Release") if parent_tag(r) == "ReleaseList"]
        if self.family is Family.FOUR:
            return releases
        return [r for r in releases if r.get("IsMainRelease") in ("true", "1")]

    @cached_property
    def track_releases(self) -> list[Element]:
        if self.family is Family.FOUR:
            return list(self.all("TrackRelease"))
        return [r for r in self.all("Release") if is_track(r)]

    @cached_property
    def track_references(self) -> list[str]:
        """The references to the primary resources of the track releases."""
        holders = set(self.track_releases)
        if self.family is Family.THREE:
            holders = {e for r in holders for e in r.iterfind("ReleaseResourceReferenceList")}
        return [
            text(reference)
            for reference, holder in self.with_parents("ReleaseResourceReference")
            if holder in holders and _is_primary(reference)
        ]

    @cached_property
    def primary_items(self) -> list[Element]:
        """The references to what the main release plays, once per resource."""
        items: dict[str, Element] = {}
        main = set(self.main_releases)
        for reference, item in self.with_parents("ReleaseResourceReference"):
            is_item = item.tag == "ResourceGroupContentItem" and _is_primary(reference)
            # In 4.x only the main release has groups.
            if is_item and (
                self.family is Family.FOUR or next(item.iterancestors("Release"), None) in main
            ):
                items.setdefault(text(reference), reference)
        return list(items.values())

    @cached_property
    def delivered(self) -> list[Element]:
        """The File elements of what comes with the message."""
        if self.standard.name in DELIVERS_WHAT_IT_NAMES:
            return list(self.all("File"))
        holders = {
            holder
            for flag, holder in self.with_parents("IsProvidedInDelivery")
            if text(flag) in ("true", "1")
        }
        return [file for file, holder in self.with_parents("File") if holder in holders]

    def with_parents(self, name: str) -> Iterator[tuple[Element, Element]]:
        for element in self._found[name]:
            parent = element.getparent()
            if parent is not None:
                yield element, parent


def text(element: Element) -> str:
    return (element.text or "").strip()


def parent_tag(element: Element) -> str:
    parent = element.getparent()
    return "" if parent is None else str(parent.tag)


def is_track(release: Element) -> bool:
    """Whether a Release of 3.8.x is that of a track."""
    return any(text(kind).endswith("TrackRelease") for kind in release.iterfind("ReleaseType"))


def _is_primary(reference: Element) -> bool:
    return reference.get("ReleaseResourceType") != "SecondaryResource"
