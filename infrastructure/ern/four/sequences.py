"""In which order the composites of ERN 4.x hold their children, and which version has which.

One line per composite, by the name of its XSD type without suffix. `Child[4.3-]` is a child
from 4.3 on, `Child[-4.2]` one up to 4.2, `Child[4.2]` one of that version alone; a child
without brackets is in all. A test holds the table against each version's XSD.
"""

from __future__ import annotations

import re

from deadwax.domain.target import ErnVersion
from deadwax.infrastructure.ern.write import Sequences

VERSIONS = (ErnVersion.V411, ErnVersion.V42, ErnVersion.V43, ErnVersion.V432)

TABLE = """
MessageHeader: MessageThreadId MessageId MessageSender MessageRecipient MessageCreatedDateTime
    MessageControlType

SoundRecording: ResourceReference Type ResourceId[-4.2] SoundRecordingEdition[4.3-] WorkId
    DisplayTitleText DisplayTitle VersionType DisplayArtistName DisplayArtist Contributor
    PLine[-4.2] CourtesyLine Duration CreationDate MasteredDate RemasteredDate
    FirstPublicationDate ParentalWarningType RelatedResource IsCover IsInstrumental
    ContainsHiddenContent LanguageOfPerformance AudioChannelConfiguration[-4.2]
    TechnicalDetails[-4.2]
SoundRecordingEdition: Type[4.3-] ResourceId[4.3-] PLine[4.3-] RecordingMode[4.3-]
    TechnicalDetails[4.3-]
TechnicalSoundRecordingDetails: TechnicalResourceDetailsReference EncodingId[4.2]
    DeliveryFile[4.3-] AudioCodecType[-4.2] BitRate[-4.2] NumberOfChannels[-4.2]
    SamplingRate[-4.2] BitsPerSample[-4.2] PreviewDetails[-4.2] File[-4.2]
    IsProvidedInDelivery[4.2] ClipDetails[4.3-]
AudioDeliveryFile: Type[4.3-] ContainerFormat[4.3-] AudioCodecType[4.3-] BitRate[4.3-]
    NumberOfChannels[4.3-] SamplingRate[4.3-] BitsPerSample[4.3-] File[4.3-]
    IsProvidedInDelivery[4.3-]

Video: ResourceReference Type ResourceId[-4.2] VideoEdition[4.3-] RecordingFormat[4.3-] WorkId
    DisplayTitleText DisplayTitle VersionType DisplayArtistName DisplayArtist Contributor
    PLine[-4.2] CLine[-4.2] CourtesyLine Duration CreationDate MasteredDate RemasteredDate
    FirstPublicationDate ParentalWarningType RelatedResource IsCover IsInstrumental
    ContainsHiddenContent LanguageOfPerformance TechnicalDetails[-4.2]
VideoEdition: ResourceId[4.3-] PLine[4.3-] CLine[4.3-] TechnicalDetails[4.3-]
TechnicalVideoDetails: TechnicalResourceDetailsReference DeliveryFile[4.3-]
    ContainerFormat[-4.2] VideoCodecType[-4.2] FrameRate[-4.2] ImageHeight[-4.2]
    ImageWidth[-4.2] AudioCodecType[-4.2] NumberOfAudioChannels[-4.2]
    AudioSamplingRate[-4.2] PreviewDetails[-4.2] File[-4.2] IsProvidedInDelivery[4.2]
    ClipDetails[4.3-]
VideoDeliveryFile: Type[4.3-] ContainerFormat[4.3-] VideoCodecType[4.3-] FrameRate[4.3-]
    ImageHeight[4.3-] ImageWidth[4.3-] AudioCodecType[4.3-] NumberOfAudioChannels[4.3-]
    AudioSamplingRate[4.3-] File[4.3-] IsProvidedInDelivery[4.3-]

Image: ResourceReference Type ResourceId DisplayTitleText DisplayTitle ParentalWarningType
    TechnicalDetails
TechnicalImageDetails: TechnicalResourceDetailsReference ImageCodecType ImageHeight ImageWidth
    File IsProvidedInDelivery[4.2-]
Text: ResourceReference Type ResourceId DisplayTitleText DisplayTitle ParentalWarningType
    TechnicalDetails LanguageOfText[4.3-]
TechnicalTextDetails: TechnicalResourceDetailsReference TextCodecType File
    IsProvidedInDelivery[4.2-]

Release: ReleaseReference ReleaseType ReleaseId DisplayTitleText DisplayTitle VersionType[4.3-]
    DisplayArtistName DisplayArtist ReleaseLabelReference PLine CLine CourtesyLine Duration
    Genre[-4.3] DisplayGenre[4.3.2] ReleaseDate OriginalReleaseDate
    ReleaseVisibilityReference[4.2-] ParentalWarningType RelatedRelease IsCompilation[4.1.1]
    IsSingleArtistCompilation[4.2-] IsMultiArtistCompilation ResourceGroup Keywords Synopsis
    MarketingComment
TrackRelease: ReleaseReference ReleaseId ReleaseResourceReference ReleaseLabelReference
    Genre[-4.3] DisplayGenre[4.3.2] Keywords MarketingComment
ReleaseId: GRid ISRC[4.1.1] ICPN CatalogNumber ProprietaryId
RelatedRelease: ReleaseRelationshipType ReleaseId DisplayTitleText
RelatedResource: ResourceRelationshipType ResourceRelatedResourceReference ReleaseId[4.1.1]
    ResourceId[4.2-]

DealTerms: TerritoryCode ExcludedTerritoryCode ValidityPeriod CommercialModelType UseType
    DistributionChannel RightsClaimPolicy PriceInformation IsPromotional PromotionalCode
    IsPreOrderDeal ReleaseDisplayStartDateTime[4.1.1] TrackListingPreviewStartDateTime[4.1.1]
    CoverArtPreviewStartDateTime[4.1.1] ClipPreviewStartDateTime[4.1.1]
    InstantGratificationResourceList
DealList: ReleaseDeal ReleaseVisibility[4.2-]
ReleaseVisibility: VisibilityReference[4.2-] TerritoryCode[4.3-] ExcludedTerritoryCode[4.3-]
    ReleaseDisplayStartDateTime[4.2-] CoverArtPreviewStartDateTime[4.2-]
    FullTrackListingPreviewStartDateTime[4.2-] ClipPreviewStartDateTime[4.3-]
"""

_CHILD = re.compile(r"(\w+)(?:\[([^\]]+)\])?")


def sequences(version: ErnVersion) -> Sequences:
    """The table as that version has it."""
    return {
        composite: tuple(name for name, where in _CHILD.findall(line) if _holds(where, version))
        for composite, line in _lines()
    }


def _lines() -> list[tuple[str, str]]:
    parts = re.split(r"^(\w+):", TABLE, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def _holds(where: str, version: ErnVersion) -> bool:
    """Whether `version` is in a range such as 4.2-, -4.3 or 4.3.2; an empty one holds all."""
    first, dash, last = where.partition("-")
    if not dash:
        return not where or version == where
    at = VERSIONS.index(version)
    return (
        VERSIONS.index(ErnVersion(first or VERSIONS[0]))
        <= at
        <= VERSIONS.index(ErnVersion(last or VERSIONS[-1]))
    )


SEQUENCES = {version: sequences(version) for version in VERSIONS}
