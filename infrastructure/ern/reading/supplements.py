"""What a message brings beside its tracks, as both families give it back."""

from __future__ import annotations

from dataclasses import dataclass

from deadwax.application.imported import StatedFile
from deadwax.domain.metadata import Attachment
from deadwax.domain.parties import ProprietaryId

FRONT_COVER = "FrontCoverImage"


@dataclass(frozen=True)
class Supplements:
    """The front cover's own identifier, the attachments, and the files of both."""

    cover_id: ProprietaryId | None
    attachments: tuple[Attachment, ...]
    files: tuple[StatedFile, ...]
