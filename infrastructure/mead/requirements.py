"""What an enrichment must have, and may not contradict, before a message is built of it.

The rules of structure are those of the XSDs (a Party has an identifier, a PartyName a type),
those of reference are MEAD 1.1, 6.2: nothing is said that is not about the release it comes with.
"""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.application.companions import CompanionSpec
from deadwax.domain.enrichment import Enrichment, ReleaseEnrichment, TrackEnrichment
from deadwax.domain.enrichment_terms import LocalTerm
from deadwax.domain.errors import Problem
from deadwax.domain.plain import to_plain
from deadwax.infrastructure.ern.header_requirements import header_problems
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.xml import forbidden_characters
from deadwax.infrastructure.mead.party_requirements import party_problems
from deadwax.infrastructure.mead.rules import (
    focus_problems,
    note_problems,
    reversed_period,
    territory_problems,
    text_problems,
)
from deadwax.infrastructure.mead.terms import Terms


def problems(spec: CompanionSpec, said: Enrichment, schemas: Schemas) -> list[Problem]:
    """Everything that stands in the way of messages that say what the release's label says."""
    terms = Terms(schemas)
    found = [*header_problems(spec), *_characters(spec), *_release(spec)]
    if said.release is not None:
        found += _described(said.release, "enrichment.release", terms)
    found += _tracks(spec, said.tracks, terms)
    found += party_problems(spec.release, said.parties, terms)
    found += _blank_texts(to_plain(said), "enrichment")
    return found


def _characters(spec: CompanionSpec) -> Iterator[Problem]:
    yield from forbidden_characters(to_plain(spec.release))
    for name in ("message_id", "thread_id", "sender", "recipient"):
        yield from forbidden_characters(to_plain(getattr(spec, name)), name)


def _release(spec: CompanionSpec) -> Iterator[Problem]:
    if spec.release.icpn is None and spec.release.grid is None:
        said = "The release has neither ICPN nor GRid, so nobody knows what is described."
        yield Problem("release_id_missing", "icpn", said, "Give the release its ICPN.")
    if spec.release.language is None:
        said = "The language of the message is not known."
        yield Problem("language_missing", "language", said, "Give the language of the release.")


def _tracks(
    spec: CompanionSpec, tracks: tuple[TrackEnrichment, ...], terms: Terms
) -> Iterator[Problem]:
    known = {t.isrc for t in spec.release.tracks}
    seen: set[str] = set()
    for i, track in enumerate(tracks):
        at = f"enrichment.tracks[{i}]"
        if track.isrc not in known:
            yield Problem(
                "enriched_track_unknown",
                f"{at}.isrc",
                f"No track of the release has the ISRC {track.isrc}.",
                "Give the ISRC of one of its tracks.",
            )
        if track.isrc in seen:
            yield Problem(
                "enriched_track_twice",
                f"{at}.isrc",
                f"{track.isrc} is described already.",
                "Say all of a recording in one entry.",
            )
        seen.add(track.isrc)
        yield from _described(track, at, terms)
        for j, tempo in enumerate(track.tempo):
            yield from terms.problems(tempo, "Tempo", f"{at}.tempo[{j}]")
        if track.key is not None:
            yield from terms.problems(track.key.note, "RootChordNote", f"{at}.key.note")
            if track.key.quality is not None:
                quality = track.key.quality
                yield from terms.problems(quality, "RootChordQuality", f"{at}.key.quality")
        for j, lyrics in enumerate(track.lyrics):
            if lyrics.kind is not None:
                yield from terms.problems(lyrics.kind, "LyricsType", f"{at}.lyrics[{j}].kind")


def _described(
    said: ReleaseEnrichment | TrackEnrichment, at: str, terms: Terms
) -> Iterator[Problem]:
    listed: tuple[tuple[str, str, tuple[LocalTerm, ...]], ...] = (
        ("moods", "Mood", said.moods),
        ("themes", "Theme", said.themes),
        ("activities", "Activity", said.activities),
    )
    for field, value_set, words in listed:
        for i, word in enumerate(words):
            yield from terms.problems(word, value_set, f"{at}.{field}[{i}]")
            yield from territory_problems(word.territories, f"{at}.{field}[{i}].territories")
    for i, focus in enumerate(said.focus):
        yield from focus_problems(focus, f"{at}.focus[{i}]")
    for i, note in enumerate(said.notes):
        yield from note_problems(note, f"{at}.notes[{i}]")
    for i, influence in enumerate(said.influenced_by):
        where = f"{at}.influenced_by[{i}].description"
        yield from text_problems(influence.description, where, optional=True)
    for i, similar in enumerate(said.similar):
        yield from text_problems(similar.why, f"{at}.similar[{i}].why")
    days = said.priority
    if days is not None and days.start and days.end and days.end < days.start:
        yield reversed_period(f"{at}.priority", days.start.isoformat(), days.end.isoformat())


def _blank_texts(plain: object, field: str) -> Iterator[Problem]:
    """A text of spaces says nothing; it is one that was meant to be written later."""
    if isinstance(plain, dict):
        for name, value in plain.items():
            yield from _blank_texts(value, f"{field}.{name}")
    elif isinstance(plain, list):
        for i, value in enumerate(plain):
            yield from _blank_texts(value, f"{field}[{i}]")
    elif isinstance(plain, str) and not plain.strip():
        yield Problem("text_blank", field, "The text is blank.", "Write it, or leave it out.")
