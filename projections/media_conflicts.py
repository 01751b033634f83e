"""Duplicates among a tenant's files and releases, for a person to settle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString, TypeVar
from uuid import UUID

from psycopg import Connection, Cursor, sql
from psycopg.rows import class_row

from deadwax.application.log import Recorded
from deadwax.domain import release_events as r
from deadwax.domain.assets import AssetAnalysed, AssetStored
from deadwax.domain.media.fingerprints import ALIKE, ALIKE_BITS, bit_errors, picture_distance
from deadwax.projections import pages
from deadwax.projections.base import Projection, UnknownEvent
from deadwax.projections.conflict_rules import (
    ConflictRow,
    Found,
    audio_of,
    conflicts,
    pair_key,
)
from deadwax.projections.media_rows import (
    COVER,
    FILES,
    LIKENESSES,
    USES,
    FileRow,
    LikenessRow,
    UseRow,
    note_analysis,
    stored,
    uses_of,
)
from deadwax.projections.pages import Page
from deadwax.projections.table import Table

R = TypeVar("R")

CONFLICTS = Table(
    "media_conflicts",
    ConflictRow,
    key=("tenant_id", "conflict_id"),
    indexes=(
        "(tenant_id, number)",
        "(tenant_id, group_key)",
        "(tenant_id, one_sha256)",
        "(tenant_id, other_sha256)",
    ),
)

_LEAST_SHARED, _BANDS_SHARED = 3, 1
_MOST_CANDIDATES = 50
CANDIDATES = """
SELECT sha256, fingerprint, perceptual_hash FROM (
    SELECT *, (SELECT count(*) FROM unnest(terms) AS term WHERE term = ANY(%(terms)s)) AS shared
    FROM media_files
    WHERE terms && %(terms)s::integer[] AND tenant_id = %(tenant_id)s AND position < %(position)s
) AS sharing WHERE shared >= %(least)s ORDER BY shared DESC, sha256 LIMIT %(most)s
"""
_STAYING = (r.ReleaseCodesAllocated.TOPIC, r.ReleaseSubmitted.TOPIC, r.ReleaseApproved.TOPIC)
_OF_FILES = (AssetStored.TOPIC, AssetAnalysed.TOPIC)
"""What says what a file holds; nothing else of it makes it a duplicate, or none any more."""


class MediaConflicts(Projection):
    """Follows the files and releases of all tenants. What a conflict says follows from the rows of
    the other tables alone, so that it is the same however events come in batches."""

    name = "media_conflicts"
    follows = ("asset.", "release.")
    tables = (FILES, USES, LIKENESSES, CONFLICTS)

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> None:
        tenants: dict[UUID, list[Recorded]] = {}
        for event in batch:
            tenants.setdefault(event.tenant_id, []).append(event)
        for tenant_id, events in tenants.items():
            work = _Work(cursor, tenant_id)
            told = [event for event in events if event.type not in _STAYING]
            work.note_files([event for event in told if event.type in _OF_FILES])
            work.note_uses([event for event in told if event.type.startswith("release.")])
            work.find_conflicts()


class _Work:
    """One batch of one tenant. What changes is gathered as names of groups: of files, of audio (by
    its samples) and of ISRCs."""

    def __init__(self, cursor: Cursor[Any], tenant_id: UUID) -> None:
        self._cursor, self._tenant_id = cursor, tenant_id
        self._files, self._audio, self._isrcs = set[str](), set[str](), set[str]()
        self._pairs = set[str]()

    def note_files(self, events: Sequence[Recorded]) -> None:
        """Files, what was measured of them, and what is like them."""
        keys = [(self._tenant_id, id) for id in {event.stream_id for event in events}]
        rows = {row.asset_id: row for row in FILES.get(self._cursor, keys)}
        analysed: dict[UUID, FileRow] = {}
        for event in events:
            if event.type == AssetStored.TOPIC:
                rows[event.stream_id] = stored(event)
            else:
                row = analysed[event.stream_id] = rows[event.stream_id]
                self._audio.add(audio_of(row, row.sha256))
                note_analysis(row, event)
        FILES.put(self._cursor, list(rows.values()))
        self._files |= {row.sha256 for row in rows.values()}
        self._audio |= {audio_of(row, row.sha256) for row in rows.values()}
        if analysed:
            self._liken(list(analysed.values()))

    def _liken(self, files: Sequence[FileRow]) -> None:
        shas = [file.sha256 for file in files]
        self._touch(self._rows(LIKENESSES, "one = ANY(%s) OR other = ANY(%s)", shas, shas))
        self._delete(LIKENESSES, "one = ANY(%s) OR other = ANY(%s)", shas, shas)
        found = {(pair.one, pair.other): pair for file in files for pair in self._like(file)}
        LIKENESSES.put(self._cursor, list(found.values()))
        self._touch(list(found.values()))

    def _touch(self, pairs: Sequence[LikenessRow]) -> None:
        self._pairs |= {pair_key(pair) for pair in pairs}
        self._files |= {sha for pair in pairs for sha in (pair.one, pair.other)}

    def _like(self, file: FileRow) -> Iterator[LikenessRow]:
        """Those measured before it that are like it: each pair is found by the later of both."""
        if not file.terms:
            return
        asked = {
            "terms": list(file.terms),
            "tenant_id": self._tenant_id,
            "position": file.position,
            "least": _LEAST_SHARED if file.fingerprint else _BANDS_SHARED,
            "most": _MOST_CANDIDATES,
        }
        for sha256, fingerprint, hashed in self._cursor.execute(CANDIDATES, asked).fetchall():
            distance = _distance(file, fingerprint, hashed)
            if distance is not None:
                one, other = sorted((file.sha256, sha256))
                yield LikenessRow(
                    tenant_id=self._tenant_id, one=one, other=other, distance=distance
                )

    def note_uses(self, events: Sequence[Recorded]) -> None:
        """Where files stand. What is said again stands there as long as before."""
        ids = list({event.stream_id for event in events})
        before = self._rows(USES, "release_id = ANY(%s)", ids) if ids else []
        uses: dict[UUID, dict[str, UseRow]] = {id: {} for id in ids}
        for use in before:
            uses[use.release_id][use.place] = use
        for event in events:
            uses[event.stream_id] = _after(event, uses[event.stream_id])
        now = [use for of_release in uses.values() for use in of_release.values()]
        old, new = ({_identity(use): use for use in these} for these in (before, now))
        changed = [{**old, **new}[key] for key in old.keys() ^ new.keys()]
        if changed:
            self._delete(USES, "release_id = ANY(%s)", list({use.release_id for use in changed}))
            touched = {use.release_id for use in changed}
            USES.put(self._cursor, [use for use in now if use.release_id in touched])
            self._files |= {use.sha256 for use in changed}
            self._audio |= {use.sha256 for use in changed}
            self._isrcs |= {use.isrc for use in changed if use.isrc}

    def find_conflicts(self) -> None:
        """Make those of the groups that changed again."""
        if not (self._files or self._isrcs):
            return
        pairs = self._like_any(self._files)
        self._touch(pairs)
        own = self._rows(FILES, "sha256 = ANY(%s)", list(self._files))
        self._audio |= {audio_of(file, file.sha256) for file in own}
        same = self._rows(FILES, "pcm_sha256 = ANY(%s)", list(self._audio))
        shas = self._files | {file.sha256 for file in same}
        uses = self._rows(USES, "sha256 = ANY(%s)", list(shas))
        self._isrcs |= {use.isrc for use in uses if use.isrc and use.sha256 in self._files}
        uses += self._rows(
            USES, "isrc = ANY(%s) AND sha256 <> ALL(%s)", list(self._isrcs), list(shas)
        )
        shas |= {use.sha256 for use in uses}
        keys = frozenset(
            {f"file:{name}" for name in self._files}
            | {f"audio:{name}" for name in self._audio}
            | {f"isrc:{name}" for name in self._isrcs}
            | self._pairs
        )
        found = Found(
            keys=keys,
            files={file.sha256: file for file in self._rows(FILES, "sha256 = ANY(%s)", list(shas))},
            uses=uses,
            likenesses=[pair for pair in self._like_any(shas) if {pair.one, pair.other} <= shas],
        )
        self._delete(CONFLICTS, "group_key = ANY(%s)", list(keys))
        CONFLICTS.put(self._cursor, list(conflicts(found)))

    def _like_any(self, shas: Iterable[str]) -> list[LikenessRow]:
        asked = list(shas)
        return self._rows(LIKENESSES, "one = ANY(%s) OR other = ANY(%s)", asked, asked)

    def _rows(self, table: Table[R], where: LiteralString, *values: Any) -> list[R]:
        query = sql.SQL("SELECT * FROM {} WHERE tenant_id = %s AND ({})").format(
            sql.Identifier(table.name), sql.SQL(where)
        )
        with self._cursor.connection.cursor(row_factory=class_row(table.row)) as reading:
            return reading.execute(query, [self._tenant_id, *values]).fetchall()

    def _delete(self, table: Table[Any], where: LiteralString, *values: Any) -> None:
        query = sql.SQL("DELETE FROM {} WHERE tenant_id = %s AND ({})").format(
            sql.Identifier(table.name), sql.SQL(where)
        )
        self._cursor.execute(query, [self._tenant_id, *values])


def _after(event: Recorded, uses: dict[str, UseRow]) -> dict[str, UseRow]:
    """The uses of a release after something happened to it."""
    if event.type == r.ReleaseArchived.TOPIC:
        return {}
    if event.type == r.ReleaseDrafted.TOPIC:
        said = event.data["metadata"]
    elif event.type == r.ReleaseAmended.TOPIC:
        said = {name: change["to"] for name, change in event.data["changes"].items()}
    else:
        raise UnknownEvent(event)
    kept = {p: use for p, use in uses.items() if (COVER if p == COVER else "tracks") not in said}
    for place, use in uses_of(event, said):
        stood = uses.get(place)
        same = stood and use and (stood.sha256, stood.isrc) == (use.sha256, use.isrc)
        if use:
            kept[place] = stood if stood and same else use
    return kept


def _identity(use: UseRow) -> tuple[object, ...]:
    return use.release_id, use.place, use.sha256, use.isrc, use.position


def _distance(file: FileRow, fingerprint: str | None, hashed: str | None) -> float | None:
    """How far a candidate is from `file`; None for too far."""
    if file.fingerprint and fingerprint:
        wrong = bit_errors(file.fingerprint, fingerprint)
        return round(wrong, 4) if wrong is not None and wrong < ALIKE else None
    if file.perceptual_hash and hashed and not file.fingerprint:
        bits = picture_distance(file.perceptual_hash, hashed)
        return float(bits) if bits <= ALIKE_BITS else None
    return None


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    kind: str | None = None,
    release_id: UUID | None = None,
    sha256: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ConflictRow]:
    """The tenant's conflicts, oldest first; of a release those of any file that stands there.
    Raises InvalidValue for a foreign cursor."""
    where: pages.Conditions = {
        "kind = %s": kind,
        "%s IN (one_sha256, other_sha256)": sha256,
        _OF_RELEASE: release_id,
    }
    return pages.page(
        connection, CONFLICTS, tenant_id, where, by="number", cursor=cursor, limit=limit
    )


_OF_RELEASE = (
    "EXISTS (SELECT FROM read.media_uses AS used WHERE used.release_id = %s"
    " AND used.tenant_id = media_conflicts.tenant_id"
    " AND (used.sha256 = one_sha256 OR used.sha256 = other_sha256))"
)
