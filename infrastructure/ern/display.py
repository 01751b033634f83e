"""What recordings and releases show alike, as text: artists, P and C lines, durations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from deadwax.domain.parties import Artist, ArtistName
from deadwax.domain.tracks import RightsLine
from deadwax.domain.vocabulary import ArtistRole

_MARKS = {"(P)": "℗", "(C)": "©"}


def artist_names(
    listed: Sequence[Artist], given: Sequence[ArtistName]
) -> list[tuple[str, str | None]]:
    """How the artists are shown together, each with its language; the first is the default."""
    return [(n.text, n.language) for n in given] or [(display_name(listed), None)]


def display_name(listed: Sequence[Artist]) -> str:
    """`A, B & C feat. D`. Composers have a DisplayArtist, and no place in the name."""
    main = _joined([a.name for a in listed if a.role is ArtistRole.MAIN])
    featured = _joined([a.name for a in listed if a.role is ArtistRole.FEATURED])
    return f"{main} feat. {featured}" if featured else main


def shown_title(title: str, version: str | None) -> str:
    """The version stands in brackets."""
    return title if version is None else f"{title} ({version})"


def p_text(line: RightsLine) -> str:
    return _notice(line, "(P)")


def c_text(line: RightsLine) -> str:
    return _notice(line, "(C)")


@lru_cache(maxsize=4096)
def duration(seconds: int) -> str:
    """ISO 8601 in the form DDEX asks for: PT[[hhH]mmM]ssS."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return f"PT{hours}H{minutes}M{rest}S"
    return f"PT{minutes}M{rest}S" if minutes else f"PT{rest}S"


def _notice(line: RightsLine, mark: str) -> str:
    """Verbatim if the label wrote the mark or the year itself."""
    if line.text.startswith((mark, _MARKS[mark], str(line.year))):
        return line.text
    return f"{mark} {line.year} {line.text}"


def _joined(names: Sequence[str]) -> str:
    return " & ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
