"""Files are rendered beside deliveries: whoever dies of it, and however long it takes."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from tests.faults.rig import BACKGROUND, Rig

from deadwax.application.renditions import Renditions
from deadwax.domain.distribution_events import AttentionNeeded
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.media.form import MediaForm
from deadwax.domain.media.recipes import AUDIO_RECIPES
from deadwax.domain.renditions import Rendition
from deadwax.workers import worker

pytestmark = pytest.mark.faults


def in_form(rig: Rig, **media: Any) -> UUID:
    """A new release to a new target that wants its files so."""
    settings = replace(rig.settings(), media=MediaForm(**media))
    return rig.distribute(target=rig.open_target(settings))


def test_a_worker_killed_while_it_renders_leaves_nothing_but_work_to_do(rig: Rig) -> None:
    rig.start(*BACKGROUND)
    doomed = rig.start_crashing("worker", "in the middle of a rendition")
    id = in_form(rig, audio="wav")
    assert doomed.wait(timeout=60) == -9, rig.evidence()
    assert rig.distribution(id).status == "validating"

    rig.start("worker")

    rig.wait_for(id, "live")
    assert rig.topics(id).count("distribution.attempt_started") == 1
    made = [
        rig.topics(Rendition.id_of(rig.tenant_id, audio, AUDIO_RECIPES["wav"]))
        for audio in rig._audio
    ]
    assert made == [["rendition.rendered"]] * 2


def test_others_are_delivered_while_a_file_is_rendered(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many: the one thread that delivers here is free for them."""
    go_on, begun, make = threading.Event(), threading.Event(), Renditions.make

    def long(self: Renditions, *args: Any, **kwargs: Any) -> Any:
        begun.set()
        assert go_on.wait(60)
        return make(self, *args, **kwargs)

    monkeypatch.setattr(Renditions, "make", long)
    rig.container.settings = replace(rig.container.settings, worker_threads=1)
    stop, url = threading.Event(), rig.environ["DEADWAX_REDIS_URL"]
    working = threading.Thread(target=worker.run, args=(rig.container, url, stop))
    rig.start(*BACKGROUND)
    working.start()
    try:
        slow = in_form(rig, audio="wav")
        assert begun.wait(60), rig.evidence()
        rig.wait_for(rig.distribute(), "live")
        assert rig.distribution(slow).status == "validating"
        shown = rig.container.progress.of(slow, 0)
        assert shown is not None
        assert (shown.snapshot.route, shown.snapshot.files) == ("rendering", 2)
        go_on.set()
        rig.wait_for(slow, "live")
    finally:
        go_on.set()
        stop.set()
        working.join()


def test_what_cannot_be_rendered_is_told_to_a_person_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Renditions, *args: Any, **kwargs: Any) -> Any:
        problem = Problem("decoder_died", "file", "The decoder died.", "Export it again.")
        raise Refused("The file could not be read", [problem])

    monkeypatch.setattr(Renditions, "make", refuse)
    id = in_form(rig, audio="wav", artwork="jpeg_1400")
    rig.container.deliveries.advance(id, lambda: True)

    assert rig.container.rendering.run(id, lambda: True) is False
    assert rig.container.rendering.run(id, lambda: True) is False

    assert rig.distribution(id).status == "needs_attention"
    (told,) = [event for event in rig.events(id) if isinstance(event, AttentionNeeded)]
    assert told.category == "content_format"
    assert [(p["code"], p["field"]) for p in told.problems] == [
        ("decoder_died", "cover"),
        ("decoder_died", "tracks[0].audio"),
        ("decoder_died", "tracks[1].audio"),
    ]
