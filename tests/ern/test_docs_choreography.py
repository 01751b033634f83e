"""docs/choreography.md: its examples are laid out as it says, its tables are those of the code."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from deadwax.application.messages import ResourceFile
from deadwax.application.packaging import ReleaseFiles, package_of
from deadwax.application.ports import StoredAsset
from deadwax.domain.assets import AssetFacts, AssetKind
from deadwax.domain.choreography import Choreography
from deadwax.domain.choreography_versions import ChoreographyKind
from deadwax.domain.file_names import FileNames
from deadwax.domain.package_paths import PackagePaths
from deadwax.infrastructure.ern.statuses import ACTIONS, ADVICE, OK, RELEASE_OUTCOMES, code_of

PAGE = (Path(__file__).parents[2] / "docs" / "choreography.md").read_text()
EXAMPLES = re.findall(r"```json\n(.*?)```\n+```text\n(.*?)```", PAGE, re.DOTALL)
RELEASE = {"icpn": "5901234123457", "grid": "A12425GABC1234002M"}


def table(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def stored(name: str) -> StoredAsset:
    data = name.encode()
    return StoredAsset(hashlib.sha256(data).hexdigest(), hashlib.md5(data).hexdigest(), len(data))


def laid_out(choreography: Choreography) -> list[str]:
    """A release of two tracks and a cover, delivered on 2 January 2026."""
    file = {**RELEASE, "kind": "SoundRecording", "extension": "wav"}
    names = choreography.file_names
    tracks = [
        names.track.fill(
            file
            | {"technical": f"T{n}", "disc": "1", "track": str(n), "isrc": f"QZDWX260000{n}"}
            | {"hash": stored(str(n)).sha256}
        )
        for n in (1, 2)
    ]
    cover = {"technical": "T3", "kind": "CoverArt", "extension": "jpg", "hash": "0" * 64}
    uris = [*tracks, names.cover.fill(file | cover)]
    assets = {uri: stored(uri) for uri in uris}
    release = ReleaseFiles(
        ids=RELEASE,
        message=stored("message"),
        resources=[
            ResourceFile(uri=uri, sha256=a.sha256, size=a.size) for uri, a in assets.items()
        ],
        assets={
            a.sha256: AssetFacts(**vars(a), filename="x", kind=AssetKind.AUDIO)
            for a in assets.values()
        },
    )
    manifest = b"manifest" if choreography.has_manifest else None
    paths = PackagePaths(choreography, "20260102030405006")
    package = package_of(paths, [release], manifest, lambda data: stored(data.decode()))
    return [file.path for file in package.by_release[0]]


@pytest.mark.parametrize(("settings", "files"), EXAMPLES)
def test_an_example_is_laid_out_as_shown(settings: str, files: str) -> None:
    choreography = TypeAdapter(Choreography).validate_json(settings, strict=True)

    assert laid_out(choreography) == files.splitlines()


def test_there_are_examples_of_every_kind() -> None:
    shown = [json.loads(settings) for settings, _ in EXAMPLES]

    laid_out_kinds = set(ChoreographyKind) - {ChoreographyKind.WEB_SERVICE}
    assert {one.get("kind", "sftp_batch") for one in shown} == laid_out_kinds
    assert {one.get("version", "1.8") for one in shown} == {"1.5", "1.6", "1.7", "1.8"}


def test_every_setting_is_explained() -> None:
    explained = [row[0].strip("`") for row in table("Settings")]
    names = [f"names.{field.name}" for field in fields(FileNames)]
    own = [field.name for field in fields(Choreography)]

    assert explained == [n for name in own for n in (names if name == "names" else [name])]


def rows_of_release() -> list[list[str]]:
    return [
        [status, outcome.value if outcome else "nothing yet"]
        for status, outcome in RELEASE_OUTCOMES.items()
    ] + [["UserDefined", "kept for a person"]]


def rows_of_files() -> list[list[str]]:
    advised = [s for s in ADVICE if s not in RELEASE_OUTCOMES]
    return [
        [OK, "accepted", ""],
        *([status, f"`{code_of(status)}`", ADVICE[status].fix] for status in advised),
        ["UserDefined", "kept for a person", ""],
    ]


def test_every_status_is_listed_with_its_meaning() -> None:
    assert table("What a platform says of a release") == rows_of_release()
    assert table("What it says of the message and its files") == rows_of_files()


def test_every_proposed_action_is_listed() -> None:
    assert table("What it proposes") == [[action, text] for action, text in ACTIONS.items()]
