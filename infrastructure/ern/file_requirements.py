"""What a message must know of the files that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.assets import AssetFacts
from deadwax.domain.errors import Problem
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.audio_formats import AUDIO_FORMATS
from deadwax.infrastructure.ern.contents import (
    IMAGE_FORMATS,
    TEXT_FORMATS,
    VIDEO_FORMATS,
    extension_of,
    length_seconds,
)

_MD5, _SHA256 = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{64}")
_AGAIN = "Upload the file again."


def names_files(spec: MessageSpec) -> bool:
    """A takedown, and an update of the metadata alone, can do without them."""
    return spec.with_files and spec.kind is not MessageKind.TAKEDOWN


def problems(spec: MessageSpec) -> Iterator[Problem]:
    release = spec.release
    isrcs = {track.isrc for track in release.tracks}
    for i, track in enumerate(release.tracks):
        yield from _track(track, spec, f"tracks[{i}].")
    for i, attachment in enumerate(release.attachments):
        at = f"attachments[{i}]."
        if attachment.file is None and names_files(spec):
            yield Problem(
                "attachment_file_missing", f"{at}file", "There is no file.", "Upload and attach it."
            )
        if attachment.isrc is not None and attachment.isrc not in isrcs:
            yield Problem(
                "attachment_track_unknown",
                f"{at}isrc",
                f"No track has the ISRC {attachment.isrc}.",
                "Name a track, or none if it belongs to the release.",
            )
    for file in release.files():
        facts = spec.assets.get(file.sha256)
        if facts is not None and facts.kind is file.kind:
            yield from _file(facts, file.field)


def _track(track: Track, spec: MessageSpec, at: str) -> Iterator[Problem]:
    if (track.audio and track.is_video) or (track.video and not track.is_video):
        yield Problem(
            "track_kind_differs",
            f"{at}kind",
            f"A {track.kind} is not what the file is.",
            "Say what the file is, or leave the kind out.",
        )
    if track.immersive and track.is_video:
        yield Problem(
            "immersive_video",
            f"{at}immersive",
            "Only a sound recording has an immersive edition.",
            "Leave it out.",
        )
    if names_files(spec):
        if track.immersive and track.immersive.audio is None:
            yield Problem(
                "immersive_file_missing",
                f"{at}immersive.audio",
                "There is no file.",
                "Upload and attach it.",
            )
        return
    facts = spec.assets.get(track.file) if track.file else None
    if length_seconds(facts, track.duration) < 1:
        yield Problem(
            "duration_missing",
            f"{at}duration",
            "It is not known how long the track lasts.",
            "Give its duration in seconds.",
        )


def _file(facts: AssetFacts, field: str) -> Iterator[Problem]:
    if not (_MD5.fullmatch(facts.md5) and _SHA256.fullmatch(facts.sha256)):
        yield Problem("asset_hash_missing", field, f"{facts.md5!r} is not an MD5.", _AGAIN)
    if facts.size <= 0:
        yield Problem("asset_empty", field, f"The file has {facts.size} bytes.", _AGAIN)
    if getattr(facts, facts.kind.value) is None:
        yield Problem("asset_facts_missing", field, "The file was not measured.", _AGAIN)
        return
    if extension_of(facts) is None:
        yield from _no_place(facts, field)
    recorded = facts.audio or facts.video
    if recorded is not None and length_seconds(facts) < 1:
        yield Problem(
            f"{facts.kind}_too_short",
            field,
            f"It lasts {recorded.duration_ms} ms; a message states whole seconds.",
            "Upload a recording of at least one second.",
        )


def _no_place(facts: AssetFacts, field: str) -> Iterator[Problem]:
    for part, name, known in (
        (facts.audio, "container", AUDIO_FORMATS),
        (facts.video, "container", VIDEO_FORMATS),
        (facts.image, "codec", IMAGE_FORMATS),
        (facts.text, "codec", TEXT_FORMATS),
    ):
        if part is not None:
            yield Problem(
                f"{facts.kind}_{name}_unknown",
                field,
                f"{getattr(part, name)} has no place in a message.",
                f"Use {', '.join(known)}.",
            )
