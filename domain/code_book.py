"""A tenant's book of one kind of code: its ranges, and giving out the next free ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.code_page import CodePage
from deadwax.domain.code_range import CodeKind, CodeRange, page_of, pages_between
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import code_book_id
from deadwax.domain.plain import from_plain, to_plain

PageAt = Callable[[str], CodePage]


class CodeBook(Root):
    """`reached` maps the first payload of a range (of a year) to the page before which
    nothing is free."""

    TOPIC = "code_book"

    if TYPE_CHECKING:
        kind: CodeKind
        ranges: list[CodeRange]
        reached: dict[str, str]

    @classmethod
    def open(cls, tenant_id: UUID, kind: CodeKind) -> Self:
        return cls._create(CodeBookOpened, id=code_book_id(tenant_id, kind), kind=kind.value)

    def add_range(self, range: CodeRange) -> None:
        """Codes are given out from the ranges in the order they were added. Adding the same
        range again changes nothing; Refused if it overlaps another."""
        if range in self.ranges:
            return
        other = next((known for known in self.ranges if range.overlaps(known)), None)
        if other:
            raise Refused(
                "The range was not added",
                [
                    Problem(
                        "code_range_overlaps",
                        "first",
                        f"It overlaps {other.prefix} {other.first} to {other.last}.",
                        "Give numbers that are in no other range.",
                    )
                ],
            )
        self.trigger_event(CodeRangeAdded, range=to_plain(range))

    def holds(self, payload: str) -> bool:
        """Whether a payload lies in one of the ranges."""
        year = int(payload[5:7]) if self.kind is CodeKind.ISRC else 0
        bounds = (range.bounds(year) for range in self.ranges)
        return any(first <= payload <= last for first, last in bounds)

    def free(self, range: CodeRange, year: int, page_at: PageAt) -> Iterator[tuple[CodePage, str]]:
        """The free payloads of a range in order, each with its page."""
        first, last = range.bounds(year)
        start = self.reached.get(first, page_of(first))
        for page in map(page_at, pages_between(start, page_of(last))):
            yield from ((page, payload) for payload in page.free() if first <= payload <= last)

    def take(self, count: int, year: int, release_id: UUID, page_at: PageAt) -> list[str]:
        """The next `count` free codes, allocated to the release on their pages. Refused if
        there are fewer."""
        taken: list[str] = []
        for range in self.ranges:
            found = islice(self.free(range, year, page_at), count - len(taken))
            for page, pairs in groupby(found, key=lambda pair: pair[0]):
                codes = [range.code(payload) for _, payload in pairs]
                page.allocate(codes, release_id)
                taken += codes
                self._reach(range.bounds(year)[0], page.page)
            if len(taken) == count:
                return taken
        raise Refused("No code was allocated", [self._exhausted(count, len(taken), year)])

    def _reach(self, first: str, page: str) -> None:
        if self.reached.get(first, page_of(first)) != page:
            self.trigger_event(CodeRangeAdvanced, first=first, page=page)

    def _exhausted(self, wanted: int, free: int, year: int) -> Problem:
        of_year = f" for {year}" if self.kind is CodeKind.ISRC else ""
        return Problem(
            "codes_exhausted" if self.ranges else "code_range_missing",
            self.kind.value,
            f"{wanted} {self.kind.upper()} are needed, and {free} are free{of_year}.",
            "Add a range.",
        )


@dataclass(frozen=True)
class CodeBookOpened(Created):
    TOPIC = "code_book.opened"
    kind: str

    def apply(self, aggregate: CodeBook) -> None:
        aggregate.kind = CodeKind(self.kind)
        aggregate.ranges = []
        aggregate.reached = {}


@dataclass(frozen=True)
class CodeRangeAdded(Event):
    TOPIC = "code_book.range_added"
    range: dict[str, Any]

    def apply(self, aggregate: CodeBook) -> None:
        aggregate.ranges = [*aggregate.ranges, from_plain(CodeRange, self.range)]


@dataclass(frozen=True)
class CodeRangeAdvanced(Event):
    """Everything before `page` is used, of the range that begins with the payload `first`."""

    TOPIC = "code_book.range_advanced"
    first: str
    page: str

    def apply(self, aggregate: CodeBook) -> None:
        aggregate.reached = aggregate.reached | {self.first: self.page}
