"""`deadwax sandbox`: a DSP to practise with, on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from deadwax.infrastructure.sandbox.arrivals import Agreement
from deadwax.infrastructure.sandbox.dsp import SandboxDsp
from deadwax.infrastructure.settings import Settings
from deadwax.workers.process import configure_logging, stop_event


def sandbox(
    root: Annotated[
        Path | None, typer.Option(help="Its folder; the default is <home>/sandbox.")
    ] = None,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    dpid: Annotated[str, typer.Option(help="Its DDEX party id.")] = "PADPIDA20261121020",
    username: str = "label",
    password: Annotated[
        str, typer.Option(envvar="DEADWAX_SANDBOX_PASSWORD", help="What senders log in with.")
    ] = "",
    consume: Annotated[
        bool, typer.Option(help="Take deliveries out of the upload folder once read.")
    ] = True,
    acknowledgements: Annotated[
        Literal["1.6", "1.8"], typer.Option(help="Version of the choreography to answer in.")
    ] = "1.8",
    marker: Annotated[
        str | None, typer.Option(help="A file that completes every delivery, such as {batch}.done.")
    ] = None,
    checksums: Annotated[bool, typer.Option(help="Demand an .md5 beside every file.")] = False,
) -> None:
    """A real SFTP server with its own ingestion: checks deliveries, publishes or rejects them, and
    writes DDEX acknowledgements. Prints one JSON object when it is ready."""
    settings = Settings.from_env()
    configure_logging(settings.log_level)
    stop = stop_event()
    if not password:
        raise typer.BadParameter("Set DEADWAX_SANDBOX_PASSWORD to what senders shall log in with.")
    dsp = SandboxDsp(
        root or settings.home / "sandbox",
        port=port,
        username=username,
        password=password,
        dpid=dpid,
        schemas=settings.ddex_schemas,
        consume=consume,
        agreement=Agreement(acknowledgements, marker, checksums),
    )
    dsp.start()
    try:
        typer.echo(json.dumps(dsp.describe(), default=str))
        stop.wait()
    finally:
        dsp.stop()
