"""Reading the read models: pages, and waiting until one's own command is in them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Generic, TypeVar

import anyio
from fastapi import Depends, Query, Request, params
from fastapi.concurrency import run_in_threadpool
from psycopg import Connection
from pydantic import BaseModel, Field

from deadwax.api.errors import NOT_CAUGHT_UP, Problem, invalid
from deadwax.api.parts import container_of
from deadwax.domain.errors import InvalidValue
from deadwax.infrastructure.container import Container
from deadwax.projections import positions
from deadwax.projections.pages import Page
from deadwax.projections.positions import Position

T = TypeVar("T")

_PATIENCE_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.003, 0.05
_HIGHEST = 2**63 - 1

Cursor = Annotated[
    str | None,
    Query(max_length=200, description="`next` of the page before; none for the first page."),
]
Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]
After = Annotated[
    int | None,
    Query(
        ge=0,
        le=_HIGHEST,
        description="Log position that must be in the answer: Deadwax-Position of a command."
        " Waits for it up to 5 seconds, then 503 `not_caught_up`.",
    ),
]


class Listed(BaseModel, Generic[T]):
    """One page of a list."""

    items: Sequence[T]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


@contextmanager
def read_models(container: Container) -> Iterator[Connection[Any]]:
    """A connection to read from. A cursor that the list did not give out is the caller's fault."""
    with container.pool.connection() as connection:
        try:
            yield connection
        except InvalidValue as error:
            fix = "Give `next` of the page before, unchanged, or none to start again."
            raise invalid("cursor", error.code, str(error), fix) from None


def listed(page: Page[T]) -> Listed[T]:
    return Listed(items=page.items, next=page.next_cursor)


def fresh(*names: str) -> Any:
    """A dependency that lets `after` wait for these projections.

    It holds neither a thread nor a connection while it waits.
    """

    async def wait(request: Request, after: After = None) -> None:
        if not after:
            return
        container, pause = container_of(request), _FIRST_PAUSE
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while behind := await run_in_threadpool(_behind, container, after, names):
            if time.monotonic() > deadline or any(p.state == "stopped" for p in behind):
                told = ", ".join(f"{p.name} is {p.state} at {p.position}" for p in behind)
                raise Problem(NOT_CAUGHT_UP, f"Position {after} is not readable yet: {told}.")
            await anyio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    depends: params.Depends = Depends(wait)
    return depends


def _behind(container: Container, position: int, names: Sequence[str]) -> list[Position]:
    with container.pool.connection() as connection:
        standing = positions.health(connection)
    return [p for p in standing if p.name in names and p.position < position]


async def _at_once(after: After = None) -> None:
    """What is read from the log itself is never behind; `after` is taken all the same."""


AT_ONCE = Depends(_at_once)
