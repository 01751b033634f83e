"""Images, texts and motion art that come with a release or a track: secondary resources."""

from __future__ import annotations

from deadwax.application.messages import MessageSpec
from deadwax.domain.vocabulary import AssetKind, ParentalWarning
from deadwax.infrastructure.ern.contents import Supplement
from deadwax.infrastructure.ern.display import duration
from deadwax.infrastructure.ern.three import details
from deadwax.infrastructure.ern.three.files import technical_details
from deadwax.infrastructure.ern.three.territories import EVERYWHERE
from deadwax.infrastructure.ern.write import Writer, leaf, node

ELEMENTS = {AssetKind.IMAGE: "Image", AssetKind.TEXT: "Text", AssetKind.VIDEO: "Video"}


def supplement(w: Writer, spec: MessageSpec, item: Supplement) -> str:
    """The language is that of its title."""
    name, attachment = ELEMENTS[item.kind], item.attachment
    children = {
        f"{name}Type": leaf(f"{name}Type", item.type),
        f"{name}Id": node(f"{name}Id", details.proprietary_ids([item.id])),
        "ResourceReference": leaf("ResourceReference", item.reference),
    }
    warning: ParentalWarning | None = None
    if attachment is not None:
        warning = attachment.parental_warning
        children["Title"] = details.only_title(attachment.title, attachment.language)
    if item.kind is AssetKind.VIDEO:
        children["Duration"] = leaf("Duration", duration(item.seconds))
    by_territory = f"{name}DetailsByTerritory"
    children[by_territory] = w.composite(
        by_territory,
        {
            **EVERYWHERE,
            "ParentalWarningType": leaf("ParentalWarningType", warning),
            **technical_details(spec, item.file),
        },
    )
    return w.composite(name, children)
