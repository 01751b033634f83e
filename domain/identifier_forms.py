"""Identifiers as people write and paste them: one table of how each is read and shown.

`identifiers.py` holds what is sent. Here separators, labels and addresses around a value are
taken away, and groups put in for reading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from deadwax.domain.errors import InvalidValue, Problem
from deadwax.domain.identifiers import (
    Dpid,
    Grid,
    Guarded,
    Icpn,
    IpiName,
    Ipn,
    Isni,
    Isrc,
    Iswc,
)
from deadwax.domain.values import Text

_SEPARATORS = re.compile(r"[\s.\-\u00ad\u2010-\u2015\u2212]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, kw_only=True)
class Form:
    """How one kind of identifier is written.

    `label` is a regular expression, in any case, for what may stand before the value;
    `layouts` maps the length of a value to its pattern for reading, `#` for each character;
    `kinds` names what values of a length are, where that differs. Values with one of the
    lengths `without_zeros` get their leading zeros back.
    """

    value: type[Text]
    name: str
    authority: str
    label: str
    layouts: Mapping[int, str]
    kinds: Mapping[int, str] = field(default_factory=dict)
    without_zeros: range = range(0)


FORMS: Mapping[str, Form] = {
    "isrc": Form(
        value=Isrc,
        name="International Standard Recording Code",
        authority="ISO 3901",
        label=r"ISRC",
        layouts={12: "##-###-##-#####"},
    ),
    "icpn": Form(
        value=Icpn,
        name="International Code Product Number (barcode)",
        authority="GS1",
        label=r"ICPN|UPC(?:-A)?|EAN(?:-?13\b)?|GTIN(?:-?1[234]\b)?|\(01\)|https?://id\.gs1\.org/01/",
        layouts={12: "# ##### ##### #", 13: "# ###### ######", 14: "# ## ##### ##### #"},
        kinds={12: "UPC-A", 13: "EAN-13", 14: "GTIN-14"},
    ),
    "grid": Form(
        value=Grid,
        name="Global Release Identifier",
        authority="IFPI",
        label=r"GRID",
        layouts={18: "##-#####-##########-#"},
    ),
    "iswc": Form(
        value=Iswc,
        name="International Standard Musical Work Code",
        authority="ISO 15707",
        label=r"ISWC",
        layouts={11: "#-###.###.###-#"},
    ),
    "isni": Form(
        value=Isni,
        name="International Standard Name Identifier",
        authority="ISO 27729",
        label=r"ISNI|URN:ISNI:|https?://(?:www\.)?isni\.org/(?:isni/)?",
        layouts={16: "#### #### #### ####"},
    ),
    "ipi": Form(
        value=IpiName,
        name="Interested Party Information, name number",
        authority="CISAC",
        label=r"IPI(?: NAME)?(?: NUMBER)?|CAE(?:/IPI)?",
        layouts={11: "###########"},
        without_zeros=range(8, 11),
    ),
    "ipn": Form(
        value=Ipn,
        name="International Performer Number",
        authority="SCAPR",
        label=r"IPN",
        layouts={},
    ),
    "dpid": Form(
        value=Dpid,
        name="DDEX Party Identifier",
        authority="DDEX",
        label=r"DPID",
        layouts={18: "##-#####-##########-#"},
    ),
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What can be said of a value: `normalised` is the form that is sent (of an invalid value,
    what was checked), `expected` the check characters of a value whose own are wrong."""

    type: str
    given: str
    normalised: str
    formatted: str | None = None
    kind: str | None = None
    expected: str | None = None
    problem: Problem | None = None

    @property
    def valid(self) -> bool:
        return self.problem is None


def parse(type: str, text: str) -> Text:
    """The value in the form that is sent, of a key of FORMS. Raises InvalidValue."""
    return FORMS[type].value(_bare(FORMS[type], text))


def formatted(type: str, value: str) -> str:
    """A normalised value in the form that people read."""
    layout = FORMS[type].layouts.get(len(value))
    if layout is None:
        return value
    characters = iter(value)
    return "".join(next(characters) if mark == "#" else mark for mark in layout)


def verdict(type: str, text: str) -> Verdict:
    """Everything that can be said of a value as somebody wrote it."""
    form = FORMS[type]
    bare = _bare(form, text)
    try:
        value = form.value(bare)
    except InvalidValue as error:
        return Verdict(
            type=type,
            given=text,
            normalised=bare,
            expected=_expected(form, bare),
            problem=Problem(error.code, "", str(error), error.fix),
        )
    return Verdict(
        type=type,
        given=text,
        normalised=str(value),
        formatted=formatted(type, value),
        kind=form.kinds.get(len(value)),
    )


def _bare(form: Form, text: str) -> str:
    """The value without label and separators. What has the right shape as it stands keeps its
    beginning: ISRC01234567 is an ISRC. Letters beyond ASCII stay as they are, since the upper
    case of some is an ASCII letter."""
    text = _INVISIBLE.sub("", text).strip()
    bare = _compact(text)
    if not re.fullmatch(form.value.pattern, bare):
        bare = _compact(re.sub(rf"^(?:{form.label})[\s:#]*", "", text, flags=re.I | re.A))
    if bare.isascii() and bare.isdigit() and len(bare) in form.without_zeros:
        bare = bare.zfill(max(form.layouts))
    return bare


def _compact(text: str) -> str:
    text = _SEPARATORS.sub("", text)
    return text.upper() if text.isascii() else text


def _expected(form: Form, bare: str) -> str | None:
    """The right check characters, if only those are wrong."""
    if not issubclass(form.value, Guarded) or not re.fullmatch(form.value.pattern, bare):
        return None
    return form.value.expected(bare[: -form.value.guard_length])
