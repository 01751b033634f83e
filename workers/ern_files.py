"""A message spec out of files: a release, a target, and what the audio and the cover are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError

from deadwax.application.assets import by_kind
from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.assets import AssetFacts
from deadwax.domain.errors import InvalidValue, Problem, Refused
from deadwax.domain.identifiers import Dpid
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.target import TargetSettings
from deadwax.domain.tenant import Label
from deadwax.infrastructure.media.recognise import recognise
from deadwax.workers.demo_folder import AlbumFolder

T = TypeVar("T")


def spec_from_files(
    release: Path,
    target: Path,
    kind: MessageKind,
    label_dpid: Dpid | None,
    message_id: str | None,
    created_at: datetime,
) -> MessageSpec:
    """The spec of a message from the bodies that the API takes.

    The release holds `assets`, a list of AssetFacts, or is the release.json of an album folder,
    whose files are measured. Without `message_id`, a hash of the inputs and the time.
    Raises typer.BadParameter for a file that cannot be read, Refused for one that is not what
    it should be.
    """
    settings = _typed(TargetSettings, _json(target), "target")
    body = _json(release)
    if "assets" in body:
        facts = _typed(tuple[AssetFacts, ...], body.pop("assets"), "assets")
    else:
        body, facts = _measured(release)
    metadata = _typed(ReleaseMetadata, body)
    if metadata.label is None:
        raise Refused(
            "The message cannot be built",
            [Problem("label_missing", "label", "label is missing.", "Name the label.")],
        )
    inputs = json.dumps([body, _json(target), kind.value, created_at.isoformat()], sort_keys=True)
    digest = hashlib.sha256(inputs.encode()).hexdigest()
    return MessageSpec(
        kind=kind,
        message_id=message_id or digest[:32],
        thread_id=f"{metadata.icpn}.{settings.recipient.dpid}",
        created_at=created_at,
        mode=settings.mode,
        ern=settings.ern,
        sender=settings.sender,
        recipient=settings.recipient,
        label=Label(name=metadata.label, dpid=label_dpid),
        release=metadata,
        assets={f.sha256: f for f in facts},
        names=settings.choreography.file_names,
    )


def _measured(release: Path) -> tuple[dict[str, Any], tuple[AssetFacts, ...]]:
    """The body with hashes for file names, and the facts of the files of the album folder."""
    if release.name != "release.json":
        raise typer.BadParameter(f"{release} has no `assets`, and is no album's release.json.")
    folder = AlbumFolder(release.parent)
    facts: dict[str, AssetFacts] = {}
    for name, path in folder.files.items():
        found = recognise(str(path), name)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            md5 = hashlib.file_digest(file, "md5").hexdigest()
        facts[name] = AssetFacts(
            sha256=sha256,
            md5=md5,
            size=path.stat().st_size,
            filename=name,
            **by_kind(found),
        )
    return folder.body({name: f.sha256 for name, f in facts.items()}), tuple(facts.values())


def _json(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{path} cannot be read: {error}") from None
    except RecursionError:
        raise typer.BadParameter(f"{path} cannot be read: it is nested too deeply") from None
    if not isinstance(read, dict):
        raise typer.BadParameter(f"{path} holds no JSON object. Give the body that the API takes.")
    return read


def _typed(kind: type[T], data: Any, prefix: str = "") -> T:
    """Raises Refused with a problem per wrong field."""
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        raise Refused("The file is not what it should be", _problems(error, prefix)) from None


def _problems(error: ValidationError, prefix: str) -> Iterable[Problem]:
    for found in error.errors(include_url=False):
        field = prefix
        for part in found["loc"]:
            field += f"[{part}]" if isinstance(part, int) else f".{part}" if field else str(part)
        cause = found.get("ctx", {}).get("error")
        if isinstance(cause, InvalidValue):
            yield Problem(cause.code, field, str(cause), cause.fix)
        else:
            yield Problem(found["type"], field, found["msg"])
