"""Every finding there is, as a table: its severity, unit and words, read from `checks.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

from deadwax.domain.media.findings import Severity


@dataclass(frozen=True, kw_only=True)
class Check:
    """`group` is what it is of: faults, audio, atmos, image, video, text. `says` has {value} and
    {limit} where those come, with `unit`."""

    group: str
    severity: Severity
    unit: str
    says: str
    fix: str


def _read() -> Mapping[str, Check]:
    text = (files(__package__) / "checks.toml").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            code: Check(group=group, **(row | {"severity": Severity(row["severity"])}))
            for group, rows in tomllib.loads(text).items()
            for code, row in rows.items()
        }
    )


CHECKS: Mapping[str, Check] = _read()
