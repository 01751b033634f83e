"""An album in a folder: audio files, a cover, and release.json that names them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

_AUDIO = (".wav", ".flac", ".aiff", ".aif")
_COVERS = ("cover.jpg", "cover.jpeg", "cover.png")


class AlbumFolder:
    """`release.json` is the body of POST /releases, except that `tracks[].audio` may be file
    names. Without them, the audio files in the order of their names are the tracks' audio."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self.metadata: dict[str, Any] = json.loads((folder / "release.json").read_text())
        except (OSError, ValueError) as error:
            raise typer.BadParameter(f"{folder / 'release.json'} cannot be read: {error}") from None
        self._cover = next((n for n in _COVERS if (folder / n).is_file()), None)
        if self._cover is None:
            raise typer.BadParameter(f"{folder} has no cover.jpg or cover.png.")
        self._name_audio()
        names = [*(t["audio"] for t in self.metadata["tracks"]), self._cover]
        self.files = {name: folder / name for name in dict.fromkeys(names)}
        for path in self.files.values():
            if not path.is_file():
                raise typer.BadParameter(f"{path} is named in release.json, but is not there.")
        self.bytes = sum(path.stat().st_size for path in self.files.values())

    @property
    def label(self) -> str:
        label = self.metadata.get("label")
        if not label:
            raise typer.BadParameter("release.json names no label.")
        return str(label)

    def body(self, uploaded: dict[str, str]) -> dict[str, Any]:
        """The release with the hashes of the uploaded files in place of their names."""
        assert self._cover is not None
        tracks = [t | {"audio": uploaded[t["audio"]]} for t in self.metadata["tracks"]]
        return self.metadata | {"cover": uploaded[self._cover], "tracks": tracks}

    def _name_audio(self) -> None:
        tracks = self.metadata.get("tracks") or []
        if not tracks:
            raise typer.BadParameter("release.json has no tracks.")
        if all(t.get("audio") for t in tracks):
            return
        audio = sorted(p.name for p in self._folder.iterdir() if p.suffix.lower() in _AUDIO)
        if len(audio) != len(tracks):
            raise typer.BadParameter(
                f"release.json has {len(tracks)} tracks, the folder {len(audio)} audio files."
            )
        for track, name in zip(tracks, audio, strict=True):
            track["audio"] = name
