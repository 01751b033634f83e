"""Whether the process is up, and whether it can work. For load balancers: no key needed."""

from __future__ import annotations

from importlib.resources import files

import psycopg
from fastapi import APIRouter
from pydantic import BaseModel

from deadwax.api.errors import NOT_READY, Problem
from deadwax.api.parts import Parts
from deadwax.projections.registry import PROJECTIONS

router = APIRouter(tags=["Health"])

_PATIENCE_SECONDS = 2.0


class Health(BaseModel):
    """All is well."""

    status: str = "ok"


@router.get("/livez", summary="Whether the process is up")
async def livez() -> Health:
    """It answers; nothing else is asked."""
    return Health()


@router.get("/readyz", summary="Whether the process can work")
def readyz(parts: Parts) -> Health:
    """503 with what is `missing`: the database, migrations, read models."""
    try:
        missing = _missing(parts)
    except psycopg.OperationalError:
        missing = ["database"]
    if missing:
        raise Problem(NOT_READY, f"Missing: {', '.join(missing)}.", missing=missing)
    return Health()


def _missing(parts: Parts) -> list[str]:
    with parts.pool.connection(timeout=_PATIENCE_SECONDS) as connection:
        applied = _names(connection, "migrations", "SELECT name FROM migrations")
        standing = _names(connection, "read.positions", "SELECT name FROM read.positions")
    folder = files("deadwax.infrastructure") / "migrations"
    scripts = {f.name for f in folder.iterdir() if f.name.endswith(".sql")}
    return [
        *(f"migration {name}" for name in sorted(scripts - applied)),
        *(f"read model {p.name}" for p in PROJECTIONS if p.name not in standing),
    ]


def _names(connection: psycopg.Connection, table: str, query: str) -> set[str]:
    found = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
    if found is None or found[0] is None:
        return set()
    return {name for (name,) in connection.execute(query.encode())}
