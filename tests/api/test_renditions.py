"""Renditions over the API: asked for, made by a worker, looked at, downloaded."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import soundfile
from tests import material
from tests.api.caller import Caller, done, refused
from tests.api.conftest import MakeTenant, Projecting

from deadwax.api.examples import TRACK
from deadwax.domain.media.recipes import AUDIO_RECIPES
from deadwax.domain.rendition_orders import RenditionOrder
from deadwax.infrastructure.container import Container

Work = Callable[[dict[str, Any]], None]


@pytest.fixture
def work(container: Container) -> Work:
    """What the worker does when the order wakes it."""

    def advance(asked: dict[str, Any]) -> None:
        order = RenditionOrder.id_of(UUID(asked["id"]))
        container.rendition_orders.advance(order, lambda: True)

    return advance


@pytest.fixture
def track(admin: Caller) -> str:
    data = material.recording(seconds=1, format="WAV", bits=24)
    return str(done(admin.upload(data, "01 Lead-in.wav"))["sha256"])


def test_asked_for_made_and_downloaded(
    admin: Caller, track: str, work: Work, projecting: Projecting
) -> None:
    answer = admin.post(f"/assets/{track}/renditions", {"recipe": "flac"})
    assert answer.status_code == 202
    asked = answer.json()
    place = answer.headers["Location"].removeprefix("/api/v1")
    assert (asked["state"], asked["file"]) == ("waiting", None)
    assert refused(admin.get(f"{place}/content"), 404, "not_found")
    assert admin.post(f"/assets/{track}/renditions", {"recipe": "flac"}).status_code == 202

    work(asked)

    made = done(admin.get(place))
    assert (made["state"], made["same_samples"], made["problems"]) == ("made", True, [])
    assert made["encoder"].startswith("libsndfile ")
    assert made["file"]["filename"] == "01 Lead-in.flac"
    assert made["file"]["audio"]["bits_per_sample"] == 24
    whole = admin.get(f"{place}/content")
    assert hashlib.sha256(whole.content).hexdigest() == made["file"]["sha256"]
    assert whole.headers["Content-Type"] == "audio/flac"
    assert soundfile.info(io.BytesIO(whole.content)).frames == 44_100
    part = admin.get(f"{place}/content", headers={"Range": "bytes=4-41"})
    assert (part.status_code, part.content) == (206, whole.content[4:42])
    same = admin.get(f"{place}/content", headers={"If-None-Match": whole.headers["ETag"]})
    assert same.status_code == 304

    again = admin.post(f"/assets/{track}/renditions", {"recipe": "flac"})
    assert (again.status_code, again.json()) == (200, made)
    position = int(answer.headers["Deadwax-Position"])
    with projecting():
        items = done(admin.get(f"/assets/{track}/renditions", params={"after": position}))["items"]
        assert [(one["rendition_id"], one["recipe"]["format"]) for one in items] == [
            (asked["id"], "flac")
        ]


def test_a_preview_of_a_track_starts_where_the_label_says_and_names_it(
    admin: Caller, track: str, work: Work
) -> None:
    cover = done(admin.upload(material.cover(side=1200), "cover.png"))["sha256"]
    release = admin.draft(
        cover=cover, tracks=[{"number": 1, **TRACK, "preview_start": 0, "preview_length": 1}]
    )
    of = {"release_id": release["id"], "number": 1}
    body = {"recipe": "preview_mp3", "options": {"fade": 0.25}, "track": of}

    asked = done(admin.post(f"/assets/{track}/renditions", body))
    work(asked)

    made = done(admin.get(f"/assets/{track}/renditions/{asked['id']}"))
    assert made["state"] == "made", made["problems"]
    assert made["recipe"]["tags"]["isrc"] == "QZDWX2600001"
    assert (made["recipe"]["start"], made["recipe"]["length"]) == (0, 1)
    assert made["recipe"]["cover"] == cover
    content = admin.get(f"/assets/{track}/renditions/{asked['id']}/content").content
    assert b"TSRC" in content
    assert b"QZDWX2600001" in content
    assert b"\xff\xd8\xff" in content


def test_what_cannot_be_made_says_why(admin: Caller, track: str, work: Work) -> None:
    body = {"recipe": "preview_mp3", "options": {"start": 40}}
    asked = done(admin.post(f"/assets/{track}/renditions", body))

    work(asked)

    looked = done(admin.get(f"/assets/{track}/renditions/{asked['id']}"))
    assert looked["state"] == "refused"
    assert looked["problems"][0]["code"] == "rendition_preview_start"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "recipe_missing"),
    ({"recipe": "flac", "audio": {"format": "wav"}}, "recipe_missing"),
    ({"recipe": "flac_8_22"}, "recipe_unknown"),
    ({"recipe": "jpeg_500", "options": {"loudness": -14.0}}, "recipe_options"),
    ({"recipe": "jpeg_500"}, "rendition_kind"),
    ({"audio": {"format": "mp3"}}, "recipe_bitrate"),
    ({"audio": {"format": "mp3", "bitrate": 123}}, "recipe_bitrate"),
    ({"audio": {"format": "flac", "bits": 20}}, "recipe_bits"),
    ({"audio": {"format": "flac", "sampling_rate": 8000}}, "recipe_sampling_rate"),
    ({"recipe": "flac", "options": {"loudness": 3.0}}, "recipe_loudness"),
    ({"recipe": "flac", "options": {"start": 3}}, "recipe_start"),
    ({"recipe": "preview_mp3", "options": {"fade": 20.0}}, "recipe_fade"),
    ({"recipe": "wav", "options": {"tags": {"title": "Lead-in"}}}, "recipe_tags"),
    ({"recipe": "flac", "options": {"tags": {"number": 0}}}, "tags_place_invalid"),
]


def test_a_wrong_recipe_is_refused_and_nothing_is_stored(
    admin: Caller, track: str, count_events: Callable[[], int]
) -> None:
    before = count_events()

    for body, code in WRONG:
        answer = admin.post(f"/assets/{track}/renditions", body)

        assert answer.status_code == 422, body
        assert code in [error["code"] for error in answer.json()["errors"]]
    assert count_events() == before


def test_of_unknown_files_releases_and_tracks_nothing_is_made(admin: Caller, track: str) -> None:
    release = admin.draft()
    other = {"recipe": "flac", "track": {"release_id": release["id"], "number": 7}}
    nowhere = {"recipe": "flac", "track": {"release_id": str(uuid4()), "number": 1}}

    assert refused(
        admin.post(f"/assets/{'0' * 64}/renditions", {"recipe": "flac"}), 404, "not_found"
    )
    assert refused(admin.post(f"/assets/{track}/renditions", other), 404, "not_found")
    assert refused(admin.post(f"/assets/{track}/renditions", nowhere), 404, "not_found")
    assert refused(admin.get(f"/assets/{track}/renditions/{uuid4()}"), 404, "not_found")


def test_another_tenant_sees_nothing_of_it(
    admin: Caller, make_tenant: MakeTenant, track: str, work: Work
) -> None:
    asked = done(admin.post(f"/assets/{track}/renditions", {"recipe": "wav"}))
    work(asked)
    theirs, place = make_tenant(), f"/assets/{track}/renditions"

    assert refused(theirs.post(place, {"recipe": "wav"}), 404, "not_found")
    assert refused(theirs.get(place), 404, "not_found")
    assert refused(theirs.get(f"{place}/{asked['id']}"), 404, "not_found")
    assert refused(theirs.get(f"{place}/{asked['id']}/content"), 404, "not_found")


def test_the_recipes_are_listed(admin: Caller) -> None:
    found = done(admin.get("/recipes"))

    assert found["mp3_320"] == {"format": "mp3", "bitrate": 320_000, "fade": 0.0}
    assert found.keys() >= AUDIO_RECIPES.keys()
