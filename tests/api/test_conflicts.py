"""Duplicates over HTTP: from uploads and releases to the list."""

from __future__ import annotations

from typing import Any

from tests import material
from tests.api.caller import Caller, done, refused
from tests.api.conftest import MakeTenant, Projecting

from deadwax.api.examples import RELEASE


def tracks(audio: str, isrc: str) -> list[dict[str, Any]]:
    return [{**RELEASE["tracks"][0], "audio": audio, "isrc": isrc}]


def test_duplicates_are_listed_by_kind_release_and_file(
    admin: Caller, make_tenant: MakeTenant, projecting: Projecting
) -> None:
    flac = done(admin.upload(material.recording(), "01.flac"))["sha256"]
    wav = done(admin.upload(material.recording(format="WAV"), "01.wav"))["sha256"]
    cover = done(admin.upload(material.cover(), "cover.png"))["sha256"]
    first = admin.draft(cover=cover, tracks=tracks(flac, "DEA472600001"))
    second = admin.draft(cover=cover, tracks=tracks(wav, "DEA472600002"))

    def conflicts(**asked: Any) -> dict[str, Any]:
        query = {"after": second["position"], **asked}
        return done(admin.get("/media-conflicts", params=query))

    with projecting():
        found = {item["kind"]: item for item in conflicts()["items"]}
        assert found.keys() == {"same_audio", "audio_other_isrc", "same_cover"}
        named = found["audio_other_isrc"]
        assert named["one"] == {
            "sha256": flac,
            "release_id": first["id"],
            "place": "1/1",
            "isrc": "DEA472600001",
        }
        assert (named["other"]["sha256"], named["other"]["release_id"]) == (wav, second["id"])
        assert named["message"] == "The same audio stands under two ISRCs."
        assert [item["kind"] for item in conflicts(asset=cover)["items"]] == ["same_cover"]
        assert len(conflicts(release=first["id"])["items"]) == 3
        assert conflicts(kind="similar_audio") == {"items": [], "next": None}
        page = conflicts(limit=2)
        rest = conflicts(limit=2, cursor=page["next"])
        assert len(page["items"] + rest["items"]) == 3
        other = make_tenant()
        assert done(other.get("/media-conflicts"))["items"] == []
    refused(admin.get("/media-conflicts", params={"kind": "odd"}), 422, "invalid_request")
    refused(admin.get("/media-conflicts", params={"asset": "x"}), 422, "invalid_request")
