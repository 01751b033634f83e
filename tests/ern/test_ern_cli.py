"""`deadwax ern` from the outside: files in, files and exit codes out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from typer.testing import CliRunner, Result

from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.plain import to_plain
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.workers.demo_album import make_album
from deadwax.workers.ern_cli import app

WHEN = ["--message-id", "M1", "--created-at", "2026-10-01T12:30:15+00:00"]


class Desk:
    """A folder with a release, a target, and the command."""

    def __init__(self, folder: Path, spec: MessageSpec) -> None:
        self.folder = folder
        self.release = folder / "input.json"
        self.target = folder / "target.json"
        self.out = folder / "out.xml"
        facts = [to_plain(f) for f in spec.assets.values()]
        self.body: dict[str, Any] = {**to_plain(spec.release), "assets": facts}
        self.write()
        self.target.write_text(json.dumps(_target(spec)))

    def write(self) -> None:
        self.release.write_text(json.dumps(self.body))

    def run(self, *arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [str(a) for a in arguments])

    def build(self, *options: str) -> Result:
        return self.run(
            "build", self.release, "--target", self.target, "-o", self.out, *WHEN, *options
        )


def _target(spec: MessageSpec) -> dict[str, Any]:
    return {
        "platform": "Sandbox DSP",
        "mode": "test",
        "protocol": "sftp",
        "address": {"host": "127.0.0.1", "username": "u", "secret": "s"},
        "sender": to_plain(spec.sender),
        "recipient": to_plain(spec.recipient),
        "ern": "4.3",
        "confirmation": "none",
    }


@pytest.fixture
def desk(
    tmp_path: Path, album_spec: MessageSpec, schemas: Path, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    monkeypatch.setenv("DEADWAX_DDEX_SCHEMAS", str(schemas))
    monkeypatch.setenv("DEADWAX_HOME", str(tmp_path / "home"))
    return Desk(tmp_path, album_spec)


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ([], MessageKind.INITIAL),
        (["--update"], MessageKind.UPDATE),
        (["--takedown"], MessageKind.TAKEDOWN),
    ],
)
def test_build_writes_what_the_builder_builds(
    options: list[str],
    kind: MessageKind,
    desk: Desk,
    album_spec: MessageSpec,
    messages: DdexMessages,
) -> None:
    result = desk.build("--label-dpid", "PADPIDA2007050901U", *options)

    thread = "5901234123457.PADPIDA2009101501Y"
    spec = replace(album_spec, kind=kind, message_id="M1", thread_id=thread)
    assert result.exit_code == 0
    assert desk.out.read_bytes() == messages.build(spec).xml
    assert "schema valid" in result.stderr


def test_build_of_an_album_folder_measures_its_files(desk: Desk) -> None:
    folder = desk.folder / "album"
    make_album(folder, "5901234123457", 6)
    desk.release = folder / "release.json"

    assert desk.build().exit_code == 0

    root = etree.parse(desk.out).getroot()
    assert len(root.findall("ResourceList/SoundRecording")) == 12
    assert {e.text for e in root.iterfind("ResourceList/SoundRecording/Duration")} == {"PT6S"}
    assert desk.run("validate", desk.out).exit_code == 0


def test_message_id_by_default_follows_from_the_inputs(desk: Desk) -> None:
    def built() -> str | None:
        desk.run("build", desk.release, "--target", desk.target, "-o", desk.out, *WHEN[2:])
        return etree.parse(desk.out).findtext("MessageHeader/MessageId")

    first, again = built(), built()
    desk.body["title"] = "Other"
    desk.write()

    assert first == again
    assert first != built()


def test_refused_build_names_every_problem_and_writes_nothing(desk: Desk) -> None:
    del desk.body["icpn"], desk.body["tracks"][0]["isrc"]
    desk.write()

    result = desk.build()

    assert result.exit_code == 1
    assert "icpn_missing" in result.stderr
    assert "tracks[0].isrc" in result.stderr
    assert not desk.out.exists()


def test_wrong_value_in_the_file_is_named_by_its_path(desk: Desk) -> None:
    desk.body["tracks"][1]["isrc"] = "US-1"
    desk.body["colour"] = "black"
    desk.write()

    result = desk.build()

    assert result.exit_code == 1
    assert "tracks[1].isrc" in result.stderr
    assert "isrc_invalid" in result.stderr
    assert "colour" in result.stderr


@pytest.mark.parametrize("content", ["{", ""])
def test_input_that_cannot_be_read_is_exit_code_2(content: str, desk: Desk) -> None:
    desk.release.write_text(content)

    assert desk.build().exit_code == 2


def test_update_and_takedown_at_once_are_refused(desk: Desk) -> None:
    assert desk.build("--update", "--takedown").exit_code == 2


def test_installed_schemas_are_found_without_naming_them(
    desk: Desk, schemas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.build()
    monkeypatch.delenv("DEADWAX_DDEX_SCHEMAS")

    assert desk.run("schemas", "install", schemas).exit_code == 0
    assert desk.run("validate", desk.out).exit_code == 0
    assert desk.run("schemas", "install", desk.folder / "nothing").exit_code == 1
