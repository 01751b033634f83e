"""Element names that the rules look for, by family; tests compare them with the XSDs."""

from __future__ import annotations

from deadwax.infrastructure.ern.versions import Family


def names(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


ANCHORS: dict[Family, tuple[str, ...]] = {
    Family.THREE: names(
        """
        CollectionReference CueSheetReference MusicalWorkReference ReleaseReference
        ResourceReference RightShareReference TechnicalResourceDetailsReference
        """
    ),
    Family.FOUR: names(
        """
        BrandReference ChapterReference CueSheetReference PartyReference ReleaseReference
        ResourceReference TechnicalResourceDetailsReference VisibilityReference
        """
    ),
}
"""Every xs:ID. They share one space in a message."""

POINTERS: dict[Family, tuple[str, ...]] = {
    Family.THREE: names(
        """
        CatalogReleaseReference CollectionCollectionReference CollectionResourceReference
        CollectionWorkReference CueResourceReference CueWorkReference DealReleaseReference
        DealResourceReference DealTechnicalResourceDetailsReference EquivalentReleaseReference
        LinkedReleaseResourceReference ReleaseCollectionReference ReleaseResourceReference
        RepresentativeImageReference ResourceContainedResourceReference
        ResourceGroupContentItemReleaseReference ResourceGroupReleaseReference
        ResourceGroupResourceReference ResourceMusicalWorkReference ResourceReleaseReference
        RightShareReleaseReference RightShareResourceReference RightShareWorkReference
        SoundRecordingCollectionReference VideoCueSheetReference
        """
    ),
    Family.FOUR: names(
        """
        ArtistPartyReference AudioChapterReference CharacterPartyReference
        ContributorPartyReference DealReleaseReference DealResourceReference
        DealTechnicalResourceDetailsReference DisplayCreditParty
        LinkedReleaseResourceReference PartyAffiliateReference PartyRelatedPartyReference
        RecordCompanyPartyReference ReleaseLabelReference ReleaseResourceReference
        ReleaseVisibilityReference RepresentativeImageReference
        ResourceContainedResourceReference ResourceGroupReleaseReference
        ResourceRelatedResourceReference ResourceReleaseReference
        RightsControllerPartyReference VideoChapterReference VideoCueSheetReference
        """
    ),
}
"""Every xs:IDREF."""

DATES: dict[Family, tuple[str, ...]] = {
    Family.THREE: names(
        """
        CreationDate Date EffectiveTransferDate EndDate GlobalOriginalReleaseDate
        GlobalReleaseDate MasteredDate OriginalDigitalReleaseDate OriginalReleaseDate
        OriginalResourceReleaseDate PreOrderPreviewDate PreOrderReleaseDate ReleaseDate
        RemasteredDate ResourceReleaseDate StartDate ClipPreviewStartDate
        CoverArtPreviewStartDate EffectiveDate FulfillmentDate LatestDateForPhysicalReturns
        ReleaseDisplayStartDate TrackListingPreviewStartDate DateAndPlaceOfBirth
        DateAndPlaceOfDeath
        """
    ),
    Family.FOUR: names(
        """
        CreationDate EndDate FulfillmentDate LatestDateForPhysicalReturns MasteredDate
        OriginalReleaseDate ReleaseDate RemasteredDate StartDate ClipPreviewStartDate
        CoverArtPreviewStartDate ReleaseDisplayStartDate TrackListingPreviewStartDate
        FirstPublicationDate
        """
    ),
}
"""Every date whose XSD type is a pattern, which lets 2004-13-45 pass."""

IDENTIFIERS = ("ISRC", "ICPN", "GRid", "DPID", "ISWC", "ISNI", "IpiNameNumber", "IPN")

RESOURCES = ("SoundRecording", "Video", "Image", "Text", "SheetMusic", "Software", "MIDI")
"""Resources by element name, in ResourceList."""

DELIVERS_WHAT_IT_NAMES = frozenset(
    ("ERN 3.8", "ERN 3.8.1", "ERN 3.8.2", "ERN 3.8.3", "ERN 4.1", "ERN 4.1.1")
)
"""Standards in which naming a file means that it is delivered; the others have a flag."""

_OTHERS = (
    "PartyId",
    "MessageId",
    "HashSum",
    "File",
    "Release",
    "PurgedRelease",
    "ResourceGroupContentItem",
    "SequenceNumber",
    "ValidityPeriod",
    "StartDateTime",
    "EndDateTime",
    "TerritoryCode",
    "IsProvidedInDelivery",
)
_OTHERS_OF_THREE = ("UpdateIndicator", "TakeDown", "ImageType")
_OTHERS_OF_FOUR = ("TrackRelease",)

LOOKED_FOR: dict[Family | None, tuple[str, ...]] = {
    Family.THREE: (
        *ANCHORS[Family.THREE],
        *POINTERS[Family.THREE],
        *DATES[Family.THREE],
        *IDENTIFIERS,
        *RESOURCES,
        *_OTHERS,
        *_OTHERS_OF_THREE,
    ),
    Family.FOUR: (
        *ANCHORS[Family.FOUR],
        *POINTERS[Family.FOUR],
        *DATES[Family.FOUR],
        *IDENTIFIERS,
        *RESOURCES,
        *_OTHERS,
        *_OTHERS_OF_FOUR,
    ),
    None: (*IDENTIFIERS, "PartyId", "MessageId", "HashSum", "Date", "NumberOfMessages"),
}
"""What is collected of a message by its family; None for the choreography's messages."""
