"""What a message says, as statements that can be compared: references are replaced by what they
point at, and what only repeats or orders is left out.

A statement is a path without positions, which of several it is about (an ISRC, say), and a text.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lxml import etree

from deadwax.application.imported import Deviation
from deadwax.domain.territories import COUNTRIES
from deadwax.infrastructure.ern.display import duration
from deadwax.infrastructure.ern.reading.cursor import paths_of
from deadwax.infrastructure.ern.reading.values import exact_seconds
from deadwax.infrastructure.ern.untrusted import Element, parse_untrusted

# What there is one of in each composite, whatever it is called: an identity of its own.
_ANCHORS = {"ResourceReference", "ReleaseReference", "PartyReference", "VisibilityReference"}
_DEFAULTS = {("ApplicableTerritoryCode", "Worldwide"), ("IsDefault", "true")}
# Made up by the tests, or told of the files themselves.
_SKIPPED = re.compile(
    r"/MessageHeader/|/Technical\w*Details/(?!PreviewDetails|ClipDetails)"
    r"|/TechnicalResourceDetailsReference$|/@schemaLocation$|/@AvsVersionId$"
    r"|/@SequenceNumber$|/ResourceList/\w+/Duration$|/ReleaseList/Release/Duration$"
)


@dataclass(frozen=True, order=True)
class Statement:
    path: str
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.path} [{self.about}] {self.text!r}"


def statements(xml: bytes, report: Sequence[Deviation]) -> Counter[Statement]:
    """All of them but deals and what is reported; a composite is reported with all of it."""
    without = {d.path for d in report}
    composites = tuple(f"{d.path}/" for d in report if not d.value)
    root = parse_untrusted(xml)
    names = _identities(root)
    found: Counter[Statement] = Counter()
    for element, path in paths_of(root):
        plain = re.sub(r"\[\d+\]", "", path).replace(
            "ResourceGroup/ResourceGroup/", "ResourceGroup/"
        )
        if "/DealList/ReleaseDeal" in plain:
            continue
        for at, text in _values(element):
            where = f"{path}{at}"
            if where in without or (composites and where.startswith(composites)):
                continue
            if _SKIPPED.search(f"{plain}{at}") or element.tag in _ANCHORS:
                continue
            found[Statement(f"{plain}{at}", _about(element, names), names.get(text, text))] += 1
    return found


def grants(xml: bytes) -> set[tuple[str, ...]]:
    """Each thing that may be done: of which release, where, how, from when to when, at what
    price. The same whether stated country by country or together."""
    root = parse_untrusted(xml)
    names = _identities(root)
    return {
        (names.get(release.text or "", "?"), *grant)
        for part in root.iterfind("DealList/ReleaseDeal")
        for release in part.iterfind("DealReleaseReference")
        for terms in part.iterfind("Deal/DealTerms")
        for grant in _grants(terms)
    }


def _grants(terms: Element) -> Iterator[tuple[str, ...]]:
    included, excluded = _texts(terms, "TerritoryCode"), _texts(terms, "ExcludedTerritoryCode")
    where = COUNTRIES if "Worldwide" in included else set(included) or COUNTRIES - set(excluded)
    uses = [*_texts(terms, "UseType"), *_texts(terms, "Usage/UseType")]
    price = " ".join(
        f"{e.tag.replace('PriceType', 'PriceCode')}={e.text}{sorted(e.attrib.values())}"
        for e in terms.iterfind("PriceInformation/*")
        if e.tag != "PriceRangeType"
    )
    rest = sorted(
        f"{e.tag}={e.text}"
        for e in terms.iter("IsPreOrderDeal", "RightsClaimPolicyType", "ProprietaryId")
    )
    periods = [(_start(p), _end(p)) for p in terms.iterfind("ValidityPeriod")]
    models = _texts(terms, "CommercialModelType")
    for country, model, use, period in itertools.product(sorted(where), models, uses, periods):
        yield country, model, use, *period, price, *rest


def _start(period: Element) -> str:
    return _moment(period, "Start", 0)


def _end(period: Element) -> str:
    return _moment(period, "End", 1)


def _moment(period: Element, name: str, days: int) -> str:
    if day := period.findtext(f"{name}Date"):
        return f"{date.fromisoformat(day) + timedelta(days)}T00:00:00"
    return period.findtext(f"{name}DateTime") or ""


def _values(element: Element) -> Iterator[tuple[str, str]]:
    if text := (element.text or "").strip():
        if element.tag in ("Duration", "DurationUsed"):
            text = duration(int(exact_seconds(text)))
        yield "", text
    for name, value in element.attrib.items():
        if (name, value) not in _DEFAULTS:
            yield f"/@{etree.QName(name).localname}", str(value)


def _identities(root: Element) -> dict[str, str]:
    """By reference, the name of what it points at."""
    found: dict[str, str] = {}
    for anchor in root.iter(*_ANCHORS):
        holder = anchor.getparent()
        if holder is not None and anchor.text and holder.tag != "TrackRelease":
            found[anchor.text.strip()] = _identity(holder)
    for release in root.iterfind("ReleaseList/*"):
        pointed = release.findtext(".//ReleaseResourceReference") or ""
        is_main = release is root.find("ReleaseList/*")
        reference = (release.findtext("ReleaseReference") or "").strip()
        found[reference] = "main" if is_main else f"track {found.get(pointed.strip())}"
    return found


def _identity(holder: Element) -> str:
    ids = (".//ISRC", ".//ResourceId/ProprietaryId", ".//ImageId/ProprietaryId", ".//FullName")
    return next((t.strip() for path in ids if (t := holder.findtext(path))), holder.tag)


def _about(element: Element, names: dict[str, str]) -> str:
    """The resource, release, party or item that a value belongs to."""
    for holder in (element, *element.iterancestors()):
        for anchor in (*_ANCHORS, "ReleaseResourceReference"):
            reference = holder.findtext(anchor)
            if reference and reference.strip() in names and holder.tag != "ResourceGroup":
                return names[reference.strip()]
    return ""


def _texts(parent: Element, path: str) -> list[str]:
    return [(e.text or "").strip() for e in parent.iterfind(path)]
