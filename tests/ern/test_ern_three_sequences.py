"""The table of sequences against the official XSDs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from tests.ern.releases import RELEASES, album, digest, full, spec_of, video_single

from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.deals import Visibility
from deadwax.domain.message_style import (
    HashEncoding,
    MessageStyle,
    TakedownForm,
    TerritorialTakedown,
)
from deadwax.domain.metadata import Attachment, ReleaseMetadata
from deadwax.domain.target import ErnVersion
from deadwax.domain.territories import Territory
from deadwax.domain.texts import Moment, Name
from deadwax.domain.vocabulary import AttachmentKind, ParentalWarning
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.three.sequences import SEQUENCES
from deadwax.infrastructure.ern.versions import ERN, Family

XS = "{http://www.w3.org/2001/XMLSchema}"


def test_every_version_of_the_family_has_a_table() -> None:
    family = {version for version, standard in ERN.items() if standard.family is Family.THREE}
    assert set(SEQUENCES) == family


@pytest.mark.parametrize(
    ("version", "composite"), [(v, name) for v, table in SEQUENCES.items() for name in table]
)
def test_the_children_of_a_composite_are_in_the_order_of_the_schema(
    version: ErnVersion, composite: str, schemas: Path
) -> None:
    order = iter(children(schemas, version)[composite])
    missing = [name for name in SEQUENCES[version][composite] if name not in order]
    assert not missing  # each name was searched behind the one before it


@pytest.mark.parametrize("version", SEQUENCES)
def test_the_table_holds_what_messages_say_and_nothing_else(
    version: ErnVersion, schemas: Path, messages: DdexMessages
) -> None:
    types = types_of_elements(schemas, version)
    said: dict[str, set[str]] = {}
    for spec in specs(version):
        root = etree.fromstring(messages.build(spec).xml)
        for element in root.iter():
            if len(element):
                composite = types.get(element.tag, etree.QName(element).localname)
                said.setdefault(composite, set()).update(child.tag for child in element)

    assert said == {name: set(children) for name, children in SEQUENCES[version].items()}


def specs(version: ErnVersion) -> Iterator[MessageSpec]:
    """Messages that between them say all that can be said."""
    for kind in MessageKind:
        for make in RELEASES.values():
            yield spec_of(make(), kind, version)
    spec = spec_of(rich_video(), ern=version)
    yield spec
    flag = MessageStyle(takedown=TakedownForm.FLAG, hash_encoding=HashEncoding.BASE64)
    yield replace(spec_of(album(), MessageKind.TAKEDOWN, version), style=flag)
    stated = MessageStyle(
        territorial_takedown=TerritorialTakedown.STATED, hash_encoding=HashEncoding.BASE64
    )
    yield replace(spec, style=stated, withdrawn_from=(Territory("BR"),))
    yield lossy(spec_of(album(), ern=version))


def lossy(spec: MessageSpec) -> MessageSpec:
    """With all audio as AAC."""
    form = {"container": "MP4", "codec": "AAC", "bits_per_sample": None, "bit_rate": 256_000}
    files = {
        sha256: replace(facts, audio=facts.audio and replace(facts.audio, **form))
        for sha256, facts in spec.assets.items()
    }
    return replace(spec, assets=files)


def rich_video() -> ReleaseMetadata:
    """What a track says of a sound recording, said of a video; attachments with titles."""
    track, video = full().tracks[0], video_single().tracks[0]
    rich = replace(track, audio=None, immersive=None, kind=None, video=video.video, artist_names=())
    still = Attachment(
        kind=AttachmentKind.VIDEO_SCREEN_CAPTURE,
        file=digest("screen"),
        isrc=track.isrc,
        title=Name("Behind"),
        parental_warning=ParentalWarning.NOT_EXPLICIT,
    )
    film = replace(still, kind=AttachmentKind.MOTION_ART, file=digest("motion"), isrc=None)
    seen = (Visibility(release=Moment("2026-11-01")),)
    tracks = (rich, *full().tracks[1:])
    return replace(full(), tracks=tracks, attachments=(still, film), visibility=seen)


@cache
def types_of_elements(schemas: Path, version: ErnVersion) -> dict[str, str]:
    """The type of each element of an XSD, by its name; those of ours have one each."""
    types: dict[str, str] = {}
    for element in parsed(schemas, version).iter(f"{XS}element"):
        name, _, type_ = element.get("name"), *element.get("type", "").rpartition(":")[1:]
        if name and type_ in SEQUENCES[version]:
            types[name] = type_
    return types


@cache
def children(schemas: Path, version: ErnVersion) -> dict[str, tuple[str, ...]]:
    root = parsed(schemas, version)
    named = [e for e in root if e.tag in (f"{XS}complexType", f"{XS}element")]
    return {e.get("name", ""): tuple(_elements(e)) for e in named}


@cache
def parsed(schemas: Path, version: ErnVersion) -> etree._Element:
    standard = ERN[version]
    assert standard.folder is not None
    return etree.parse(str(schemas / standard.folder / standard.file)).getroot()


def _elements(parent: etree._Element) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{XS}element":
            yield child.get("name", "")
        elif child.tag in (f"{XS}sequence", f"{XS}choice", f"{XS}complexType"):
            yield from _elements(child)
