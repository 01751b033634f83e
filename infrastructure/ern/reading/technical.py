"""What a message states for machines: its schema and the edition of the allowed value sets."""

from __future__ import annotations

from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.versions import Standard


def hold_technical(message: Cursor, standard: Standard) -> None:
    """These are rebuilt from the version; where they differ, that is noted."""
    if message.get("AvsVersionId") is not None:
        message.rebuilt(standard.avs, "AvsVersionId")
    if message.get("MessageSchemaVersionId") is not None:
        message.rebuilt("/".join(standard.namespace.split("/")[-2:]), "MessageSchemaVersionId")
