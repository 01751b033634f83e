"""Images, texts and motion art of 4.x: the front cover and the attachments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from deadwax.application.imported import Fate, StatedFile
from deadwax.domain.identifiers import Isrc
from deadwax.domain.metadata import Attachment
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.vocabulary import AttachmentKind, ParentalWarning
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.files import stated_file
from deadwax.infrastructure.ern.reading.four.editions import EDITIONS
from deadwax.infrastructure.ern.reading.four.parties import Parties
from deadwax.infrastructure.ern.reading.four.titles import titles
from deadwax.infrastructure.ern.reading.groups import MOTION_ART
from deadwax.infrastructure.ern.reading.ids import supplement_id
from deadwax.infrastructure.ern.reading.people import display_names
from deadwax.infrastructure.ern.reading.supplements import FRONT_COVER, Supplements
from deadwax.infrastructure.ern.reading.values import (
    choice,
    everywhere,
    language,
    own_language,
)


def supplements(
    resources: Sequence[Cursor],
    owners: Mapping[str, Isrc | None],
    release: Mapping[str, Any],
    parties: Parties,
) -> Supplements:
    """Of the resources that the release refers to; `owners` maps their references to the ISRC
    of their track. `release` holds the fields of the release, of which motion art says some
    again."""
    cover_id: ProprietaryId | None = None
    attachments: list[Attachment] = []
    files: list[StatedFile] = []
    has_cover = False
    release_id = release["icpn"] or release["grid"]
    for resource in resources:
        kind = resource.child("Type")
        holder = resource.child(*EDITIONS) or resource
        details = holder.children("TechnicalDetails")
        field = f"attachments[{len(attachments)}].file"
        if kind is not None and kind.raw.strip() == FRONT_COVER and not has_cover:
            has_cover, field = True, "cover"
            cover_id = _cover(resource, kind, release_id)
        elif (made := _attachment(resource, owners, release, parties)) is not None:
            ids, n = holder.at("ResourceId/ProprietaryId"), len(attachments) + 1
            id = supplement_id(ids, release_id, str(n))
            attachments.append(replace(made, id=id))
        else:
            continue
        own_language(resource)
        for reference in resource.children("ResourceReference"):
            reference.hold()
        if (file := stated_file(details, field)) is not None:
            files.append(file)
    return Supplements(cover_id, tuple(attachments), tuple(files))


def _cover(resource: Cursor, kind: Cursor, release_id: str | None) -> ProprietaryId | None:
    kind.hold()
    for warning in resource.children("ParentalWarningType"):
        warning.rebuilt(None)
    return supplement_id(resource.at("ResourceId/ProprietaryId"), release_id, "cover")


def _attachment(
    resource: Cursor,
    owners: Mapping[str, Isrc | None],
    release: Mapping[str, Any],
    parties: Parties,
) -> Attachment | None:
    stated = resource.child("Type")
    is_art = stated is not None and stated.raw.strip() in MOTION_ART
    kind = AttachmentKind.MOTION_ART if is_art else choice(stated, AttachmentKind)
    if stated is None or kind is None:
        return None
    stated.hold()
    reference = resource.child("ResourceReference")
    titled = titles(resource)
    warning = choice(everywhere(resource.children("ParentalWarningType")), ParentalWarning)
    if kind is AttachmentKind.MOTION_ART:
        _motion(resource, release, parties)
        warning = None if warning == release["parental_warning"] else warning
    is_shared = kind is AttachmentKind.MOTION_ART and titled.get("title") == release.get("title")
    return Attachment(
        kind=kind,
        isrc=owners.get(reference.raw.strip()) if reference else None,
        title=None if is_shared else titled.get("title"),
        language=language(resource.child("LanguageOfText")),
        parental_warning=warning,
    )


def _motion(resource: Cursor, release: Mapping[str, Any], parties: Parties) -> None:
    """What a video must say is taken from the release and from the file."""
    if resource.get("IsSupplemental") is not None:
        resource.rebuilt("true", "IsSupplemental")
    artists = parties.artists(resource.children("DisplayArtist"))
    names = display_names(resource.children("DisplayArtistName"), artists)
    if artists != release["artists"] or names != release["artist_names"]:
        resource.note(Fate.CHANGED, "The artists are rebuilt as those of the release.")
    if (length := resource.child("Duration")) is not None:
        length.hold()
