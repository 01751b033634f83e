"""Images, texts and motion art of 3.8.x: the front cover and the attachments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from deadwax.application.imported import StatedFile
from deadwax.domain.identifiers import Isrc
from deadwax.domain.metadata import Attachment
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.texts import Language, Name
from deadwax.domain.vocabulary import AttachmentKind
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.files import stated_file
from deadwax.infrastructure.ern.reading.ids import supplement_id
from deadwax.infrastructure.ern.reading.supplements import FRONT_COVER, Supplements
from deadwax.infrastructure.ern.reading.three.territories import Details
from deadwax.infrastructure.ern.reading.values import (
    choice,
    language_of,
    name,
    own_language,
)


def supplements(
    resources: Sequence[Cursor], owners: Mapping[str, Isrc | None], release_id: str | None
) -> Supplements:
    """Of the resources that the release refers to; `owners` maps their references to the ISRC
    of their track."""
    cover_id: ProprietaryId | None = None
    attachments: list[Attachment] = []
    files: list[StatedFile] = []
    has_cover = False
    for resource in resources:
        kind = resource.child(f"{resource.name}Type")
        details = Details(resource.children(f"{resource.name}DetailsByTerritory"))
        ids = resource.at(f"{resource.name}Id/ProprietaryId")
        field = f"attachments[{len(attachments)}].file"
        if kind is not None and kind.raw.strip() == FRONT_COVER and not has_cover:
            has_cover, field = True, "cover"
            kind.hold()
            cover_id = supplement_id(ids, release_id, "cover")
            for warning in details.children("ParentalWarningType"):
                warning.rebuilt(None)
        elif (made := _attachment(resource, kind, details, owners)) is not None:
            id = supplement_id(ids, release_id, str(len(attachments) + 1))
            attachments.append(replace(made, id=id))
        else:
            continue
        own_language(resource)
        for reference in resource.children("ResourceReference"):
            reference.hold()
        technical = details.children(f"Technical{resource.name}Details")
        if (file := stated_file(technical, field)) is not None:
            files.append(file)
        details.hold_repeats()
    return Supplements(cover_id, tuple(attachments), tuple(files))


def _attachment(
    resource: Cursor,
    stated: Cursor | None,
    details: Details,
    owners: Mapping[str, Isrc | None],
) -> Attachment | None:
    kind = choice(stated, AttachmentKind)
    if kind is None:
        return None
    reference = resource.child("ResourceReference")
    title, language = _title(resource, details)
    if kind is AttachmentKind.MOTION_ART:
        for length in resource.children("Duration"):
            length.hold()  # measured of the file
    return Attachment(
        kind=kind,
        isrc=owners.get(reference.raw.strip()) if reference else None,
        title=title,
        language=language,
        parental_warning=details.warnings()["parental_warning"],
    )


def _title(resource: Cursor, details: Details) -> tuple[Name | None, Language | None]:
    """The first title; its language is that of the attachment."""
    listed = [*resource.children("Title"), *details.children("Title")]
    if not listed:
        return None, None
    listed[0].rebuilt("FormalTitle", "TitleType")
    return name(listed[0].child("TitleText")), language_of(listed[0])
