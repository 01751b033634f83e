"""`deadwax demo`: the whole path of one album, for real, on this machine."""

from __future__ import annotations

import json
import os
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from deadwax.infrastructure.settings import Settings
from deadwax.workers.demo import Demo, DemoFailed
from deadwax.workers.process import configure_logging, stop_event


class Size(StrEnum):
    SHORT = "short"
    FULL = "full"


def demo(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object as the last line.")
    ] = False,
    keep: Annotated[bool, typer.Option(help="Leave everything running and print where.")] = False,
    album: Annotated[
        Path | None,
        typer.Option(help="A folder with audio files, cover.jpg or .png, and release.json."),
    ] = None,
    size: Annotated[
        Size, typer.Option(help="Length of the generated tracks: 35 s or 4 minutes.")
    ] = Size.SHORT,
) -> None:
    """Deliver an album to a sandbox DSP, see it live, take it down again.

    Ends with exit code 0 only if all of that really happened.
    """
    started = time.monotonic()
    console = Console(stderr=True, width=None if sys.stderr.isatty() else 110)
    # What a person watches should not wait for the intervals that suit real platforms.
    os.environ.setdefault("DEADWAX_POLL_SECONDS", "1")
    settings, stop = Settings.from_env(), stop_event()
    configure_logging("error")
    seconds = 240 if size is Size.FULL else 35
    try:
        with Demo(settings, console) as running:
            result = running.run(album, seconds)
            result["seconds"] = round(time.monotonic() - started, 1)
            if as_json:
                typer.echo(json.dumps(result))
            if keep:
                running.show_addresses()
                stop.wait()
    except DemoFailed as failed:
        console.print(f"[bold red]The demo failed:[/] {escape(str(failed))}", soft_wrap=True)
        raise typer.Exit(1) from None
