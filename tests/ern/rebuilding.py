"""Building a message again from what was read of it, with what a test may supply: a sender and
identifiers where a sample has placeholders, and facts of files that nobody has.

`written` leaves out our own rules, since DDEX's samples lack what we ask of a release: a release
date, say. The XSD still counts.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deadwax.application.imported import ImportedMessage, StatedFile
from deadwax.application.imported_files import with_files
from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.assets import AssetFacts, AudioFacts, ImageFacts, TextFacts, VideoFacts
from deadwax.domain.deals import RightsHeld
from deadwax.domain.file_names import USUAL_NAMES, CoverName, FileNames, TrackName
from deadwax.domain.identifiers import Dpid, Icpn, Sha256
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.target import ErnVersion, Party
from deadwax.domain.tenant import Label
from deadwax.domain.territories import Territories, Territory
from deadwax.domain.texts import Name
from deadwax.domain.vocabulary import AssetKind
from deadwax.infrastructure.ern.contents import Contents
from deadwax.infrastructure.ern.four import message as four
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.three import message as three
from deadwax.infrastructure.ern.untrusted import parse_untrusted
from deadwax.infrastructure.ern.versions import ERN, Family

WORLD = Territories(included=(Territory("Worldwide"),))
SENDER = Party(dpid=Dpid("PADPIDA2013042401U"), name=Name("Sender"))
RECIPIENT = Party(dpid=Dpid("PADPIDA2009101501Y"), name=Name("Recipient"))
ICPN = Icpn("5901234123457")
GRID_NAMES = FileNames(
    track=TrackName("resources/{grid}_{disc}_{track}.{extension}"),
    cover=CoverName("resources/{grid}.{extension}"),
    other=CoverName("resources/{grid}_{technical}.{extension}"),
)


def spec_of(message: ImportedMessage, version: ErnVersion | None = None) -> MessageSpec:
    assert message.metadata is not None
    release = with_assets(message.metadata, message.files)
    release = replace(release, rights=(RightsHeld(territories=WORLD),))
    if not release.icpn and not release.grid:
        release = replace(release, icpn=ICPN)
    sender, recipient = message.sender, message.recipient
    facts = [fact(f, message.metadata) for f in message.files]
    return MessageSpec(
        kind=MessageKind.INITIAL,
        message_id=message.message_id or "M1",
        thread_id=message.thread_id or "T1",
        created_at=message.created_at or datetime(2026, 1, 1, tzinfo=UTC),
        mode=message.mode,
        ern=version or ErnVersion(message.version),
        sender=replace(SENDER, dpid=sender.dpid or SENDER.dpid, name=sender.name or SENDER.name),
        recipient=replace(
            RECIPIENT,
            dpid=recipient.dpid or RECIPIENT.dpid,
            name=recipient.name or RECIPIENT.name,
        ),
        label=message.label or Label(name=Name("No Label")),
        release=release,
        assets={f.sha256: f for f in facts},
        names=USUAL_NAMES if release.icpn else GRID_NAMES,
    )


def with_assets(release: ReleaseMetadata, files: tuple[StatedFile, ...]) -> ReleaseMetadata:
    return with_files(release, {f.field: digest(f) for f in files})


def digest(file: StatedFile) -> Sha256:
    return Sha256(hashlib.sha256(file.field.encode()).hexdigest())


def fact(file: StatedFile, release: ReleaseMetadata) -> AssetFacts:
    """As long as the track says, and otherwise like any file of its kind."""
    kind = next(f.kind for f in with_assets(release, (file,)).files() if f.sha256 == digest(file))
    at = int(file.field.partition("[")[2].partition("]")[0] or 0)
    is_track = file.field.startswith("tracks")
    ms = (release.tracks[at].duration or 60) * 1000 if is_track else 1000
    kinds = {
        AssetKind.AUDIO: {
            "audio": AudioFacts(
                container="WAV",
                codec="PCM",
                channels=2,
                sampling_rate=44_100,
                bits_per_sample=24,
                duration_ms=ms,
                immersive="DolbyAtmos" if "immersive" in file.field else None,
            )
        },
        AssetKind.VIDEO: {
            "video": VideoFacts(
                container="MP4", codec="AVC", width=1920, height=1080, duration_ms=ms
            )
        },
        AssetKind.IMAGE: {"image": ImageFacts(codec="JPEG", width=3000, height=3000)},
        AssetKind.TEXT: {"text": TextFacts(codec="PDF")},
    }
    return AssetFacts(
        sha256=digest(file),
        md5=hashlib.md5(file.field.encode()).hexdigest(),
        size=123_456,
        filename=file.uri,
        kind=kind,
        **kinds[kind],  # type: ignore[arg-type]
    )


def written(spec: MessageSpec, schemas: Path) -> bytes:
    """The message as its family writes it; valid by its XSD, or the test fails."""
    family = three if ERN[spec.ern].family is Family.THREE else four
    text = family.new_release_message(family.writer(spec), spec, Contents.of(spec))
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    schema = Schemas(schemas).find(ERN[spec.ern])
    assert schema is not None
    assert schema.errors(parse_untrusted(xml)) == []
    return xml
