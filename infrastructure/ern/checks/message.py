"""A message as the rules see it: one walk over the tree, then everything by its name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from lxml import etree

from deadwax.infrastructure.ern.checks.names import LOOKED_FOR, RESOURCES
from deadwax.infrastructure.ern.checks.profiles import Profile, profile_of
from deadwax.infrastructure.ern.versions import Family

Element = etree._Element


class Message:
    """The elements of a document by name, as far as rules look for them, in document order.

    `kind` is the local name of the document element. `family` is None for the messages of
    the choreography.
    """

    def __init__(self, root: Element, family: Family | None) -> None:
        self.root = root
        self.family = family
        self.kind = etree.QName(root).localname
        self._found: dict[str, list[Element]] = {name: [] for name in LOOKED_FOR[family]}
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
        found = {}
        for reference in self.all("ResourceReference"):
            resource = reference.getparent()
            if resource is not None and resource.tag in RESOURCES:
                found[text(reference)] = resource
        return found

    @cached_property
    def releases(self) -> list[Element]:
        return [r for r in self.all("Release") if parent_tag(r) == "ReleaseList"]

    @cached_property
    def main_releases(self) -> list[Element]:
        """In 4.x there is one place for it; in 3.8.x it says so."""
        if self.family is Family.FOUR:
            return self.releases
        return [r for r in self.releases if r.get("IsMainRelease") in ("true", "1")]

    @cached_property
    def track_releases(self) -> list[Element]:
        if self.family is Family.FOUR:
            return list(self.all("TrackRelease"))
        return [r for r in self.releases if _is_track(r)]

    @cached_property
    def primary_items(self) -> list[Element]:
        """The references to what the main release plays, once per resource."""
        items: dict[str, Element] = {}
        for reference in self.all("ReleaseResourceReference"):
            item = reference.getparent()
            if (
                item is not None
                and item.tag == "ResourceGroupContentItem"
                and reference.get("ReleaseResourceType") != "SecondaryResource"
                and self._in_main_release(item)
            ):
                items.setdefault(text(reference), reference)
        return list(items.values())

    def _in_main_release(self, item: Element) -> bool:
        """Only the main release has groups in 4.x."""
        if self.family is Family.FOUR:
            return True
        return next(item.iterancestors("Release"), None) in self.main_releases


def text(element: Element) -> str:
    return (element.text or "").strip()


def parent_tag(element: Element) -> str:
    parent = element.getparent()
    return "" if parent is None else str(parent.tag)


def _is_track(release: Element) -> bool:
    return any(text(kind).endswith("TrackRelease") for kind in release.iterfind("ReleaseType"))
