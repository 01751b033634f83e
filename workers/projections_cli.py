"""Rebuilding read models from the log."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="Read models.")


@app.callback()
def _group() -> None:
    """Read models."""
