"""What is found of lyrics and booklets."""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.domain.assets import AssetFacts
from deadwax.domain.media.findings import Finding
from deadwax.domain.media.judging.found import found
from deadwax.domain.media.limits import DEFAULT, MediaLimits, limits_of


def text_findings(facts: AssetFacts, limits: MediaLimits) -> Iterator[Finding]:
    read = facts.analysis and facts.analysis.text
    if not read:
        return
    if read.byte_order_mark:
        yield found(limits, "text_byte_order_mark")
    if read.unordered_line is not None:
        yield found(limits, "lyric_times_unordered", read.unordered_line)
    if read.encrypted:
        yield found(limits, "pdf_encrypted")
    elif read.pages == 0:
        yield found(limits, "pdf_without_pages")
    if read.active_content:
        yield found(limits, "pdf_active_content", ", ".join(read.active_content))


def lyrics_findings(lyrics: AssetFacts, recording: AssetFacts) -> Iterator[Finding]:
    """What is wrong with timed lyrics for the recording that they are attached to."""
    read = lyrics.analysis and lyrics.analysis.text
    length = recording.audio or recording.video
    if not read or length is None or read.last_time_s is None:
        return
    if read.last_time_s * 1000 > length.duration_ms:
        limits = limits_of(DEFAULT)
        yield found(limits, "lyrics_beyond_end", read.last_time_s, length.duration_ms / 1000)
