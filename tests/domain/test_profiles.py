"""Which profile follows from a release, and which a release cannot have."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadwax.domain.metadata import Attachment, ReleaseMetadata
from deadwax.domain.profiles import TERMS, problems, profile_of, terms_of, variants_of
from deadwax.domain.texts import Name
from deadwax.domain.tracks import Track
from deadwax.domain.vocabulary import (
    AttachmentKind,
    Profile,
    ProfileVariant,
    RecordingKind,
    ReleaseType,
)

SOUND, FILM = RecordingKind.MUSIC, RecordingKind.SHORT_FORM_VIDEO
CONCERT = RecordingKind.CONCERT_VIDEO
BOOKLET = Attachment(kind=AttachmentKind.BOOKLET)


def release(
    type: ReleaseType, *kinds: RecordingKind, profile: Profile | None = None
) -> ReleaseMetadata:
    tracks = tuple(Track(number=n, kind=kind) for n, kind in enumerate(kinds, start=1))
    return ReleaseMetadata(title=Name("A"), type=type, profile=profile, tracks=tracks)


@pytest.mark.parametrize(
    ("type", "kinds", "profile"),
    [
        (ReleaseType.ALBUM, [SOUND], Profile.AUDIO),
        (ReleaseType.SINGLE, [SOUND], Profile.SIMPLE_AUDIO_SINGLE),
        (ReleaseType.SINGLE, [SOUND, SOUND], Profile.AUDIO),
        (ReleaseType.SINGLE_RESOURCE, [SOUND], Profile.SIMPLE_AUDIO_SINGLE),
        (ReleaseType.VIDEO_SINGLE, [FILM], Profile.SIMPLE_VIDEO_SINGLE),
        (ReleaseType.VIDEO_SINGLE, [FILM, FILM], Profile.VIDEO),
        (ReleaseType.VIDEO_ALBUM, [FILM], Profile.VIDEO),
        (ReleaseType.ALBUM, [SOUND, FILM], Profile.MIXED_MEDIA),
        (ReleaseType.RINGTONE, [SOUND], Profile.RINGTONE),
        (ReleaseType.DJ_MIX, [SOUND], Profile.DJ_MIX),
        (ReleaseType.LONG_FORM_VIDEO, [CONCERT], Profile.LONG_FORM_VIDEO),
        (ReleaseType.CONCERT_VIDEO, [CONCERT], Profile.LONG_FORM_VIDEO),
        (ReleaseType.BOXED_SET, [FILM, FILM], Profile.VIDEO),
    ],
)
def test_profile_follows_from_type_and_tracks(
    type: ReleaseType, kinds: list[RecordingKind], profile: Profile
) -> None:
    assert profile_of(release(type, *kinds)) is profile
    assert terms_of(release(type, *kinds)) is TERMS[profile]


def test_single_with_a_booklet_is_not_a_simple_one() -> None:
    single = replace(release(ReleaseType.SINGLE, SOUND), attachments=(BOOKLET,))

    assert profile_of(single) is Profile.AUDIO
    named = replace(single, profile=Profile.SIMPLE_AUDIO_SINGLE)
    assert [p.code for p in problems(named)] == ["profile_extras"]


@pytest.mark.parametrize(
    ("type", "profile", "kinds", "code", "field"),
    [
        (ReleaseType.VIDEO_ALBUM, None, [SOUND], "profile_type", "type"),
        (ReleaseType.RINGTONE, None, [SOUND, SOUND], "profile_one_track", "type"),
        (ReleaseType.RINGTONE, None, [FILM], "profile_tracks", "type"),
        (ReleaseType.ALBUM, Profile.DJ_MIX, [SOUND], "profile_type", "profile"),
        (ReleaseType.LONG_FORM_VIDEO, None, [FILM], "profile_kind", "tracks[0].kind"),
    ],
)
def test_what_does_not_fit_is_named(
    type: ReleaseType,
    profile: Profile | None,
    kinds: list[RecordingKind],
    code: str,
    field: str,
) -> None:
    found = list(problems(release(type, *kinds, profile=profile)))

    assert [(p.code, p.field) for p in found] == [(code, field)]
    assert found[0].fix


def test_variants_follow_from_the_type_in_the_order_of_ddex() -> None:
    boxed = release(ReleaseType.CLASSICAL_BOXED_SET, SOUND)
    backwards = (ProfileVariant.CLASSICAL, ProfileVariant.BOXED_SET)

    assert variants_of(boxed) == (ProfileVariant.BOXED_SET, ProfileVariant.CLASSICAL)
    assert variants_of(replace(boxed, variants=backwards)) == variants_of(boxed)
    assert variants_of(replace(boxed, variants=())) == ()


@given(
    st.sampled_from(ReleaseType),
    st.lists(st.sampled_from([SOUND, FILM, CONCERT]), min_size=1, max_size=4),
)
def test_a_profile_that_was_derived_can_be_named_as_well(
    type: ReleaseType, kinds: list[RecordingKind]
) -> None:
    derived = release(type, *kinds)
    named = replace(derived, profile=profile_of(derived))

    assert [p.code for p in problems(named)] == [p.code for p in problems(derived)]
