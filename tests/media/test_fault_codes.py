"""Every fault that a reader tells of has its row among the checks, and every such row a reader."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from deadwax.domain.media.checks import CHECKS

ROOT = Path(__file__).parents[2]
READERS = sorted((ROOT / "infrastructure" / "media").rglob("*.py"))
JUDGES = sorted((ROOT / "domain" / "media" / "judging").glob("*.py"))


def _words(files: list[Path]) -> Iterator[str]:
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _codes_of_faults(file: Path) -> Iterator[str]:
    """What stands as `code=` of a Fault."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fault":
            for given in (keyword for keyword in node.keywords if keyword.arg == "code"):
                yield from (
                    word.value
                    for word in ast.walk(given.value)
                    if isinstance(word, ast.Constant) and isinstance(word.value, str)
                )


def test_every_fault_has_its_row() -> None:
    told = {code for file in READERS for code in _codes_of_faults(file)}
    assert len(told) > 8
    assert told - CHECKS.keys() == set()


def test_every_row_has_somebody_who_finds_it() -> None:
    known = set(_words(READERS + JUDGES))
    assert [code for code in CHECKS if code not in known] == []
