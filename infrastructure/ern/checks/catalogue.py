"""Every rule of ours."""

from __future__ import annotations

from deadwax.infrastructure.ern.checks import (
    codes,
    dates,
    deals,
    delivery,
    files,
    references,
    structure,
)
from deadwax.infrastructure.ern.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    *structure.RULES,
    *references.RULES,
    *deals.RULES,
    *codes.RULES,
    *dates.RULES,
    *files.RULES,
    *delivery.RULES,
)
