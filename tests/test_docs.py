"""The documentation says what the code does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from typer.main import get_command

from deadwax.domain.delivery_policy import DeliveryPolicy
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.rules import problems
from deadwax.workers.cli import app

ROOT = Path(__file__).parents[1]


DRAWN = sorted((ROOT / "docs").glob("draw_*.py"))


@pytest.mark.parametrize("script", DRAWN, ids=lambda script: script.stem)
def test_what_is_drawn_from_the_code_is_up_to_date(script: Path) -> None:
    drawn = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    page = script.with_name(script.stem.removeprefix("draw_") + ".md")
    assert page.read_text() == drawn.stdout, "make docs"


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text()
    command = get_command(app)
    names = list(command.commands)  # type: ignore[attr-defined]
    assert names
    assert [n for n in names if f"`deadwax {n}" not in text] == []


def test_every_setting_is_documented() -> None:
    source = (ROOT / "infrastructure" / "settings.py").read_text()
    text = (ROOT / "docs" / "operations.md").read_text()
    names = set(re.findall(r"DEADWAX_[A-Z_]+", source))
    assert len(names) > 10
    assert sorted(n for n in names if n not in text) == []


def test_what_happens_when_something_fails_is_tested() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    tests = "".join(page.read_text() for page in (ROOT / "tests" / "faults").glob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", text))
    assert len(named) > 15
    assert sorted(name for name in named if f"def {name}(" not in tests) == []


def test_links_between_documents_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.name}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_the_least_release_of_the_docs_lacks_only_what_the_folder_brings() -> None:
    page = (ROOT / "docs" / "album-folder.md").read_text()
    (shown,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    read = TypeAdapter(ReleaseMetadata).validate_python
    full, brought = json.loads(shown), {"cover_missing", "file_missing"}
    assert {p.code for p in problems(read(full), {})} == brought
    for field in full.keys() - {"title"}:  # without a title there is not even a draft
        less = {name: value for name, value in full.items() if name != field}
        assert {p.code for p in problems(read(less), {})} - brought, field


def test_the_strategies_shown_can_be_given_to_a_target() -> None:
    page = (ROOT / "docs" / "delivery.md").read_text()
    (shown,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    policy = TypeAdapter(DeliveryPolicy).validate_python(json.loads(shown)["policy"])
    assert [override.strategy.attempts for override in policy.strategies] == [1, 5]
