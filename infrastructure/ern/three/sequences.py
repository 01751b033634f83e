"""The order of children in those composites of ERN 3.8.x that say more or less, as it comes.

Composites of a few fixed children (a title, a party, a file) are written in order where they
are made.
"""

from __future__ import annotations

from deadwax.domain.target import ErnVersion
from deadwax.infrastructure.ern.write import Sequences

_TERRITORIES = ("TerritoryCode", "ExcludedTerritoryCode")
_VISIBLE_FROM = (
    "ReleaseDisplayStartDate",
    "TrackListingPreviewStartDate",
    "CoverArtPreviewStartDate",
    "ClipPreviewStartDate",
)
_VISIBLE_FROM_TIME = tuple(f"{name}Time" for name in _VISIBLE_FROM)
_RECORDING_DETAILS = (
    *_TERRITORIES,
    "Title",
    "DisplayArtist",
    "ResourceContributor",
    "IndirectResourceContributor",
    "DisplayArtistName",
    "OriginalResourceReleaseDate",
    "PLine",
    "CourtesyLine",
    "MarketingComment",
    "Genre",
    "ParentalWarningType",
)
_RESOURCE_DATES = ("CreationDate", "MasteredDate", "RemasteredDate")

_COMMON: Sequences = {
    "NewReleaseMessage": (
        "MessageHeader",
        "UpdateIndicator",
        "ResourceList",
        "ReleaseList",
        "DealList",
    ),
    "PurgeReleaseMessage": ("MessageHeader", "PurgedRelease"),
    "PurgedRelease": ("ReleaseId", "Title", "ResourceContributor"),
    "MessageHeader": (
        "MessageThreadId",
        "MessageId",
        "MessageSender",
        "MessageRecipient",
        "MessageCreatedDateTime",
        "MessageControlType",
    ),
    "ResourceList": ("SoundRecording", "Video", "Image", "Text"),
    "SoundRecording": (
        "SoundRecordingType",
        "SoundRecordingId",
        "IndirectSoundRecordingId",
        "ResourceReference",
        "ReferenceTitle",
        "IsInstrumental",
        "LanguageOfPerformance",
        "Duration",
        *_RESOURCE_DATES,
        "SoundRecordingDetailsByTerritory",
    ),
    "SoundRecordingDetailsByTerritory": (
        *_RECORDING_DETAILS,
        "TechnicalSoundRecordingDetails",
        "Keywords",
    ),
    "Video": (
        "VideoType",
        "VideoId",
        "IndirectVideoId",
        "ResourceReference",
        "ReferenceTitle",
        "Title",
        "IsInstrumental",
        "LanguageOfPerformance",
        "Duration",
        *_RESOURCE_DATES,
        "VideoDetailsByTerritory",
    ),
    "VideoDetailsByTerritory": (
        *_RECORDING_DETAILS,
        "Keywords",
        "CLine",
        "TechnicalVideoDetails",
    ),
    "Image": ("ImageType", "ImageId", "ResourceReference", "Title", "ImageDetailsByTerritory"),
    "ImageDetailsByTerritory": ("TerritoryCode", "ParentalWarningType", "TechnicalImageDetails"),
    "Text": ("TextType", "TextId", "ResourceReference", "Title", "TextDetailsByTerritory"),
    "TextDetailsByTerritory": ("TerritoryCode", "ParentalWarningType", "TechnicalTextDetails"),
    "ReleaseId": ("GRid", "ISRC", "ICPN", "CatalogNumber", "ProprietaryId"),
    "Release": (
        "ReleaseId",
        "ReleaseReference",
        "ReferenceTitle",
        "ReleaseResourceReferenceList",
        "ReleaseType",
        "ReleaseDetailsByTerritory",
        "Duration",
        "PLine",
        "CLine",
    ),
    "ReleaseDetailsByTerritory": (
        *_TERRITORIES,
        "DisplayArtistName",
        "LabelName",
        "Title",
        "DisplayArtist",
        "IsMultiArtistCompilation",
        "RelatedRelease",
        "ParentalWarningType",
        "MarketingComment",
        "ResourceGroup",
        "Genre",
        "ReleaseDate",
        "OriginalReleaseDate",
        "Keywords",
        "Synopsis",
    ),
    "RelatedRelease": ("ReleaseId", "ReferenceTitle", "ReleaseRelationshipType"),
    "DealTerms": (
        "IsPreOrderDeal",
        "CommercialModelType",
        "Usage",
        "AllDealsCancelled",
        "TakeDown",
        *_TERRITORIES,
        "DistributionChannel",
        "PriceInformation",
        "IsPromotional",
        "PromotionalCode",
        "ValidityPeriod",
        "PreOrderReleaseDate",
        *_VISIBLE_FROM,
        *_VISIBLE_FROM_TIME,
        "PreOrderIncentiveResourceList",
        "InstantGratificationResourceList",
        "RightsClaimPolicy",
    ),
    "PriceInformation": ("PriceType", "WholesalePricePerUnit"),
}

SEQUENCES: dict[ErnVersion, Sequences] = {
    # 3.8.3 changed no sequence that is used here, only which values some elements allow.
    ErnVersion.V382: _COMMON,
    ErnVersion.V383: _COMMON,
}
