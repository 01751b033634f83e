"""Codes for releases from a real log: filled in at once, never twice, also by many at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from deadwax.application.catalogue import Catalogue
from deadwax.application.codes import Codes
from deadwax.application.errors import NotFound, VersionMismatch
from deadwax.application.releases import Releases
from deadwax.domain.aggregate import Event
from deadwax.domain.cause import Cause, acting
from deadwax.domain.code_range import CodeKind, CodeNumber, CodePrefix, CodeRange
from deadwax.domain.errors import IllegalTransition, Refused
from deadwax.domain.identifiers import Icpn, Isrc, Sha256
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.release import Release
from deadwax.domain.texts import Name
from deadwax.domain.tracks import ImmersiveEdition, Track
from deadwax.infrastructure.code_history import PostgresCodeHistory
from deadwax.infrastructure.database import open_pool
from deadwax.infrastructure.event_log.store import PostgresEventLog

Pool = ConnectionPool[psycopg.Connection]
TENANT, OTHER = UUID(int=7), UUID(int=9)
ISRCS = CodeRange(
    kind=CodeKind.ISRC,
    prefix=CodePrefix("QZDWX"),
    first=CodeNumber("00001"),
    last=CodeNumber("99999"),
)
ICPNS = CodeRange(
    kind=CodeKind.ICPN,
    prefix=CodePrefix("5901234"),
    first=CodeNumber("00000"),
    last=CodeNumber("00999"),
)


class CountingLog(PostgresEventLog):
    """Tells how many events were read."""

    read = 0

    def load(self, stream_id: UUID) -> list[Event]:
        events = super().load(stream_id)
        self.read += len(events)
        return events


class Desk:
    """What a tenant works with, as one process opens it."""

    def __init__(self, log: PostgresEventLog, pool: Pool, year: int) -> None:
        self.log = log
        self.catalogue = Catalogue(log)
        self.releases = Releases(self.catalogue)
        history = PostgresCodeHistory(pool)
        self.codes = Codes(self.catalogue, history, lambda: datetime(year, 7, 1, tzinfo=UTC))

    def draft(self, tracks: int = 2, **known: object) -> Release:
        metadata = ReleaseMetadata(
            title=Name("Locked Groove"), tracks=tuple(Track(number=n + 1) for n in range(tracks))
        )
        return self.releases.draft(replace(metadata, **known))[0]  # type: ignore[arg-type]

    def fill(self, release: Release) -> dict[str, str]:
        return self.codes.allocate(release.id, list(CodeKind), None)[1]

    def now(self, release: Release) -> ReleaseMetadata:
        return self.releases.get(release.id).metadata


@pytest.fixture(autouse=True)
def somebody_acts() -> Iterator[None]:
    with acting(Cause(TENANT, "key:test", "request-1", "request-0")):
        yield


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def open_desk(opened: ExitStack, url: str, year: int = 2026) -> Desk:
    pool = opened.enter_context(open_pool(url, size=8, name="test"))
    log = CountingLog(pool, url)
    opened.callback(log.close)
    return Desk(log, pool, year)


@pytest.fixture
def desk(opened: ExitStack, database_url: str) -> Desk:
    desk = open_desk(opened, database_url)
    desk.codes.add_range(ISRCS)
    desk.codes.add_range(ICPNS)
    return desk


def test_a_release_gets_every_code_that_it_lacks_and_keeps_its_own(desk: Desk) -> None:
    own = Isrc("GBAYE6900001")
    tracks = (Track(number=2), Track(number=1, isrc=own), Track(disc=2, number=1))
    release = desk.draft(tracks=0)
    desk.releases.amend(release.id, replace(release.metadata, tracks=tracks), None)

    codes = desk.fill(release)

    assert codes == {"icpn": "5901234000000", "1/2": "QZDWX2600001", "2/1": "QZDWX2600002"}
    filled = desk.now(release)
    assert filled.icpn == Icpn("5901234000000")
    assert {(t.disc, t.number): t.isrc for t in filled.tracks} == {
        (1, 1): own,
        (1, 2): "QZDWX2600001",
        (2, 1): "QZDWX2600002",
    }


def test_everything_is_stored_in_one_append(desk: Desk) -> None:
    release = desk.draft()
    appended: list[list[str]] = []
    append = desk.log.append

    def noting(events: Sequence[Event]) -> int:
        appended.append([event.TOPIC for event in events])
        return append(events)

    desk.log.append = noting  # type: ignore[method-assign]
    desk.fill(release)

    (topics,) = appended
    assert topics == [
        "release.codes_allocated",
        "release.amended",
        *("code_page.opened", "code_page.codes_allocated") * 2,
    ]


def test_asked_again_nothing_is_given(desk: Desk) -> None:
    release = desk.draft()
    desk.fill(release)
    version = desk.releases.get(release.id).version

    again, codes, position = desk.codes.allocate(release.id, list(CodeKind), None)

    assert (codes, position, again.version) == ({}, 0, version)


def test_a_release_that_lost_its_codes_gets_the_same_again(desk: Desk) -> None:
    release = desk.draft()
    first = desk.fill(release)
    desk.releases.amend(release.id, release.metadata, None)
    assert desk.now(release).icpn is None

    assert desk.fill(release) == first
    assert desk.fill(desk.draft())["1/1"] == "QZDWX2600003"


def test_a_track_that_moved_away_takes_its_code_with_it(desk: Desk) -> None:
    release = desk.draft(tracks=1)
    desk.fill(release)
    (moved,) = desk.now(release).tracks
    desk.releases.put_track(release.id, replace(moved, number=2), None)
    desk.releases.put_track(release.id, Track(number=1), None)

    assert desk.fill(release) == {"1/1": "QZDWX2600002"}
    assert [t.isrc for t in desk.now(release).in_order()] == ["QZDWX2600002", "QZDWX2600001"]


def test_a_code_that_was_typed_into_a_release_is_given_to_none(desk: Desk) -> None:
    typed = Track(number=1, isrc=Isrc("QZDWX2600001"))
    draft = desk.draft(tracks=0, icpn=Icpn("5901234000000"))
    desk.releases.put_track(draft.id, typed, None)
    desk.releases.remove_track(draft.id, 1, 1, None)

    assert desk.fill(desk.draft(tracks=1)) == {"icpn": "5901234000017", "1/1": "QZDWX2600002"}


def test_codes_that_releases_bore_before_the_range_was_added_are_given_to_none(
    opened: ExitStack, database_url: str
) -> None:
    desk = open_desk(opened, database_url)
    edition = ImmersiveEdition(isrc=Isrc("QZDWX2600003"), audio=Sha256("a" * 64))
    tracks = (
        Track(number=1, isrc=Isrc("QZDWX2600001"), immersive=edition),
        Track(number=2, isrc=Isrc("GBAYE6900001")),
    )
    first = desk.draft(tracks=0, icpn=Icpn("5901234000017"))
    desk.releases.amend(first.id, replace(first.metadata, tracks=tracks, icpn=None), None)
    desk.releases.amend(first.id, replace(first.metadata, icpn=Icpn("5901234000000")), None)
    with acting(Cause(OTHER, "key:test", "request-2", None)):
        desk.draft(tracks=0, icpn=Icpn("5901234000024"))
    for range in (ISRCS, ICPNS):
        desk.codes.add_range(range)

    assert desk.fill(desk.draft()) == {
        "icpn": "5901234000024",
        "1/1": "QZDWX2600002",
        "1/2": "QZDWX2600004",
    }


def test_a_release_whose_codes_are_in_no_own_range_is_stored_alone(desk: Desk) -> None:
    release = desk.draft(tracks=0, icpn=Icpn("4006381333931"))

    assert [e.TOPIC for e in desk.log.load(release.id)] == ["release.drafted"]
    assert desk.codes.import_codes({CodeKind.ICPN: ["4006381333931"]})[0] == 1


def test_imported_codes_are_never_given_out(desk: Desk) -> None:
    used = {
        CodeKind.ISRC: ["QZDWX2600001", "QZDWX2600003"],
        CodeKind.ICPN: ["5901234000000"],
    }

    assert desk.codes.import_codes(used)[0] == 3
    assert desk.codes.import_codes(used) == (0, 0)
    assert desk.fill(desk.draft()) == {
        "icpn": "5901234000017",
        "1/1": "QZDWX2600002",
        "1/2": "QZDWX2600004",
    }


def test_codes_may_be_imported_before_their_range_is_there(
    opened: ExitStack, database_url: str
) -> None:
    desk = open_desk(opened, database_url)
    desk.codes.import_codes({CodeKind.ISRC: ["QZDWX2600001"]})
    desk.codes.add_range(ISRCS)

    assert [next for _, next in desk.codes.ranges()] == ["QZDWX2600002"]


def test_too_few_codes_of_one_kind_give_none_of_the_other(desk: Desk) -> None:
    used = [ICPNS.code(f"05901234{n:05d}") for n in range(1000)]
    desk.codes.import_codes({CodeKind.ICPN: used})
    release, before = desk.draft(), desk.codes.ranges()

    with pytest.raises(Refused) as refused:
        desk.fill(release)

    assert [p.code for p in refused.value.problems] == ["codes_exhausted"]
    assert desk.codes.ranges() == before == [(ISRCS, "QZDWX2600001"), (ICPNS, None)]
    assert desk.releases.get(release.id).version == 1


def test_the_next_year_begins_anew(opened: ExitStack, desk: Desk, database_url: str) -> None:
    desk.fill(desk.draft())

    later = open_desk(opened, database_url, year=2027)

    assert later.fill(later.draft())["1/1"] == "QZDWX2700001"


def test_other_tenants_have_books_of_their_own(desk: Desk) -> None:
    release = desk.draft()
    with acting(Cause(OTHER, "key:test", "request-2", None)):
        assert desk.codes.ranges() == []
        with pytest.raises(NotFound):
            desk.fill(release)
        desk.codes.add_range(ISRCS)
        own = desk.draft(icpn=Icpn("5901234123457"))
        assert desk.fill(own)["1/1"] == "QZDWX2600001"
    assert desk.fill(release)["1/1"] == "QZDWX2600001"


def test_an_archived_release_gets_none(desk: Desk) -> None:
    release = desk.draft()
    desk.releases.archive(release.id, "a duplicate", None)

    with pytest.raises(IllegalTransition):
        desk.fill(release)

    assert [next for _, next in desk.codes.ranges()] == ["QZDWX2600001", "5901234000000"]


def test_a_version_that_is_no_longer_meant_is_refused(desk: Desk) -> None:
    release = desk.draft()
    desk.releases.put_track(release.id, Track(number=3), None)

    with pytest.raises(VersionMismatch):
        desk.codes.allocate(release.id, [CodeKind.ISRC], 1)


WRITERS, RELEASES_EACH = 6, 8


def test_many_at_once_get_different_codes_and_leave_no_gap(
    opened: ExitStack, desk: Desk, database_url: str
) -> None:
    """Each thread is a process of its own to the database: its own log and connections."""
    desks = [open_desk(opened, database_url) for _ in range(WRITERS)]
    together = threading.Barrier(WRITERS)

    def work(own: Desk) -> list[str]:
        together.wait()
        drafts = [own.draft(tracks=3) for _ in range(RELEASES_EACH)]
        return [code for draft in drafts for code in own.fill(draft).values()]

    with ThreadPoolExecutor(WRITERS) as threads:
        working = [threads.submit(copy_context().run, work, own) for own in desks]
        codes = sorted(code for done in working for code in done.result())

    releases = WRITERS * RELEASES_EACH
    isrcs = [f"QZDWX26{n:05d}" for n in range(1, releases * 3 + 1)]
    barcodes = [ICPNS.code(f"05901234{n:05d}") for n in range(releases)]
    assert codes == sorted(isrcs + barcodes)


def test_many_at_once_may_draft_with_codes_of_their_own_range(
    opened: ExitStack, desk: Desk, database_url: str
) -> None:
    desks = [open_desk(opened, database_url) for _ in range(WRITERS)]
    together = threading.Barrier(WRITERS)

    def work(own: Desk, writer: int) -> None:
        together.wait()
        for n in range(RELEASES_EACH):
            code = ICPNS.code(f"05901234{writer * RELEASES_EACH + n:05d}")
            own.draft(tracks=0, icpn=Icpn(code))

    with ThreadPoolExecutor(WRITERS) as threads:
        working = [threads.submit(copy_context().run, work, own, n) for n, own in enumerate(desks)]
        for done in working:
            done.result()

    next = ICPNS.code(f"05901234{WRITERS * RELEASES_EACH:05d}")
    assert [code for _, code in desk.codes.ranges()] == ["QZDWX2600001", next]


def test_many_at_once_ask_for_the_same_release(desk: Desk) -> None:
    release = desk.draft(tracks=5)
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(copy_context().run, desk.fill, release) for _ in range(4)]
        answers = [a.result() for a in asked]

    assert sorted(map(len, answers)) == [0, 0, 0, 6]
    assert desk.fill(desk.draft(tracks=1))["1/1"] == "QZDWX2600006"


def test_what_is_read_for_a_code_does_not_grow_with_the_codes_given(desk: Desk) -> None:
    """A page is read at most, and the book: an event for a page, not for a code."""
    desk.codes.import_codes({CodeKind.ISRC: [f"QZDWX26{n:05d}" for n in range(20_000)]})
    log = desk.log
    assert isinstance(log, CountingLog)
    desk.codes.allocate(desk.draft(tracks=1).id, [CodeKind.ISRC], None)
    release = desk.draft(tracks=1)
    log.read = 0

    _, codes, _ = desk.codes.allocate(release.id, [CodeKind.ISRC], None)

    assert codes == {"1/1": "QZDWX2620001"}
    assert log.read == 1 + 3 + 2  # the release, the book, the page
