"""The words of DDEX's allowed value sets that a release may use."""

from __future__ import annotations

from enum import StrEnum


class ReleaseType(StrEnum):
    """DDEX ReleaseType, the values that are music releases."""

    ALBUM = "Album"
    EP = "EP"
    SINGLE = "Single"
    CLASSICAL_ALBUM = "ClassicalAlbum"
    BOXED_SET = "DigitalBoxSetRelease"
    CLASSICAL_BOXED_SET = "ClassicalDigitalBoxedSet"
    VIDEO_ALBUM = "VideoAlbum"
    VIDEO_SINGLE = "VideoSingle"
    LONG_FORM_VIDEO = "LongFormMusicalWorkVideoRelease"
    CONCERT_VIDEO = "ConcertVideo"
    MULTIMEDIA_ALBUM = "MultimediaAlbum"
    MULTIMEDIA_SINGLE = "MultimediaSingle"
    RINGTONE = "RingtoneRelease"
    DJ_MIX = "DjMix"
    SINGLE_RESOURCE = "SingleResourceRelease"


class Profile(StrEnum):
    """Release profiles of ERN 4.x; `infrastructure.ern` knows their 3.8.x names."""

    AUDIO = "Audio"
    SIMPLE_AUDIO_SINGLE = "SimpleAudioSingle"
    VIDEO = "Video"
    SIMPLE_VIDEO_SINGLE = "SimpleVideoSingle"
    MIXED_MEDIA = "MixedMedia"
    RINGTONE = "Ringtone"
    LONG_FORM_VIDEO = "LongFormMusicalWorkVideo"
    DJ_MIX = "DjMix"


class ProfileVariant(StrEnum):
    CLASSICAL = "Classical"
    BOXED_SET = "BoxedSet"


class RecordingKind(StrEnum):
    """DDEX SoundRecordingType and VideoType: what a track is."""

    MUSIC = "MusicalWorkSoundRecording"
    NON_MUSIC = "NonMusicalWorkSoundRecording"
    SPOKEN_WORD = "SpokenWordSoundRecording"
    SHORT_FORM_VIDEO = "ShortFormMusicalWorkVideo"
    LONG_FORM_VIDEO = "LongFormMusicalWorkVideo"
    CONCERT_VIDEO = "ConcertVideo"
    LYRIC_VIDEO = "LyricVideo"
    LIVE_EVENT_VIDEO = "LiveEventVideo"
    DOCUMENTARY = "Documentary"
    INTERVIEW = "Interview"
    BEHIND_THE_SCENES = "BehindTheScenes"

    @property
    def is_sound(self) -> bool:
        return self in (RecordingKind.MUSIC, RecordingKind.NON_MUSIC, RecordingKind.SPOKEN_WORD)


class AssetKind(StrEnum):
    AUDIO = "audio"
    IMAGE = "image"
    VIDEO = "video"
    TEXT = "text"


class AttachmentKind(StrEnum):
    """What comes with a release beside its tracks and front cover: DDEX ImageType, TextType,
    and for motion art VideoType."""

    BACK_COVER = "BackCoverImage"
    BOOKLET_FRONT = "BookletFrontImage"
    BOOKLET_BACK = "BookletBackImage"
    TRAY_IMAGE = "TrayImage"
    PHOTOGRAPH = "Photograph"
    POSTER = "Poster"
    LOGO = "Logo"
    VIDEO_SCREEN_CAPTURE = "VideoScreenCapture"
    BOOKLET = "NonInteractiveBooklet"
    LYRICS = "LyricText"
    LINER_NOTES = "LinerNotes"
    MOTION_ART = "Animation"

    @property
    def asset_kind(self) -> AssetKind:
        """What kind of file it is."""
        if self is AttachmentKind.MOTION_ART:
            return AssetKind.VIDEO
        texts = (AttachmentKind.BOOKLET, AttachmentKind.LYRICS, AttachmentKind.LINER_NOTES)
        return AssetKind.TEXT if self in texts else AssetKind.IMAGE


class ParentalWarning(StrEnum):
    EXPLICIT = "Explicit"
    EXPLICIT_CONTENT_EDITED = "ExplicitContentEdited"
    NOT_EXPLICIT = "NotExplicit"
    NO_ADVICE_AVAILABLE = "NoAdviceAvailable"


class ArtistRole(StrEnum):
    """DDEX DisplayArtistRole."""

    MAIN = "MainArtist"
    FEATURED = "FeaturedArtist"
    COMPOSER = "Composer"
    ARTIST = "Artist"


class CommercialModel(StrEnum):
    """DDEX CommercialModelType."""

    PAY_AS_YOU_GO = "PayAsYouGoModel"
    SUBSCRIPTION = "SubscriptionModel"
    ADVERTISEMENT_SUPPORTED = "AdvertisementSupportedModel"
    FREE_OF_CHARGE = "FreeOfChargeModel"
    DEVICE_FEE = "DeviceFeeModel"
    PERFORMANCE_ROYALTIES = "PerformanceRoyaltiesModel"
    RIGHTS_CLAIM = "RightsClaimModel"


class UseType(StrEnum):
    """DDEX UseType, the values that music is offered for."""

    PERMANENT_DOWNLOAD = "PermanentDownload"
    CONDITIONAL_DOWNLOAD = "ConditionalDownload"
    TETHERED_DOWNLOAD = "TetheredDownload"
    STREAM = "Stream"
    ON_DEMAND_STREAM = "OnDemandStream"
    NON_INTERACTIVE_STREAM = "NonInteractiveStream"
    CONTENT_INFLUENCED_STREAM = "ContentInfluencedStream"
    KIOSK_DOWNLOAD = "KioskDownload"
    RINGTONE = "UseAsRingtone"
    RINGBACK_TONE = "UseAsRingbackTone"
    IDENTIFICATION = "UseForIdentification"
    USER_MADE_LABEL_PROVIDED = "UserMakeAvailableLabelProvided"
    USER_MADE_USER_PROVIDED = "UserMakeAvailableUserProvided"
    PLAY_IN_PUBLIC = "PlayInPublic"
    BROADCAST = "Broadcast"
    WEBCAST = "Webcast"


DOWNLOADS = (UseType.PERMANENT_DOWNLOAD, UseType.CONDITIONAL_DOWNLOAD)
"""What is bought for keeps, so that it can be pre-ordered."""


class ClaimPolicy(StrEnum):
    """DDEX RightsClaimPolicyType: what a platform does with what its users upload."""

    MONETIZE = "Monetize"
    REPORT_USAGE = "ReportUsage"
    BLOCK_ACCESS = "BlockAccess"


class Compilation(StrEnum):
    SINGLE_ARTIST = "SingleArtist"
    MULTI_ARTIST = "MultiArtist"
