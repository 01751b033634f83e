"""The ReleaseList: the release and, where its profile has them, one release per track."""

from __future__ import annotations

from itertools import groupby

from deadwax.application.messages import MessageSpec
from deadwax.domain.metadata import RelatedRelease
from deadwax.domain.vocabulary import Compilation
from deadwax.infrastructure.ern import display
from deadwax.infrastructure.ern.contents import MAIN, Recording
from deadwax.infrastructure.ern.four import shown, supplements
from deadwax.infrastructure.ern.four.draft import Draft
from deadwax.infrastructure.ern.four.parties import proprietary_ids
from deadwax.infrastructure.ern.four.shape import Immersive
from deadwax.infrastructure.ern.four.visibility import references
from deadwax.infrastructure.ern.offers import instant_tracks
from deadwax.infrastructure.ern.write import leaf, leaves, node


def release_list(draft: Draft) -> str:
    tracks = draft.contents.recordings if draft.profile.track_releases else ()
    singles = [_track_release(recording, draft) for recording in tracks]
    return node("ReleaseList", _release(draft), *singles)


def _release(draft: Draft) -> str:
    release, recordings = draft.release, draft.contents.recordings
    single_artist = draft.shape.single_artist
    multi_artist = "IsMultiArtistCompilation"
    children = {
        "ReleaseReference": leaf("ReleaseReference", MAIN),
        "ReleaseType": leaf("ReleaseType", release.type),
        "ReleaseId": release_id(draft.spec),
        **shown.titles(release.title, release.version, release.titles),
        "VersionType": leaves("VersionType", release.version_types),
        **shown.artists(release.artists, release.artist_names, draft),
        "ReleaseLabelReference": shown.LABEL_REFERENCE,
        "PLine": shown.p_line(release.p_line),
        "CLine": shown.c_line(release.c_line),
        "CourtesyLine": leaf("CourtesyLine", release.courtesy_line),
        "Duration": leaf("Duration", display.duration(sum(r.seconds for r in recordings))),
        **shown.genre(release.genre, release.sub_genre, draft),
        "ReleaseDate": leaf("ReleaseDate", release.release_date, **shown.DEFAULT),
        "OriginalReleaseDate": leaf(
            "OriginalReleaseDate", release.original_release_date, **shown.DEFAULT
        ),
        "ReleaseVisibilityReference": references(draft),
        "ParentalWarningType": shown.warnings(release.parental_warning, release.parental_warnings),
        "RelatedRelease": "".join([_related(r, draft) for r in release.related]),
        "ResourceGroup": _resource_group(draft),
        "Synopsis": leaf("Synopsis", release.synopsis),
        **shown.remarks(release.keywords, release.marketing_comment),
    }
    if release.compilation is not None:
        is_single = release.compilation is Compilation.SINGLE_ARTIST
        name = single_artist if is_single else multi_artist
        children[name] = leaf(name, True)
    return draft.writer.composite("Release", children)


def release_id(spec: MessageSpec) -> str:
    release, sender = spec.release, spec.sender.dpid
    return node(
        "ReleaseId",
        leaf("GRid", release.grid),
        leaf("ICPN", release.icpn),
        leaf("CatalogNumber", release.catalogue_number, Namespace=sender),
        proprietary_ids(release.ids),
    )


def _resource_group(draft: Draft) -> str:
    """One Component per disc and the cover linked to the whole. A profile of one track has one
    group with one item, to which the cover is linked (Release Profiles 8.1)."""
    contents, release = draft.contents, draft.release
    linked = supplements.links((contents.cover, *contents.linked), draft)
    instant = instant_tracks(release.deals) if draft.has_deals else frozenset()
    if not draft.profile.track_releases:
        return node("ResourceGroup", _item(contents.recordings[0], draft, instant, linked))
    titles = {disc.disc: disc.title for disc in release.disc_titles}
    discs = [
        node(
            "ResourceGroup",
            *(shown.titles(titles[disc], None).values() if disc in titles else ()),
            leaf("SequenceNumber", disc),
            *[_item(recording, draft, instant) for recording in recordings],
            ResourceGroupType="Component",
        )
        for disc, recordings in groupby(contents.recordings, key=lambda r: r.track.disc)
    ]
    return node("ResourceGroup", *discs, linked)


def _item(recording: Recording, draft: Draft, instant: frozenset[str], linked: str = "") -> str:
    track = recording.track
    return node(
        "ResourceGroupContentItem",
        leaf("SequenceNumber", track.number),
        leaf("ReleaseResourceReference", recording.reference),
        linked,
        supplements.links(recording.linked, draft),
        _immersive_link(recording, draft),
        leaf("IsBonusResource", track.bonus or None),
        leaf("IsInstantGratificationResource", track.isrc in instant or None),
        leaf("IsPreOrderIncentiveResource", track.pre_order_incentive or None),
    )


def _immersive_link(recording: Recording, draft: Draft) -> str:
    """An immersive edition that is a recording of its own belongs to the other."""
    immersive = recording.immersive
    if immersive is None or draft.shape.immersive is not Immersive.RECORDING:
        return ""
    return leaf("LinkedReleaseResourceReference", immersive.reference)


def _track_release(recording: Recording, draft: Draft) -> str:
    """Titles are those of the recording, and so not repeated (Release Profiles 9)."""
    track, release = recording.track, draft.release
    id = f"{release.icpn or release.grid}_{track.isrc}"
    children = {
        "ReleaseReference": leaf("ReleaseReference", recording.track_release),
        "ReleaseId": node("ReleaseId", leaf("ProprietaryId", id, Namespace=draft.spec.sender.dpid)),
        "ReleaseResourceReference": leaf("ReleaseResourceReference", recording.reference),
        "ReleaseLabelReference": shown.LABEL_REFERENCE,
        **shown.genre(track.genre, track.sub_genre, draft),
        **shown.remarks(track.keywords, track.marketing_comment),
    }
    return draft.writer.composite("TrackRelease", children)


def _related(related: RelatedRelease, draft: Draft) -> str:
    ids = {
        "GRid": leaf("GRid", related.grid),
        "ISRC": leaf("ISRC", related.isrc),
        "ICPN": leaf("ICPN", related.icpn),
        "ProprietaryId": proprietary_ids(related.ids),
    }
    id = draft.writer.composite("ReleaseId", ids)
    if not id:
        draft.writer.omitted["Release/RelatedRelease"] = None
        return ""
    titles = shown.titles(related.title, None) if related.title else {}
    children = {
        "ReleaseRelationshipType": leaf("ReleaseRelationshipType", related.relationship),
        "ReleaseId": id,
        "DisplayTitleText": titles.get("DisplayTitleText", ""),
    }
    return draft.writer.composite("RelatedRelease", children)
