"""A page of codes: of a thousand payloads that begin alike, which are used and by what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from uuid import UUID

from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.code_range import CodeKind, payload_of, payloads_of
from deadwax.domain.identifiers import code_page_id


class CodePage(Root):
    """`used` maps each used payload to its release, None where it was imported.

    Pages keep allocation quick: the log loads at most a thousand codes to give out the next.
    """

    TOPIC = "code_page"

    if TYPE_CHECKING:
        kind: CodeKind
        page: str
        used: dict[str, UUID | None]

    @classmethod
    def open(cls, tenant_id: UUID, kind: CodeKind, page: str) -> Self:
        id = code_page_id(tenant_id, kind, page)
        return cls._create(CodePageOpened, id=id, kind=kind.value, page=page)

    def free(self) -> Iterator[str]:
        """The payloads that were never used, in order."""
        return (payload for payload in payloads_of(self.page) if payload not in self.used)

    def allocate(self, codes: Iterable[str], release_id: UUID) -> None:
        """Give out free codes of this page to a release."""
        self.trigger_event(CodesAllocated, codes=list(codes), release_id=str(release_id))

    def import_codes(self, codes: Iterable[str]) -> int:
        """Note codes as used elsewhere, so that they are never given out. Those known to be
        used are left as they are. Returns how many are new."""
        new = {payload_of(self.kind, code): str(code) for code in codes}
        fresh = [code for payload, code in new.items() if payload not in self.used]
        if fresh:
            self.trigger_event(CodesImported, codes=fresh)
        return len(fresh)


@dataclass(frozen=True)
class CodePageOpened(Created):
    TOPIC = "code_page.opened"
    kind: str
    page: str

    def apply(self, aggregate: CodePage) -> None:
        aggregate.kind = CodeKind(self.kind)
        aggregate.page = self.page
        aggregate.used = {}


@dataclass(frozen=True)
class CodesAllocated(Event):
    TOPIC = "code_page.codes_allocated"
    codes: list[str]
    release_id: str

    def apply(self, aggregate: CodePage) -> None:
        release_id = UUID(self.release_id)
        aggregate.used |= {payload: release_id for payload in _payloads(aggregate, self.codes)}


@dataclass(frozen=True)
class CodesImported(Event):
    TOPIC = "code_page.codes_imported"
    codes: list[str]

    def apply(self, aggregate: CodePage) -> None:
        aggregate.used |= dict.fromkeys(_payloads(aggregate, self.codes))


def _payloads(page: CodePage, codes: Iterable[str]) -> Iterator[str]:
    return (payload_of(page.kind, code) for code in codes)
