"""The `deadwax` command."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from deadwax.domain.errors import InvalidValue
from deadwax.infrastructure.settings import Settings, SettingsError
from deadwax.workers import (
    assets_cli,
    bulk_cli,
    demo_cli,
    doctor,
    dry_run_cli,
    ern_cli,
    failures_cli,
    ids_cli,
    keys_cli,
    media_cli,
    projections_cli,
    receipts_cli,
    render_cli,
    reports_cli,
    sandbox_cli,
    schedules_cli,
    targets_cli,
)
from deadwax.workers.process import configure_logging, stop_event

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and those hold secrets
    help="Music distribution: releases in, DDEX deliveries out, evidence kept.",
)
app.add_typer(assets_cli.app, name="assets")
app.add_typer(ern_cli.app, name="ern")
app.add_typer(ids_cli.app, name="ids")
media_cli.app.command("render")(render_cli.render)
app.add_typer(media_cli.app, name="media")
app.add_typer(bulk_cli.app, name="bulk")
app.add_typer(failures_cli.app, name="failures")
app.add_typer(dry_run_cli.app, name="dry-run")
app.add_typer(projections_cli.app, name="projections")
app.add_typer(targets_cli.app, name="targets")
app.add_typer(keys_cli.keys, name="keys")
app.add_typer(keys_cli.secrets, name="secrets")
app.add_typer(receipts_cli.app, name="receipts")
app.add_typer(reports_cli.app, name="reports")
app.add_typer(schedules_cli.app, name="schedules")
app.command("demo")(demo_cli.demo)
app.command("sandbox")(sandbox_cli.sandbox)
app.command("doctor")(doctor.doctor)

_err = Console(stderr=True, soft_wrap=True)


@app.command()
def up() -> None:
    """Start everything on this machine and stay up; embedded servers unless others are named."""
    from deadwax.workers.supervisor import everything

    settings, stop = Settings.from_env(), stop_event()
    with everything(settings) as supervisor:
        url = keys_cli.wait_for_api(settings.home, meanwhile=supervisor.watch)
        _err.print(f"API        {url}/api/v1   (documentation: {url}/docs)")
        _err.print(f"Operator   key in {keys_cli.operator_key_file(settings)}")
        _err.print(f"Logs       {settings.home / 'logs'}")
        supervisor.run(stop)


@app.command()
def api() -> None:
    """The HTTP API."""
    from deadwax.api.serve import serve

    serve(_settings())


@app.command()
def worker() -> None:
    """A worker; start as many as needed."""
    from deadwax.infrastructure.container import Container
    from deadwax.workers import worker as process

    settings, stop = _settings(), stop_event()
    settings.require_database()
    settings.require_redis()
    container = Container.open(settings, "worker")
    try:
        process.run(container, settings.queue_url(), stop)
    finally:
        container.close()


@app.command()
def dispatcher() -> None:
    """Tails the log and feeds the queue; one works, others stand by."""
    from deadwax.infrastructure.container import Container
    from deadwax.workers import dispatcher as process

    settings, stop = _settings(), stop_event()
    container = Container.open(settings, "dispatcher")
    try:
        process.run(container, settings.queue_url(), stop)
    finally:
        container.close()


@app.command()
def scheduler() -> None:
    """Schedules, polls, expired leases; one works, others stand by."""
    from deadwax.infrastructure.container import Container
    from deadwax.workers import scheduler as process

    settings, stop = _settings(), stop_event()
    container = Container.open(settings, "scheduler")
    try:
        process.run(container, settings.queue_url(), stop)
    finally:
        container.close()


@app.command()
def projector() -> None:
    """Keeps the read models up to date; one works, others stand by."""
    from deadwax.workers import projector as process

    process.run(_settings().require_database(), stop_event())


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema. Safe to repeat."""
    from deadwax.infrastructure.migrate import migrate as apply

    for name in apply(_settings().require_database()):
        _err.print(f"applied {name}")


def _settings() -> Settings:
    settings = Settings.from_env()
    configure_logging(settings.log_level)
    return settings


def main() -> None:
    try:
        app()
    except (SettingsError, InvalidValue) as error:
        fix = f" {error.fix}" if isinstance(error, InvalidValue) else ""
        _err.print(f"{error}{fix}", style="red", markup=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
