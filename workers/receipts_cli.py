"""`deadwax receipts`: show what attests a delivery, and check it without any server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, NoReturn
from uuid import UUID

import typer

from deadwax.application.errors import NotFound
from deadwax.application.receipts import FORMAT, canonical, read_receipt, receipts_among
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.settings import Settings
from deadwax.infrastructure.signing import FileSigner, is_signed, key_id_of
from deadwax.workers.keys_cli import reachable

app = typer.Typer(no_args_is_help=True, help="Signed receipts of deliveries.")


@app.command()
def show(
    distribution: UUID,
    message: Annotated[
        str | None, typer.Argument(help="A message id; by default the last.")
    ] = None,
) -> None:
    """Print a receipt as JSON: the document, its signature, the public key. Exit code 1 if there
    is none."""
    container = Container.open(reachable(Settings.from_env()), "cli")
    try:
        known = receipts_among(container.log.load(distribution))
        id = message or (known[-1].message_id if known else "of any")
        kept, document = read_receipt(container.log, container.asset_store, distribution, id)
    except NotFound as error:
        _refuse(str(error))
    finally:
        container.close()
    receipt = {
        "document": document,
        "sha256": kept.sha256,
        "signature": kept.signature,
        "public_key": document["key"]["public_key"],
        "key": kept.key,
    }
    typer.echo(json.dumps(receipt, indent=2, ensure_ascii=False))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="As `show` or the API gives it.")],
    key: Annotated[
        str | None, typer.Option(help="Id of the key that it has to be signed with.")
    ] = None,
) -> None:
    """Check the signature of a receipt, offline. Exit code 0: it is the signer's, unchanged; 1: it
    is not; 2: the file cannot be read. By whom it is signed is only as certain as `--key` is."""
    receipt = _read(file)
    document, public_key = receipt["document"], receipt["public_key"]
    id = key_id_of(public_key)
    if id is None or document["key"] != {"id": id, "public_key": public_key}:
        _refuse("The receipt names another key than the one it is to be checked with.")
    if key is not None and key != id:
        _refuse(f"It is signed with key {id}, not {key}.")
    if not is_signed(canonical(document), receipt["signature"], public_key):
        _refuse("The signature is not of this document: one of them was changed.")
    typer.echo(f"message    {document['message_id']}")
    typer.echo(f"to         {document['target']['platform']}  {document['endpoint']}")
    typer.echo(f"files      {len(document['files'])}")
    typer.echo(f"confirmed  {document['confirmed_at']}  ({document['established']})")
    typer.echo(f"signed by  {id}")


@app.command("keys")
def list_keys() -> None:
    """Print the ids and public keys of this installation; a star marks the one that signs."""
    signer = FileSigner(Settings.from_env().secrets_dir)
    now = signer.key()
    for known in signer.known():
        typer.echo(f"{'*' if known == now else ' '} {known.id} {known.public_key}")


@app.command("rotate-key")
def rotate_key() -> None:
    """Sign with a new key from now on. Receipts that were signed before stay valid."""
    typer.echo(FileSigner(Settings.from_env().secrets_dir).rotate().id)


def _read(file: Path) -> dict[str, Any]:
    try:
        receipt = json.loads(file.read_bytes())
        document = receipt["document"]
        if document["format"] != FORMAT:
            raise ValueError(f"its format is {document['format']}, not {FORMAT}")
        named = (receipt["signature"], receipt["public_key"], document["message_id"])
        if not all(isinstance(value, str) for value in named):
            raise ValueError("a value is not text")
    except (OSError, ValueError, KeyError, TypeError) as error:
        typer.echo(f"{file} is no receipt: {error!r}", err=True)
        raise typer.Exit(2) from None
    return dict(receipt)


def _refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)
