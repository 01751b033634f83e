"""What recordings and releases show alike: titles, artists, P and C lines, durations."""

from __future__ import annotations

from collections.abc import Sequence

from deadwax.domain.parties import Artist
from deadwax.domain.tracks import LocalTitle, RightsLine
from deadwax.domain.vocabulary import ArtistRole
from deadwax.infrastructure.ern.parties import Parties
from deadwax.infrastructure.ern.xml import Element, tag

WORLD = {"ApplicableTerritoryCode": "Worldwide"}
DEFAULT = {**WORLD, "IsDefault": "true"}


def titles(title: str | None, version: str | None, local: Sequence[LocalTitle]) -> list[Element]:
    """The default title in the language of the message, then the others in theirs.

    The version is a SubTitle, and in brackets in the DisplayTitleText.
    """
    assert title is not None
    subtitle = None if version is None else tag("SubTitle", version, SubTitleType="Version")
    text = title if version is None else f"{title} ({version})"
    shown = [tag("DisplayTitleText", text, **DEFAULT)]
    detailed = [tag("DisplayTitle", tag("TitleText", title), subtitle, **DEFAULT)]
    for other in local:
        where = {"LanguageAndScriptCode": other.language, **WORLD}
        shown.append(tag("DisplayTitleText", other.text, **where))
        detailed.append(tag("DisplayTitle", tag("TitleText", other.text), **where))
    return shown + detailed


def artists(listed: Sequence[Artist], parties: Parties) -> list[Element]:
    """The display name, then each artist with its place in it."""
    return [
        tag("DisplayArtistName", display_name(listed), **DEFAULT),
        *(
            tag(
                "DisplayArtist",
                tag("ArtistPartyReference", parties.reference(artist)),
                tag("DisplayArtistRole", artist.role.value),
                SequenceNumber=str(n),
            )
            for n, artist in enumerate(listed, start=1)
        ),
    ]


def display_name(listed: Sequence[Artist]) -> str:
    """`A, B & C feat. D`. Composers have a DisplayArtist, and no place in the name."""
    main = _joined([a.name for a in listed if a.role is ArtistRole.MAIN])
    featured = _joined([a.name for a in listed if a.role is ArtistRole.FEATURED])
    return f"{main} feat. {featured}" if featured else main


def p_line(line: RightsLine | None) -> Element:
    assert line is not None
    text = _notice(line, "(P)", "℗")
    return tag("PLine", tag("Year", line.year), tag("PLineText", text))


def c_line(line: RightsLine | None) -> Element:
    assert line is not None
    text = _notice(line, "(C)", "©")
    return tag("CLine", tag("Year", line.year), tag("CLineText", text))


def duration(seconds: int) -> str:
    """ISO 8601 in the form DDEX asks for: PT[[hhH]mmM]ssS."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return f"PT{hours}H{minutes}M{rest}S"
    return f"PT{minutes}M{rest}S" if minutes else f"PT{rest}S"


def _notice(line: RightsLine, mark: str, sign: str) -> str:
    """Verbatim if the label wrote the mark or the year itself."""
    if line.text.startswith((mark, sign, str(line.year))):
        return line.text
    return f"{mark} {line.year} {line.text}"


def _joined(names: Sequence[str]) -> str:
    return " & ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
