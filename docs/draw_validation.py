"""Draws the rules that messages are checked by as docs/validation.md.

python docs/draw_validation.py           print it
python docs/draw_validation.py --write   write docs/validation.md
"""

from __future__ import annotations

import sys
from pathlib import Path

from deadwax.infrastructure.ern import fields
from deadwax.infrastructure.ern.checks.catalogue import RULES
from deadwax.infrastructure.ern.checks.profiles import PROFILES, Profile
from deadwax.infrastructure.ern.checks.rule import Rule
from deadwax.infrastructure.ern.untrusted import MESSAGE
from deadwax.infrastructure.ern.versions import STANDARDS, Family
from deadwax.infrastructure.ern.workbench import LIMIT_SECONDS, VERSIONS

_HEAD = """\
# How messages are checked

Drawn from the rules in `infrastructure/ern/checks/` by `docs/draw_validation.py`; a test keeps
the two equal.

Every message is checked before it leaves, and `deadwax ern validate FILE…` checks any other: by
DDEX's XSD where it is installed (`deadwax ern schemas install DIR|ZIP`), and by the rules below,
which no XSD holds. An error keeps a message from being sent; a warning does not. A rule that
crashes is the error `ern_rule_crashed`: a message that was not checked is not valid.

Each problem has the file's line and column, the XPath, the rule, the document that the rule is
from, and the field of the release as the API names it. Tracks are counted by disc and number,
deals as the message counts them.

| exit code | |
|---|---|
| 0 | every file is valid |
| 1 | one is invalid, or no well-formed XML |
| 2 | one cannot be read or checked: no such file, an unknown version, no schemas |

`--json` prints one object per file, each on a line: `file`, `valid` (true, false, null: not
known), `standard`, `message`, `schema` and `problems`, a list of `rule`, `severity`, `line`,
`column`, `xpath`, `field`, `message`, `fix` and `document`.
"""

_SECOND = f"""\
## A second opinion

`--workbench URL`, or `DEADWAX_WORKBENCH_URL`, names a DDEX Workbench server that is asked too, for
{", ".join(VERSIONS)}. Only what it finds by its XSD counts (`workbench_schema`): some of its own
rules are wrong, such as that every message needs a DealList. If it gives no answer within
{LIMIT_SECONDS:.0f} seconds, the warning `workbench_unavailable` says so, and nothing else changes.
"""

_HOSTILE = f"""\
## Files from strangers

What a file claims decides nothing. A DOCTYPE is refused before anything in it is read, so there
are no entities; nothing that a file points at is fetched, be it a schema, a stylesheet or an
XInclude. The encoding is that of the bytes: UTF-8, UTF-16 and UTF-32 with or without a mark, and,
where it is declared, ASCII, ISO-8859-1, ISO-8859-15 and Windows-1252.

| refused as | what |
|---|---|
| `xml_too_large` | more than {MESSAGE.bytes // 2**20} MB, {MESSAGE.marks:,} tags, \
{MESSAGE.marks:,} attributes or 256 levels; a text or an attribute of more than 10 MB |
| `xml_encoding` | another encoding, or bytes that are not in theirs |
| `xml_doctype` | a DOCTYPE |
| `xml_malformed` | what is not well-formed, with line and column |
"""

_SPEED = """\
## Speed

libxml2 walks a whole enumeration for each value, and DDEX's have hundreds. On loading, each large
one becomes a union of its common values and itself (`schema_speed.py`), which accepts the same;
the XSD part of a check then takes about a seventh of the time. What it refuses is read again by
the official schema, whose words are told. Each thread has schemas of its own, because libxml2
keeps the errors of a document in the schema.
"""


def page() -> str:
    return "\n".join(
        [_HEAD, _versions(), _rules(), _profiles(), _fields(), _SECOND, _HOSTILE, _SPEED]
    )


def _table(*rows: str) -> str:
    return "\n".join([*rows, ""])


def _versions() -> str:
    rows = [
        f"| {s.name} | {s.family.value if s.family else 'choreography'}"
        f" | {f'`{s.folder}/{s.file}`' if s.folder else 'none at hand: by our rules alone'} |"
        for s in STANDARDS
    ]
    return _table("## Versions", "", "| standard | family | schema |", "|---|---|---|", *rows)


def _rules() -> str:
    head = ("| rule | severity | for | what must hold | from |", "|---|---|---|---|---|")
    return _table("## Rules", "", *head, *(_rule(rule) for rule in RULES))


def _rule(rule: Rule) -> str:
    families = "" if not rule.families or rule.families == set(Family) else _names(rule)
    messages = ", ".join(sorted(rule.messages)) or "every message"
    scope = f"{messages}{families}"
    return f"| `{rule.id}` | {rule.severity} | {scope} | {rule.meaning} | {rule.document} |"


def _names(rule: Rule) -> str:
    return f" of {', '.join(sorted(f.value for f in rule.families))}"


def _profiles() -> str:
    head = ("| profile | plays | needs an image | track releases | ISRC |", "|---|---|---|---|---|")
    rows = [_profile(name, profile) for name, profile in PROFILES.items()]
    said = "What the release profile that a message states asks of it."
    return _table("## Profiles", "", said, "", *head, *rows)


def _profile(name: str, profile: Profile) -> str:
    plays = " or ".join(sorted(profile.primary)) + (", one" if profile.single else "")
    images = " or ".join(sorted(profile.covers)) or "no"
    tracks = "one each" if profile.tracks else "not asked"
    isrc = "yes" if profile.isrc else "or ProprietaryId"
    return f"| {name} | {plays} | {images} | {tracks} | {isrc} |"


def _fields() -> str:
    tables = {
        "the release": fields.OF_RELEASE,
        "`tracks[i]`": fields.OF_TRACK,
        "`deals[i]`": fields.OF_DEAL,
        "the target": fields.OF_HEADER,
    }
    rows = []
    for what, table in tables.items():
        by_field: dict[str, list[str]] = {}
        for element, field in table.items():
            by_field.setdefault(field, []).append(element)
        rows += [f"| {what} | `{f}` | {', '.join(e)} |" for f, e in by_field.items()]
    head = ("| of | field | elements |", "|---|---|---|")
    return _table("## Fields", "", *head, *rows)


if __name__ == "__main__":
    if "--write" in sys.argv:
        Path(__file__).with_name("validation.md").write_text(page())
    else:
        sys.stdout.write(page())
