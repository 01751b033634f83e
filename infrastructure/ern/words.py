"""Whether DDEX knows a word: values against the allowed value sets of a version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from deadwax.domain.errors import Problem
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.versions import Standard

_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9()/._-]*")


@dataclass(slots=True)
class Said:
    """Words that a release says in `field`, of the set that DDEX calls `name`."""

    code: str
    name: str
    field: str
    words: Sequence[str]
    is_list: bool = True


def unknown(listed: Iterable[Said], standard: Standard, schemas: Schemas) -> Iterator[Problem]:
    """Without the schemas only the form is checked. UserDefined would need its meaning."""
    sets: dict[str, frozenset[str] | None] = {}
    for said in listed:
        if said.name not in sets:
            sets[said.name] = schemas.allowed_values(standard, said.name)
        allowed = sets[said.name]
        for i, word in enumerate(said.words):
            known = _FORM.fullmatch(word) if allowed is None else word in allowed
            if not known or word == "UserDefined":
                yield Problem(
                    f"{said.code}_unknown",
                    f"{said.field}[{i}]" if said.is_list else said.field,
                    f"{word} is not a DDEX {said.name} of {standard.name}.",
                    f"Use a value of DDEX's set{_near(word, allowed)}.",
                )


def _near(word: str, allowed: frozenset[str] | None) -> str:
    near = get_close_matches(word, sorted(allowed or ()), n=3)
    return f"; near it are {', '.join(near)}" if near else ""
