"""`deadwax media`: what a file is and what platforms would say of it, without a server."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from deadwax.application.errors import Stopped
from deadwax.application.media import Fraction
from deadwax.domain.media.limits import DEFAULT, PLATFORMS
from deadwax.infrastructure.media.workbench import Workbench
from deadwax.infrastructure.settings import Settings
from deadwax.workers.media_files import Inspected, inspected
from deadwax.workers.media_show import show

app = typer.Typer(no_args_is_help=True, help="Media files: measured and checked.")


@app.command()
def inspect(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per file, each on a line.")
    ] = False,
    platform: Annotated[
        str,
        typer.Option(help="Whose limits; by those of `default` a release is submitted or not."),
    ] = DEFAULT,
) -> None:
    """Measure files as an upload would be, and say what is found of them. Exit code 0: nothing
    that blocks; 1: a finding that blocks; 2: one cannot be read. Of several files the worst."""
    if platform not in PLATFORMS:
        raise typer.BadParameter(f"{platform!r} is not one of {', '.join(PLATFORMS)}.")
    settings, out, worst = Settings.from_env(), Console(highlight=False), 0
    at_once = min(settings.media_processes, len(files))
    with (
        ThreadPoolExecutor(at_once) as threads,
        Workbench(at_once, ffmpeg=settings.ffmpeg) as tools,  # ends first, when interrupted
        bars() as progress,
        ExitStack() as end,
    ):
        stopped = threading.Event()
        end.callback(stopped.set)

        def look(file: Path) -> Inspected:
            told = bar(progress, file.name)

            def tell(done: float) -> None:
                if stopped.is_set():
                    raise Stopped("Interrupted.")
                told(done)

            return inspected(tools, file, platform, tell)

        for file, found in zip(files, threads.map(look, files), strict=True):
            worst = max(worst, found.exit_code)
            if as_json:
                typer.echo(json.dumps(asdict(found.inspection)))
            else:
                show(out, file, found)
    raise typer.Exit(worst)


def bars() -> Progress:
    """On standard error; nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def bar(progress: Progress, name: str) -> Fraction:
    task = progress.add_task(name, total=1.0)
    return lambda done: progress.update(task, completed=done)
