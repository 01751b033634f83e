"""The MeadMessage: recordings, then the release."""

from __future__ import annotations

from collections.abc import Iterable

from deadwax.application.companions import CompanionSpec
from deadwax.domain.enrichment import (
    Described,
    Enrichment,
    Key,
    LyricsText,
    Meter,
    OtherTitle,
    ReleaseEnrichment,
    Similar,
    SimilarRecording,
    SimilarRelease,
    TrackEnrichment,
)
from deadwax.domain.enrichment_terms import Influence, LocalTerm, ScopedTerm
from deadwax.domain.parties import NamedParty
from deadwax.domain.target import CompanionKind, Party
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.xml import Element, maybe, tag
from deadwax.infrastructure.mead.common import (
    described_party,
    display_title,
    document,
    focus,
    note,
    own,
    recording,
    term,
    territories,
    texts,
)


def mead_message(spec: CompanionSpec, said: Enrichment) -> Element:
    """The message of a spec that has no problems and something to say of the music."""
    message = document("MeadMessage", spec, CompanionKind.MEAD)
    tracks = {t.isrc: t for t in spec.release.tracks if t.isrc is not None}
    recordings = [_resource(one, tracks[one.isrc], spec.sender) for one in said.tracks]
    if recordings:
        message.append(tag("ResourceInformationList", *recordings))
    if said.release is not None:
        message.append(tag("ReleaseInformationList", _release(said.release, spec)))
    return message


def _resource(said: TrackEnrichment, track: Track, sender: Party) -> Element:
    summary = recording("ResourceSummary", track)
    summary.extend(_display_artists(track.artists))
    return tag(
        "ResourceInformation",
        summary,
        *map(focus, said.focus),
        None if said.meter is None else _meter(said.meter),
        *(term("Tempo", tempo, sender) for tempo in said.tempo),
        None if said.bpm is None else tag("BeatsPerMinute", tag("Value", said.bpm)),
        None if said.key is None else _key(said.key, sender),
        *_characteristics(said, sender),
        *(_lyrics(lyrics, sender) for lyrics in said.lyrics),
        *_commentary(said, sender, map(_similar_recording, said.similar)),
        **_priority(said),
    )


def _release(said: ReleaseEnrichment, spec: CompanionSpec) -> Element:
    release = spec.release
    return tag(
        "ReleaseInformation",
        tag(
            "ReleaseSummary",
            tag("ReleaseId", maybe("GRid", release.grid), maybe("ICPN", release.icpn)),
            display_title(release.title, release.version),
            *_display_artists(release.artists),
        ),
        *map(focus, said.focus),
        *_characteristics(said, spec.sender),
        *_commentary(said, spec.sender, map(_similar_release, said.similar)),
        **_priority(said),
    )


def _display_artists(artists: Iterable[NamedParty]) -> list[Element]:
    return [described_party("DisplayArtist", artist) for artist in artists]


def _characteristics(said: Described, sender: Party) -> Iterable[Element]:
    for mood in said.moods:
        yield _local("Mood", mood, sender, MoodType=_scope(mood))
    for theme in said.themes:
        yield _local("Theme", theme, sender, ThemeType=_scope(theme))
    for activity in said.activities:
        yield _local("Activity", activity, sender)


def _commentary(said: Described, sender: Party, similar: Iterable[Element]) -> Iterable[Element]:
    for commentary in said.notes:
        yield note(commentary, sender)
    yield from map(_influence, said.influenced_by)
    yield from similar
    yield from map(_other_title, said.other_titles)


def _priority(said: Described) -> dict[str, str | None]:
    days = said.priority
    return {
        "PriorityPeriodStartDate": days.start.isoformat() if days and days.start else None,
        "PriorityPeriodEndDate": days.end.isoformat() if days and days.end else None,
    }


def _local(name: str, said: LocalTerm, sender: Party, **attributes: str | None) -> Element:
    return tag(
        name,
        term("Value", said, sender),
        *territories(f"TerritoryOf{name}Description", said.territories),
        **attributes,
    )


def _scope(said: ScopedTerm) -> str | None:
    return None if said.scope is None else said.scope.value


def _meter(said: Meter) -> Element:
    beats = tag("NumberOfBeatsInBar", said.beats)
    return tag("TimeSignature", tag("Meter", beats, tag("NoteEquivalentToBeat", said.note)))


def _key(said: Key, sender: Party) -> Element:
    return tag(
        "Harmony",
        term("RootChordNote", said.note, sender),
        None if said.quality is None else term("RootChordQuality", said.quality, sender),
        None if said.mode is None else own("Mode", said.mode, sender),
    )


def _lyrics(said: LyricsText, sender: Party) -> Element:
    complete = None if said.complete is None else str(said.complete).lower()
    return tag(
        "Lyrics",
        tag("Text", said.text, Format="UTF8Text", IsComplete=complete),
        tag("LanguageAndScriptOfLyrics", said.language),
        **_lyrics_type(said, sender),
    )


def _lyrics_type(said: LyricsText, sender: Party) -> dict[str, str | None]:
    if said.kind is None:
        return {}
    if not said.kind.own:
        return {"LyricsType": said.kind.value}
    return {
        "LyricsType": "UserDefined",
        "LyricsTypeNamespace": sender.dpid,
        "LyricsTypeUserDefinedValue": said.kind.value,
    }


def _influence(said: Influence) -> Element:
    return tag(
        "ArtisticInfluence",
        described_party("Party", said.artist),
        *texts("Description", said.description),
        tag("IsInfluencer", True),
    )


def _similar_recording(said: SimilarRecording) -> Element:
    return _similar(
        said,
        tag("Resource", maybe("ISRC", said.isrc), tag("ResourceTitle", said.title), _artist(said)),
    )


def _similar_release(said: SimilarRelease) -> Element:
    return _similar(
        said,
        tag(
            "Release",
            maybe("GRid", said.grid),
            maybe("ICPN", said.icpn),
            tag("ReleaseTitle", said.title),
            _artist(said),
        ),
    )


def _similar(said: Similar, what: Element) -> Element:
    why = (tag("Description", text) for text in texts("Text", said.why))
    return tag("IsSimilar", what, *why)


def _artist(said: Similar) -> Element | None:
    return None if said.artist is None else tag("DisplayArtistName", tag("Name", said.artist))


def _other_title(said: OtherTitle) -> Element:
    return tag(
        "AlternativeTitle",
        tag("TitleText", tag("Title", said.text)),
        maybe("LanguageAndScriptOfTitle", said.language),
    )
