"""A message read element by element, with a record of what was read.

Whatever nobody has read at the end was not held, and is reported: that way nothing is dropped
silently, whatever a sender may have put in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

from deadwax.application.imported import Deviation, Fate
from deadwax.infrastructure.ern.untrusted import Element

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
# Nobody reads more; a message made to have more does not get a longer answer.
MOST = 20_000

NO_PLACE = "The model has no place for it."
# What narrows a deal: without it the deal grants more than the message did.
_LIMITS = frozenset(
    {
        "CarrierType",
        "Condition",
        "ConsumerRentalPeriod",
        "DistributionChannelType",
        "ExcludedDistributionChannel",
        "IsExclusive",
        "NumberOfUsages",
        "TechnicalInstantiation",
        "UserInterfaceType",
    }
)
_LIMIT = "The model has no place for it: the deal is held without this limit."


class Record:
    """What of a document was read, and what was noted about it. `language` is that of the
    texts which state none."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.language: str | None = None
        self._read: set[Element] = set()
        self._read_attributes: set[tuple[Element, str]] = set()
        self._notes: dict[tuple[Element, str | None], list[tuple[Fate, str]]] = {}

    def mark(self, element: Element, attribute: str | None = None) -> None:
        if attribute is None:
            self._read.add(element)
        else:
            self._read_attributes.add((element, attribute))

    def note(self, element: Element, attribute: str | None, fate: Fate, why: str) -> None:
        noted = self._notes.setdefault((element, attribute), [])
        if (fate, why) not in noted:
            noted.append((fate, why))

    def is_read(self, root: Element) -> bool:
        """Whether every text and attribute in it was read and, unless it changed, held."""
        return all(
            (e in self._read or not (e.text or "").strip())
            and all((e, str(name)) in self._read_attributes for name in e.attrib)
            and all(fate is Fate.CHANGED for fate, _ in self._notes.get((e, None), ()))
            for e in root.iter()
        )

    def report(self) -> tuple[Deviation, ...]:
        """In document order: every note, and everything with a value that was not read."""
        found: list[Deviation] = []
        for deviation in self._deviations():
            if len(found) == MOST:
                why = f"There are more than {MOST}; the rest is not listed."
                found.append(Deviation(fate=Fate.NO_PLACE, path="/", line=0, value="", why=why))
                break
            found.append(deviation)
        return tuple(found)

    def _deviations(self) -> Iterator[Deviation]:
        for element, path in paths_of(self.root):
            value = " ".join((element.text or "").split())
            noted = self._notes.get((element, None), [])
            is_unread = bool(value) and element not in self._read and not noted
            if is_unread:
                limit = any(e.tag in _LIMITS for e in (element, *element.iterancestors()))
                noted = [(Fate.NO_PLACE, _LIMIT if limit else NO_PLACE)]
            for fate, why in noted:
                yield _deviation(fate, path, element, value, why)
            for name, text in element.attrib.items():
                yield from self._of_attribute(element, str(name), str(text), path)

    def _of_attribute(
        self, element: Element, name: str, value: str, path: str
    ) -> Iterator[Deviation]:
        noted = self._notes.get((element, name), [])
        if not noted and (element, name) not in self._read_attributes:
            noted = [(Fate.NO_PLACE, NO_PLACE)]
        for fate, why in noted:
            local = etree.QName(name).localname
            yield _deviation(fate, f"{path}/@{local}", element, value, why)


class Cursor:
    """An element of a message. Asking for a value marks it as read; asking for a child or for
    a list of them does not."""

    __slots__ = ("_record", "element")

    def __init__(self, element: Element, record: Record) -> None:
        self.element = element
        self._record = record

    @property
    def name(self) -> str:
        return etree.QName(self.element).localname

    @property
    def message_language(self) -> str | None:
        """The language of the texts that state none."""
        return self._record.language

    def speaks(self, language: str | None) -> None:
        """Say which language that is, for the whole document."""
        self._record.language = language

    def children(self, *names: str) -> list[Cursor]:
        """Those with one of these names, or all of them, in document order."""
        return [Cursor(e, self._record) for e in self.element if not names or e.tag in names]

    def child(self, *names: str) -> Cursor | None:
        """The first of them."""
        return next(iter(self.children(*names)), None)

    def at(self, path: str) -> list[Cursor]:
        return [Cursor(e, self._record) for e in self.element.iterfind(path)]

    @property
    def raw(self) -> str:
        """The text, without marking it."""
        return self.element.text or ""

    @property
    def text(self) -> str:
        """The text without the spaces around it; marks the element."""
        self._record.mark(self.element)
        return self.raw.strip()

    def text_of(self, name: str) -> str | None:
        """The text of the first child of that name; None if it is absent or empty."""
        found = self.child(name)
        return (found.text or None) if found else None

    def get(self, attribute: str) -> str | None:
        """The value, without marking it."""
        value = self.element.get(attribute)
        return None if value is None else str(value)

    def attribute(self, name: str) -> str | None:
        """The value; marks the attribute."""
        self._record.mark(self.element, name)
        return self.get(name)

    def hold(self, *attributes: str) -> None:
        """Mark its text and these attributes: they are held, or will be written again from what
        is held."""
        self._record.mark(self.element)
        for name in attributes:
            if name in self.element.attrib:
                self._record.mark(self.element, name)

    def hold_all(self) -> None:
        """Mark everything in it."""
        for element in self.element.iter():
            self._record.mark(element)
            for name in element.attrib:
                self._record.mark(element, str(name))

    @property
    def is_held(self) -> bool:
        """Whether everything in it was read."""
        return self._record.is_read(self.element)

    @property
    def canonical(self) -> tuple[Any, ...]:
        """Equal for elements that say the same."""
        return _canonical(self.element)

    def note(self, fate: Fate, why: str, attribute: str | None = None) -> None:
        """Say what becomes of it; marks it."""
        self._record.mark(self.element, attribute)
        self._record.note(self.element, attribute, fate, why)

    def changed(self, why: str) -> None:
        self.note(Fate.CHANGED, why)

    def rebuilt(self, expected: str | None, attribute: str | None = None) -> None:
        """Say that it will be written again from what is held: as `expected`."""
        value = self.raw.strip() if attribute is None else self.get(attribute)
        if value is None:
            return
        if value == expected:
            self._record.mark(self.element, attribute)
        elif expected is None:
            self.note(Fate.CHANGED, "It is left out when the message is rebuilt.", attribute)
        else:
            self.note(Fate.CHANGED, f"It is rebuilt as {str(expected)!r}.", attribute)


def document(root: Element) -> tuple[Cursor, Record]:
    """A cursor on the document element, and the record behind it."""
    record = Record(root)
    for name in root.attrib:
        if str(name).startswith(_XSI):
            record.mark(root, str(name))
    return Cursor(root, record), record


def paths_of(root: Element) -> Iterator[tuple[Element, str]]:
    """Each element with its XPath, in document order, in time linear to their number."""
    stack: list[tuple[Element, str]] = [(root, f"/{etree.QName(root).localname}")]
    while stack:
        element, path = stack.pop()
        yield element, path
        totals = Counter(child.tag for child in element)
        seen: Counter[Any] = Counter()
        below = []
        for child in element:
            seen[child.tag] += 1
            place = f"[{seen[child.tag]}]" if totals[child.tag] > 1 else ""
            below.append((child, f"{path}/{etree.QName(child).localname}{place}"))
        stack.extend(reversed(below))


def _deviation(fate: Fate, path: str, element: Element, value: str, why: str) -> Deviation:
    line: Any = element.sourceline
    return Deviation(fate=fate, path=path, line=line or 0, value=value, why=why)


def _canonical(element: Element) -> tuple[Any, ...]:
    attributes = tuple(sorted((str(k), str(v)) for k, v in element.attrib.items()))
    text = (element.text or "").strip()
    return element.tag, text, attributes, tuple(_canonical(child) for child in element)
