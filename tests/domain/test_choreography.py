"""Where every file of a delivery lies, by kind and version, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadwax.domain.choreography import Choreography
from deadwax.domain.choreography_versions import (
    RULES,
    BatchPriority,
    Checksums,
    ChoreographyKind,
    ChoreographyVersion,
    Completion,
    UploadOrder,
)
from deadwax.domain.errors import InvalidValue, Refused
from deadwax.domain.file_names import (
    USUAL_NAMES,
    CoverName,
    FileNames,
    FolderName,
    InReleaseFolder,
    MessageName,
    TrackName,
)
from deadwax.domain.package_paths import PackagePaths
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.target import TargetSettings

BATCH, SINGLE = ChoreographyKind.SFTP_BATCH, ChoreographyKind.RELEASE_BY_RELEASE
CLOUD = ChoreographyKind.CLOUD_STORAGE
V15, V16, V17, V18 = ChoreographyVersion
ID = "20260102030405006"
IDS = {"icpn": "5901234123457", "grid": "A12425GABC1234002M"}


@pytest.mark.parametrize(
    ("kind", "version", "priority", "message"),
    [
        (BATCH, V15, "N", f"{ID}/5901234123457/5901234123457.xml"),
        (BATCH, V16, "N", f"N_{ID}/5901234123457/5901234123457.xml"),
        (BATCH, V16, "P", f"P_{ID}/5901234123457/5901234123457.xml"),
        (BATCH, V17, "M", f"M_{ID}/5901234123457/5901234123457.xml"),
        (BATCH, V18, "N", f"N_{ID}/5901234123457/5901234123457.xml"),
        (SINGLE, V15, "N", f"5901234123457_{ID}/5901234123457.xml"),
        (SINGLE, V16, "N", f"N_5901234123457_{ID}/5901234123457.xml"),
        (SINGLE, V17, "P", f"P_5901234123457_{ID}/5901234123457.xml"),
        (SINGLE, V18, "L", f"L_5901234123457_{ID}/5901234123457.xml"),
        (CLOUD, V18, "N", f"N_5901234123457_{ID}/5901234123457.xml"),
    ],
)
def test_a_message_lies_where_its_version_has_it(
    kind: ChoreographyKind, version: ChoreographyVersion, priority: str, message: str
) -> None:
    paths = PackagePaths(
        Choreography(kind=kind, version=version, priority=BatchPriority(priority)), ID
    )

    assert paths.message(IDS) == message
    assert paths.url(IDS) == "." + message[message.index("/") :]
    assert paths.manifest(IDS) == f"{message.split('/')[0]}/BatchComplete_{ID}.xml"


@pytest.mark.parametrize(("kind", "version"), list(RULES))
def test_what_ddex_has_is_taken_and_completes_itself(
    kind: ChoreographyKind, version: ChoreographyVersion
) -> None:
    choreography = Choreography(kind=kind, version=version)

    assert choreography.has_manifest is (kind is BATCH)
    assert choreography.completed_by is (
        Completion.MANIFEST if kind is BATCH else Completion.MESSAGE
    )
    assert from_plain(Choreography, to_plain(choreography)) == choreography


def test_every_combination_that_ddex_lacks_is_refused() -> None:
    for kind in ChoreographyKind:
        for version in ChoreographyVersion:
            if (kind, version) not in RULES:
                refused("choreography_unknown", kind=kind, version=version)
                continue
            for priority in set(BatchPriority) - RULES[kind, version].priorities:
                refused("priority_not_in_version", kind=kind, version=version, priority=priority)


def refused(code: str, **fields: Any) -> None:
    with pytest.raises(InvalidValue) as error:
        Choreography(**fields)
    assert (error.value.code, bool(error.value.fix)) == (code, True)


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("manifest_without_batch", {"kind": SINGLE, "manifest": True}),
        ("completion_without_manifest", {"manifest": False}),
        ("completion_without_manifest", {"kind": SINGLE, "completion": Completion.MANIFEST}),
        ("batch_without_end", {"completion": Completion.MESSAGE}),
        ("batch_without_end", {"manifest": False, "completion": Completion.NONE}),
        ("marker_unclear", {"completion": Completion.MARKER}),
        ("marker_unclear", {"marker": MessageName("done")}),
        ("message_first_and_last", {"kind": SINGLE, "order": UploadOrder.MESSAGE_FIRST}),
        (
            "release_folder_without_batch",
            {"kind": SINGLE, "release_folder": InReleaseFolder("{grid}")},
        ),
        ("folder_not_unique", {"folder": FolderName("deliveries")}),
        ("folder_not_of_batch", {"folder": FolderName("{icpn}_{batch}")}),
        ("answer_hours_invalid", {"answer_hours": 0}),
        ("back_catalogue_days_invalid", {"back_catalogue_days": 0}),
        ("back_catalogue_days_invalid", {"back_catalogue_days": 10**20}),
        (
            "file_names_collide",
            {
                "release_folder": InReleaseFolder("release"),
                "names": FileNames(message=MessageName("message.xml")),
            },
        ),
        (
            "file_names_collide",
            {"names": FileNames(track=TrackName("{icpn}_{track}.{extension}"))},
        ),
        ("file_names_collide", {"names": FileNames(other=CoverName("{icpn}.{extension}"))}),
        ("file_names_collide", {"names": FileNames(cover=CoverName("{icpn}.xml"))}),
        (
            "file_names_collide",
            {
                "checksums": Checksums.ALL,
                "names": FileNames(other=CoverName("{icpn}.xml.md5")),
            },
        ),
        (
            "file_names_collide",
            {"completion": Completion.MARKER, "marker": MessageName("BatchComplete_{batch}.xml")},
        ),
    ],
)
def test_what_contradicts_itself_is_refused(code: str, fields: dict[str, Any]) -> None:
    refused(code, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        # DDEX 1.6 and 1.7, 8.1: an empty file in the place of the manifest.
        {
            "version": V17,
            "manifest": False,
            "completion": Completion.MARKER,
            "marker": MessageName("BatchComplete_{batch}.xml"),
        },
        {"completion": Completion.MARKER, "marker": MessageName("{batch}.done")},
        {"kind": SINGLE, "completion": Completion.MARKER, "marker": MessageName("done")},
        {"kind": SINGLE, "completion": Completion.NONE, "order": UploadOrder.MESSAGE_FIRST},
        {"order": UploadOrder.MESSAGE_FIRST, "checksums": Checksums.ALL},
        {"release_folder": InReleaseFolder("{grid}"), "answer_hours": 24},
        {"names": FileNames(track=TrackName("audio/{isrc}.{extension}"))},
        {"names": FileNames(track=TrackName("{hash}.{extension}"))},
    ],
)
def test_what_platforms_agree_beside_ddex_is_taken(fields: dict[str, Any]) -> None:
    Choreography(**fields)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("../{icpn}", "no .."),
        ("/resources/{icpn}", "no .."),
        ("resources//{icpn}", "no .."),
        ("resources/", "no .."),
        ("resources/{icpn} /x", "no .."),
        ("{upc}.wav", "there is no {upc} here"),
        ("{batch}.wav", "there is no {batch} here"),
        ("{icpn:02}.wav", "{icpn} is no number"),
        ("{icpn}.part", "not finished"),
        ("a\\b", "not a valid"),
        ("{icpn", "not a valid"),
        ("ä.wav", "not a valid"),
        ("", "not a valid"),
        ("x" * 201, "not a valid"),
    ],
)
def test_a_name_that_could_leave_its_folder_or_means_nothing_is_refused(
    text: str, said: str
) -> None:
    with pytest.raises(InvalidValue) as error:
        TrackName(text)

    assert error.value.code == "file_pattern_invalid"
    assert said in str(error.value)


@given(text=st.text(alphabet="ab./{}icpn_ ", max_size=12))
def test_what_is_taken_stays_below_its_folder(text: str) -> None:
    try:
        name = CoverName(text).fill({"icpn": "5901234123457"})
    except InvalidValue:
        return

    assert not name.startswith("/")
    assert not {"", ".", ".."} & set(name.split("/"))
    assert "{" not in name


def test_discs_and_tracks_have_the_digits_that_are_asked_for() -> None:
    place = {"icpn": "1", "disc": "1", "track": "12", "extension": "wav"}

    assert USUAL_NAMES.track.fill(place) == "resources/1_01_012.wav"
    assert TrackName("{icpn}_{disc:01}_{track:02}").fill(place) == "1_1_12"
    assert TrackName("{track:02}").fill(place | {"track": "100"}) == "100"


def test_targets_from_before_have_the_batch_of_1_8() -> None:
    sample = Path(__file__).parents[1] / "golden" / "events" / "target.opened.v1.json"
    settings = json.loads(sample.read_text())["data"]["settings"]
    assert "choreography" not in settings

    assert from_plain(TargetSettings, settings).choreography == Choreography()


def test_a_name_without_its_value_is_refused_by_name() -> None:
    with pytest.raises(Refused) as error:
        MessageName("{grid}.xml").fill({"icpn": "1"})

    assert [(p.code, p.field) for p in error.value.problems] == [("file_name_lacks_value", "grid")]
