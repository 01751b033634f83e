"""The form in which a distribution's files are sent, after its platform refused another."""

from __future__ import annotations

from dataclasses import dataclass

from deadwax.domain.media.form import Form, MediaForm


@dataclass(frozen=True)
class Adapted:
    """`audio` is sent instead of `own`, as long as that is what the target asks for."""

    own: str | None
    audio: str


def form_of(media: MediaForm, adapted: Adapted | None) -> Form:
    """What is sent next to a target that wants `media`."""
    audio = media.audio
    if adapted and adapted.own == audio and adapted.audio in media.other_audio:
        audio = adapted.audio
    return Form(audio=audio, artwork=media.artwork)
