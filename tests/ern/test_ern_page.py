"""The page of what is covered is drawn from the code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_lists_what_is_written_and_read() -> None:
    command = [sys.executable, str(ROOT / "docs" / "draw_ern.py")]
    drawn = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (ROOT / "docs" / "ern.md").read_text() == drawn.stdout
