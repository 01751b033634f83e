"""`deadwax ern validate` from the outside: files in, words, JSON and exit codes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.ern.mutations import MESSAGES, broken, set_attribute, set_text
from typer.testing import CliRunner, Result

from deadwax.workers.ern_cli import app

GOOD = MESSAGES / "ern-43.xml"
ISRC = "ResourceList/SoundRecording[2]//ISRC"


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, schemas: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEADWAX_DDEX_SCHEMAS", str(schemas))
    monkeypatch.setenv("DEADWAX_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DEADWAX_WORKBENCH_URL", raising=False)


def validate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["validate", *(str(a) for a in arguments)])


def told(*arguments: str | Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in validate(*arguments, "--json").stdout.splitlines()]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.xml"
    file.write_bytes(broken("ern-382", set_text(ISRC, "QZ-1")))
    return file


@pytest.mark.parametrize("file", sorted(MESSAGES.glob("*.xml")), ids=lambda p: p.stem)
def test_valid_message_of_any_version_is_exit_code_0(file: Path) -> None:
    result = validate(file)

    assert result.exit_code == 0
    assert result.stdout.startswith(f"{file}: valid; ERN ")
    assert result.stdout.endswith("schema valid\n")


def test_problem_is_told_with_place_field_rule_and_source(bad: Path) -> None:
    result = validate(bad)

    assert result.exit_code == 1
    problem, verdict = result.stderr.splitlines()
    place, _, words = problem.partition(": ")
    assert place.startswith(f"{bad}:")
    assert len(place.split(":")) == 3
    assert words.startswith("error: tracks[1].isrc: 'QZ-1' is not a valid Isrc. Give two letters")
    assert "[ern_isrc_invalid; ErncFileStatus IdentifierSyntaxInvalid]" in words
    assert words.endswith("/ResourceList/SoundRecording[2]/SoundRecordingId/ISRC")
    assert verdict == f"{bad}: invalid; ERN 3.8.2 NewReleaseMessage; schema valid"


def test_json_is_one_object_a_line(bad: Path) -> None:
    valid, invalid = told(GOOD, bad)

    assert valid == {
        "file": str(GOOD),
        "valid": True,
        "standard": "ERN 4.3",
        "message": "NewReleaseMessage",
        "schema": "valid",
        "problems": [],
    }
    assert (invalid["valid"], invalid["standard"]) == (False, "ERN 3.8.2")
    (problem,) = invalid["problems"]
    assert problem["rule"] == "ern_isrc_invalid"
    assert problem["severity"] == "error"
    assert problem["field"] == "tracks[1].isrc"
    assert problem["xpath"].endswith("/ISRC")
    assert problem["line"] > 1
    assert problem["column"] > 1
    assert problem["document"]
    assert problem["fix"]


def test_exit_code_is_that_of_the_worst_file(bad: Path, tmp_path: Path) -> None:
    assert validate(GOOD, bad, GOOD).exit_code == 1
    assert validate(bad, tmp_path / "nothing.xml", GOOD).exit_code == 2


def test_warning_leaves_a_message_valid(tmp_path: Path) -> None:
    file = tmp_path / "warned.xml"
    file.write_bytes(broken("ern-43", set_attribute(".", "ReleaseProfileVersionId", None)))

    result = validate(file)

    assert result.exit_code == 0
    assert ": warning: There is no ReleaseProfileVersionId." in result.stdout


def test_error_of_the_schema_is_told_in_its_words(tmp_path: Path) -> None:
    file = tmp_path / "late.xml"
    file.write_bytes(broken("ern-43", set_text("ResourceList/SoundRecording/Duration", "3:01")))

    (told_of,) = told(file)

    assert (told_of["valid"], told_of["schema"]) == (False, "invalid")
    assert {p["document"] for p in told_of["problems"]} == {"XSD of ERN 4.3"}
    assert {p["field"] for p in told_of["problems"]} == {"tracks[0].duration"}


@pytest.mark.parametrize(
    ("xml", "code"), [(b"<a", "xml_malformed"), (b"<!DOCTYPE a><a/>", "xml_doctype")]
)
def test_what_is_no_readable_xml_is_invalid(xml: bytes, code: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.xml"
    file.write_bytes(xml)

    (told_of,) = told(file)

    assert validate(file).exit_code == 1
    assert [p["rule"] for p in told_of["problems"]] == [code]


@pytest.mark.parametrize(
    ("name", "xml", "code"),
    [
        ("other.xml", b'<a xmlns="http://ddex.net/xml/ern/37"/>', "ern_version_unknown"),
        ("nothing.xml", None, "file_unreadable"),
        (".", None, "file_unreadable"),
    ],
)
def test_what_cannot_be_read_or_checked_is_exit_code_2(
    name: str, xml: bytes | None, code: str, tmp_path: Path
) -> None:
    if xml is not None:
        (tmp_path / name).write_bytes(xml)

    (told_of,) = told(tmp_path / name)

    assert validate(tmp_path / name).exit_code == 2
    assert told_of["valid"] is None
    assert [p["rule"] for p in told_of["problems"]] == [code]


def test_without_schemas_nothing_is_called_valid(
    bad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEADWAX_DDEX_SCHEMAS")

    unknown, invalid = told(GOOD, bad)

    assert validate(GOOD).exit_code == 2
    assert (unknown["valid"], unknown["schema"]) == (None, "not checked")
    assert [p["rule"] for p in unknown["problems"]] == ["schemas_missing"]
    assert invalid["valid"] is False


def test_delivered_looks_at_the_files_too(tmp_path: Path) -> None:
    file = tmp_path / "ern.xml"
    file.write_bytes(GOOD.read_bytes())

    assert validate(file).exit_code == 0
    assert validate(file, "--delivered").exit_code == 1
    assert {p["rule"] for p in told(file, "--delivered")[0]["problems"]} == {"ern_file_missing"}


def test_workbench_is_asked_only_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = "http://127.0.0.1:1"
    plain, asked = told(GOOD), told(GOOD, "--workbench", nobody)
    monkeypatch.setenv("DEADWAX_WORKBENCH_URL", nobody)

    assert plain[0]["problems"] == []
    for answer in (asked, told(GOOD)):
        assert answer[0]["valid"] is True
        assert [p["rule"] for p in answer[0]["problems"]] == ["workbench_unavailable"]


def test_file_without_end_is_read_no_further_than_a_message_may_be_long() -> None:
    (told_of,) = told("/dev/zero")

    assert [p["rule"] for p in told_of["problems"]] == ["xml_too_large"]
