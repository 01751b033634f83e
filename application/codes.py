"""Giving out ISRCs and barcodes from a tenant's own ranges."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.domain.aggregate import Root
from deadwax.domain.cause import current_cause
from deadwax.domain.code_book import CodeBook
from deadwax.domain.code_page import CodePage
from deadwax.domain.code_range import CodeKind, CodeRange, page_of, payload_of
from deadwax.domain.identifiers import Icpn, Isrc, code_book_id, code_page_id
from deadwax.domain.release import Release
from deadwax.domain.release_codes import borne, filled, lacking

# Of several who want the next code at once one is first each time; the others go on.
_until_first = partial(redone_on_conflict, tries=200)


class Codes:
    """Books and pages are loaded anew for each command, and stored with the release whose
    codes they give out in one append: no code is given twice, and none is lost."""

    def __init__(
        self, catalogue: Catalogue, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._catalogue, self._now = catalogue, now

    @_until_first
    def add_range(self, range: CodeRange) -> int:
        book = _Shelf(self._catalogue).book(range.kind)
        book.add_range(range)
        return self._catalogue.save(book)

    def ranges(self) -> list[tuple[CodeRange, str | None]]:
        """The ranges of the tenant that acts, in the order they are used, each with the code
        that is next in it; None if it is used up, of ISRCs for this year."""
        shelf, year = _Shelf(self._catalogue), self._now().year
        return [
            (range, next((range.code(p) for _, p in book.free(range, year, shelf.of(kind))), None))
            for kind in CodeKind
            for book in [shelf.book(kind)]
            for range in book.ranges
        ]

    @_until_first
    def import_codes(self, codes: Iterable[Isrc | Icpn]) -> tuple[int, int]:
        """Note codes that are used elsewhere, so that they are never given out: how many were
        new, and the position. All or nothing."""
        shelf = _Shelf(self._catalogue)
        new = shelf.import_codes(codes)
        return new, self._catalogue.save(*shelf.pages())

    @_until_first
    def allocate(
        self, release_id: UUID, kinds: Collection[CodeKind], version: int | None
    ) -> tuple[Release, dict[str, str], int]:
        """Fill in the codes that a release lacks: the release, the codes by place ("icpn",
        "<disc>/<number>"), the position. A place that had one from here before gets the same
        again, unless the release bears it elsewhere by now. Refused if there are not enough.
        """
        release = self._catalogue.get(Release, release_id, version)
        shelf, metadata = _Shelf(self._catalogue), release.metadata
        codes: dict[str, str] = {}
        for kind in kinds:
            codes |= self._for(release, kind, shelf)
        if codes:
            release.allocate(codes)
            metadata = filled(metadata, codes)
            release.amend(metadata, self._catalogue.assets(release.tenant_id, metadata))
        return release, codes, self._catalogue.save(release, *shelf.books(), *shelf.pages())

    def _for(self, release: Release, kind: CodeKind, shelf: _Shelf) -> dict[str, str]:
        places, own = lacking(release.metadata, kind), list(borne(release.metadata))
        known = {p: c for p in places if (c := release.allocated.get(p)) and c not in own}
        rest = [place for place in places if place not in known]
        if not rest:
            return known
        book = shelf.book(kind)
        shelf.import_codes(c for c in own if _kind(c) is kind and book.holds(payload_of(kind, c)))
        taken = book.take(len(rest), self._now().year, release.id, shelf.of(kind))
        return known | dict(zip(rest, taken, strict=True))


class _Shelf:
    """The books and pages of the tenant that acts, each loaded once, begun if there is none."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue, self._tenant_id = catalogue, current_cause().tenant_id
        self._books: dict[CodeKind, CodeBook] = {}
        self._pages: dict[tuple[CodeKind, str], CodePage] = {}

    def book(self, kind: CodeKind) -> CodeBook:
        if kind not in self._books:
            found = self._catalogue.find(CodeBook, code_book_id(self._tenant_id, kind))
            self._books[kind] = found or CodeBook.open(self._tenant_id, kind)
        return self._books[kind]

    def of(self, kind: CodeKind) -> Callable[[str], CodePage]:
        return lambda page: self._page(kind, page)

    def import_codes(self, codes: Iterable[Isrc | Icpn]) -> int:
        by_page: dict[tuple[CodeKind, str], list[Isrc | Icpn]] = {}
        for code in codes:
            kind = _kind(code)
            by_page.setdefault((kind, page_of(payload_of(kind, code))), []).append(code)
        return sum(self._page(*page).import_codes(own) for page, own in by_page.items())

    def books(self) -> Iterator[Root]:
        return iter(self._books.values())

    def pages(self) -> Iterator[Root]:
        return iter(self._pages.values())

    def _page(self, kind: CodeKind, page: str) -> CodePage:
        if (kind, page) not in self._pages:
            found = self._catalogue.find(CodePage, code_page_id(self._tenant_id, kind, page))
            self._pages[kind, page] = found or CodePage.open(self._tenant_id, kind, page)
        return self._pages[kind, page]


def _kind(code: Isrc | Icpn) -> CodeKind:
    return CodeKind.ISRC if isinstance(code, Isrc) else CodeKind.ICPN
