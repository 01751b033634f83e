"""The page about importing shows what the command really says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.ern.deliveries import deliver
from typer.testing import CliRunner

from deadwax.application.imported import Fate
from deadwax.application.imported_files import FileState
from deadwax.application.imports import Outcome
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.versions import ERN, READ_ONLY
from deadwax.workers.cli import app

PAGE = (Path(__file__).parents[2] / "docs" / "import.md").read_text()


def test_example_of_a_dry_run_is_real(
    tmp_path: Path, messages: DdexMessages, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered = deliver(tmp_path / "delivery", messages)
    text = delivered.xml.decode()
    text = text.replace(">QZDWX2600001</ISRC>", ">QZ-DWX-26-00001</ISRC>")
    text = text.replace(
        "</ResourceGroup>\n", "</ResourceGroup>\n<TargetURL>https://a.example</TargetURL>\n"
    )
    delivered.message.write_text(text)
    delivered.audio.unlink()
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, ["ern", "import", "delivery"])

    assert result.exit_code == 1
    (example,) = re.findall(r"    deadwax ern import delivery\n\n((?:    .*\n)+)", PAGE)
    assert re.sub(r"^    ", "", example, flags=re.M) == result.stdout


def test_every_word_of_the_result_is_explained() -> None:
    words = [w.value for kind in (Outcome, FileState, Fate) for w in kind]
    assert [w for w in words if f"`{w}`" not in PAGE] == []


def test_every_version_that_is_read_is_named() -> None:
    versions = [s.name.removeprefix("ERN ") for s in (*ERN.values(), *READ_ONLY)]
    assert [v for v in versions if f" {v}" not in PAGE] == []
