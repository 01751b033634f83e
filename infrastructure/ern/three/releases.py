"""The ReleaseList: the main release and, where its profile has them, one release per track."""

from __future__ import annotations

from collections.abc import Sequence

from deadwax.application.messages import MessageSpec
from deadwax.domain.metadata import RelatedRelease
from deadwax.domain.tracks import TerritoryWarning
from deadwax.domain.vocabulary import Compilation, ParentalWarning
from deadwax.infrastructure.ern.contents import MAIN, Contents, Recording
from deadwax.infrastructure.ern.display import duration
from deadwax.infrastructure.ern.three import details, groups, parties
from deadwax.infrastructure.ern.three.profiles import has_track_releases
from deadwax.infrastructure.ern.three.recordings import Shown
from deadwax.infrastructure.ern.three.territories import codes, partition
from deadwax.infrastructure.ern.write import Writer, leaf, leaves, node


def release_list(w: Writer, spec: MessageSpec, contents: Contents, shown: Sequence[Shown]) -> str:
    """`shown` has what is said of each recording, in their order."""
    tracks = ""
    if has_track_releases(spec.release):
        tracks = "".join(
            [
                _track_release(w, spec, recording, its)
                for recording, its in zip(contents.recordings, shown, strict=True)
            ]
        )
    return node("ReleaseList", _release(w, spec, contents) + tracks)


def _release(w: Writer, spec: MessageSpec, contents: Contents) -> str:
    release = spec.release
    secondary = [item.reference for item in contents.supplements]
    secondary += [r.immersive.reference for r in contents.recordings if r.immersive]
    direct, indirect = parties.contributors((), release.artists)
    common = {
        "DisplayArtistName": parties.display_names(release.artist_names, release.artists),
        "LabelName": leaf("LabelName", spec.label.name),
        "Title": details.titles(release.title, release.version, release.titles),
        "DisplayArtist": parties.display_artists(release.artists),
        "ResourceContributor": direct,
        "IndirectResourceContributor": indirect,
        "RelatedRelease": "".join([_related(w, related) for related in release.related]),
        "MarketingComment": leaf("MarketingComment", release.marketing_comment),
        "ResourceGroup": groups.of_release(release, contents),
        "Genre": details.genre(release.genre, release.sub_genre),
        "ReleaseDate": leaf("ReleaseDate", release.release_date),
        "OriginalReleaseDate": leaf("OriginalReleaseDate", release.original_release_date),
        "Keywords": leaves("Keywords", release.keywords),
        "Synopsis": leaf("Synopsis", release.synopsis),
        "CourtesyLine": leaf("CourtesyLine", release.courtesy_line),
        "VersionType": leaves("VersionType", release.version_types),
    }
    if release.compilation is not None:
        several = release.compilation is Compilation.MULTI_ARTIST
        common["IsMultiArtistCompilation"] = leaf("IsMultiArtistCompilation", several)
        single = "" if several else leaf("IsSingleArtistCompilation", True)
        common["IsSingleArtistCompilation"] = single
    ids = {
        "GRid": leaf("GRid", release.grid),
        "ICPN": leaf("ICPN", release.icpn),
        "CatalogNumber": leaf(
            "CatalogNumber", release.catalogue_number, Namespace=spec.sender.dpid
        ),
        "ProprietaryId": details.proprietary_ids(release.ids),
    }
    children = {
        "ReleaseId": w.composite("ReleaseId", ids),
        "ReleaseReference": leaf("ReleaseReference", MAIN),
        "ReferenceTitle": details.reference_title(release.title, release.version),
        "ReleaseResourceReferenceList": groups.references(
            [r.reference for r in contents.recordings], secondary
        ),
        "ReleaseType": leaf("ReleaseType", release.type),
        "ReleaseDetailsByTerritory": _by_territory(
            w, common, release.parental_warning, release.parental_warnings
        ),
        "Duration": leaf("Duration", duration(sum(r.seconds for r in contents.recordings))),
        "PLine": details.p_line(release.p_line),
        "CLine": details.c_line(release.c_line),
    }
    return w.composite("Release", children, IsMainRelease="true")


def _track_release(w: Writer, spec: MessageSpec, recording: Recording, shown: Shown) -> str:
    """A release of a sound recording has that one resource only (Release Profiles 1.4, 3.1);
    that of a video also has what is linked to it, as in DDEX's sample."""
    track, release = recording.track, spec.release
    links = groups.linked(recording) if track.is_video else []
    common = {
        "DisplayArtistName": shown.display_names,
        "LabelName": leaf("LabelName", spec.label.name),
        "Title": shown.titles,
        "DisplayArtist": shown.artists,
        "ResourceGroup": groups.of_track(recording, links),
        "Genre": shown.genre,
        "ReleaseDate": leaf("ReleaseDate", release.release_date),
    }
    children = {
        "ReleaseId": node("ReleaseId", leaf("ISRC", track.isrc)),
        "ReleaseReference": leaf("ReleaseReference", recording.track_release),
        "ReferenceTitle": shown.reference_title,
        "ReleaseResourceReferenceList": groups.references(
            [recording.reference], [link.reference for link in links]
        ),
        "ReleaseType": leaf(
            "ReleaseType", "VideoTrackRelease" if track.is_video else "TrackRelease"
        ),
        "ReleaseDetailsByTerritory": _by_territory(
            w, common, track.parental_warning, track.parental_warnings
        ),
        "PLine": shown.p_line,
        "CLine": details.c_line(track.c_line or release.c_line),
    }
    return w.composite("Release", children)


def _by_territory(
    w: Writer,
    common: dict[str, str],
    general: ParentalWarning | None,
    exceptions: Sequence[TerritoryWarning],
) -> str:
    """One set for the world, or one for each warning and where it holds."""
    parts = partition(general, [(e.territories, e.warning) for e in exceptions])
    return "".join(
        [
            w.composite(
                "ReleaseDetailsByTerritory",
                {
                    **common,
                    **codes(part),
                    "ParentalWarningType": leaf("ParentalWarningType", part.value),
                },
            )
            for part in parts
        ]
    )


def _related(w: Writer, related: RelatedRelease) -> str:
    ids = {
        "GRid": leaf("GRid", related.grid),
        "ISRC": leaf("ISRC", related.isrc),
        "ICPN": leaf("ICPN", related.icpn),
        "ProprietaryId": details.proprietary_ids(related.ids),
    }
    children = {
        "ReleaseId": w.composite("ReleaseId", ids),
        "ReferenceTitle": details.reference_title(related.title, None) if related.title else "",
        "ReleaseRelationshipType": leaf("ReleaseRelationshipType", related.relationship),
    }
    return w.composite("RelatedRelease", children)
