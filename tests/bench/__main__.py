"""`python -m tests.bench [--only NAME] [--json]`, from the root of the repository."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Annotated

import tests.bench
import typer
from tests.bench.comparison import BENCHES, Unavailable


def main(
    only: Annotated[list[str] | None, typer.Option(help="Run this bench; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Measure Deadwax against the raw limits beside it."""
    for module in pkgutil.iter_modules(tests.bench.__path__, "tests.bench."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    unknown = set(only or ()) - BENCHES.keys()
    if unknown:
        names = ", ".join(sorted(BENCHES))
        raise typer.BadParameter(f"no bench {', '.join(unknown)}; there are: {names}")
    for name in only or sorted(BENCHES):
        try:
            result = BENCHES[name]()
        except Unavailable as why:
            typer.echo(f"{name}: not measured, {why}", err=True)
            continue
        typer.echo(result.as_json() if as_json else str(result))


typer.run(main)
