"""Duplicates are found whatever the order in which files and releases come, and no others."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.projections.conftest import Project
from tests.projections.fingerprints import compressed

from deadwax.application.log import Recorded
from deadwax.domain.assets import Asset, AssetFacts
from deadwax.domain.cause import Cause, acting
from deadwax.domain.identifiers import Isrc, Sha256
from deadwax.domain.media.measured import Analysis, AudioMeasured, ImageMeasured
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.release import Release
from deadwax.domain.texts import Name
from deadwax.domain.tracks import Track
from deadwax.domain.vocabulary import AssetKind
from deadwax.projections import media_conflicts, positions
from deadwax.projections.conflict_rules import ConflictRow
from deadwax.projections.media_conflicts import CANDIDATES, MediaConflicts
from deadwax.projections.media_rows import FILES, FileRow
from deadwax.projections.session import prepare

ONE, TWO = "DEA472600001", "DEA472600002"


def song(seed: int) -> list[int]:
    return [random.Random(seed * 1000 + i).getrandbits(32) for i in range(200)]


def noisy(items: Sequence[int], part: float, seed: int = 1) -> list[int]:
    """With this part of the bits changed, most of them in few items, as encoders do."""
    rng = random.Random(seed)
    changed = list(items)
    for i in rng.sample(range(len(items)), round(len(items) * part * 2)):
        for bit in rng.sample(range(32), 16):
            changed[i] ^= 1 << bit
    return changed


class Label:
    """A tenant with files and releases; what it does is applied at once."""

    def __init__(self, project: Project, db: psycopg.Connection) -> None:
        self.id = uuid4()
        self._project, self._db = project, db
        self._files = 0

    def audio(
        self, items: Sequence[int] | None = None, pcm: str | None = None, *, analysed: bool = True
    ) -> Asset:
        """A new file; by default of a recording that no other is like."""
        self._files += 1
        items = song(self._files + 100) if items is None else items
        self.asset = self._stored(AssetKind.AUDIO)
        measured = AudioMeasured(
            frames=1,
            bitrate_bps=1,
            pcm_sha256=pcm or f"{self._files:064x}",
            fingerprint=compressed(items),
        )
        if analysed:
            self.analyse(self.asset, Analysis(analyser="1", audio=measured))
        return self.asset

    def picture(self, bits: int) -> Asset:
        self.asset = self._stored(AssetKind.IMAGE)
        image = ImageMeasured(colour_space="RGB", bits=8, perceptual_hash=f"{bits:016x}")
        self.analyse(self.asset, Analysis(analyser="1", image=image))
        return self.asset

    def _stored(self, kind: AssetKind) -> Asset:
        sha256 = uuid4().hex + uuid4().hex
        facts = AssetFacts(sha256=sha256, md5="0" * 32, size=1, filename="file", kind=kind)
        with self._acting():
            return self._saved(Asset.store(self.id, facts))

    def analyse(self, asset: Asset, analysis: Analysis) -> None:
        with self._acting():
            asset.analyse(analysis)
            self._saved(asset)

    def release(self, *tracks: tuple[Asset, str | None], cover: Asset | None = None) -> Release:
        with self._acting():
            return self._saved(Release.draft(uuid4(), self._metadata(tracks, cover)))

    def amend(self, release: Release, *tracks: tuple[Asset, str | None]) -> None:
        with self._acting():
            release.amend(self._metadata(tracks, None), {})
            self._saved(release)

    def archive(self, release: Release) -> None:
        with self._acting():
            release.archive("withdrawn")
            self._saved(release)

    def _metadata(
        self, tracks: Iterable[tuple[Asset, str | None]], cover: Asset | None
    ) -> ReleaseMetadata:
        made = tuple(
            Track(number=i, audio=Sha256(asset.facts.sha256), isrc=Isrc(isrc) if isrc else None)
            for i, (asset, isrc) in enumerate(tracks, start=1)
        )
        sha256 = Sha256(cover.facts.sha256) if cover else None
        return ReleaseMetadata(title=Name("Title"), tracks=made, cover=sha256)

    def _acting(self) -> Any:
        return acting(Cause(self.id, "key:1", "request-1"))

    def _saved(self, root: Any) -> Any:
        self._project(root.collect_events())
        return root

    def conflicts(self, **filters: Any) -> list[ConflictRow]:
        return media_conflicts.page(self._db, self.id, **filters).items

    def kinds(self, **filters: Any) -> list[str]:
        return sorted(row.kind for row in self.conflicts(**filters))


@pytest.fixture
def label(project: Project, db: psycopg.Connection) -> Label:
    return Label(project, db)


def test_one_file_on_two_tracks(label: Label) -> None:
    file = label.audio()
    release = label.release((file, ONE), (file, None))
    (row,) = label.conflicts()
    assert (row.kind, row.one_sha256, row.other_sha256) == ("same_file", *[file.facts.sha256] * 2)
    assert (row.one_release_id, row.one_place, row.one_isrc) == (release.id, "1/1", ONE)
    assert (row.other_release_id, row.other_place, row.other_isrc) == (release.id, "1/2", None)


def test_one_recording_on_the_single_and_the_album_is_no_conflict(label: Label) -> None:
    file = label.audio()
    label.release((file, ONE))
    label.release((file, ONE), (label.audio(), TWO))
    assert label.kinds() == []


def test_the_same_audio_in_another_file(label: Label) -> None:
    wav, flac = (label.audio(song(1), "a" * 64) for _ in range(2))
    (row,) = label.conflicts()
    assert (row.kind, row.one_sha256, row.other_sha256) == (
        "same_audio",
        wav.facts.sha256,
        flac.facts.sha256,
    )
    assert (row.one_release_id, row.distance) == (None, None)


def test_audio_that_sounds_the_same(label: Label) -> None:
    label.audio(song(1))
    label.audio(noisy(song(1), 0.1))
    label.audio(song(1)[40:])
    label.audio(song(2))
    found = label.conflicts()
    assert [row.kind for row in found] == ["similar_audio"] * 3
    assert found[0].distance == pytest.approx(0.1, abs=0.01)
    assert min(row.distance or 0.0 for row in found) == 0.0


def test_audio_that_is_only_a_little_alike_is_not_the_same(label: Label) -> None:
    label.audio(song(1))
    label.audio(noisy(song(1), 0.2))
    label.audio(song(1)[:60] + song(2)[60:])
    assert label.kinds() == []


def test_one_isrc_on_two_recordings(label: Label) -> None:
    first = label.release((label.audio(), ONE))
    label.release((label.audio(), ONE))
    (row,) = label.conflicts()
    assert (row.kind, row.one_release_id) == ("isrc_other_audio", first.id)


def test_one_isrc_on_two_masters_of_a_recording_is_no_contradiction(label: Label) -> None:
    label.release((label.audio(song(1)), ONE))
    label.release((label.audio(noisy(song(1), 0.05)), ONE))
    assert label.kinds() == ["similar_audio"]


def test_what_was_not_measured_yet_contradicts_nothing(label: Label) -> None:
    label.release((label.audio(), ONE))
    later = label.audio(analysed=False)
    label.release((later, ONE))
    assert label.kinds() == []
    audio = AudioMeasured(frames=1, bitrate_bps=1, fingerprint=compressed(song(9)))
    label.analyse(later, Analysis(analyser="1", audio=audio))
    assert label.kinds() == ["isrc_other_audio"]


def test_one_recording_under_two_isrcs(label: Label) -> None:
    file, other = (label.audio(song(1), "a" * 64) for _ in range(2))
    label.release((file, ONE))
    label.release((other, TWO))
    assert label.kinds() == ["audio_other_isrc", "same_audio"]
    label.release((file, "DEA472600003"))
    assert label.kinds(kind="audio_other_isrc") == ["audio_other_isrc"] * 2


def test_one_cover_on_two_releases(label: Label) -> None:
    bits = 0x0F0F0F0F0F0F0F0F
    plain, like = label.picture(bits), label.picture(bits ^ 0x8080_8000_8080_8000)
    assert label.kinds() == []
    first = label.release(cover=plain)
    label.release(cover=plain)
    label.release(cover=like)
    label.release(cover=label.picture(bits ^ 0x7F))
    found = label.conflicts()
    assert sorted(row.kind for row in found) == ["same_cover", "similar_cover"]
    assert {row.one_release_id for row in found} == {first.id}
    assert {row.distance for row in found} == {None, 6.0}


def test_plain_covers_are_not_alike(label: Label) -> None:
    for _ in range(2):
        label.release(cover=label.picture(0x8000000000000000))
    assert label.kinds() == []


def test_conflicts_go_with_their_cause_and_come_back_as_the_same(label: Label) -> None:
    first, second = label.audio(), label.audio()
    label.release((first, ONE))
    release = label.release((second, ONE))
    (before,) = label.conflicts()
    label.amend(release, (second, TWO))
    assert label.kinds() == []
    label.amend(release, (second, ONE))
    (after,) = label.conflicts()
    assert (after.conflict_id, after.kind) == (before.conflict_id, before.kind)
    assert after.number > before.number
    label.archive(release)
    assert label.kinds() == []


def test_measuring_again_changes_what_is_alike(label: Label) -> None:
    label.audio(song(1))
    other = label.audio(song(1))
    assert label.kinds() == ["similar_audio"]
    audio = AudioMeasured(frames=1, bitrate_bps=1, fingerprint=compressed(song(2)))
    label.analyse(other, Analysis(analyser="2", audio=audio))
    assert label.kinds() == []


def test_a_group_of_many_is_held_against_its_first(label: Label) -> None:
    file = label.audio()
    label.release(*[(file, None)] * 40)
    found = label.conflicts(limit=100)
    assert len(found) == 39
    assert {row.one_place for row in found} == {"1/1"}
    pages, cursor = [], None
    while True:
        page = media_conflicts.page(label._db, label.id, cursor=cursor, limit=7)
        pages += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert pages == found


def test_conflicts_are_found_by_release_and_file(label: Label) -> None:
    wav, flac, other = label.audio(song(1), "a" * 64), label.audio(song(1), "a" * 64), label.audio()
    release, another = label.release((flac, None)), label.release((other, None))
    assert label.kinds(release_id=release.id) == ["same_audio"]
    assert label.kinds(release_id=another.id) == []
    assert label.kinds(sha256=wav.facts.sha256) == ["same_audio"]
    assert label.kinds(sha256=other.facts.sha256) == []


def test_no_tenant_sees_or_is_compared_with_another(
    label: Label, project: Project, db: psycopg.Connection
) -> None:
    other = Label(project, db)
    for owner in (label, other):
        owner.release((owner.audio(song(1), "a" * 64), ONE))
    assert label.kinds() == other.kinds() == []


def test_ten_thousand_tracks_are_looked_up_by_the_index(
    label: Label, db: psycopg.Connection
) -> None:
    wanted = label.audio(song(1))
    rng = random.Random(1)
    asset = stored_row(db, label.id, wanted)
    others = [
        replace(
            asset,
            asset_id=UUID(int=i),
            sha256=f"{i:064x}",
            pcm_sha256=f"f{i:063x}",
            terms=tuple(sorted(rng.randrange(2**31) for _ in range(100))),
        )
        for i in range(10_000)
    ]
    with db.transaction(), db.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO read")
        FILES.put(cursor, others)
        asked = {"terms": list(asset.terms), "tenant_id": label.id, "position": 2**40}
        asked |= {"least": 3, "most": 50}
        (found,) = cursor.execute(CANDIDATES, asked).fetchall()
        assert found[0] == wanted.facts.sha256
        plan = cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + CANDIDATES, asked).fetchone()
    assert plan
    nodes = {node["Node Type"]: node for node in _nodes(plan[0][0]["Plan"])}
    assert "Seq Scan" not in nodes
    assert nodes["Bitmap Heap Scan"]["Actual Rows"] < 10
    label.audio(noisy(song(1), 0.1))
    assert label.kinds() == ["similar_audio"]


def stored_row(db: psycopg.Connection, tenant: UUID, asset: Asset) -> FileRow:
    with db.transaction(), db.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO read")
        (row,) = FILES.get(cursor, [(tenant, asset.id)])
        return row


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def test_what_else_happens_to_a_file_stops_nothing(db: psycopg.Connection) -> None:
    praised = Recorded(
        position=1,
        event_id=uuid4(),
        stream_id=uuid4(),
        version=2,
        type="asset.praised",
        tenant_id=uuid4(),
        actor="key:1",
        correlation_id="request-1",
        causation_id=None,
        recorded_at=datetime.now(UTC),
        data={},
    )
    prepare(db, positions.LIVE)
    with db.cursor() as cursor:
        MediaConflicts().apply(cursor, [praised])
