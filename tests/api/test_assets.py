"""Files over HTTP: what is measured of them, what is found, and what that stops."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests import material
from tests.api.caller import Caller, done, refused, sha256
from tests.api.conftest import Projecting

from deadwax.api.examples import RELEASE
from deadwax.application.errors import Stopped
from deadwax.application.media import DECODER_DIED, Fraction
from deadwax.domain.assets import Asset, AssetFacts, AudioFacts, Facts
from deadwax.domain.cause import Cause, acting
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import asset_id
from deadwax.domain.media.measured import Analysis
from deadwax.domain.vocabulary import AssetKind
from deadwax.infrastructure.container import Container


def going() -> bool:
    return True


@pytest.fixture
def tenant_id(admin: Caller) -> UUID:
    return UUID(done(admin.get("/tenant"))["id"])


@pytest.fixture
def waiting(container: Container, tenant_id: UUID, tmp_path: Path) -> Callable[..., UUID]:
    """A file that was stored to be measured by a worker."""

    def store(data: bytes, name: str = "01.flac") -> UUID:
        path = tmp_path / name
        path.write_bytes(data)
        with acting(Cause(tenant_id, "key:test", "correlation")):
            facts, _ = container.assets.take_in(str(path), name, None, None)
        return asset_id(tenant_id, facts.sha256)

    return store


def test_an_upload_is_measured_before_it_is_answered(admin: Caller) -> None:
    made = done(admin.upload(material.recording(), "01.flac"))
    assert made["state"] == "analysed"
    assert made["findings"] == []
    assert made["analysis"]["audio"]["frames"] == 31 * 44_100
    shown = done(admin.get(f"/assets/{made['sha256']}"))
    assert shown == {k: v for k, v in made.items() if k != "position"}
    assert (shown["progress"], shown["platform"]) == (None, "default")
    flat = shown["inspection"]
    assert (flat["kind"], flat["codec"], flat["duration_s"]) == ("audio", "FLAC", 31.0)
    assert flat["true_peak_dbtp"] == made["analysis"]["audio"]["true_peak_dbtp"]


def test_what_is_wrong_is_kept_and_told(admin: Caller) -> None:
    cut = material.recording(format="WAV")[:1_000_000]
    made = done(admin.upload(cut, "01.wav"))
    told = {f["code"]: f for f in made["findings"]}
    assert told["truncated"]["severity"] == "block"
    assert told["too_short"]["limit"] == 30.0
    assert told["too_short"]["fix"]
    assert [f["code"] for f in made["inspection"]["findings"]] == [*told]


def test_what_cannot_be_read_leaves_nothing(admin: Caller, container: Container) -> None:
    for data in (b"\0" * 1000, b"", b"RIFF\x10\0\0\0WAVEfmt "):
        assert refused(admin.upload(data, "01.wav"), 422, "has_problems")["errors"][0]["fix"]
        refused(admin.get(f"/assets/{sha256(data)}"), 404, "not_found")
    root = container.settings.assets_dir
    assert [p for p in root.rglob("*") if p.is_file()] == []


def test_a_full_disk_is_told(
    admin: Caller, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    full = tmp_path / "full"
    full.touch()
    with monkeypatch.context() as patch:
        taken = lambda dir: (os.open("/dev/full", os.O_WRONLY), str(full))  # noqa: E731
        patch.setattr("tempfile.mkstemp", taken)
        refused(admin.upload(material.recording(), "01.flac"), 507, "no_room")
    assert not full.exists()


def test_a_platform_has_limits_of_its_own(admin: Caller) -> None:
    small = done(admin.upload(material.cover(side=640), "photograph.png"))
    assert "image_too_small" in {f["code"] for f in small["findings"]}
    path = f"/assets/{small['sha256']}"
    shown = done(admin.get(path, params={"platform": "attached_image"}))
    assert (shown["platform"], shown["findings"]) == ("attached_image", [])
    body = refused(admin.get(path, params={"platform": "nobody"}), 422, "invalid_request")
    assert body["errors"][0]["code"] == "platform_unknown"


def test_a_release_with_bad_files_is_told_all_of_them(admin: Caller) -> None:
    cover = done(admin.upload(material.cover(side=640), "cover.png"))["sha256"]
    short = done(admin.upload(material.recording(seconds=2), "01.flac"))["sha256"]
    tracks = [{**RELEASE["tracks"][0], "audio": short, "preview_start": 0}]
    release = admin.draft(cover=cover, tracks=tracks)
    for answer in (
        refused(admin.post(f"/releases/{release['id']}/submit"), 422, "has_problems")["errors"],
        done(admin.get(f"/releases/{release['id']}/problems"))["problems"],
    ):
        told = {(wrong["field"], wrong["code"]): wrong for wrong in answer}
        assert set(told) == {("cover", "image_too_small"), ("tracks[0].audio", "too_short")}
        short_one = told["tracks[0].audio", "too_short"]
        assert short_one["message"] == "01.flac: The track lasts 2 s, less than 30 s."
        assert short_one["fix"]


def test_what_a_worker_has_to_measure_is_not_submitted_before(
    admin: Caller, container: Container, waiting: Callable[..., UUID]
) -> None:
    id = waiting(material.recording())
    audio = sha256(material.recording())
    cover = done(admin.upload(material.cover(), "cover.png"))["sha256"]
    shown = done(admin.get(f"/assets/{audio}"))
    assert (shown["state"], shown["analysis"], shown["findings"]) == ("analysing", None, [])
    tracks = [{**RELEASE["tracks"][0], "audio": audio, "preview_start": 0}]
    release = admin.draft(cover=cover, tracks=tracks)
    path = f"/releases/{release['id']}/submit"
    [problem] = refused(admin.post(path), 422, "has_problems")["errors"]
    assert problem["code"] == "asset_not_analysed"
    container.analyses.advance(id, going)
    assert done(admin.get(f"/assets/{audio}"))["state"] == "analysed"
    done(admin.post(path))


def test_files_are_listed_by_kind_state_and_what_blocks_them(
    admin: Caller, waiting: Callable[..., UUID], projecting: Projecting
) -> None:
    waiting(material.recording())
    done(admin.upload(material.cover(), "cover.png"))
    last = done(admin.upload(material.cover(side=640), "small.png"))
    with projecting():

        def listed(**query: Any) -> list[str]:
            query |= {"after": last["position"]}
            return [i["filename"] for i in done(admin.get("/assets", params=query))["items"]]

        assert listed() == ["01.flac", "cover.png", "small.png"]
        assert listed(kind="image") == ["cover.png", "small.png"]
        assert listed(state="analysing") == ["01.flac"]
        assert listed(blocked=True) == ["small.png"]
        assert listed(blocked=False, state="analysed") == ["cover.png"]
        page = done(admin.get("/assets", params={"limit": 2, "after": last["position"]}))
        rest = done(admin.get("/assets", params={"cursor": page["next"]}))
        assert [i["filename"] for i in rest["items"]] == ["small.png"]
        assert rest["items"][0]["blocked_by"] == ["image_too_small"]


@contextmanager
def tools_that(container: Container, analyse: Callable[..., Analysis]) -> Iterator[None]:
    """The container's tools with another way to analyse."""
    real, tools = container.media.analyse, container.media
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tools, "analyse", lambda *a: analyse(real, *a))
        yield


def test_progress_is_shown_and_a_stopped_worker_leaves_it_to_the_next(
    admin: Caller, container: Container, waiting: Callable[..., UUID]
) -> None:
    id = waiting(material.recording())
    path = f"/assets/{sha256(material.recording())}"
    runs, told = [True], []

    def slow(real: Any, path_: str, name: str, facts: Facts, progress: Fraction) -> Analysis:
        progress(0.25)
        told.append(done(admin.get(path)))
        refused(admin.post(f"{path}/analysis"), 409, "not_yet")
        container.analyses.advance(id, going)  # another worker leaves it alone
        runs.clear()
        progress(0.5)
        raise AssertionError

    with tools_that(container, slow), pytest.raises(Stopped):
        container.analyses.advance(id, lambda: bool(runs))
    assert (told[0]["state"], told[0]["progress"]) == ("analysing", 0.25)
    assert done(admin.get(path))["progress"] is None
    container.analyses.advance(id, going)
    assert done(admin.get(path))["state"] == "analysed"


def test_a_file_at_which_the_decoder_dies_is_given_up(
    admin: Caller, container: Container, waiting: Callable[..., UUID]
) -> None:
    id = waiting(material.recording())

    def deadly(real: Any, *arguments: Any) -> Analysis:
        raise Refused("Not read", [Problem(DECODER_DIED, "file", "It broke off.", "Again.")])

    with tools_that(container, deadly):
        container.analyses.advance(id, going)
    shown = done(admin.get(f"/assets/{sha256(material.recording())}"))
    assert shown["state"] == "analysed"
    assert [f["code"] for f in shown["findings"] if f["severity"] == "block"] == [DECODER_DIED]


def test_a_file_is_measured_once_more_when_asked(admin: Caller, container: Container) -> None:
    made = done(admin.upload(material.recording(), "01.flac"))
    path = f"/assets/{made['sha256']}"
    same = done(admin.post(f"{path}/analysis"))
    assert (same["position"], same["analysis"]) == (0, made["analysis"])

    def newer(real: Any, *arguments: Any) -> Analysis:
        return replace(real(*arguments), analyser="99")

    with tools_that(container, newer):
        again = done(admin.post(f"{path}/analysis"))
    assert again["position"] > made["position"]
    assert done(admin.get(path))["analysis"]["analyser"] == "99"
    refused(admin.post(f"/assets/{'0' * 64}/analysis"), 404, "not_found")


def test_the_same_file_again_is_measured_only_if_that_may_say_more(
    admin: Caller, container: Container, waiting: Callable[..., UUID]
) -> None:
    calls = []

    def counted(real: Any, *arguments: Any) -> Analysis:
        calls.append(arguments[1])
        analysis: Analysis = real(*arguments)
        return analysis

    data = material.recording()
    with tools_that(container, counted):
        first = admin.upload(data, "01.wav")  # which it is not
        assert [f["code"] for f in done(first)["findings"]] == ["extension_differs"]
        assert admin.upload(data, "01.wav").status_code == 200
        named = done(admin.upload(data, "01.flac"))
        assert named["findings"] == []
        assert admin.upload(data, "other.flac").status_code == 200
        assert calls == ["01.wav", "01.flac"]
        waiting(data, "01.flac")
        assert calls == ["01.wav", "01.flac"]
        waiting(material.recording(2), "02.flac")
        assert done(admin.upload(material.recording(2), "02.flac"))["state"] == "analysed"


def test_a_file_that_came_before_files_were_measured_is_when_it_comes_again(
    admin: Caller, container: Container, waiting: Callable[..., UUID], tenant_id: UUID
) -> None:
    for number, again in enumerate((admin.upload, waiting), start=1):
        data = material.recording(number)
        with acting(Cause(tenant_id, "key:test", "correlation")):
            stored = container.asset_store.put([data])
            audio = AudioFacts(
                container="FLAC",
                codec="FLAC",
                channels=2,
                sampling_rate=44_100,
                bits_per_sample=16,
                duration_ms=31_000,
            )
            facts = AssetFacts(**vars(stored), filename="x.wav", kind=AssetKind.AUDIO, audio=audio)
            container.catalogue.save(Asset.store(tenant_id, facts))
        path = f"/assets/{stored.sha256}"
        assert done(admin.get(path))["state"] == "stored"
        again(data, "01.flac")
        shown = done(admin.get(path))
        assert (shown["state"], shown["findings"]) == ("analysed", [])


def test_an_upload_twice_at_once_is_one_file(admin: Caller) -> None:
    answers: list[Any] = []

    def upload() -> None:
        answers.append(admin.upload(material.recording(), "01.flac"))

    threads = [threading.Thread(target=upload) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.status_code for a in answers) == [200, 200, 201]
    assert {done(a)["state"] for a in answers} == {"analysed"}
