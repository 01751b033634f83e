"""What a rule refuses, in words that name the field, the rule and the fix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what was asked: where, which rule, and what to do.

    `field` is a path such as `tracks[3].isrc`; `code` is stable across releases.
    """

    code: str
    field: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class DomainError(Exception):
    """A command refused by a rule. Nothing was stored."""

    code = "refused"


class InvalidValue(DomainError, ValueError):
    """A value that its standard does not allow; raised by the value objects."""

    code = "invalid_value"

    def __init__(self, code: str, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.fix = fix


_TOLD = 5
"""Problems in the one sentence of a refusal; all are in its list."""


class Refused(DomainError):
    """A command refused because of one or more named problems."""

    code = "has_problems"

    def __init__(self, summary: str, problems: Iterable[Problem]) -> None:
        self.summary, self.problems = summary, tuple(problems)
        told = "; ".join(str(problem).removesuffix(".") for problem in self.problems[:_TOLD])
        more = len(self.problems) - _TOLD
        super().__init__(f"{summary}: {told}{f'; and {more} more' if more > 0 else ''}.")


class IllegalTransition(DomainError):
    """A move that the state table does not have; says which moves are allowed now."""

    code = "illegal_transition"

    def __init__(self, what: str, now: str, wanted: str, allowed: Iterable[str]) -> None:
        self.now, self.wanted, self.allowed = now, wanted, tuple(sorted(allowed))
        listed = ", ".join(self.allowed) or "none"
        super().__init__(f"A {what} that is {now} cannot become {wanted}; allowed now: {listed}.")


class LeaseLost(DomainError):
    """The fencing token is no longer the current one: another attempt took over."""

    code = "lease_lost"
