"""Giving out ISRCs and barcodes from a tenant's own ranges."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_until_first
from deadwax.application.code_shelf import CodeShelf
from deadwax.domain import clock
from deadwax.domain.cause import current_cause
from deadwax.domain.code_range import CodeKind, CodeRange, payload_of
from deadwax.domain.release import Release
from deadwax.domain.release_codes import borne, filled, lacking


class CodeHistory(Protocol):
    """The codes in the log."""

    def borne(self, tenant_id: UUID, kind: CodeKind) -> Iterable[str]:
        """Every code of this kind that stood in a release of the tenant at any time."""
        ...


class Codes:
    """Books and pages are loaded anew for each command, and stored with the release whose
    codes they give out in one append: no code is given twice, and none is lost."""

    def __init__(
        self,
        catalogue: Catalogue,
        history: CodeHistory,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._catalogue, self._history, self._now = catalogue, history, now

    @redone_until_first
    def add_range(self, range: CodeRange) -> int:
        """Give out codes from this range from now on; those in it that a release of the tenant
        ever bore are noted as used. Returns the position, 0 if the range was there."""
        shelf = CodeShelf(self._catalogue)
        book = shelf.book(range.kind)
        if range in book.ranges:
            return 0
        book.add_range(range)
        known = self._history.borne(current_cause().tenant_id, range.kind)
        held = (code for code in known if book.holds(payload_of(range.kind, code)))
        shelf.note(range.kind, held)
        return self._catalogue.save(book, *shelf.changed_pages())

    def ranges(self) -> list[tuple[CodeRange, str | None]]:
        """The ranges of the tenant that acts, in the order they are used, each with the code
        that is next in it; None if it is used up, of ISRCs for this year."""
        shelf, year = CodeShelf(self._catalogue), self._now().year
        return [
            (range, next((range.code(p) for _, p in book.free(range, year, pages)), None))
            for kind in CodeKind
            for book, pages in [(shelf.book(kind), shelf.pages(kind))]
            for range in book.ranges
        ]

    @redone_until_first
    def import_codes(self, codes: Mapping[CodeKind, Collection[str]]) -> tuple[int, int]:
        """Note valid codes that are used elsewhere, so that they are never given out: how many
        were new, and the position. All or nothing."""
        shelf = CodeShelf(self._catalogue)
        new = sum(shelf.note(kind, of_kind) for kind, of_kind in codes.items())
        return new, self._catalogue.save(*shelf.changed_pages())

    @redone_until_first
    def allocate(
        self, release_id: UUID, kinds: Collection[CodeKind], version: int | None
    ) -> tuple[Release, dict[str, str], int]:
        """Fill in the codes that a release lacks: the release, the codes by place ("icpn",
        "<disc>/<number>"), the position. A place that had one from here before gets the same
        again, unless the release bears it elsewhere by now. Refused if there are not enough.
        """
        release = self._catalogue.get(Release, release_id, version)
        shelf = CodeShelf(self._catalogue)
        codes: dict[str, str] = {}
        books = []
        for kind in kinds:
            again, lack = _had_before(release, kind)
            codes |= again
            if lack:
                books.append(book := shelf.book(kind))
                new = book.take(len(lack), self._now().year, release.id, shelf.pages(kind))
                codes |= zip(lack, new, strict=True)
        if codes:
            release.allocate(codes)
            metadata = filled(release.metadata, codes)
            release.amend(metadata, self._catalogue.assets(release.tenant_id, metadata))
        return release, codes, self._catalogue.save(release, *books, *shelf.changed_pages())


def _had_before(release: Release, kind: CodeKind) -> tuple[dict[str, str], list[str]]:
    """The places that lack a code: those that had one, with it, and the others."""
    places, own = lacking(release.metadata, kind), borne(release.metadata)[kind]
    had = {place: release.allocated[place] for place in places if place in release.allocated}
    again = {place: code for place, code in had.items() if code not in own}
    return again, [place for place in places if place not in again]
