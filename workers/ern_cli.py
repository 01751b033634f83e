"""`deadwax ern`: build, validate, and the schemas that both need."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from deadwax.application import evidence
from deadwax.application.errors import NotFound
from deadwax.application.messages import MessageKind
from deadwax.domain.errors import InvalidValue, Problem, Refused
from deadwax.domain.identifiers import Dpid
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.install import install
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.settings import Settings
from deadwax.workers.ern_files import spec_from_files
from deadwax.workers.ern_import_cli import import_releases
from deadwax.workers.ern_validate import Verdict, validated

app = typer.Typer(no_args_is_help=True, help="DDEX messages: build, validate, schemas.")
schemas_app = typer.Typer(no_args_is_help=True, help="The official DDEX schemas.")
app.add_typer(schemas_app, name="schemas")
app.command("import")(import_releases)


@app.command()
def build(
    release: Annotated[
        Path,
        typer.Argument(
            help="The release as the API takes it. With `assets`, a list of asset facts, `audio`"
            " and `cover` are SHA-256 hashes; without, it is the release.json of an album"
            " folder, whose files are measured."
        ),
    ],
    target: Annotated[Path, typer.Option(help="The delivery target as the API takes it.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output if none.")
    ] = None,
    takedown: Annotated[bool, typer.Option(help="Build the takedown.")] = False,
    update: Annotated[bool, typer.Option(help="Build an update: the whole message again.")] = False,
    label_dpid: Annotated[str | None, typer.Option(help="The DPID of the label.")] = None,
    message_id: Annotated[
        str | None, typer.Option(help="By default a hash of the inputs and the time.")
    ] = None,
    created_at: Annotated[
        str | None,
        typer.Option(help="ISO 8601 with a zone. By default now; then no two builds are alike."),
    ] = None,
) -> None:
    """Build a NewReleaseMessage from files. Exit code 0: built; 1: refused, with the reasons on
    standard error; 2: an input cannot be read."""
    if takedown and update:
        raise typer.BadParameter("A message is either an update or a takedown.")
    kind = MessageKind.TAKEDOWN if takedown else MessageKind.INITIAL
    kind = MessageKind.UPDATE if update else kind
    try:
        spec = spec_from_files(
            release, target, kind, _dpid(label_dpid), message_id, _moment(created_at)
        )
        built = DdexMessages(Settings.from_env().ddex_schemas).build(spec)
    except Refused as refused:
        _show(refused.problems)
        raise typer.Exit(1) from None
    if output is None:
        sys.stdout.buffer.write(built.xml)
    else:
        output.write_bytes(built.xml)
    typer.echo(f"message {spec.message_id}, schema {built.schema.value}", err=True)


@app.command()
def rebuild(
    message_id: str,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write the rebuilt message.")
    ] = None,
) -> None:
    """Build a sent message again from the log and compare it with what was sent. Exit code 0:
    equal to the byte; 1: it differs; 2: there is no such message, or no database."""
    from deadwax.infrastructure.container import Container
    from deadwax.workers.keys_cli import reachable

    container = Container.open(reachable(Settings.from_env()), "cli")
    try:
        rebuilt = evidence.rebuild(container.log, container.composer, message_id)
    except NotFound as missing:
        typer.echo(str(missing), err=True)
        raise typer.Exit(2) from None
    finally:
        container.close()
    if output:
        output.write_bytes(rebuilt.xml)
    typer.echo(f"{'equal' if rebuilt.equal else 'differs'}: SHA-256 {rebuilt.sha256}")
    if not rebuilt.equal:
        typer.echo(f"sent: {rebuilt.stored_sha256}, by {rebuilt.stored_builder}", err=True)
        raise typer.Exit(1)


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per file, each on a line.")
    ] = False,
    delivered: Annotated[
        bool, typer.Option(help="Look at the files that are named too, and at their hash sums.")
    ] = False,
    workbench: Annotated[
        str | None,
        typer.Option(
            envvar="DEADWAX_WORKBENCH_URL",
            help="Ask this DDEX Workbench server too. If it is away, only a warning says so.",
        ),
    ] = None,
) -> None:
    """Check messages by their XSD and by our own rules: ERN from 3.8.2, manifests and
    acknowledgements. Exit code 0: valid; 1: invalid; 2: one cannot be read or checked, for
    instance because the schemas are not installed."""
    schemas = Schemas(Settings.from_env().ddex_schemas)
    validations = [validated(file, schemas, delivered, workbench) for file in files]
    for validation in validations:
        if as_json:
            typer.echo(json.dumps(validation.as_json()))
        else:
            for line in validation.lines():
                typer.echo(line, err=validation.verdict is not Verdict.VALID)
    raise typer.Exit(max(validation.verdict.exit_code for validation in validations))


@schemas_app.command("install")
def install_schemas(source: Annotated[Path, typer.Argument(help="A directory or a ZIP.")]) -> None:
    """Copy DDEX's XSDs, found anywhere in SOURCE, to the schemas folder of this home."""
    folder = Settings.from_env().home / "schemas"
    try:
        for name in install(source, folder):
            typer.echo(f"{name} -> {folder}")
    except Refused as refused:
        _show(refused.problems)
        raise typer.Exit(1) from None


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not an ISO 8601 time.") from None


def _dpid(text: str | None) -> Dpid | None:
    try:
        return Dpid(text) if text else None
    except InvalidValue as invalid:
        raise typer.BadParameter(f"{invalid} {invalid.fix}") from None


def _show(problems: Iterable[Problem]) -> None:
    for problem in problems:
        typer.echo(f"{problem} {problem.fix} [{problem.code}]", err=True)
