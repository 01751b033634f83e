"""`deadwax media render`: one file in another form, without a server."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from deadwax.application.media import MediaTools, Rendered
from deadwax.domain.errors import InvalidValue, Refused
from deadwax.domain.media.recipes import (
    AUDIO_RECIPES,
    COVER,
    IMAGE_RECIPES,
    AudioRecipe,
    Recipe,
)
from deadwax.domain.plain import to_plain
from deadwax.infrastructure.media.workbench import Workbench
from deadwax.infrastructure.settings import Settings
from deadwax.workers.media_cli import bar, bars

_RECIPES: dict[str, Recipe] = {**AUDIO_RECIPES, **IMAGE_RECIPES}


def render(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    recipe: Annotated[str, typer.Option(help=f"One of {', '.join(_RECIPES)}.")],
    out: Annotated[Path, typer.Option(help="Where to write it; nothing may stand there.")],
    loudness: Annotated[
        float | None, typer.Option(help="Bring it to so many LUFS, as far as its peaks allow.")
    ] = None,
    start: Annotated[int | None, typer.Option(help="Where a preview starts, in seconds.")] = None,
    length: Annotated[int | None, typer.Option(help="Of the preview, in seconds.")] = None,
    fade: Annotated[float | None, typer.Option(help="Of its fades, in seconds.")] = None,
    cover: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A picture to embed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write a file in another form. Exit code 2: it cannot be made, and why."""
    if out.exists():
        raise typer.BadParameter(f"{out} is there already.")
    options = {"loudness": loudness, "start": start, "length": length, "fade": fade}
    wanted = _recipe(recipe, {name: value for name, value in options.items() if value is not None})
    if cover and not (isinstance(wanted, AudioRecipe) and wanted.format.tagged):
        raise typer.BadParameter(f"{recipe} has no place for a cover.")
    settings = Settings.from_env()
    with Workbench(1, ffmpeg=settings.ffmpeg) as tools:
        try:
            made = _rendered(tools, file, wanted, out, cover)
        except Refused as refused:
            for problem in refused.problems:
                typer.echo(f"{problem.code}: {problem.message} {problem.fix}", err=True)
            raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(to_plain(made)))
    else:
        typer.echo(f"{out}: {_words(made)}")


def _recipe(name: str, options: dict[str, Any]) -> Recipe:
    if name not in _RECIPES:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(_RECIPES)}.")
    base = _RECIPES[name]
    if options and not isinstance(base, AudioRecipe):
        raise typer.BadParameter(f"{name} has no {', '.join(options)}.")
    try:
        return replace(base, **options)
    except InvalidValue as wrong:
        raise typer.BadParameter(f"{wrong} {wrong.fix}") from None


def _rendered(
    tools: MediaTools, file: Path, recipe: Recipe, out: Path, cover: Path | None
) -> Rendered:
    """What was begun and failed is not left behind."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=out.parent, prefix=".deadwax-")))
        progress = bar(stack.enter_context(bars()), file.name)
        embedded = None
        if cover:
            embedded = str(folder / "cover.jpg")
            tools.render(str(cover), COVER, embedded, lambda done: None)
        made = tools.render(str(file), recipe, str(folder / "made"), progress, embedded)
        os.replace(folder / "made", out)
    return made


def _words(made: Rendered) -> str:
    said = [f"{name.replace('_', ' ')} {value}" for name, value in to_plain(made.facts).items()]
    if made.same_samples:
        said.append("proven to have the samples of the source")
    if made.gain_db:
        said.append(f"{made.gain_db:+.2f} dB")
    if made.held_by_peak:
        said.append("no more, for its true peak")
    return ", ".join([*said, f"by {made.encoder}"])
