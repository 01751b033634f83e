"""What is built is read back: for every release of the fixtures, and for random ones."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.ern import releases
from tests.ern.random_releases import complete_releases
from tests.ern.releases import spec_of
from tests.ern.statements import grants, statements

from deadwax.application.imported import ImportedMessage, ImportKind
from deadwax.application.imported_files import with_files
from deadwax.application.messages import BuiltMessage, MessageKind, MessageSpec
from deadwax.domain.identifiers import Sha256
from deadwax.domain.message_style import MessageStyle, TakedownForm
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.profiles import profile_of, terms_of, variants_of
from deadwax.domain.target import ErnVersion
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.contents import length_seconds
from deadwax.infrastructure.ern.reading.reader import DdexReader

FIXTURES = [
    "album",
    "plain_album",
    "single",
    "maxi_single",
    "video_single",
    "video_album",
    "mixed_media",
    "ringtone",
    "long_form",
    "dj_mix",
    "classical",
    "boxed_set",
    "classical_boxed_set",
    "immersive",
    "full",
]
# 3.8.x says of a compilation of one artist only that it is not one of several: so of any release.
NOT_SEVERAL = "IsMultiArtistCompilation"


@pytest.mark.parametrize("ern", list(ErnVersion))
@pytest.mark.parametrize("name", FIXTURES)
def test_release_is_read_back_from_each_version(
    name: str, ern: ErnVersion, messages: DdexMessages
) -> None:
    spec = spec_of(getattr(releases, name)(), MessageKind.INITIAL, ern)
    is_read_back(spec, messages)


@pytest.mark.parametrize("name", [n for n in FIXTURES if n != "full"])
def test_what_is_read_back_is_the_release(name: str, messages: DdexMessages) -> None:
    """As it was drafted, but for what only shows in the message: credits of the whole release
    stand with each track, and what follows from the content is stated."""
    spec = spec_of(getattr(releases, name)())
    built = messages.build(spec)

    message = DdexReader().read(built.xml)

    assert built.omitted == ()
    read = refilled(message, spec, built)
    said = as_stated(spec)
    for field in fields(ReleaseMetadata):
        assert getattr(read, field.name) == getattr(said, field.name), field.name


@settings(max_examples=25, deadline=None)
@given(release=complete_releases(), ern=st.sampled_from(ErnVersion))
def test_any_release_is_read_back_from_any_version(
    release: ReleaseMetadata, ern: ErnVersion, messages: DdexMessages
) -> None:
    warnings = [w for part in (release, *release.tracks) for w in part.parental_warnings]
    assume(all("Worldwide" not in w.territories.included for w in warnings))
    is_read_back(spec_of(release, MessageKind.INITIAL, ern), messages)


@settings(max_examples=8, deadline=None)
@given(release=complete_releases(), ern=st.sampled_from(ErnVersion))
def test_takedown_and_purge_are_read_as_such(
    release: ReleaseMetadata, ern: ErnVersion, messages: DdexMessages
) -> None:
    for style in (MessageStyle(), MessageStyle(takedown=TakedownForm.END_DATE)):
        spec = replace(spec_of(release, MessageKind.TAKEDOWN, ern), style=style)
        assert DdexReader().read(messages.build(spec).xml).kind is ImportKind.TAKEDOWN
    purge = messages.build(spec_of(release, MessageKind.PURGE, ern))
    read = DdexReader().read(purge.xml)
    assert (read.kind, read.ids.icpn) == (ImportKind.PURGE, release.icpn)


def is_read_back(spec: MessageSpec, messages: DdexMessages) -> None:
    """Everything in the message is held, and said again by a message built from what was read."""
    built = messages.build(spec)

    message = DdexReader().read(built.xml)

    assert [d for d in message.report if NOT_SEVERAL not in d.path] == []
    assert message.metadata is not None
    assert (message.message_id, message.mode) == (spec.message_id, spec.mode)
    assert (message.sender.dpid, message.recipient.dpid) == (spec.sender.dpid, spec.recipient.dpid)
    assert {f.uri: f.size or size_of(spec, built, f.uri) for f in message.files} == {
        r.uri: r.size for r in built.resources
    }
    again = messages.build(replace(spec, release=refilled(message, spec, built)))
    said, told = statements(built.xml, ()), statements(again.xml, ())
    assert [s for s in (*(said - told), *(told - said)) if NOT_SEVERAL not in s.path] == []
    assert grants(again.xml) == grants(built.xml)
    assert DdexReader().read(again.xml).metadata == message.metadata


def size_of(spec: MessageSpec, built: BuiltMessage, uri: str) -> int:
    """3.8.x states no sizes."""
    return next(spec.assets[r.sha256].size for r in built.resources if r.uri == uri)


def refilled(message: ImportedMessage, spec: MessageSpec, built: BuiltMessage) -> ReleaseMetadata:
    """What was read, with the files and with what no message holds."""
    assert message.metadata is not None
    by_uri = {r.uri: Sha256(r.sha256) for r in built.resources}
    taken = {file.field: by_uri[file.uri] for file in message.files}
    release = with_files(message.metadata, taken)
    return replace(release, rights=spec.release.rights)


def as_stated(spec: MessageSpec) -> ReleaseMetadata:
    release = spec.release
    tracks = tuple(
        replace(
            track,
            kind=track.recording_kind,
            contributors=(*track.contributors, *release.contributors),
            duration=length_seconds(spec.assets.get(track.file or ""), track.duration),
        )
        for track in release.in_order()
    )
    attachments = release.attachments
    if not terms_of(release).track_releases:  # what belongs to the release is linked to its track
        attachments = tuple(replace(a, isrc=tracks[0].isrc) for a in attachments)
    return replace(
        release,
        attachments=attachments,
        tracks=tracks,
        contributors=(),
        profile=profile_of(release),
        variants=variants_of(release),
    )
