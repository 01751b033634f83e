"""The books and pages of codes of the tenant that acts, for the length of one command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from deadwax.application.catalogue import Catalogue
from deadwax.domain.cause import current_cause
from deadwax.domain.code_book import CodeBook
from deadwax.domain.code_page import CodePage
from deadwax.domain.code_range import CodeKind, page_of, payload_of
from deadwax.domain.identifiers import code_book_id, code_page_id
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.release_codes import borne


class CodeShelf:
    """Loads each book and page once; begins those that do not exist."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue, self._tenant_id = catalogue, current_cause().tenant_id
        self._books: dict[CodeKind, CodeBook] = {}
        self._pages: dict[tuple[CodeKind, str], CodePage] = {}

    def book(self, kind: CodeKind) -> CodeBook:
        if kind not in self._books:
            found = self._catalogue.find(CodeBook, code_book_id(self._tenant_id, kind))
            self._books[kind] = found or CodeBook.open(self._tenant_id, kind)
        return self._books[kind]

    def pages(self, kind: CodeKind) -> Callable[[str], CodePage]:
        """Pages of this kind, by what their payloads begin with."""
        return lambda page: self._page(kind, page)

    def note(self, kind: CodeKind, codes: Iterable[str]) -> int:
        """Note codes as used; how many were not known to be."""
        by_page: dict[str, list[str]] = {}
        for code in codes:
            by_page.setdefault(page_of(payload_of(kind, code)), []).append(code)
        return sum(self._page(kind, page).import_codes(own) for page, own in by_page.items())

    def changed_pages(self) -> Iterator[CodePage]:
        return (page for page in self._pages.values() if page.pending_events)

    def _page(self, kind: CodeKind, page: str) -> CodePage:
        if (kind, page) not in self._pages:
            found = self._catalogue.find(CodePage, code_page_id(self._tenant_id, kind, page))
            self._pages[kind, page] = found or CodePage.open(self._tenant_id, kind, page)
        return self._pages[kind, page]


def pages_noting(catalogue: Catalogue, release: ReleaseMetadata) -> Iterator[CodePage]:
    """The pages, to be saved with the release, on which those of its codes are noted as used
    that lie in the tenant's own ranges."""
    shelf, own = CodeShelf(catalogue), borne(release)
    for kind in (kind for kind in CodeKind if own[kind]):
        book = shelf.book(kind)
        shelf.note(kind, (code for code in own[kind] if book.holds(payload_of(kind, code))))
    return shelf.changed_pages()
