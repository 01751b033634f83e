"""What our messages say against what DDEX's own samples for ERN 3.8.2 say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from tests.ern.releases import full, single, spec_of
from tests.ern.test_ern_three_sequences import rich_video

from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.target import ErnVersion
from deadwax.infrastructure.ern.builder import DdexMessages

# What the samples say and we do not, each for a reason.
NOT_SAID = {
    # A flag that nobody here sets.
    "IsBackfill",
    # Deprecated, says the XSD; OriginalReleaseDate says it.
    "ReleaseList/Release/GlobalOriginalReleaseDate",
    # When this recording comes out; the model has when it first came out.
    "ResourceList/SoundRecording/SoundRecordingDetailsByTerritory/ResourceReleaseDate",
    "ResourceList/Video/VideoDetailsByTerritory/ResourceReleaseDate",
    # A front cover has no warning of its own in the model, as an attachment has.
    "ResourceList/Image/ImageDetailsByTerritory/ParentalWarningType",
}


@pytest.mark.parametrize(
    ("sample", "release"),
    [
        ("Profile_AudioAlbumMusicOnly.xml", full()),
        ("Profile_AudioSingle.xml", full()),
        ("Profile_VideoSingle.xml", rich_video()),
    ],
)
def test_every_element_of_a_sample_stands_where_ours_does(
    sample: str, release: ReleaseMetadata, samples: Path, messages: DdexMessages
) -> None:
    theirs = etree.parse(str(samples / "ern-382" / sample)).getroot()
    ours = etree.fromstring(messages.build(spec_of(release, ern=ErnVersion.V382)).xml)

    assert set(paths(theirs)) - set(paths(ours)) <= NOT_SAID


def test_the_releases_of_a_single_are_those_of_the_sample(
    samples: Path, messages: DdexMessages
) -> None:
    theirs = etree.parse(str(samples / "ern-382" / "Profile_AudioSingle.xml")).getroot()
    ours = etree.fromstring(messages.build(spec_of(single(), ern=ErnVersion.V382)).xml)

    assert list(releases(ours)) == list(releases(theirs))


def paths(root: etree._Element) -> Iterator[str]:
    """Without the sample's own comments."""
    for element in root.iter(etree.Element):
        steps = [e.tag for e in (element, *element.iterancestors()) if e is not root]
        if steps:
            yield "/".join(reversed(steps))


def releases(root: etree._Element) -> Iterator[tuple[object, ...]]:
    """Of each release: whether it is the main one, its type, and its resources by their role."""
    for release in root.iterfind("ReleaseList/Release"):
        resources = release.iterfind("ReleaseResourceReferenceList/ReleaseResourceReference")
        yield (
            release.get("IsMainRelease"),
            release.findtext("ReleaseReference"),
            release.findtext("ReleaseType"),
            [((r.text or "").strip(), r.get("ReleaseResourceType")) for r in resources],
        )
