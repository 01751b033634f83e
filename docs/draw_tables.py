"""Draws the tables of the read models as docs/tables.md.

python docs/draw_tables.py           print it
python docs/draw_tables.py --write   write docs/tables.md
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from deadwax.projections.positions import POSITIONS
from deadwax.projections.registry import PROJECTIONS
from deadwax.projections.table import Table

_HEAD = """\
# Tables of the read models

Drawn from the row classes in `projections/` by `docs/draw_tables.py`; a test keeps the two equal.
All are in the schema `read`; the same words are in the database (`\\d+ read.releases`).
Columns in bold are the key.
"""


def page() -> str:
    tables = [table for projection in PROJECTIONS for table in projection.tables]
    return "\n".join([_HEAD, *(_drawn(table) for table in [*tables, POSITIONS])])


def _drawn(table: Table[Any]) -> str:
    rows = [
        f"| {f'**{c.name}**' if c.name in table.key else c.name}"
        f" | {c.type}{'' if c.nullable else ' not null'} | {c.comment} |"
        for c in table.columns
    ]
    head = [f"## {table.name}", "", table.comment, "", "| column | type | |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


if __name__ == "__main__":
    if "--write" in sys.argv:
        Path(__file__).with_name("tables.md").write_text(page())
    else:
        sys.stdout.write(page())
