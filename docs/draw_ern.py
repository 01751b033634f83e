"""Draws which elements of which ERN version are written and read as docs/ern.md.

python docs/draw_ern.py           print it
python docs/draw_ern.py --write   write docs/ern.md
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import deadwax.infrastructure.ern.reading as reading
from deadwax.domain.target import ErnVersion
from deadwax.infrastructure.ern.fields import OF_DEAL, OF_RELEASE, OF_TRACK
from deadwax.infrastructure.ern.four import sequences as four
from deadwax.infrastructure.ern.three import sequences as three
from deadwax.infrastructure.ern.versions import ERN, READ_ONLY
from deadwax.infrastructure.ern.write import Sequences

_HEAD = """\
# What of ERN is covered, element by element

Drawn from the code by `docs/draw_ern.py`; a test keeps the two equal. An element that is not
here is neither written nor understood: importing a message that has it names it in the report.

Written and read: {both}. Read only: {read}.

*Versions* are those whose messages have the element. *Field* is what it says of a release, as
the API names it; without one it follows from others, or from the files. *Read* is whether
`deadwax ern import` understands it.
"""
_LEAST = 2
_FAMILIES = (
    ("ERN 4.x", "four", four.SEQUENCES),
    ("ERN 3.8.x", "three", three.SEQUENCES),
)


def page() -> str:
    both = ", ".join(standard.name for standard in ERN.values())
    read_only = ", ".join(standard.name for standard in READ_ONLY)
    parts = [_HEAD.format(both=both, read=read_only)]
    for title, folder, versions in _FAMILIES:
        parts += [f"## {title}", "", *_family(versions, _understood(folder))]
    return "\n".join(parts)


def _family(versions: Mapping[ErnVersion, Sequences], understood: re.Pattern[str]) -> Iterable[str]:
    every = list(versions)
    composites = dict.fromkeys(name for sequences in versions.values() for name in sequences)
    composites.pop("ResourceList", None)  # each resource has a table of its own
    for composite in composites:
        having: dict[str, list[str]] = {}
        for version, sequences in versions.items():
            for child in sequences[composite]:
                having.setdefault(child, []).append(version.value)
        yield from (
            f"### {composite}",
            "",
            "| element | versions | field | read |",
            "|---|---|---|---|",
        )
        for child, where in having.items():
            said = "all" if len(where) == len(every) else ", ".join(where)
            read = "yes" if understood.fullmatch(child) else ""
            yield f"| {child} | {said} | {_field(composite, child)} | {read} |"
        yield ""


def _field(composite: str, child: str) -> str:
    if composite in ("DealTerms", "Usage", "Period", "ReleaseDeal"):
        name = OF_DEAL.get(child)
        return f"`deals[].{name}`" if name else ""
    if composite.startswith(("SoundRecording", "Video", "TechnicalSound", "TechnicalVideo")):
        name = OF_TRACK.get(child)
        return f"`tracks[].{name}`" if name else ""
    name = OF_RELEASE.get(child) if composite.startswith("Release") else None
    return f"`{name}`" if name else ""


def _understood(family: str) -> re.Pattern[str]:
    """The element names that the readers of a family ask for. What they put together from a
    part, such as `Technical…Details`, stands for every name of that form."""
    folder = Path(str(reading.__file__)).parent
    files = [*folder.glob("*.py"), *(folder / family).glob("*.py")]
    forms: set[str] = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text()))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            forms.update(map(re.escape, node.value.replace("/", " ").split()))
        elif isinstance(node, ast.JoinedStr):
            values = [v.value if isinstance(v, ast.Constant) else "*" for v in node.values]
            for form in "".join(map(str, values)).replace("/", " ").split():
                if len(form.replace("*", "")) >= _LEAST:
                    forms.add(re.escape(form).replace(r"\*", r"\w+"))
    return re.compile("|".join(sorted(forms)))


if __name__ == "__main__":
    if "--write" in sys.argv:
        Path(__file__).with_name("ern.md").write_text(page())
    else:
        sys.stdout.write(page())
