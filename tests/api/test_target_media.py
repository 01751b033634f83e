"""In which form a target wants its files: told, kept, changed and refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.caller import Caller, done, refused

from deadwax.api.examples import TARGET

AS_UPLOADED = {"audio": None, "artwork": None, "other_audio": [], "limits": "default"}
WANTED = {"audio": "wav", "artwork": "jpeg_3000", "other_audio": ["flac"], "limits": "spotify"}


def media(settings: dict[str, Any]) -> dict[str, Any]:
    return dict(settings["settings"]["media"])


def test_the_form_of_files_is_kept_and_changed_and_nothing_else_by_it(admin: Caller) -> None:
    plain = {name: value for name, value in TARGET.items() if name != "media"}
    id = done(admin.post("/targets", plain))["id"]
    assert media(done(admin.get(f"/targets/{id}"))) == AS_UPLOADED

    wants = done(admin.put(f"/targets/{id}", plain | {"media": WANTED}))

    assert media(wants) == WANTED
    assert wants["version"] == 2
    again = done(admin.put(f"/targets/{id}", plain | {"media": WANTED}))
    assert again["version"] == 2
    assert media(done(admin.put(f"/targets/{id}", plain))) == AS_UPLOADED


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"audio": "wax"}, "media_audio_unknown"),
        ({"audio": "preview_mp3"}, "media_audio_unknown"),
        ({"artwork": "jpeg_9"}, "media_artwork_unknown"),
        ({"other_audio": ["wax"]}, "media_other_audio_unknown"),
        ({"audio": "flac", "other_audio": ["flac"]}, "media_other_audio_twice"),
        ({"limits": "nobody"}, "media_limits_unknown"),
    ],
)
def test_a_form_that_there_is_not_is_refused_by_name(
    admin: Caller, wrong: dict[str, Any], code: str
) -> None:
    told = refused(admin.post("/targets", TARGET | {"media": wrong}), 422, "invalid_request")

    assert [(e["code"], e["field"].partition(".")[0]) for e in told["errors"]] == [(code, "media")]
    assert "Give" in told["errors"][0]["fix"] or "Name" in told["errors"][0]["fix"]
