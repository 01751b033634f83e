"""What a rule is: an id that stays, where it comes from, and a function that finds faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deadwax.infrastructure.ern.checks.message import Element, Message
from deadwax.infrastructure.ern.findings import Severity
from deadwax.infrastructure.ern.versions import Family

Fault = tuple[Element, str]
"""The element that is wrong, and what is wrong with it."""

BOTH = frozenset(Family)
NEW_RELEASE = frozenset({"NewReleaseMessage"})


@dataclass(frozen=True)
class Rule:
    """`id` is the code of its problems. Empty `families` or `messages` means any."""

    id: str
    document: str
    meaning: str
    fix: str
    severity: Severity
    families: frozenset[Family]
    messages: frozenset[str]
    find: Callable[[Message], Iterator[Fault]]


def rule(
    id: str,
    document: str,
    fix: str,
    *,
    severity: Severity = Severity.ERROR,
    families: frozenset[Family] = BOTH,
    messages: frozenset[str] = NEW_RELEASE,
) -> Callable[[Callable[[Message], Iterator[Fault]]], Rule]:
    """Make a rule of a function; the first paragraph of its docstring says what must hold."""

    def made(find: Callable[[Message], Iterator[Fault]]) -> Rule:
        meaning = " ".join((find.__doc__ or "").partition("\n\n")[0].split())
        return Rule(id, document, meaning, fix, severity, families, messages, find)

    return made
