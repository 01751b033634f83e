"""Images, texts and motion art of 4.x: the front cover and the attachments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deadwax.application.imported import StatedFile
from deadwax.domain.identifiers import Isrc
from deadwax.domain.metadata import Attachment
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.vocabulary import AttachmentKind, ParentalWarning
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.files import stated_file
from deadwax.infrastructure.ern.reading.values import (
    choice,
    everywhere,
    language,
    name,
    own_language,
    proprietary_ids,
)

FRONT_COVER = "FrontCoverImage"


@dataclass(frozen=True)
class Supplements:
    cover_id: ProprietaryId | None
    attachments: tuple[Attachment, ...]
    files: tuple[StatedFile, ...]


def supplements(
    resources: Sequence[Cursor],
    tracks: Mapping[str, Isrc | None],
    warning: ParentalWarning | None,
) -> Supplements:
    """Of the resources that the release refers to; `tracks` maps the references of those that
    are linked to one track to its ISRC. A cover rates as the release does: `warning`."""
    cover_id: ProprietaryId | None = None
    attachments: list[Attachment] = []
    files: list[StatedFile] = []
    has_cover = False
    for resource in resources:
        kind = resource.child("Type")
        type = kind.raw.strip() if kind else ""
        details = resource.children("TechnicalDetails")
        if type == FRONT_COVER and not has_cover:
            has_cover = True
            resource.text_of("Type")
            cover_id = _id(resource)
            rated = everywhere(resource.children("ParentalWarningType"))
            if rated is not None:
                rated.rebuilt(warning)
            own_language(resource)
            file = stated_file(details, "cover")
        else:
            made = _attachment(resource, tracks)
            if made is None:
                continue
            file = stated_file(details, f"attachments[{len(attachments)}].file")
            attachments.append(made)
        files += [file] if file else []
    return Supplements(cover_id, tuple(attachments), tuple(files))


def _attachment(resource: Cursor, tracks: Mapping[str, Isrc | None]) -> Attachment | None:
    kind = choice(resource.child("Type"), AttachmentKind)
    if kind is None:
        return None
    reference = resource.child("ResourceReference")
    titled = everywhere(resource.children("DisplayTitle"))
    title = name(titled.child("TitleText")) if titled else None
    for shown in resource.children("DisplayTitleText"):
        shown.rebuilt(title)
        everywhere([shown])
    own_language(resource)
    return Attachment(
        kind=kind,
        id=_id(resource),
        isrc=tracks.get(reference.raw.strip()) if reference else None,
        title=title,
        language=language(resource.child("LanguageOfText")),
        parental_warning=choice(
            everywhere(resource.children("ParentalWarningType")), ParentalWarning
        ),
    )


def _id(resource: Cursor) -> ProprietaryId | None:
    ids = resource.at("ResourceId/ProprietaryId")[:1]
    return next(iter(proprietary_ids(ids)), None)
