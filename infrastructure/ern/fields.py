"""Which field of a release an element of a message says, as the API names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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


def field_of(element: Element, missing: str | None = None) -> str:
    """The path of the field, such as `tracks[2].isrc`; empty where no field says it.

    With `missing`, that of a child which the element lacks. Tracks are counted by disc and
    number, deals as the message counts them: a pre-order belongs to the deal after it.
    """
    path = [*reversed(list(element.iterancestors())), element][1:]
    tags = [str(e.tag) for e in path] + ([missing] if missing else [])
    match tags:
        case ["MessageHeader", *_]:
            return _first(OF_HEADER, tags)
        case ["PartyList", "Party", *_] if len(path) > 1:
            return _of_party(path[1])
        case ["ResourceList", _, *below] if len(path) > 1:
            return _of_resource(path[1], below)
        case ["ReleaseList", _, *below] if len(path) > 1:
            return _of_release(path[1], below)
        case ["DealList", *_]:
            return _of_deal(path, tags)
    return ""


def _of_release(release: Element, below: list[str]) -> str:
    if release.tag != "TrackRelease" and not is_track(release):
        return _first(OF_RELEASE, below)
    for path in ("ReleaseResourceReference", "ReleaseResourceReferenceList/*"):
        resource = _resource(release, release.findtext(path))
        if resource is not None:
            return _of_resource(resource, below)
    return "tracks"


def _of_resource(resource: Element, below: list[str]) -> str:
    if resource.tag not in _TRACKS:
        return "cover" if resource.tag == "Image" else "attachments"
    known = list(_sequence(resource.getroottree().getroot()))
    return _join(f"tracks[{known.index(resource)}]", _first(OF_TRACK, below))


def _of_deal(path: list[Element], tags: list[str]) -> str:
    deal = next((e for e in path if e.tag == "Deal"), None)
    if deal is None:
        return "deals"
    before = [e for e in deal.itersiblings("Deal", preceding=True) if not _is_pre_order(e)]
    return _join(f"deals[{len(before)}]", _first(OF_DEAL, tags[::-1]))


def _of_party(party: Element) -> str:
    """The field of who names the party first."""
    name = party.findtext("PartyReference")
    root = party.getroottree().getroot()
    for pointer in root.iterfind("ReleaseList/*//*"):
        if pointer.text == name and str(pointer.tag).endswith("Reference"):
            return field_of(pointer)
    for pointer in root.iterfind("ResourceList/*//*"):
        if pointer.text == name and str(pointer.tag).endswith("PartyReference"):
            return field_of(pointer)
    return ""


def _sequence(root: Element) -> Iterator[Element]:
    """What the main release plays, in its order; without groups the order of the resources."""
    played = []
    for release in root.iterfind("ReleaseList/Release"):
        if is_track(release):
            continue
        for reference in release.iterfind(".//ResourceGroupContentItem/ReleaseResourceReference"):
            resource = _resource(reference, text(reference))
            if resource is not None and resource.tag in _TRACKS and resource not in played:
                played.append(resource)
    rest = (e for e in root.iterfind("ResourceList/*") if e.tag in _TRACKS and e not in played)
    yield from (*played, *rest)


def _resource(anywhere: Element, reference: str | None) -> Element | None:
    root = anywhere.getroottree().getroot()
    for resource in root.iterfind("ResourceList/*"):
        if resource.findtext("ResourceReference") == reference:
            return resource
    return None


def _is_pre_order(deal: Element) -> bool:
    return deal.findtext("DealTerms/IsPreOrderDeal") in ("true", "1")


def _first(table: Mapping[str, str], tags: list[str]) -> str:
    return next((table[tag] for tag in tags if tag in table), "")


def _join(base: str, name: str) -> str:
    return f"{base}.{name}" if name else base
