"""Draws the tables of docs/api.md that the code knows: roles, operations, errors.

python docs/draw_api.py           print the page with these tables drawn again
python docs/draw_api.py --write   write docs/api.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from deadwax.api.app import ROUTERS
from deadwax.api.auth import ROLES, Permission
from deadwax.api.errors import KINDS
from deadwax.api.route import Route, permission_of
from deadwax.domain.api_key import Role

_PAGE = Path(__file__).with_name("api.md")


def page() -> str:
    """The page as it is, with the first table below each of three headings replaced."""
    text = _PAGE.read_text()
    for heading, table in (("Roles", roles()), ("Operations", operations()), ("Errors", errors())):
        below = re.compile(rf"(?ms)^(## {heading}\n(?:(?!^## ).)*?)^\|.*?\n(?!\|)")
        text, found = below.subn(lambda m, table=table: m[1] + table, text, count=1)
        if not found:
            raise SystemExit(f"{_PAGE}: there is no table below {heading!r}")
    return text


def roles() -> str:
    head = ["permission", *(role.value for role in Role)]
    return _table(
        head, ([f"`{p}`", *("x" if p in ROLES[role] else "" for role in Role)] for p in Permission)
    )


def operations() -> str:
    """In the order of the routers."""
    return _table(
        ["", "", "permission"],
        (
            [
                f"`{method} {route.path.removeprefix('/api/v1')}`",
                str(route.summary),
                f"`{permission_of(route)}`",
            ]
            for router in ROUTERS
            for route in router.routes
            if isinstance(route, Route)
            for method in sorted(route.methods or ())
        ),
    )


def errors() -> str:
    return _table(
        ["code", "status", ""], ([f"`{k.code}`", str(int(k.status)), k.title] for k in KINDS)
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = "|" + "---|" * len(head) + "\n"
    return "".join([_row(head), rule, *map(_row, rows)])


def _row(cells: Sequence[str]) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        _PAGE.write_text(page())
    else:
        sys.stdout.write(page())
