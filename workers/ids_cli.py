"""`deadwax ids`: identifiers, checked and brought into the form that is sent."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from deadwax.domain.identifier_forms import FORMS, Verdict, formatted, verdict

app = typer.Typer(no_args_is_help=True, help="Identifiers of the trade: check, normalise, format.")


@app.command()
def check(
    type: Annotated[str, typer.Argument(help=f"One of {', '.join(FORMS)}.")],
    value: Annotated[str, typer.Argument(help="As it is written or pasted.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say whether a value is valid, the form that is sent, and the form that people read. Exit
    code 0: valid; 1: invalid; 2: there is no such type."""
    if type.lower() not in FORMS:
        raise typer.BadParameter(f"{type!r} is not one of {', '.join(FORMS)}.")
    found = verdict(type.lower(), value)
    typer.echo(json.dumps(asdict(found) | {"valid": found.valid}) if as_json else _told(found))
    raise typer.Exit(0 if found.valid else 1)


@app.command()
def types(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> None:
    """List the types, with an example of each as it is sent and as it is read."""
    rows = [
        {
            "type": type,
            "name": form.name,
            "authority": form.authority,
            "example": form.value.example,
            "formatted": formatted(type, form.value.example),
        }
        for type, form in FORMS.items()
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo("{type:5} {example:19} {formatted:22} {name}, {authority}".format_map(row))


def _told(found: Verdict) -> str:
    lines = [f"{found.type}: {'valid' if found.valid else 'invalid'}"]
    if found.problem:
        lines.append(f"{found.problem.message} {found.problem.fix} [{found.problem.code}]")
    named = {
        "kind": found.kind,
        "normalised": found.normalised if found.valid else None,
        "formatted": found.formatted,
        "expected": found.expected,
    }
    return "\n".join([*lines, *(f"{name:11} {text}" for name, text in named.items() if text)])
