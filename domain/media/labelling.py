"""A recipe made for one track of a release: its words, its cover, where its preview starts."""

from __future__ import annotations

from dataclasses import replace

from deadwax.domain.media.recipes import AudioRecipe
from deadwax.domain.media.tags import Tags
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.texts import Name, PartialDate
from deadwax.domain.tracks import Track

_LONGEST = 500


def for_track(recipe: AudioRecipe, release: ReleaseMetadata, track: Track) -> AudioRecipe:
    """With what the release says, where the recipe says nothing itself. A preview starts and is
    as long as the label wants it; formats without tags get none."""
    if recipe.length is not None:
        recipe = replace(
            recipe,
            start=track.preview_start if track.preview_start is not None else recipe.start,
            length=track.preview_length or recipe.length,
        )
    if not recipe.format.tagged:
        return recipe
    return replace(
        recipe, tags=recipe.tags or tags_of(release, track), cover=recipe.cover or release.cover
    )


def tags_of(release: ReleaseMetadata, track: Track) -> Tags:
    line = track.c_line or release.c_line or track.p_line or release.p_line
    date = release.original_release_date or release.release_date
    discs = {one.disc for one in release.tracks}
    return Tags(
        title=_titled(track.title, track.version),
        artists=tuple(artist.name for artist in track.artists or release.artists),
        album=_titled(release.title, release.version),
        album_artists=tuple(artist.name for artist in release.artists),
        genre=track.genre or release.genre,
        isrc=track.isrc,
        icpn=release.icpn,
        label=release.label,
        copyright=Name(f"{line.year} {line.text}"[:_LONGEST]) if line else None,
        release_date=PartialDate(date.isoformat()) if date else None,
        number=track.number,
        tracks=sum(one.disc == track.disc for one in release.tracks),
        disc=track.disc,
        discs=len(discs),
    )


def _titled(title: Name | None, version: Name | None) -> Name | None:
    return Name(f"{title} ({version})"[:_LONGEST]) if title and version else title
