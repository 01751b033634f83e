"""The files of a delivery: which, in which order, and which of them completes it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.ern.conftest import album, spec_of

from deadwax.application.messages import DeliveryType, MessageKind, ProductType, ResourceFile
from deadwax.application.packaging import (
    ReleaseFiles,
    Role,
    delivery_type,
    package_of,
    product_type,
    resource_uri,
)
from deadwax.application.ports import StoredAsset
from deadwax.domain.assets import AssetFacts
from deadwax.domain.choreography import Choreography
from deadwax.domain.choreography_versions import (
    BatchPriority,
    Checksums,
    ChoreographyKind,
    Completion,
    UploadOrder,
)
from deadwax.domain.errors import Refused
from deadwax.domain.file_names import MessageName, TrackName
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.package_paths import PackagePaths
from deadwax.domain.vocabulary import AssetKind, RecordingKind, ReleaseType

BATCH_ID = "20260102030405006"
SINGLE = ChoreographyKind.RELEASE_BY_RELEASE
kept: dict[str, bytes] = {}


def put(data: bytes) -> StoredAsset:
    sha256 = hashlib.sha256(data).hexdigest()
    kept[sha256] = data
    return StoredAsset(sha256, hashlib.md5(data).hexdigest(), len(data))


def release(icpn: str, *names: str) -> ReleaseFiles:
    """A message that names these files; a name may be given twice."""
    stored = {name: put(f"{icpn} {name}".encode()) for name in names}
    return ReleaseFiles(
        ids={"icpn": icpn},
        message=put(f"message {icpn}".encode()),
        resources=[
            ResourceFile(uri=f"r/{name}", sha256=stored[name].sha256, size=stored[name].size)
            for name in names
        ],
        assets={one.sha256: _facts(one) for one in stored.values()},
    )


def _facts(stored: StoredAsset) -> AssetFacts:
    return AssetFacts(**vars(stored), filename="file", kind=AssetKind.AUDIO)


def laid_out(choreography: Choreography, *releases: ReleaseFiles) -> list[list[str]]:
    """The paths for each release, below the folder of the delivery, with a letter per role."""
    paths = PackagePaths(choreography, BATCH_ID)
    manifest = b"manifest" if choreography.has_manifest else None
    package = package_of(paths, releases, manifest, put)
    root = paths.root(releases[0].ids) + "/"
    return [
        [f"{file.role.value[:3]} {file.path.removeprefix(root)}" for file in files]
        for files in package.by_release
    ]


END = f"man BatchComplete_{BATCH_ID}.xml"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["res 1/r/a", "res 1/r/b", "mes 1/1.xml", END]),
        (
            {"order": UploadOrder.MESSAGE_FIRST},
            ["mes 1/1.xml", "res 1/r/a", "res 1/r/b", END],
        ),
        (
            {"checksums": Checksums.MESSAGE},
            ["res 1/r/a", "res 1/r/b", "che 1/1.xml.md5", "mes 1/1.xml", END],
        ),
        (
            {"completion": Completion.MARKER, "marker": MessageName("{batch}.done")},
            ["res 1/r/a", "res 1/r/b", "mes 1/1.xml", END, f"mar {BATCH_ID}.done"],
        ),
        (
            {
                "manifest": False,
                "completion": Completion.MARKER,
                "marker": MessageName("BatchComplete_{batch}.xml"),
            },
            ["res 1/r/a", "res 1/r/b", "mes 1/1.xml", f"mar BatchComplete_{BATCH_ID}.xml"],
        ),
        ({"kind": SINGLE}, ["res r/a", "res r/b", "mes 1.xml"]),
        (
            {"kind": SINGLE, "checksums": Checksums.ALL},
            [
                *("che r/a.md5", "res r/a", "che r/b.md5", "res r/b"),
                *("che 1.xml.md5", "mes 1.xml"),
            ],
        ),
        (
            {"kind": SINGLE, "completion": Completion.MARKER, "marker": MessageName("done")},
            ["res r/a", "res r/b", "mes 1.xml", "mar done"],
        ),
        (
            {
                "kind": SINGLE,
                "completion": Completion.NONE,
                "order": UploadOrder.MESSAGE_FIRST,
            },
            ["mes 1.xml", "res r/a", "res r/b"],
        ),
    ],
)
def test_what_completes_a_delivery_is_its_last_file(
    fields: dict[str, Any], expected: list[str]
) -> None:
    assert laid_out(Choreography(**fields), release("1", "a", "b")) == [expected]


def test_releases_of_a_batch_share_its_ending_and_nothing_else() -> None:
    first, second = laid_out(Choreography(), release("1", "a"), release("2", "a"))

    assert first == ["res 1/r/a", "mes 1/1.xml", END]
    assert second == ["res 2/r/a", "mes 2/2.xml", END]


def test_a_checksum_is_what_md5sum_checks() -> None:
    choreography = Choreography(checksums=Checksums.ALL)
    package = package_of(PackagePaths(choreography, BATCH_ID), [release("1", "a")], None, put)
    sums = [kept[f.sha256] for f in package.releases[0] if f.role is Role.CHECKSUM]

    assert sums == [
        f"{hashlib.md5(b'1 a').hexdigest()}  a\n".encode(),
        f"{hashlib.md5(b'message 1').hexdigest()}  1.xml\n".encode(),
    ]


def test_a_file_that_is_named_twice_goes_once() -> None:
    assert laid_out(Choreography(), release("1", "a", "a")) == [["res 1/r/a", "mes 1/1.xml", END]]


def test_two_files_under_one_name_are_refused() -> None:
    clash = release("1", "a")
    (a,) = clash.resources
    clash = replace(clash, resources=[a, replace(a, sha256="0" * 64)])

    for releases in ([clash], [release("1", "a"), replace(release("1"), message=put(b"other"))]):
        with pytest.raises(Refused) as refused:
            laid_out(Choreography(), *releases)
        assert [p.code for p in refused.value.problems] == ["file_names_collide"]


def test_a_resource_is_named_by_the_pattern_or_refused() -> None:
    file = {"technical": "T1", "kind": "SoundRecording", "sha256": "0" * 64, "extension": "wav"}
    name = TrackName("{grid}/{isrc}_{disc:01}-{track:02}.{extension}")
    place: dict[str, Any] = {"isrc": "QZDWX2600001", "disc": 1, "track": 7}

    uri = resource_uri(name, album(), **file, **place)
    assert uri == f"{album().grid}/QZDWX2600001_1-07.wav"
    with pytest.raises(Refused) as refused:
        resource_uri(name, replace(album(), grid=None), **file, **place)
    assert [p.code for p in refused.value.problems] == ["file_name_lacks_value"]


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (MessageKind.INITIAL, {}, DeliveryType.NEW_RELEASE),
        (MessageKind.UPDATE, {}, DeliveryType.REDELIVERY),
        (MessageKind.TAKEDOWN, {}, DeliveryType.TAKEDOWN),
        (MessageKind.TAKEDOWN, {"priority": BatchPriority.HIGH}, DeliveryType.TAKEDOWN),
        (MessageKind.INITIAL, {"priority": BatchPriority.HIGH}, DeliveryType.HIGH_PRIORITY),
        (MessageKind.UPDATE, {"priority": BatchPriority.HIGH}, DeliveryType.HIGH_PRIORITY),
        (MessageKind.INITIAL, {"back_catalogue_days": 365}, DeliveryType.BACK_CATALOGUE),
        (MessageKind.INITIAL, {"back_catalogue_days": 366}, DeliveryType.NEW_RELEASE),
        (MessageKind.UPDATE, {"back_catalogue_days": 1}, DeliveryType.REDELIVERY),
    ],
)
def test_a_batch_announces_what_a_message_is(
    kind: MessageKind, fields: dict[str, Any], expected: DeliveryType
) -> None:
    old = replace(album(), original_release_date=date(2026, 1, 2))
    spec = replace(spec_of(old, kind), created_at=datetime(2027, 1, 2, tzinfo=UTC))

    assert delivery_type(spec, Choreography(**fields)) is expected


def test_a_release_without_dates_is_no_back_catalogue() -> None:
    release = replace(album(), original_release_date=None, release_date=None)
    spec = spec_of(release, MessageKind.INITIAL)

    found = delivery_type(spec, Choreography(back_catalogue_days=1))
    assert found is DeliveryType.NEW_RELEASE


def test_a_purge_is_refused_in_a_batch() -> None:
    with pytest.raises(Refused) as refused:
        delivery_type(spec_of(album(), MessageKind.PURGE), Choreography())

    assert [p.code for p in refused.value.problems] == ["purge_not_in_batch"]


def test_a_product_is_what_its_tracks_are() -> None:
    def of(*kinds: RecordingKind, type: ReleaseType = ReleaseType.ALBUM) -> ProductType:
        tracks = tuple(
            replace(album().tracks[0], number=n, kind=kind) for n, kind in enumerate(kinds, start=1)
        )
        release: ReleaseMetadata = replace(album(), tracks=tracks, type=type)
        return product_type(release)

    music, video = RecordingKind.MUSIC, RecordingKind.SHORT_FORM_VIDEO
    assert of(music, RecordingKind.SPOKEN_WORD) is ProductType.AUDIO
    assert of(video, RecordingKind.CONCERT_VIDEO) is ProductType.VIDEO
    assert of(music, video) is ProductType.MIXED_MEDIA
    assert of(music, type=ReleaseType.RINGTONE) is ProductType.MOBILE
