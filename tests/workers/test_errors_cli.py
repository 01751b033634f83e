"""What the command says where something is missing: words and an exit code, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest


def deadwax(home: Path, *arguments: object, given: str = "") -> subprocess.CompletedProcess[str]:
    unset = ("DEADWAX_DATABASE_URL", "DEADWAX_REDIS_URL", "DEADWAX_BROKER")
    environ = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        [sys.executable, "-m", "deadwax.workers.cli", *map(str, arguments)],
        env={**environ, "DEADWAX_HOME": str(home), "TERMINAL_WIDTH": "1000"},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("process", ["api", "worker", "dispatcher", "scheduler", "projector"])
def test_a_process_without_a_database_says_which_setting_it_lacks(
    tmp_path: Path, process: str
) -> None:
    ended = deadwax(tmp_path, process)
    assert ended.returncode == 2
    assert ended.stderr.strip() == "DEADWAX_DATABASE_URL is not set: name the PostgreSQL server."


@pytest.mark.parametrize("given", ["\n", " \t\n\n"])
def test_an_empty_secret_is_not_stored(tmp_path: Path, given: str) -> None:
    ended = deadwax(tmp_path, "secrets", "put", "sandbox", "--tenant", uuid4(), given=given)
    assert ended.returncode == 2
    assert "Nothing came on standard input" in ended.stderr
    assert not list(tmp_path.rglob("sandbox"))


def test_a_secret_by_a_name_that_leaves_its_folder_is_not_stored(tmp_path: Path) -> None:
    ended = deadwax(tmp_path, "secrets", "put", "../../x", "--tenant", uuid4(), given="secret")
    assert ended.returncode == 2
    assert "is not a valid SecretName" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not list(tmp_path.rglob("x"))


@pytest.mark.parametrize(
    ("body", "words"),
    [("[]", "holds no JSON object"), ("[" * 100_000, "nested too deeply"), ("{", "cannot be read")],
)
def test_a_file_that_is_no_body_is_named(tmp_path: Path, body: str, words: str) -> None:
    file = tmp_path / "body.json"
    file.write_text(body)
    ended = deadwax(tmp_path, "ern", "build", file, "--target", file)
    assert ended.returncode == 2
    assert "body.json" in ended.stderr
    assert words in ended.stderr


def test_what_a_target_lacks_is_told_of_the_target(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text("{}")
    ended = deadwax(tmp_path, "ern", "build", file, "--target", file)
    assert ended.returncode == 1
    assert "target.recipient: Field required" in ended.stderr


def test_a_value_of_a_hundred_thousand_characters_is_not_repeated(tmp_path: Path) -> None:
    ended = deadwax(tmp_path, "ids", "check", "isrc", "A" * 100_000, "--json")
    assert ended.returncode == 1
    problem = json.loads(ended.stdout)["problem"]
    assert problem["code"] == "isrc_invalid"
    assert len(problem["message"]) < 300
