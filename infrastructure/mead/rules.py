"""Rules that hold wherever a text, a territory or a period is given."""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.domain.enrichment_terms import Focus, LocalText, Note
from deadwax.domain.errors import Problem
from deadwax.domain.territories import WORLDWIDE, Territory


def text_problems(
    said: tuple[LocalText, ...], field: str, *, optional: bool = False
) -> Iterator[Problem]:
    """One text per language; at least one, unless it is optional."""
    if not said and not optional:
        yield Problem("text_missing", field, "There is no text.", "Give at least one.")
    seen: set[str] = set()
    for i, text in enumerate(said):
        if text.language in seen:
            yield Problem(
                "text_language_twice",
                f"{field}[{i}].language",
                f"There is a text in {text.language} already.",
                "Give one text per language.",
            )
        seen.add(text.language)


def territory_problems(codes: tuple[Territory, ...], field: str) -> Iterator[Problem]:
    if (WORLDWIDE in codes and len(codes) > 1) or len(set(codes)) < len(codes):
        yield Problem(
            "territories_contradict",
            field,
            f"{', '.join(codes)} names the same place twice.",
            "Name each territory once; Worldwide stands alone.",
        )


def focus_problems(said: Focus, field: str) -> Iterator[Problem]:
    yield from territory_problems(said.territories, f"{field}.territories")
    if said.start is not None and said.end is not None and not said.start.is_before(said.end):
        yield reversed_period(field, said.start, said.end)


def note_problems(said: Note, field: str) -> Iterator[Problem]:
    yield from text_problems(said.texts, f"{field}.texts")
    yield from territory_problems(said.territories, f"{field}.territories")


def reversed_period(field: str, start: str, end: str) -> Problem:
    return Problem(
        "period_reversed",
        f"{field}.end",
        f"It ends ({end}) before it starts ({start}).",
        "Give an end that is after the start.",
    )
