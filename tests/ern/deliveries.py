"""Deliveries as they lie in folders: messages of ours, with files that are real."""

from __future__ import annotations

import hashlib
import wave
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image
from tests.ern.releases import single, spec_of

from deadwax.application.messages import (
    BatchEntry,
    BatchSpec,
    DeliveryType,
    MessageKind,
    MessageSpec,
    ProductType,
)
from deadwax.domain.assets import AssetFacts, AudioFacts, ImageFacts
from deadwax.domain.choreography_versions import ChoreographyVersion
from deadwax.domain.identifiers import Icpn, Isrc, Sha256, gtin_check_digit
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.target import ErnVersion
from deadwax.domain.texts import Name
from deadwax.domain.vocabulary import AssetKind
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.media.recognise import recognise


@dataclass(frozen=True)
class Delivered:
    """A release in its folder, and the message that names it."""

    folder: Path
    spec: MessageSpec
    xml: bytes

    @property
    def message(self) -> Path:
        return self.folder / f"{self.spec.release.icpn}.xml"

    @property
    def audio(self) -> Path:
        return next((self.folder / "resources").glob("*.wav"))


def icpn(n: int) -> Icpn:
    digits = f"59012341{n:04d}"
    return Icpn(digits + gtin_check_digit(digits))


def deliver(
    into: Path, messages: DdexMessages, n: int = 1, ern: ErnVersion = ErnVersion.V43
) -> Delivered:
    """The `n`th single, in a folder named by its ICPN."""
    files = [_wav(into / f"{n}.wav", n), _jpeg(into / f"{n}.jpg", n)]
    sound, cover = (_facts(path) for path in files)
    release = _release(n, sound, cover)
    assets = {f.sha256: f for f in (sound, cover)}
    spec = replace(spec_of(release, MessageKind.INITIAL, ern), assets=assets, message_id=f"M{n}")
    built = messages.build(spec)
    folder = into / str(release.icpn)
    (folder / "resources").mkdir(parents=True)
    for resource in built.resources:
        source = next(
            p for p, f in zip(files, (sound, cover), strict=True) if f.sha256 == resource.sha256
        )
        source.rename(folder / resource.uri)
    delivered = Delivered(folder, spec, built.xml)
    delivered.message.write_bytes(built.xml)
    return delivered


def complete(batch: Path, messages: DdexMessages, deliveries: list[Delivered]) -> Path:
    """The manifest of a batch of these."""
    first = deliveries[0].spec
    spec = BatchSpec(
        version=ChoreographyVersion.V18,
        root=batch.name,
        created_at=first.created_at,
        mode=first.mode,
        sender=first.sender,
        recipient=first.recipient,
        entries=tuple(
            BatchEntry(
                message_id=d.spec.message_id,
                icpn=d.spec.release.icpn,
                grid=None,
                url=f"{d.folder.name}/{d.message.name}",
                md5=hashlib.md5(d.xml).hexdigest(),
                delivery=DeliveryType.NEW_RELEASE,
                product=ProductType.AUDIO,
            )
            for d in deliveries
        ),
    )
    manifest = batch / f"BatchComplete_{batch.name}.xml"
    manifest.write_bytes(messages.manifest(spec))
    return manifest


def _release(n: int, sound: AssetFacts, cover: AssetFacts) -> ReleaseMetadata:
    track = replace(single().tracks[0], isrc=Isrc(f"QZDWX26{n:05d}"), audio=Sha256(sound.sha256))
    return replace(
        single(),
        title=Name(f"Single {n}"),
        icpn=icpn(n),
        cover=Sha256(cover.sha256),
        tracks=(track,),
    )


def _wav(path: Path, n: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(n.to_bytes(2, "little") * 2 * 44_100)
    return path


def _jpeg(path: Path, n: int) -> Path:
    Image.new("RGB", (3000, 3000), (n % 256, n // 256, 9)).save(path, "JPEG")
    return path


def _facts(path: Path) -> AssetFacts:
    data, measured = path.read_bytes(), recognise(str(path), path.name)
    audio = measured if isinstance(measured, AudioFacts) else None
    return AssetFacts(
        sha256=hashlib.sha256(data).hexdigest(),
        md5=hashlib.md5(data).hexdigest(),
        size=len(data),
        filename=path.name,
        kind=AssetKind.AUDIO if audio else AssetKind.IMAGE,
        audio=audio,
        image=measured if isinstance(measured, ImageFacts) else None,
    )
