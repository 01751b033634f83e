"""`deadwax ern`: build, validate, and the schemas that both need."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from deadwax.application import evidence
from deadwax.application.errors import NotFound
from deadwax.application.messages import MessageKind, SchemaCheck
from deadwax.domain.errors import InvalidValue, Problem, Refused
from deadwax.domain.identifiers import Dpid
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.install import install
from deadwax.infrastructure.settings import Settings
from deadwax.workers.ern_files import spec_from_files

app = typer.Typer(no_args_is_help=True, help="DDEX messages: build, validate, schemas.")
schemas_app = typer.Typer(no_args_is_help=True, help="The official DDEX schemas.")
app.add_typer(schemas_app, name="schemas")

# What makes a file "not checked" rather than invalid.
_CANNOT_CHECK = frozenset({"ern_version_unknown", "schema_unusable"})


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
    file: Path,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a message or manifest by its XSD and by our own rules. Exit code 0: valid; 1:
    invalid; 2: it could not be checked, for instance because the schemas are not installed."""
    verdict, schema, problems = _verdict(file)
    if as_json:
        listed = [asdict(p) for p in problems]
        valid = {0: True, 1: False}.get(verdict)
        typer.echo(
            json.dumps({"file": str(file), "valid": valid, "schema": schema, "problems": listed})
        )
    else:
        _show(problems)
        words = {0: "valid", 1: "invalid", 2: "could not be checked"}[verdict]
        typer.echo(f"{file}: {words}; schema {schema}", err=verdict != 0)
    raise typer.Exit(verdict)


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


def _verdict(file: Path) -> tuple[int, str, list[Problem]]:
    try:
        xml = file.read_bytes()
        schema, problems = DdexMessages(Settings.from_env().ddex_schemas).check(xml)
    except OSError as error:
        return 2, "not checked", [Problem("file_unreadable", str(file), str(error))]
    except Refused as refused:
        return 2, "not checked", list(refused.problems)
    if any(p.code in _CANNOT_CHECK for p in problems):
        return 2, "not checked", problems
    if problems:
        by_schema = any(p.code == "ern_schema" for p in problems)
        return 1, "invalid" if by_schema else schema.value, problems
    if schema is SchemaCheck.VALID:
        return 0, schema.value, []
    fix = "Set DEADWAX_DDEX_SCHEMAS, or run deadwax ern schemas install DIR|ZIP."
    return 2, schema.value, [Problem("schemas_missing", "", "The XSD is not here.", fix)]


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
