"""Whether a word is one of DDEX's, as far as that can be known here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from deadwax.domain.enrichment_terms import Term
from deadwax.domain.errors import Problem
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.mead.standards import ALLOWED_VALUES

# The form of DDEX's words, from `Chill` to `Gb/F#`.
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9()/#_-]*")


@dataclass(frozen=True)
class Terms:
    """The allowed value sets below `schemas`; where they are not, only the form is checked."""

    schemas: Schemas

    def problems(self, term: Term, value_set: str, field: str) -> Iterator[Problem]:
        """Nothing for a word of the set, or for one that is the sender's own."""
        if term.own:
            return
        allowed = self.schemas.allowed_values(ALLOWED_VALUES, value_set)
        known = _WORD.fullmatch(term.value) if allowed is None else term.value in allowed
        if known and term.value != "UserDefined":
            return
        near = get_close_matches(term.value, sorted(allowed or ()), n=3)
        yield Problem(
            "term_unknown",
            f"{field}.value",
            f"{term.value} is not a word of DDEX's {value_set}.",
            "Use a word of the set"
            + (f" (near it are {', '.join(near)})" if near else "")
            + ", or set own to send it as a word of yours.",
        )
