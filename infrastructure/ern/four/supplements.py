"""The secondary resources: cover, further images, texts and motion art."""

from __future__ import annotations

from deadwax.domain.metadata import Attachment
from deadwax.domain.vocabulary import AssetKind, AttachmentKind
from deadwax.infrastructure.ern import display
from deadwax.infrastructure.ern.contents import FRONT_COVER, Supplement
from deadwax.infrastructure.ern.four import shown, technical
from deadwax.infrastructure.ern.four.draft import Draft
from deadwax.infrastructure.ern.four.parties import proprietary_ids
from deadwax.infrastructure.ern.four.recordings import video_edition
from deadwax.infrastructure.ern.four.shown import Children
from deadwax.infrastructure.ern.write import leaf, node

_LINKS: dict[str, str] = {
    FRONT_COVER: "CoverArt",
    AttachmentKind.MOTION_ART: "CoverArt",
    AttachmentKind.VIDEO_SCREEN_CAPTURE: "VideoScreenCapture",
    AttachmentKind.BOOKLET: "Booklet",
    AttachmentKind.LYRICS: "Lyrics",
}


def image(supplement: Supplement, draft: Draft) -> str:
    details = technical.image(supplement.file, draft)
    return draft.writer.composite("Image", _common(supplement, draft, details))


def text(supplement: Supplement, draft: Draft) -> str:
    details = technical.text(supplement.file, draft)
    attachment = supplement.attachment
    language = leaf("LanguageOfText", attachment.language if attachment else None)
    children = _common(supplement, draft, details) | {"LanguageOfText": language}
    return draft.writer.composite("Text", children)


def motion(supplement: Supplement, draft: Draft) -> str:
    """A video beside the release, with what a video must say: it takes that from the release."""
    release, attachment = draft.release, supplement.attachment
    children = _common(supplement, draft, technical.video(supplement.file, draft))
    parts = {name: children.pop(name) for name in ("ResourceId", "TechnicalDetails")}
    warning = attachment.parental_warning if attachment else None
    title = attachment.title if attachment else None
    children |= shown.titles(title or release.title, None)
    children |= shown.artists(release.artists, release.artist_names, draft)
    children |= {
        "Type": leaf("Type", draft.shape.video_type(supplement.type)[0]),
        "Duration": leaf("Duration", display.duration(supplement.seconds)),
        "ParentalWarningType": shown.warnings(warning or release.parental_warning),
    }
    return draft.writer.composite(
        "Video", children | video_edition(parts, draft), IsSupplemental="true"
    )


def links(supplements: tuple[Supplement, ...], draft: Draft) -> str:
    """How a release, or one of its tracks, refers to what belongs to it."""
    return "".join(
        [
            leaf("LinkedReleaseResourceReference", s.reference, LinkDescription=_link(s, draft))
            for s in supplements
        ]
    )


OF_KIND = {AssetKind.IMAGE: image, AssetKind.TEXT: text, AssetKind.VIDEO: motion}


def _link(supplement: Supplement, draft: Draft) -> str | None:
    link = _LINKS.get(supplement.type)
    return link if link in draft.shape.link_descriptions else None


def _common(supplement: Supplement, draft: Draft, details: str) -> Children:
    attachment = supplement.attachment or Attachment(kind=AttachmentKind.PHOTOGRAPH)
    title = shown.titles(attachment.title, None) if attachment.title else {}
    return title | {
        "ResourceReference": leaf("ResourceReference", supplement.reference),
        "Type": leaf("Type", supplement.type),
        "ResourceId": node("ResourceId", proprietary_ids((supplement.id,))),
        "ParentalWarningType": shown.warnings(attachment.parental_warning),
        "TechnicalDetails": details,
    }
