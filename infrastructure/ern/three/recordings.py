"""The sound recordings and videos of a message: the tracks and their immersive editions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deadwax.application.messages import MessageSpec
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.contents import File, Immersive, Recording, length_seconds
from deadwax.infrastructure.ern.display import duration
from deadwax.infrastructure.ern.three import details, parties
from deadwax.infrastructure.ern.three.files import technical_details
from deadwax.infrastructure.ern.three.territories import codes, partition
from deadwax.infrastructure.ern.write import Writer, leaf, leaves, node


@dataclass(frozen=True)
class Shown:
    """What a recording and the release of that track say alike, written once."""

    reference_title: str
    titles: str
    artists: str
    display_names: str
    genre: str
    p_line: str

    @classmethod
    def of(cls, track: Track) -> Shown:
        return cls(
            reference_title=details.reference_title(track.title, track.version),
            titles=details.titles(track.title, track.version, track.titles),
            artists=parties.display_artists(track.artists),
            display_names=parties.display_names(track.artist_names, track.artists),
            genre=details.genre(track.genre, track.sub_genre),
            p_line=details.p_line(track.p_line),
        )


class Recordings:
    """Writes the recordings of one message."""

    def __init__(self, w: Writer, spec: MessageSpec) -> None:
        self._w, self._spec = w, spec
        release = spec.release
        self._names = parties.display_names(release.artist_names, release.artists)

    def track(self, recording: Recording, shown: Shown) -> str:
        track = recording.track
        return self._resource(
            _element(track),
            track,
            shown,
            id=node(
                f"{_element(track)}Id",
                leaf("ISRC", track.isrc),
                details.proprietary_ids(track.ids),
            ),
            reference=recording.reference,
            seconds=recording.seconds,
            p_line=shown.p_line,
            file=recording.file,
            preview=track,
        )

    def immersive(self, recording: Recording, edition: Immersive, shown: Shown) -> str:
        """A recording of its own: 3.8.x knows no editions. It is a secondary resource, which
        has a ProprietaryId (Release Profiles 1.4, 4.4)."""
        isrc = edition.edition.isrc
        own = leaf("ProprietaryId", f"{isrc}_immersive", Namespace=self._spec.sender.dpid)
        line = edition.edition.p_line
        asset = edition.file.asset if edition.file else None
        return self._resource(
            "SoundRecording",
            recording.track,
            shown,
            id=node("SoundRecordingId", leaf("ISRC", isrc), own),
            reference=edition.reference,
            seconds=length_seconds(asset, recording.seconds),
            p_line=details.p_line(line) if line else shown.p_line,
            file=edition.file,
        )

    def _resource(
        self,
        name: str,
        track: Track,
        shown: Shown,
        *,
        id: str,
        reference: str,
        seconds: int,
        p_line: str,
        file: File | None,
        preview: Track | None = None,
    ) -> str:
        children = {
            f"{name}Type": leaf(f"{name}Type", track.recording_kind.value),
            f"{name}Id": id,
            f"Indirect{name}Id": node(f"Indirect{name}Id", leaf("ISWC", track.iswc)),
            "ResourceReference": leaf("ResourceReference", reference),
            "ReferenceTitle": shown.reference_title,
            "IsInstrumental": leaf("IsInstrumental", track.instrumental),
            "IsCover": leaf("IsCover", track.cover_version),
            "Duration": leaf("Duration", duration(seconds)),
            "LanguageOfPerformance": self._languages(name, track),
            "CreationDate": details.event("CreationDate", track.recorded),
            "MasteredDate": details.event("MasteredDate", track.mastered),
            "RemasteredDate": details.event("RemasteredDate", track.remastered),
            "RelatedResource": leaves("RelatedResource", (r.isrc for r in track.related)),
            "VersionType": leaves("VersionType", track.version_types),
        }
        if (
            file is not None
            and not file.delivered
            and preview
            and preview.preview_start is not None
        ):
            self._w.omitted[f"{name}DetailsByTerritory/PreviewDetails"] = None
        common = self._details(track, shown, p_line)
        by_territory = f"{name}DetailsByTerritory"
        warnings = [(w.territories, w.warning) for w in track.parental_warnings]
        children[by_territory] = "".join(
            [
                self._w.composite(
                    by_territory,
                    {
                        **common,
                        **codes(part),
                        "ParentalWarningType": leaf("ParentalWarningType", part.value),
                        **technical_details(self._spec, file, place, preview),
                    },
                )
                for place, part in enumerate(partition(track.parental_warning, warnings))
            ]
        )
        return self._w.composite(name, children)

    def _details(self, track: Track, shown: Shown, p_line: str) -> Mapping[str, str]:
        people = (*track.contributors, *self._spec.release.contributors)
        same = shown.display_names == self._names
        direct, indirect = parties.contributors(people, track.artists)
        published = "OriginalResourceReleaseDate"
        return {
            "Title": shown.titles,
            "DisplayArtist": shown.artists,
            "ResourceContributor": direct,
            "IndirectResourceContributor": indirect,
            # Said only where it differs from that of the release (Release Profiles 1.4, 4.3).
            "DisplayArtistName": "" if same else shown.display_names,
            published: details.event(published, track.first_published),
            "PLine": p_line,
            "CLine": details.c_line(track.c_line),
            "CourtesyLine": leaf("CourtesyLine", track.courtesy_line),
            "MarketingComment": leaf("MarketingComment", track.marketing_comment),
            "Genre": shown.genre,
            "Keywords": leaves("Keywords", track.keywords),
        }

    def _languages(self, name: str, track: Track) -> str:
        """A sound recording has one."""
        if not track.other_languages:
            return leaf("LanguageOfPerformance", track.language and spoken(track.language))
        languages = (track.language, *track.other_languages)
        said = list(dict.fromkeys(spoken(one) for one in languages if one is not None))
        if name == "SoundRecording" and len(said) > 1:
            self._w.omitted["SoundRecording/LanguageOfPerformance (further)"] = None
            said = said[:1]
        return leaves("LanguageOfPerformance", said)


def spoken(language: str) -> str:
    """The code of ISO 639 alone: what is sung has no script."""
    return language.partition("-")[0]


def _element(track: Track) -> str:
    return "Video" if track.is_video else "SoundRecording"
