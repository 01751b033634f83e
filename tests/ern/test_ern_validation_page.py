"""docs/validation.md says what is checked."""

from __future__ import annotations

from pathlib import Path

from deadwax.infrastructure.ern.checks.catalogue import RULES


def test_every_rule_is_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "validation.md").read_text()
    assert [rule.id for rule in RULES if f"`{rule.id}`" not in page] == []
