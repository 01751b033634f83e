"""The ResourceList: recordings, then what comes with them, by kind."""

from __future__ import annotations

from collections.abc import Sequence

from deadwax.application.messages import MessageSpec
from deadwax.infrastructure.ern.contents import Contents
from deadwax.infrastructure.ern.three.recordings import Recordings, Shown
from deadwax.infrastructure.ern.three.supplements import ELEMENTS, supplement
from deadwax.infrastructure.ern.write import Writer


def resource_list(w: Writer, spec: MessageSpec, contents: Contents, shown: Sequence[Shown]) -> str:
    """`shown` has what is said of each recording, in their order."""
    recordings = Recordings(w, spec)
    by_kind: dict[str, list[str]] = {
        name: [] for name in ("SoundRecording", "Video", "Image", "Text")
    }
    for recording, its in zip(contents.recordings, shown, strict=True):
        name = "Video" if recording.track.is_video else "SoundRecording"
        by_kind[name].append(recordings.track(recording, its))
        if recording.immersive:
            by_kind["SoundRecording"].append(
                recordings.immersive(recording, recording.immersive, its)
            )
    for item in contents.supplements:
        by_kind[ELEMENTS[item.kind]].append(supplement(w, spec, item))
    return w.composite("ResourceList", {name: "".join(texts) for name, texts in by_kind.items()})
