"""What the workbench and its processes say to each other: one JSON object a line."""

from __future__ import annotations

from dataclasses import dataclass

from deadwax.application.media import Picture, Rendered
from deadwax.domain.assets import Facts
from deadwax.domain.errors import Problem
from deadwax.domain.media.measured import Analysis
from deadwax.domain.media.recipes import Recipe


@dataclass(frozen=True, kw_only=True)
class Job:
    """A call of application.media.MediaTools by its name, with the arguments that it takes.
    `seconds` of processor time is what it may use."""

    call: str
    path: str
    seconds: int = 0
    filename: str = ""
    facts: Facts | None = None
    recipe: Recipe | None = None
    out: str = ""
    cover: str | None = None
    picture: Picture | None = None


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A domain.errors.Refused."""

    summary: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An exception that is none of ours. `error_number` is there where the system is to blame
    (disk full, file away) and not the media file."""

    what: str
    trace: str
    error_number: int | None = None
    memory: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`done` alone is how far it is, 0 to 1; anything else ends the job. `picture` in base64."""

    done: float | None = None
    facts: Facts | None = None
    analysis: Analysis | None = None
    rendered: Rendered | None = None
    picture: str | None = None
    refusal: Refusal | None = None
    failure: Failure | None = None
