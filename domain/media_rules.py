"""What the bytes of a release's files must be before any DSP may hear of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from deadwax.domain.assets import AssetFacts
from deadwax.domain.errors import Problem
from deadwax.domain.media.findings import Finding, Severity
from deadwax.domain.media.judging.atmos import edition_findings
from deadwax.domain.media.judging.judge import findings
from deadwax.domain.media.judging.text import lyrics_findings
from deadwax.domain.media.limits import DEFAULT, limits_of
from deadwax.domain.metadata import NamedFile, ReleaseMetadata
from deadwax.domain.vocabulary import AssetKind, AttachmentKind

Assets = Mapping[str, AssetFacts]

_LIMITS_OF_ATTACHED = {AssetKind.IMAGE: "attached_image", AssetKind.VIDEO: "looping_video"}


def media_problems(release: ReleaseMetadata, assets: Assets) -> Iterator[Problem]:
    """Of files that are there and of the right kind: those not measured, and every finding that
    blocks under the limits that all releases are judged by."""
    for file in release.files():
        facts = assets.get(file.sha256)
        if facts is None or facts.kind is not file.kind:
            continue
        if facts.analysis is None:
            yield _unmeasured(file, facts)
        else:
            limits = limits_of(limits_of_attached(file) or DEFAULT)
            yield from _blocking(file.field, facts, findings(facts, limits))
    yield from _lyrics(release, assets)
    yield from _editions(release, assets)


def limits_of_attached(file: NamedFile) -> str | None:
    """The name of the limits for what comes beside recordings and cover, whoever gets it."""
    return _LIMITS_OF_ATTACHED.get(file.kind) if file.attached else None


def _lyrics(release: ReleaseMetadata, assets: Assets) -> Iterator[Problem]:
    recordings = {t.isrc: assets.get(t.audio or t.video or "") for t in release.tracks if t.isrc}
    for i, attachment in enumerate(release.attachments):
        recording = recordings.get(attachment.isrc) if attachment.isrc else None
        lyrics = assets.get(attachment.file or "")
        if attachment.kind is AttachmentKind.LYRICS and recording and lyrics:
            found = lyrics_findings(lyrics, recording)
            yield from _blocking(f"attachments[{i}].file", lyrics, found)


def _editions(release: ReleaseMetadata, assets: Assets) -> Iterator[Problem]:
    for i, track in enumerate(release.tracks):
        master = assets.get((track.immersive and track.immersive.audio) or "")
        stereo = assets.get(track.audio or "")
        if master and stereo:
            found = edition_findings(master, stereo)
            yield from _blocking(f"tracks[{i}].immersive.audio", master, found)


def _unmeasured(file: NamedFile, facts: AssetFacts) -> Problem:
    said = f"{facts.filename} has not been measured yet."
    fix = f"Wait until it is: GET /assets/{facts.sha256} says how far it is."
    if not facts.awaits_analysis:
        fix = f"Have it measured: POST /assets/{facts.sha256}/analysis, or upload it again."
    return Problem("asset_not_analysed", file.field, said, fix)


def _blocking(field: str, facts: AssetFacts, found: Iterable[Finding]) -> Iterator[Problem]:
    for finding in found:
        if finding.severity is Severity.BLOCK:
            said = f"{facts.filename}{_when(finding)}: {finding.message}"
            yield Problem(finding.code, field, said, finding.fix)


def _when(finding: Finding) -> str:
    if finding.at_s is None:
        return ""
    minutes, seconds = divmod(finding.at_s, 60)
    return f" at {minutes:.0f}:{seconds:04.1f}"
