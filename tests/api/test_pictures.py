"""Pictures of recordings over HTTP, and the cache that keeps them."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests import material
from tests.api.caller import done, refused
from tests.api.conftest import MakeTenant

from deadwax.application.media import Picture
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.media.picture_cache import PictureCache
from deadwax.infrastructure.settings import Settings


@pytest.mark.parametrize("name", list(Picture))
def test_every_picture_is_drawn_and_told_by_its_type(
    make_tenant: MakeTenant, name: Picture
) -> None:
    caller = make_tenant()
    sha256 = done(caller.upload(material.recording(), "01.flac"))["sha256"]
    response = caller.get(f"/assets/{sha256}/pictures/{name}")
    assert response.status_code == 200
    if name.endswith(".png"):
        assert response.headers["content-type"] == "image/png"
        with Image.open(io.BytesIO(response.content)) as image:
            assert image.width == 1600
            assert np.asarray(image).std() > 5
    else:
        assert response.headers["content-type"] == "application/json"
        assert response.json()
    tag = {"If-None-Match": response.headers["etag"]}
    again = caller.get(f"/assets/{sha256}/pictures/{name}", headers=tag)
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_no_audio_has_no_picture(make_tenant: MakeTenant) -> None:
    caller = make_tenant()
    sha256 = done(caller.upload(material.cover(), "cover.png"))["sha256"]
    why = refused(caller.get(f"/assets/{sha256}/pictures/waveform.png"), 422, "has_problems")
    assert [(e["code"], e["field"]) for e in why["errors"]] == [("picture_of_no_audio", "sha256")]
    audio = done(caller.upload(material.recording(), "01.flac"))["sha256"]
    refused(caller.get(f"/assets/{audio}/pictures/portrait.png"), 422, "invalid_request")


def test_a_wiped_cache_is_filled_again(
    make_tenant: MakeTenant, container: Container, settings: Settings
) -> None:
    caller = make_tenant()
    sha256 = done(caller.upload(material.recording(), "01.flac"))["sha256"]
    path = f"/assets/{sha256}/pictures/waveform.json"
    first = caller.get(path)
    (kept,) = _files(settings.home / "cache")
    kept.write_bytes(b"[]")
    assert caller.get(path).content == b"[]"
    kept.unlink()
    assert caller.get(path).content == first.content


def test_the_pictures_that_were_not_asked_for_the_longest_go(
    make_tenant: MakeTenant, container: Container, tmp_path: Path
) -> None:
    caller = make_tenant()
    sha256 = done(caller.upload(material.recording(), "01.flac"))["sha256"]
    size = len(container.media.picture(_path(container, sha256), Picture.LOUDNESS_JSON))
    drawn = (Picture.WAVEFORM_JSON, Picture.LOUDNESS_JSON)
    cache = PictureCache(tmp_path / "c", container.asset_store, container.media, most=size)
    for age, name in enumerate(drawn):
        cache.get(sha256, name)
        for path in _files(tmp_path / "c"):
            os.utime(path, (age, age))
    assert [path.name for path in _files(tmp_path / "c")] == [f"{sha256}.loudness.json"]


def test_without_a_place_to_keep_it_a_picture_is_drawn_all_the_same(
    make_tenant: MakeTenant, container: Container, tmp_path: Path
) -> None:
    caller = make_tenant()
    sha256 = done(caller.upload(material.recording(), "01.flac"))["sha256"]
    (tmp_path / "file").write_bytes(b"")
    cache = PictureCache(tmp_path / "file", container.asset_store, container.media)
    assert cache.get(sha256, Picture.WAVEFORM_JSON).startswith(b"{")


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def _path(container: Container, sha256: str) -> str:
    with container.asset_store.local(sha256) as path:
        return path
