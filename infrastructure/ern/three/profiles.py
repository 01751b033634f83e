"""The release profiles of ERN 3.8.x: names and what they have track releases for."""

from __future__ import annotations

from dataclasses import dataclass

from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.profiles import profile_of, variants_of
from deadwax.domain.vocabulary import Profile, ProfileVariant, ReleaseType

_PREFIX = "CommonReleaseTypes/14/"


@dataclass(frozen=True)
class ThreeProfile:
    """`name` is None where Release Profiles 1.4 know no profile. `single` is that of a single of
    any length, `one_track` that of a single of one track."""

    name: str | None
    single: str | None = None
    one_track: str | None = None
    classical: str | None = None
    boxed: str | None = None
    track_releases: bool = True


# Release Profiles 1.4, 3.2: the title of the profile without spaces and dashes. DDEX's rule sets
# for them (Schematron) write AudioAlbum, VideoAlbum, Ringtone and LongformMusicVideo alike, but
# DigitalClassicalAudioAlbum; for the others there is the title only. DDEX's samples say
# CommonReleaseTypesTypes/13/AudioAlbumMusicOnly, which is neither. An AudioAlbum is also a single
# of several tracks; so are EPs, which have no profile of their own.
_PROFILES = {
    Profile.AUDIO: ThreeProfile(
        "AudioAlbum",
        one_track="AudioSingle",
        classical="ClassicalAudioAlbum",
        boxed="DigitalBoxedSet",
    ),
    Profile.SIMPLE_AUDIO_SINGLE: ThreeProfile("AudioSingle"),
    Profile.VIDEO: ThreeProfile("VideoAlbum", single="VideoSingle", boxed="DigitalBoxedSet"),
    Profile.SIMPLE_VIDEO_SINGLE: ThreeProfile("SimpleVideoSingle", track_releases=False),
    Profile.MIXED_MEDIA: ThreeProfile("MixedMediaBundle", boxed="DigitalBoxedSet"),
    Profile.RINGTONE: ThreeProfile("Ringtone", track_releases=False),
    Profile.LONG_FORM_VIDEO: ThreeProfile("LongformMusicVideo", track_releases=False),
    Profile.DJ_MIX: ThreeProfile(None),
}
_SINGLES = (ReleaseType.SINGLE, ReleaseType.VIDEO_SINGLE, ReleaseType.SINGLE_RESOURCE)


def profile_name(release: ReleaseMetadata) -> str | None:
    """The ReleaseProfileVersionId."""
    profile, variants = _PROFILES[profile_of(release)], variants_of(release)
    name = profile.name
    if release.type in _SINGLES:
        one = profile.one_track if len(release.tracks) == 1 else None
        name = profile.single or one or name
    if ProfileVariant.CLASSICAL in variants:
        name = profile.classical or name
    if ProfileVariant.BOXED_SET in variants:
        name = profile.boxed or name
    return None if name is None else _PREFIX + name


def has_track_releases(release: ReleaseMetadata) -> bool:
    """Whether each track is a release too. Simple singles are, as DDEX's sample AudioSingle is."""
    return _PROFILES[profile_of(release)].track_releases
