"""`deadwax ern import`: releases of others, from their messages and files, into drafts."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from deadwax.application.errors import NotFound
from deadwax.application.imported import Deviation
from deadwax.application.imports import (
    Desk,
    ImportOptions,
    Imports,
    MessageImport,
    Outcome,
)
from deadwax.domain.cause import Cause, acting
from deadwax.domain.errors import Problem
from deadwax.domain.plain import to_plain
from deadwax.infrastructure.ern.reading.folders import find_deliveries
from deadwax.infrastructure.ern.reading.reader import DdexReader
from deadwax.infrastructure.settings import Settings

_WORDS = {
    Outcome.READY: "would be drafted",
    Outcome.DRAFTED: "drafted",
    Outcome.EXISTS: "imported before, left as it is",
    Outcome.SUPERSEDED: "superseded by a later message",
    Outcome.NOT_A_RELEASE: "not imported",
    Outcome.REFUSED: "refused",
}


def import_releases(
    files: Annotated[
        list[Path],
        typer.Argument(
            exists=True, help="Messages, or folders of deliveries: batches, releases with files."
        ),
    ],
    tenant: Annotated[UUID | None, typer.Option(help="Whose releases they become.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Draft the releases.")] = False,
    without_files: Annotated[
        bool,
        typer.Option("--without-files", help="Also draft what lacks files, or has damaged ones."),
    ] = False,
    add_labels: Annotated[
        bool, typer.Option("--add-labels", help="Make labels that the tenant does not have.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per message.")
    ] = False,
) -> None:
    """Read release notifications of ERN 3.8 to 4.3.2 into drafts, and say of each everything
    that the draft does not hold. A dry run unless --write is given. Exit code 0: all were
    drafted, or could be; 1: something was refused; 2: it could not be tried."""
    if write and tenant is None:
        raise typer.BadParameter("--write needs --tenant: whose releases they become.")
    found = find_deliveries(files)
    options = ImportOptions(write=write, without_files=without_files, add_labels=add_labels)
    results: Counter[Outcome] = Counter()
    for problem in found.problems:
        _show_problem(problem, as_json)
    with _imports(tenant) as imports:
        for result in imports.run(found.deliveries, options):
            results[result.outcome] += 1
            typer.echo(json.dumps(_plain(result), ensure_ascii=False) if as_json else _text(result))
    if not as_json:
        counted = ", ".join(f"{n} {_WORDS[outcome]}" for outcome, n in sorted(results.items()))
        typer.echo(f"{_count(results.total(), 'message')}: {counted}" if results else "no messages")
    raise typer.Exit(1 if results[Outcome.REFUSED] or found.problems or not results else 0)


@contextmanager
def _imports(tenant: UUID | None) -> Iterator[Imports]:
    """With a tenant, on the database of this home."""
    if tenant is None:
        yield Imports(DdexReader(), None)
        return
    from deadwax.infrastructure.container import Container
    from deadwax.workers.keys_cli import reachable

    container = Container.open(reachable(Settings.from_env()), "import")
    desk = Desk(container.catalogue, container.releases, container.assets, container.tenants)
    try:
        with acting(Cause(tenant, "process:import", str(uuid4()))):
            _known(desk)
            yield Imports(DdexReader(), desk)
    finally:
        container.close()


def _known(desk: Desk) -> None:
    try:
        desk.tenants.current()
    except NotFound as missing:
        raise typer.BadParameter(str(missing), param_hint="--tenant") from None


def _plain(result: MessageImport) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(result)
    return plain


def _text(result: MessageImport) -> str:
    what = f"ERN {result.version}, {result.kind}" if result.version else "unreadable"
    lines = [f"{result.name}: {_WORDS[result.outcome]} ({what})"]
    if result.title:
        tracks = len(result.metadata.tracks) if result.metadata else 0
        id = f", release {result.release_id}" if result.release_id else ""
        lines.append(f"  {result.title}, {_count(tracks, 'track')}{id}")
    lines += [f"  problem: {problem} {problem.fix}".rstrip() for problem in result.problems]
    lines += [
        f"  file {c.state.value}: {c.uri} ({c.field})" + (f": {c.why}" if c.why else "")
        for c in result.files
    ]
    lines += _grouped(result.report)
    return "\n".join(lines)


def _grouped(report: tuple[Deviation, ...]) -> list[str]:
    """One line for what is said of the same element wherever it stands."""
    groups: dict[tuple[str, str], list[Deviation]] = {}
    for one in report:
        path = re.sub(r"\[\d+\]", "", one.path)
        key = (path, one.why if one.fate.value == "no_place" else one.fate.value)
        groups.setdefault(key, []).append(one)
    lines = []
    for (path, _), listed in groups.items():
        first, more = listed[0], len(listed) - 1
        value = first.value if len(first.value) <= 60 else first.value[:59] + "…"
        also = f" (and {more} more)" if more else ""
        lines.append(
            f"  {first.fate.value}: line {first.line} {path} = {value!r}{also}: {first.why}"
        )
    return lines


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def _show_problem(problem: Problem, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"problem": to_plain(problem)}, ensure_ascii=False))
    else:
        typer.echo(f"{problem.field}: {problem.message} {problem.fix}", err=True)
