"""Which release profile of DDEX a release follows, and whether it can.

Release Profiles, clause 6: what the primary resources are decides, and how many there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from deadwax.domain.errors import Problem
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.vocabulary import Profile, ProfileVariant, RecordingKind, ReleaseType

_SOUND, _VIDEO, _BOTH = frozenset({False}), frozenset({True}), frozenset({False, True})
_WORDS = {_SOUND: "sound recordings only", _VIDEO: "videos only", _BOTH: "audio with video"}
_SINGLES = {ReleaseType.SINGLE, ReleaseType.SINGLE_RESOURCE}
_ALBUMS = {
    ReleaseType.ALBUM,
    ReleaseType.EP,
    ReleaseType.CLASSICAL_ALBUM,
    ReleaseType.BOXED_SET,
    ReleaseType.CLASSICAL_BOXED_SET,
}
_VIDEOS = {ReleaseType.VIDEO_ALBUM, ReleaseType.VIDEO_SINGLE}
_MULTIMEDIA = {ReleaseType.MULTIMEDIA_ALBUM, ReleaseType.MULTIMEDIA_SINGLE}
_LONG_FORM = {ReleaseType.LONG_FORM_VIDEO, ReleaseType.CONCERT_VIDEO}
_BOXED = {ReleaseType.BOXED_SET, ReleaseType.CLASSICAL_BOXED_SET}
_CLASSICAL = {ReleaseType.CLASSICAL_ALBUM, ReleaseType.CLASSICAL_BOXED_SET}


@dataclass(frozen=True)
class ProfileTerms:
    """What a profile takes: whether tracks are videos, of which types releases are, whether
    there is a single track and nothing else but the cover, and whether each track is also a
    release of its own in the message. `kinds` are those of its tracks, any if empty."""

    videos: frozenset[bool]
    types: frozenset[ReleaseType]
    kinds: frozenset[RecordingKind] = frozenset()
    one_track: bool = False
    bare: bool = False
    track_releases: bool = True


def _terms(
    videos: frozenset[bool],
    types: set[ReleaseType],
    kinds: Collection[RecordingKind] = (),
    *,
    one: bool = False,
    bare: bool = False,
) -> ProfileTerms:
    return ProfileTerms(videos, frozenset(types), frozenset(kinds), one, bare, not one)


TERMS = {
    Profile.AUDIO: _terms(_SOUND, _ALBUMS | _SINGLES),
    Profile.SIMPLE_AUDIO_SINGLE: _terms(_SOUND, _SINGLES, one=True, bare=True),
    Profile.VIDEO: _terms(_VIDEO, _VIDEOS | _BOXED | _SINGLES),
    Profile.SIMPLE_VIDEO_SINGLE: _terms(
        _VIDEO, {ReleaseType.VIDEO_SINGLE, *_SINGLES}, one=True, bare=True
    ),
    Profile.MIXED_MEDIA: _terms(_BOTH, _ALBUMS | _MULTIMEDIA | {ReleaseType.SINGLE}),
    Profile.RINGTONE: _terms(_SOUND, {ReleaseType.RINGTONE}, one=True, bare=True),
    Profile.LONG_FORM_VIDEO: _terms(
        _VIDEO,
        _LONG_FORM,
        (RecordingKind.LONG_FORM_VIDEO, RecordingKind.CONCERT_VIDEO),
        one=True,
    ),
    Profile.DJ_MIX: _terms(_SOUND, {ReleaseType.DJ_MIX}),
}

_BY_TYPE = {
    ReleaseType.RINGTONE: Profile.RINGTONE,
    ReleaseType.DJ_MIX: Profile.DJ_MIX,
    ReleaseType.LONG_FORM_VIDEO: Profile.LONG_FORM_VIDEO,
    ReleaseType.CONCERT_VIDEO: Profile.LONG_FORM_VIDEO,
}


def profile_of(release: ReleaseMetadata) -> Profile:
    """The profile that the label names, or the one that follows from type and content."""
    if release.profile is not None:
        return release.profile
    if release.type in _BY_TYPE:
        return _BY_TYPE[release.type]
    videos = _kinds(release)
    if videos == _BOTH:
        return Profile.MIXED_MEDIA
    simple, full = (
        (Profile.SIMPLE_VIDEO_SINGLE, Profile.VIDEO)
        if videos == _VIDEO
        else (Profile.SIMPLE_AUDIO_SINGLE, Profile.AUDIO)
    )
    is_simple = release.type in TERMS[simple].types and len(release.tracks) == 1
    return simple if is_simple and not _extras(release) else full


def variants_of(release: ReleaseMetadata) -> tuple[ProfileVariant, ...]:
    """The variants that the label names, or those that follow from the type; BoxedSet first."""
    given = release.variants
    wanted = {
        ProfileVariant.BOXED_SET: release.type in _BOXED,
        ProfileVariant.CLASSICAL: release.type in _CLASSICAL,
    }
    return tuple(v for v, follows in wanted.items() if (follows if given is None else v in given))


def terms_of(release: ReleaseMetadata) -> ProfileTerms:
    return TERMS[profile_of(release)]


def problems(release: ReleaseMetadata) -> Iterator[Problem]:
    """Why the release cannot follow its profile or variants, whether named or derived."""
    profile, terms = profile_of(release), terms_of(release)
    if release.tracks:
        yield from _of_tracks(release, profile, terms)
    if release.type is not None and release.type not in terms.types:
        types = ", ".join(sorted(terms.types))
        yield Problem(
            "profile_type",
            "type" if release.profile is None else "profile",
            f"A release of type {release.type} cannot have the profile {profile}.",
            f"With these tracks it can be {types}."
            if release.profile is None
            else f"That profile is for {types}.",
        )
    is_boxed = ProfileVariant.BOXED_SET in variants_of(release)
    if is_boxed and len({t.disc for t in release.tracks}) < 2:
        yield Problem(
            "profile_boxed_set",
            "type" if release.variants is None else "variants",
            "A boxed set has two discs or more.",
            "Number the discs, or do not call it a boxed set.",
        )


def _of_tracks(
    release: ReleaseMetadata, profile: Profile, terms: ProfileTerms
) -> Iterator[Problem]:
    field = "type" if release.profile is None else "profile"
    if _kinds(release) != terms.videos:
        yield Problem(
            "profile_tracks",
            field,
            f"The profile {profile} is for {_WORDS[terms.videos]}.",
            "Choose another one, or change the tracks.",
        )
    for i, track in enumerate(release.tracks):
        if terms.kinds and track.is_video and track.recording_kind not in terms.kinds:
            yield Problem(
                "profile_kind",
                f"tracks[{i}].kind",
                f"The profile {profile} is not for a {track.recording_kind}.",
                f"Say whether it is {' or '.join(sorted(terms.kinds))}.",
            )
    if terms.one_track and len(release.tracks) > 1:
        yield Problem(
            "profile_one_track",
            field,
            f"The profile {profile} is for one track, the release has {len(release.tracks)}.",
            "Choose another one, or make a release of each.",
        )
    if terms.bare and _extras(release):
        yield Problem(
            "profile_extras",
            field,
            f"The profile {profile} has room for the track and its cover only.",
            "Choose another one, or leave attachments and immersive editions out.",
        )


def _kinds(release: ReleaseMetadata) -> frozenset[bool]:
    return frozenset(track.is_video for track in release.tracks)


def _extras(release: ReleaseMetadata) -> bool:
    return bool(release.attachments or any(track.immersive for track in release.tracks))
