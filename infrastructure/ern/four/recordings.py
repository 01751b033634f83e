"""The primary resources: sound recordings and videos, with their editions."""

from __future__ import annotations

from deadwax.domain.profiles import variants_of
from deadwax.domain.tracks import EventDate, RelatedRecording, Track
from deadwax.domain.vocabulary import ProfileVariant
from deadwax.infrastructure.ern import display
from deadwax.infrastructure.ern.contents import Immersive, Recording
from deadwax.infrastructure.ern.four import shape, shown, technical
from deadwax.infrastructure.ern.four.draft import Draft
from deadwax.infrastructure.ern.four.parties import proprietary_ids
from deadwax.infrastructure.ern.four.shown import Children
from deadwax.infrastructure.ern.write import leaf, leaves, node


def sound(recording: Recording, draft: Draft) -> str:
    """The SoundRecording of a track; two where an immersive edition is one of its own."""
    track, immersive = recording.track, recording.immersive
    related = "".join([_related(r, draft) for r in track.related])
    children = _common(recording, draft) | {
        "ResourceReference": leaf("ResourceReference", recording.reference),
        "Type": leaf("Type", track.recording_kind),
        "RelatedResource": related,
        "FirstPublicationDate": _first_published(track, draft),
        "CLine": shown.c_line(track.c_line),
    }
    plain = _sound(children, _editions(recording, draft), draft)
    if immersive is None or draft.shape.immersive is not shape.Immersive.RECORDING:
        return plain
    other = children | {
        "ResourceReference": leaf("ResourceReference", immersive.reference),
        "RelatedResource": related + _immersive_of(recording, draft),
    }
    parts = {
        "ResourceId": _isrc(immersive.edition.isrc),
        "PLine": shown.p_line(immersive.edition.p_line or track.p_line),
        "TechnicalDetails": technical.sound(immersive.file, draft),
    }
    return plain + _sound(other, parts, draft)


def video(recording: Recording, draft: Draft) -> str:
    track = recording.track
    type, format = draft.shape.video_type(track.recording_kind)
    parts = {
        "ResourceId": _isrc(track.isrc, proprietary_ids(track.ids)),
        "PLine": shown.p_line(track.p_line),
        "CLine": shown.c_line(track.c_line),
        "TechnicalDetails": technical.video(recording.file, draft, preview=recording),
    }
    children = _common(recording, draft) | {
        "ResourceReference": leaf("ResourceReference", recording.reference),
        "Type": leaf("Type", type),
        "RecordingFormat": leaf("RecordingFormat", format),
        "RelatedResource": "".join([_related(r, draft) for r in track.related]),
        "FirstPublicationDate": node(
            "FirstPublicationDate", leaf("FulfillmentDate", _first_published_on(track, draft))
        ),
    }
    return draft.writer.composite(
        "Video", children | video_edition(parts, draft), **_classical(draft)
    )


def video_edition(parts: Children, draft: Draft) -> Children:
    """Identifiers, lines and files stand in an edition, or directly where there is none."""
    if not draft.writer.has("Video", "VideoEdition"):
        return parts
    return {"VideoEdition": draft.writer.composite("VideoEdition", parts)}


def _sound(children: Children, parts: Children, draft: Draft) -> str:
    return draft.writer.composite("SoundRecording", children | parts, **_classical(draft))


def _editions(recording: Recording, draft: Draft) -> Children:
    track, immersive, form = recording.track, recording.immersive, draft.shape.immersive
    encoding = immersive if form is shape.Immersive.ENCODING else None
    details = technical.sound(recording.file, draft, preview=recording)
    if encoding is not None:
        details += technical.sound(encoding.file, draft, encoding=encoding)
    parts = {
        "ResourceId": _isrc(track.isrc, proprietary_ids(track.ids)),
        "PLine": shown.p_line(track.p_line),
        "TechnicalDetails": details,
    }
    if form is not shape.Immersive.EDITION:
        return parts
    edition = {"Type": leaf("Type", "NonImmersiveEdition")} | parts
    editions = draft.writer.composite("SoundRecordingEdition", edition)
    if immersive is not None:
        editions += _immersive_edition(immersive, recording, draft)
    return {"SoundRecordingEdition": editions}


def _immersive_edition(immersive: Immersive, recording: Recording, draft: Draft) -> str:
    edition = immersive.edition
    children = {
        "Type": leaf("Type", "ImmersiveEdition"),
        "ResourceId": _isrc(edition.isrc),
        "PLine": shown.p_line(edition.p_line or recording.track.p_line),
        "RecordingMode": leaf("RecordingMode", "ImmersiveAudio"),
        "TechnicalDetails": technical.sound(immersive.file, draft),
    }
    return draft.writer.composite("SoundRecordingEdition", children)


def _immersive_of(recording: Recording, draft: Draft) -> str:
    children = {
        "ResourceRelationshipType": leaf(
            "ResourceRelationshipType", draft.shape.immersive_relation
        ),
        "ResourceRelatedResourceReference": leaf(
            "ResourceRelatedResourceReference", recording.reference
        ),
    }
    return draft.writer.composite("RelatedResource", children)


def _common(recording: Recording, draft: Draft) -> Children:
    track = recording.track
    people = (*track.contributors, *draft.release.contributors)
    children = {
        "WorkId": node("WorkId", leaf("ISWC", track.iswc)),
        **shown.titles(track.title or "", track.version, track.titles),
        "VersionType": leaves("VersionType", track.version_types),
        **shown.artists(track.artists, track.artist_names, draft),
        "Contributor": shown.contributors(people, draft),
        "CourtesyLine": leaf("CourtesyLine", track.courtesy_line),
        "Duration": leaf("Duration", display.duration(recording.seconds)),
        "CreationDate": _when("CreationDate", track.recorded),
        "MasteredDate": _when("MasteredDate", track.mastered),
        "RemasteredDate": _when("RemasteredDate", track.remastered),
        "ParentalWarningType": shown.warnings(track.parental_warning, track.parental_warnings),
        "IsCover": leaf("IsCover", track.cover_version),
        "IsInstrumental": leaf("IsInstrumental", track.instrumental),
        "ContainsHiddenContent": leaf("ContainsHiddenContent", track.hidden or None),
        "LanguageOfPerformance": _languages(track, draft),
    }
    if not draft.profile.track_releases:
        # What would stand in the track's own release has no place without one.
        children |= shown.remarks(track.keywords, track.marketing_comment)
    return children


def _languages(track: Track, draft: Draft) -> str:
    languages = [code for code in (track.language, *track.other_languages) if code]
    if draft.shape.language_has_script:
        return leaves("LanguageOfPerformance", languages)
    if any("-" in language for language in languages):
        draft.writer.omitted["LanguageOfPerformance/Script"] = None
    return leaves("LanguageOfPerformance", [code.partition("-")[0] for code in languages])


def _isrc(isrc: str | None, others: str = "") -> str:
    return node("ResourceId", leaf("ISRC", isrc), others)


def _when(name: str, event: EventDate | None) -> str:
    if event is None:
        return ""
    return leaf(name, event.date, IsApproximate="true" if event.approximate else None)


def _first_published(track: Track, draft: Draft) -> str:
    return leaf("FirstPublicationDate", _first_published_on(track, draft))


def _first_published_on(track: Track, draft: Draft) -> str | None:
    event = track.first_published
    if event is not None and event.approximate:
        draft.writer.omitted["FirstPublicationDate/IsApproximate"] = None
    return event.date if event else None


def _related(related: RelatedRecording, draft: Draft) -> str:
    by = draft.shape.related_by
    children = {
        "ResourceRelationshipType": leaf("ResourceRelationshipType", related.relationship),
        by: node(by, leaf("ISRC", related.isrc)),
        "DisplayTitle": leaf("DisplayTitle", related.title),
    }
    return draft.writer.composite("RelatedResource", children)


def _classical(draft: Draft) -> dict[str, str]:
    marks = draft.shape.marks_classical and ProfileVariant.CLASSICAL in variants_of(draft.release)
    return {"ApplyClassicalProfileVariant": "true"} if marks else {}
