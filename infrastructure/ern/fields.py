"""Which field of a release an element of a message says, as the API names it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from lxml import etree

from deadwax.infrastructure.ern.checks.message import is_track, text
from deadwax.infrastructure.ern.checks.names import names

Element = etree._Element

# The outermost element of these on the way down from the release or the resource decides.
_OF_ANY = {
    "DisplayTitleText": "title",
    "DisplayTitle": "title",
    "ReferenceTitle": "title",
    "AdditionalTitle": "titles",
    "FormalTitle": "titles",
    "Title": "titles",
    "VersionType": "version_types",
    "DisplayArtistName": "artist_names",
    "DisplayArtist": "artists",
    "DisplayConductor": "artists",
    "Contributor": "contributors",
    "ResourceContributor": "contributors",
    "IndirectResourceContributor": "contributors",
    "PLine": "p_line",
    "CLine": "c_line",
    "CourtesyLine": "courtesy_line",
    "Genre": "genre",
    "DisplayGenre": "genre",
    "ParentalWarningType": "parental_warning",
    "Keywords": "keywords",
    "MarketingComment": "marketing_comment",
    "RelatedRelease": "related",
    "RelatedResource": "related",
}
OF_RELEASE: Mapping[str, str] = _OF_ANY | {
    "ICPN": "icpn",
    "GRid": "grid",
    "CatalogNumber": "catalogue_number",
    "ProprietaryId": "ids",
    "ReleaseType": "type",
    "ReleaseLabelReference": "label",
    "LabelName": "label",
    "ReleaseDate": "release_date",
    "GlobalReleaseDate": "release_date",
    "OriginalReleaseDate": "original_release_date",
    "GlobalOriginalReleaseDate": "original_release_date",
    "IsCompilation": "compilation",
    "IsMultiArtistCompilation": "compilation",
    "IsSingleArtistCompilation": "compilation",
    "Synopsis": "synopsis",
    "ResourceGroup": "tracks",
    "ReleaseResourceReferenceList": "tracks",
}
OF_TRACK: Mapping[str, str] = _OF_ANY | {
    "ISRC": "isrc",
    "ISWC": "iswc",
    "ProprietaryId": "ids",
    "Type": "kind",
    "SoundRecordingType": "kind",
    "VideoType": "kind",
    "LanguageOfPerformance": "language",
    "IsInstrumental": "instrumental",
    "IsCover": "cover_version",
    "CreationDate": "recorded",
    "MasteredDate": "mastered",
    "RemasteredDate": "remastered",
    "FirstPublicationDate": "first_published",
    "PreviewDetails": "preview_start",
    "ClipDetails": "preview_start",
    "TechnicalDetails": "audio",
    "TechnicalSoundRecordingDetails": "audio",
    "TechnicalVideoDetails": "video",
    "Duration": "duration",
}
# Here the innermost decides.
OF_DEAL: Mapping[str, str] = {
    "TerritoryCode": "territories",
    "ExcludedTerritoryCode": "territories",
    "CommercialModelType": "models",
    "Usage": "uses",
    "UseType": "uses",
    "ValidityPeriod": "start",
    "StartDate": "start",
    "StartDateTime": "start",
    "EndDate": "end",
    "EndDateTime": "end",
    "PriceInformation": "price",
    "PreOrderReleaseDate": "pre_order_from",
    "IsPreOrderDeal": "pre_order_from",
    "InstantGratificationResourceList": "instant_gratification",
    "DistributionChannel": "channels",
    "RightsClaimPolicy": "claim_policy",
    "IsPromotional": "promotional",
    "PromotionalCode": "promotional_code",
}
OF_HEADER: Mapping[str, str] = {"MessageSender": "sender", "MessageRecipient": "recipient"}
"""Fields of the target."""


REQUIRED = frozenset(
    names(
        """
    ReferenceTitle DisplayTitleText DisplayTitle DisplayArtistName DisplayArtist PLine Duration
    ParentalWarningType Genre DisplayGenre ReleaseType ReleaseLabelReference SoundRecordingType
    VideoType Type ValidityPeriod StartDate StartDateTime CommercialModelType UseType Usage
    TerritoryCode
        """
    )
)
"""What some version asks for: where a later element is not expected, it may be missing."""


_TRACKS = ("SoundRecording", "Video")


class Fields:
    """The fields that the elements of a document say. Tracks are counted by disc and number,
    deals as the message counts them: a pre-order belongs to the deal after it."""

    def __init__(self, root: Element) -> None:
        self._root = root

    def of(self, element: Element, missing: str | None = None) -> str:
        """The path of the field, such as `tracks[2].isrc`; empty where no field says it.

        With `missing`, that of a child which the element lacks.
        """
        path = [*reversed(list(element.iterancestors())), element][1:]
        tags = [str(e.tag) for e in path] + ([missing] if missing else [])
        match tags:
            case ["MessageHeader", *_]:
                return _first(OF_HEADER, tags)
            case ["PartyList", "Party", *_]:
                return self._of_party(path[1]) if len(path) > 1 else ""
            case ["ResourceList", _, *below] if len(path) > 1:
                return self._of_resource(path[1], below)
            case ["ReleaseList", _, *below] if len(path) > 1:
                return self._of_release(path[1], below)
            case ["DealList", *_]:
                return _of_deal(path, tags)
        return ""

    def _of_release(self, release: Element, below: list[str]) -> str:
        if release.tag != "TrackRelease" and not is_track(release):
            return _first(OF_RELEASE, below)
        for path in ("ReleaseResourceReference", "ReleaseResourceReferenceList/*"):
            resource = self._resources.get(release.findtext(path) or "")
            if resource is not None:
                return self._of_resource(resource, below)
        return "tracks"

    def _of_resource(self, resource: Element, below: list[str]) -> str:
        if resource.tag not in _TRACKS:
            return "cover" if resource.tag == "Image" else "attachments"
        return _join(f"tracks[{self._tracks[resource]}]", _first(OF_TRACK, below))

    def _of_party(self, party: Element) -> str:
        """The field of who names the party first: a release, else a recording."""
        pointer = self._pointers.get(party.findtext("PartyReference") or "")
        return "" if pointer is None else self.of(pointer)

    @cached_property
    def _resources(self) -> dict[str, Element]:
        """By reference."""
        resources = self._root.iterfind("ResourceList/*")
        return {(r.findtext("ResourceReference") or "").strip(): r for r in resources}

    @cached_property
    def _tracks(self) -> dict[Element, int]:
        """What the main release plays, in its order, then the other recordings."""
        order: dict[Element, int] = {}
        items = "ReleaseList/Release//ResourceGroupContentItem/ReleaseResourceReference"
        played = [self._resources.get(text(item)) for item in self._root.iterfind(items)]
        for resource in (*played, *self._root.iterfind("ResourceList/*")):
            if resource is not None and resource.tag in _TRACKS:
                order.setdefault(resource, len(order))
        return order

    @cached_property
    def _pointers(self) -> dict[str, Element]:
        """The first pointer at each party."""
        found: dict[str, Element] = {}
        for section in ("ReleaseList", "ResourceList"):
            for pointer in self._root.iterfind(f"{section}/*//*"):
                if str(pointer.tag).endswith(("PartyReference", "LabelReference")):
                    found.setdefault(text(pointer), pointer)
        return found


def _of_deal(path: list[Element], tags: list[str]) -> str:
    deal = next((e for e in path if e.tag == "Deal"), None)
    if deal is None:
        return "deals"
    before = [e for e in deal.itersiblings("Deal", preceding=True) if not _is_pre_order(e)]
    return _join(f"deals[{len(before)}]", _first(OF_DEAL, tags[::-1]))


def _is_pre_order(deal: Element) -> bool:
    return deal.findtext("DealTerms/IsPreOrderDeal") in ("true", "1")


def _first(table: Mapping[str, str], tags: list[str]) -> str:
    return next((table[tag] for tag in tags if tag in table), "")


def _join(base: str, name: str) -> str:
    return f"{base}.{name}" if name else base
