"""Patterns of file and folder names: plain text with placeholders such as {icpn}."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from deadwax.domain.errors import Problem, Refused
from deadwax.domain.values import Text

Placeholders = dict[str, str]

_PLACEHOLDER = re.compile(r"\{([a-z]+)(?::0([1-9]))?\}")
_WIDTHS = {"disc": 2, "track": 3}
PARTIAL = ".part"
"""The ending of files under way; nothing that is delivered may end so."""


class PathPattern(Text):
    """A relative path. `{disc}` has two digits and `{track}` three, or as many as in `{track:02}`.

    `allowed` are the placeholders that have a value where the pattern is used.
    """

    code = "file_pattern_invalid"
    pattern = r"(?:[A-Za-z0-9._/ -]|\{[a-z]+(?::0[1-9])?\}){1,200}"
    fix = "Use letters, digits, . _ - and / and placeholders such as {icpn}."
    allowed: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def check(cls, value: str) -> str:
        segments = value.split("/")
        if any(segment in ("", ".", "..") or segment != segment.strip() for segment in segments):
            return "it must stay below its folder: no .. and no empty name"
        if value.endswith(PARTIAL):
            return f"{PARTIAL} is the ending of files that are not finished"
        for name, width in _PLACEHOLDER.findall(value):
            if name not in cls.allowed:
                known = " ".join(f"{{{known}}}" for known in sorted(cls.allowed))
                return f"there is no {{{name}}} here, only {known or 'plain text'}"
            if width and name not in _WIDTHS:
                return f"{{{name}}} is no number"
        return ""

    def fill(self, values: Mapping[str, str]) -> str:
        """The name with each placeholder replaced. Raises Refused where one has no value."""

        def value(match: re.Match[str]) -> str:
            name, width = match[1], match[2]
            found = values.get(name)
            if not found:
                raise Refused("The files cannot be named", [_lacking(self, name)])
            digits = int(width or _WIDTHS.get(name, 0))
            return found.zfill(digits) if digits else found

        return _PLACEHOLDER.sub(value, self)


_OF_RELEASE = frozenset({"icpn", "grid"})
_OF_PACKAGE = _OF_RELEASE | {"priority", "batch"}
_OF_FILE = _OF_RELEASE | {"technical", "kind", "hash", "extension"}


class FolderName(PathPattern):
    allowed, example = _OF_PACKAGE, "{priority}_{icpn}_{batch}"


class InReleaseFolder(PathPattern):
    allowed, example = _OF_RELEASE, "{icpn}"


class FixedFolder(PathPattern):
    example = "acknowledgements"


class MessageName(PathPattern):
    allowed, example = _OF_PACKAGE, "{icpn}.xml"


class TrackName(PathPattern):
    allowed = _OF_FILE | {"isrc", "disc", "track"}
    example = "resources/{icpn}_{disc}_{track}.{extension}"


class CoverName(PathPattern):
    allowed, example = _OF_FILE, "resources/{icpn}.{extension}"


def _lacking(pattern: PathPattern, name: str) -> Problem:
    return Problem(
        "file_name_lacks_value",
        name,
        f"Files are named {pattern}, and there is no {name}.",
        f"Give the release its {name}, or the target another pattern.",
    )


_MESSAGE = MessageName("{icpn}.xml")
_TRACK = TrackName("resources/{icpn}_{disc}_{track}.{extension}")
_COVER = CoverName("resources/{icpn}.{extension}")
_OTHER = CoverName("resources/{icpn}_{technical}.{extension}")


@dataclass(frozen=True, kw_only=True)
class FileNames:
    """What the files of a release are called, below its folder.

    `track` names the main file of a track, `cover` the front cover, `other` everything else:
    further editions, clips, booklets, lyrics, videos. `{technical}` is the reference of the
    file in the message (T1), `{kind}` what it is (SoundRecording, CoverArt), `{hash}` its
    SHA-256, `{isrc}` the track's.
    """

    message: MessageName = _MESSAGE
    track: TrackName = _TRACK
    cover: CoverName = _COVER
    other: CoverName = _OTHER
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def examples(self, release: Placeholders) -> list[str]:
        """The names of two discs with two tracks, a cover and two other files."""
        places = [(disc, track) for disc in "12" for track in "12"]
        tracks = [
            self.track.fill(
                release
                | _file(n, "SoundRecording", "wav")
                | {"disc": disc, "track": track, "isrc": f"QZDWX260000{n}"}
            )
            for n, (disc, track) in enumerate(places, start=1)
        ]
        cover = self.cover.fill(release | _file(5, "CoverArt", "jpg"))
        others = [self.other.fill(release | _file(n, "CoverArt", "jpg")) for n in (6, 7)]
        return [*tracks, cover, *others]


def _file(n: int, kind: str, extension: str) -> Placeholders:
    return {"technical": f"T{n}", "kind": kind, "hash": f"{n:064x}", "extension": extension}


USUAL_NAMES = FileNames()
"""DDEX's practice for SFTP: `<ICPN>_<disc>_<track>`, and the cover as `<ICPN>`."""
