"""docs/validation.md says what is checked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from deadwax.infrastructure.ern.checks.catalogue import RULES

ROOT = Path(__file__).parents[2]


def test_the_page_of_rules_is_drawn_from_the_code() -> None:
    drawn = subprocess.run(
        [sys.executable, ROOT / "docs" / "draw_validation.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    page = (ROOT / "docs" / "validation.md").read_text()

    assert page == drawn.stdout
    assert all(f"`{rule.id}`" in page for rule in RULES)
